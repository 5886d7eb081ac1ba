"""WhatsApp's dialect: https://faq.whatsapp.com/539178204879377, "How to format your messages"."""

from __future__ import annotations

from repartee.channels.markup.lines import Lines
from repartee.channels.markup.tree import ZERO_WIDTH_SPACE


class WhatsAppRenderer(Lines):
    """One mark on each side, on every line: a mark does not reach across lines, and cannot be escaped."""

    def bold(self, inner: str) -> str:
        return _marked("*", inner)

    def italic(self, inner: str) -> str:
        return _marked("_", inner)

    def struck(self, inner: str) -> str:
        return _marked("~", inner)

    def code(self, text: str) -> str:
        return _marked("`", self.text(text))

    def block_of_code(self, text: str, language: str) -> str:
        return "```\n" + self.text(text).replace("```", f"``{ZERO_WIDTH_SPACE}`") + "\n```"


def _marked(mark: str, inner: str) -> str:
    """The lines between marks, which must touch the words."""
    return "\n".join(_line(mark, line) for line in inner.replace(mark, "").split("\n"))


def _line(mark: str, line: str) -> str:
    words = line.strip()
    return line.replace(words, f"{mark}{words}{mark}", 1) if words else line
