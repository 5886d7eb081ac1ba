"""Content that comes along with a message in Slack: forwarded and shared messages with their files, and
unfurled links.

A forwarded message has an empty `text`: its words and files are in `attachments`, or in the `message_blocks`
there. https://docs.slack.dev/messaging/unfurling-links-in-messages tells of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.attachments import parse_attachments
from repartee.channels.slack.blocks import Block, dicts_of, fullest_text, text_of
from repartee.channels.slack.payloads import SlackFile
from repartee.channels.slack.text import decode_text
from repartee.domain.message import Attachment, ContextPart, Person

MAX_CONTEXT_PARTS = 20
"""Parts that are read of one message: Slack shows as many attachments."""

MAX_CONTEXT_CHARS = 12_000
"""Characters of one part: as many as a message may have."""


def parse_context(attachments: object, team: str, bot_user_id: str) -> tuple[ContextPart, ...]:
    """The parts with their own authors, times, texts and files. Buttons and empty frames are none."""
    parts = (_parse_part(one, team, bot_user_id) for one in dicts_of(attachments))
    return tuple(part for part in parts if part.text or part.attachments)[:MAX_CONTEXT_PARTS]


def _parse_part(attachment: Block, team: str, bot_user_id: str) -> ContextPart:
    is_message = bool(attachment.get("is_share") or attachment.get("is_msg_unfurl"))
    author = text_of(attachment.get("author_id"))
    text = _message_text(attachment) if is_message else _card_text(attachment)
    return ContextPart(
        kind="forwarded" if attachment.get("is_share") else "shared",
        author=_author_of(attachment, team),
        by_assistant=bool(bot_user_id) and author == bot_user_id,
        sent=parse_time(attachment.get("ts")) if is_message else 0.0,
        text=text[:MAX_CONTEXT_CHARS],
        attachments=tuple(_parse_files(attachment)),
    )


def _author_of(attachment: Block, team: str) -> Person:
    """Who wrote it. Of a link it is the page's author, or the site."""
    user = text_of(attachment.get("author_id"))
    names = ("author_name", "author_subname", "service_name")
    name = next((found for field in names if (found := text_of(attachment.get(field)))), "")
    of_team = text_of(attachment.get("channel_team")) or team
    known = ids.SLACK_ID.fullmatch(user) and ids.SLACK_ID.fullmatch(of_team)
    return Person(ids.person_id(of_team, user) if known else "", decode_text(name))


def _message_text(attachment: Block) -> str:
    """The words of a message. `fallback` begins with its date and author, and is the last resort."""
    blocks = [block for inner in _inner_messages(attachment) for block in dicts_of(inner.get("blocks"))]
    inner = "\n".join(decode_text(text_of(one.get("text"))) for one in _inner_messages(attachment))
    text = fullest_text(decode_text(text_of(attachment.get("text"))) or inner.strip(), blocks)
    if text or any(True for _ in _file_objects(attachment)):
        return text.strip()
    return decode_text(text_of(attachment.get("fallback"))).strip()


def _inner_messages(attachment: Block) -> Iterator[Block]:
    """The messages in `message_blocks`, each as an event would hold it."""
    for one in dicts_of(attachment.get("message_blocks")):
        if isinstance(message := one.get("message"), dict):
            yield message


def _card_text(attachment: Block) -> str:
    """A card as it is seen: the text before it, its title with its address, its text and its fields."""
    title, link = text_of(attachment.get("title")), text_of(attachment.get("title_link"))
    link = link or text_of(attachment.get("from_url"))
    heading = " ".join(part for part in (decode_text(title), f"({link})" if link and title else "") if part)
    fields = (
        f"{text_of(one.get('title'))}: {decode_text(text_of(one.get('value')))}"
        for one in dicts_of(attachment.get("fields"))
    )
    lines = [decode_text(text_of(attachment.get("pretext"))), heading, _card_body(attachment), *fields]
    return "\n".join(line for line in lines if line.strip(": ")) or decode_text(
        text_of(attachment.get("fallback"))
    )


def _card_body(attachment: Block) -> str:
    return fullest_text(decode_text(text_of(attachment.get("text"))), attachment.get("blocks"))


def _file_objects(attachment: Block) -> Iterator[Block]:
    yield from dicts_of(attachment.get("files"))
    for message in _inner_messages(attachment):
        yield from dicts_of(message.get("files"))


def _parse_files(attachment: Block) -> Iterator[Attachment]:
    """The files of the original message, each once."""
    found = {text_of(one.get("id")): one for one in _file_objects(attachment)}
    yield from parse_attachments(decode_files(list(found.values())))


def decode_files(files: object) -> Iterator[SlackFile]:
    """The files that have the documented shape."""
    for one in dicts_of(files):
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(one, SlackFile)


def parse_time(ts: object) -> float:
    """Seconds since the epoch of a message's `ts`, which may come as a number; 0 where there is none."""
    with suppress(TypeError, ValueError):
        return float(ts) if isinstance(ts, (str, int, float)) else 0.0
    return 0.0


def message_text(message: Block) -> str:
    """The text of a message as events and the Web API hold it, decoded."""
    return fullest_text(decode_text(text_of(message.get("text"))), message.get("blocks")).strip()
