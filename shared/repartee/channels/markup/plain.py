"""Plain text: what is sent when a platform does not take our markup."""

from repartee.channels.markup.lines import Lines


class PlainTextRenderer(Lines):
    """Without marks: the words, the lists, the quotes and the links."""
