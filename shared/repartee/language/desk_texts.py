"""Texts of the product that the desk says to customers."""

from repartee.language.catalogue import Text

DESK_UNKNOWN = Text("I do not find an answer to this in what I know.")
DESK_PARTLY_UNKNOWN = Text("I left out what I could not find in what I know.")
DESK_OFFER = Text("Shall I bring in a colleague?")
DESK_SOURCE = Text("Source: {sources}")
DESK_CALLED = Text("I am bringing in a colleague, who will answer you here.")
DESK_CALLED_CLOSED = Text(
    "I have told my colleagues, who are back on {when}. One of them will answer you here."
)
DESK_CALLED_WITHOUT_TIME = Text("I have told my colleagues. One of them will answer you here.")
DESK_NOT_OPEN = Text("Nobody can answer here at the moment.")
