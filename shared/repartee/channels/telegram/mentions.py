"""Mentions in a message: the bot by its name, or one of its commands, wherever in the text that stands.

Offsets count UTF-16 code units: https://core.telegram.org/bots/api#messageentity
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.channels.telegram.payloads import TelegramEntity, TelegramMessage, cut_utf16

LEADING_PUNCTUATION = " \t\n,:;.!-\u2013\u2014\u060c\uff0c\u3001\uff1a\uff1b"
"""Punctuation between the bot's name and what is said to it, also in Arabic, Chinese and Japanese."""

TRAILING_PUNCTUATION = " \t\n,\u060c\uff0c\u3001"

IsBotMention = Callable[[TelegramMessage, TelegramEntity], bool]


class TelegramCommand(msgspec.Struct, frozen=True):
    """A command in a message: its name in lower case, whose it is (if that is said), and what follows it."""

    name: str = ""
    bot_username: str = ""
    arguments: str = ""


def text_without_mentions(message: TelegramMessage, is_bot_mention: IsBotMention) -> str:
    """The text without the bot's own name, and without the punctuation that goes with the name."""
    text, marks = message.text_or_caption, _named_mentions(message, is_bot_mention)
    if not marks:
        return text.strip()
    parts = _parts_around(text, marks)
    if not parts[0].strip():
        rest = "".join(parts[1:])
        parts = [rest.lstrip(LEADING_PUNCTUATION) if not _is_only_punctuation(rest) else ""]
    if len(parts) > 1 and not parts[-1].strip():
        parts = [*parts[:-2], parts[-2].rstrip(TRAILING_PUNCTUATION)]
    return "".join(parts).strip()


def find_command(message: TelegramMessage, is_bot_mention: IsBotMention) -> TelegramCommand:
    """The command that a message begins with, if nothing but the bot's name stands before it. A command in a
    forwarded message is none."""
    mark = next((mark for mark in message.text_entities if mark.type == "bot_command"), None)
    if mark is None or message.forward_origin or not _begins_with(message, mark, is_bot_mention):
        return TelegramCommand()
    marked, text = message.entity_text(mark), message.text_or_caption
    name, _, whose = marked.removeprefix("/").partition("@")
    rest = cut_utf16(text, mark.offset + mark.length, 2 * len(text))
    return TelegramCommand(name.lower(), whose, rest.strip().lstrip(LEADING_PUNCTUATION))


def _begins_with(message: TelegramMessage, mark: TelegramEntity, is_bot_mention: IsBotMention) -> bool:
    before = [one for one in _named_mentions(message, is_bot_mention) if one.offset < mark.offset]
    rest = cut_utf16(message.text_or_caption, 0, mark.offset)
    return _is_only_punctuation("".join(_parts_around(rest, before)))


def _named_mentions(message: TelegramMessage, is_bot_mention: IsBotMention) -> list[TelegramEntity]:
    """The mentions of the bot by its user name. One by another text is a part of the sentence."""
    return [
        mark for mark in message.text_entities if mark.type == "mention" and is_bot_mention(message, mark)
    ]


def _parts_around(text: str, marks: Sequence[TelegramEntity]) -> list[str]:
    """The parts of a text between the marks, one more than there are marks."""
    parts, at = [], 0
    for mark in sorted(marks, key=lambda one: one.offset):
        parts.append(cut_utf16(text, at, mark.offset))
        at = mark.offset + mark.length
    return [*parts, cut_utf16(text, at, 2 * len(text))]


def _is_only_punctuation(text: str) -> bool:
    return not text.strip(LEADING_PUNCTUATION + "?")
