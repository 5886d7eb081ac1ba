"""Texts of the product where a person takes over from the assistant."""

from repartee.language.catalogue import Text

TAKEN_MEANWHILE = Text("A person from the team goes on here.")
TEAM_IS_HERE = Text("A person from our team is here for you now.")
STILL_WAITING = Text("Thank you for waiting. I have reminded the team.")
TEAM_AWAY = Text("Our team is not here right now. It will be back {when}, and will read what you write here.")
GIVEN_BACK = Text("The assistant answers you here again.")
ASK_OPINION = Text("How did we do? Please answer with a number from 1 (bad) to 5 (very good).")
THANKS_FOR_OPINION = Text("Thank you for your opinion.")

TAKE, GIVE_BACK, DONE = Text("Take"), Text("Give back"), Text("Done")
CUSTOMER, TEAM_MEMBER = Text("Customer"), Text("A member of the team")
SINCE = Text("Since {when}")
WAITING = Text("Waiting for a person")
WITH_MEMBER = Text("{name} has it")
RESOLVED_BY = Text("Done: {name}")
GIVEN_BACK_BY = Text("Given back to the assistant: {name}")
ALREADY_TAKEN = Text("{name} has this conversation already.")
ALREADY_OVER = Text("This conversation is not waiting for a person any more.")
REMINDER = Text("Still waiting for a person: please take this conversation.")
CUSTOMER_RATED = Text("The customer's opinion: {score} of 5.")
SENT_FROM_APP = Text("Written in the WhatsApp Business app:")
WINDOW_CLOSED_TEMPLATE = Text(
    "Not sent: the customer wrote more than 24 hours ago. Only the approved template went out."
)
WINDOW_CLOSED = Text(
    "Not sent: the customer wrote more than 24 hours ago, and no approved template is set up."
)
WINDOW_CLOSED_ASKED = Text(
    "Not sent: the customer has not written since the approved template went out, which is not sent twice."
)
HELP_ABILITIES = Text("Ask me here to suggest an answer, to summarise, or to translate.")
HELP_FAILED = Text("I cannot help right now. Please try again in a moment.")
FILE_NOT_PASSED_ON = Text("A file could not be passed on: {name}")
NOT_DELIVERED = Text("This was not delivered to the customer.")
ASSISTANT_BROKE_OFF = Text("The assistant had begun to answer: {words}")

REASONS = {
    "asked": Text("asks for a person"),
    "no_help": Text("the answers did not help"),
    "topic": Text("a topic for the team"),
    "mood": Text("is upset"),
    "money_back": Text("wants money back"),
    "legal": Text("speaks of legal steps"),
    "emergency": Text("an emergency"),
    "budget": Text("the assistant's budget is used up"),
    "unreadable_file": Text("sent a file that the assistant cannot read"),
    "model": Text("the assistant asks for help"),
    "team": Text("taken over by the team"),
}
