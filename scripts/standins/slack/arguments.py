"""Parses the arguments of Slack's methods within their limits, with Slack's errors for malformed calls.

Names, limits and errors are those of Slack's method reference; the streaming rules beside them were read
from https://docs.slack.dev/reference/methods/chat.startStream and its siblings.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from standins.slack.limits import (
    MAX_ALT_TEXT_CHARS,
    MAX_BLOCKS,
    MAX_LOADING_MESSAGES,
    MAX_MARKDOWN_CHARS,
    MAX_METADATA_CHARS,
    MAX_PROMPTS,
    MAX_TASK_TITLE_CHARS,
    MAX_TITLE_CHARS,
)
from standins.slack.methods import Arguments, SlackError

SESSION_STATUSES = ("active", "processing", "suspended", "closed")

CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]+")
USER_ID = re.compile(r"[UW][A-Z0-9]+")
TEAM_ID = re.compile(r"[TE][A-Z0-9]+")


MAX_UNLISTED_POSTS, MAX_POSTS_PER_CALL = 15, 1000


def parse_channel(arguments: Arguments) -> str:
    channel = str(arguments.get("channel") or arguments.get("channel_id"))
    if not CHANNEL_ID.fullmatch(channel):
        raise SlackError("channel_not_found")
    return channel


def check_recipient(channel: str, arguments: Arguments) -> None:
    """Outside of direct conversations a stream says whom it is for."""
    if channel.startswith("D"):
        return
    for name, shape, unknown in (
        ("recipient_user_id", USER_ID, "user_not_found"),
        ("recipient_team_id", TEAM_ID, "team_not_found"),
    ):
        if not arguments.get(name):
            raise SlackError(f"missing_{name}")
        if not shape.fullmatch(str(arguments[name])):
            raise SlackError(unknown)


def parse_markdown_text(arguments: Arguments) -> str:
    """The call's `markdown_text`, within its limit."""
    text = str(arguments.get("markdown_text") or "")
    if len(text) > MAX_MARKDOWN_CHARS:
        raise SlackError("msg_too_long")
    return text


def parse_message_text(arguments: Arguments, limit: int) -> str:
    """Returns the text of a posted or updated message: its `text`, or else its `markdown_text`, never
    both."""
    plain = str(arguments.get("text") or "")
    if arguments.get("markdown_text") and (plain or arguments.get("blocks")):
        raise SlackError("markdown_text_conflict")
    if len(plain) > limit:
        raise SlackError("msg_too_long")
    text = plain or parse_markdown_text(arguments)
    if not text and not arguments.get("blocks") and not arguments.get("attachments"):
        raise SlackError("no_text")
    return text


def parse_visible_text(arguments: Arguments, limit: int) -> tuple[str, list[Any]]:
    """Returns the visible text of a message: its blocks if it has any, otherwise its text."""
    text, blocks = parse_message_text(arguments, limit), parse_blocks(arguments)
    return (markdown_of_blocks(blocks) or sections_of_blocks(blocks) or text, blocks)


def parse_blocks(arguments: Arguments) -> list[Any]:
    """The call's blocks: those that we use, as https://docs.slack.dev/reference/block-kit describes them."""
    blocks: list[Any] = parse_structured(arguments.get("blocks"), list, "invalid_blocks_format") or []
    if len(blocks) > MAX_BLOCKS or not all(_is_block(block) for block in blocks):
        raise SlackError("invalid_blocks")
    if len(markdown_of_blocks(blocks)) > MAX_MARKDOWN_CHARS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def markdown_of_blocks(blocks: list[Any]) -> str:
    return "".join(block["text"] for block in blocks if block["type"] == "markdown")


def sections_of_blocks(blocks: list[Any]) -> str:
    return "".join(block["text"]["text"] for block in blocks if block["type"] == "section")


def actions_of_blocks(blocks: list[Any]) -> list[str]:
    """Returns the buttons under a message."""
    elements = (element for block in blocks for element in block.get("elements", ()))
    return [element["action_id"] for element in elements if "action_id" in element]


def _is_block(block: Any) -> bool:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "markdown":
        return _is_plain_text(block.get("text"))
    if kind == "section":
        return isinstance(block.get("text"), dict) and _is_text_element(block["text"])
    elements = block.get("elements") if kind in ("actions", "context_actions", "context") else None
    if not isinstance(elements, list) or not 0 < len(elements) <= (10 if kind == "context" else 25):
        return False
    return all(map(_is_text_element if kind == "context" else _is_action_element, elements))


def _is_text_element(element: Any) -> bool:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    return element.get("type") in ("mrkdwn", "plain_text") and _is_plain_text(element.get("text"), 3000)


def _is_action_element(element: Any) -> bool:
    if not _is_plain_text(element.get("action_id"), 255):
        return False
    if element.get("type") == "feedback_buttons":
        return all(_is_button(element.get(f"{which}_button"), 75) for which in ("positive", "negative"))
    return element.get("type") == "button" and _is_button(element, 75)


def _is_button(button: Any, limit: int) -> bool:
    label = button.get("text") if isinstance(button, dict) else None
    plain = (
        isinstance(label, dict)
        and label.get("type") == "plain_text"
        and _is_plain_text(label.get("text"), limit)
    )
    return plain and _is_plain_text(button.get("value"), 2000)


def _is_plain_text(value: Any, limit: int = 100_000) -> bool:
    return isinstance(value, str) and 0 < len(value) <= limit


@dataclass(frozen=True)
class StreamChunkContent:
    """The content of a stream's call: its mode (None if it adds nothing), a text, and tasks."""

    mode: str | None = None
    text: str = ""
    tasks: tuple[dict[str, Any], ...] = ()


def parse_stream_chunks(arguments: Arguments) -> StreamChunkContent:
    """Returns the content that a call adds.
    https://docs.slack.dev/reference/methods/chat.appendStream#chunks"""
    chunks = parse_structured(arguments.get("chunks"), list, "invalid_chunks")
    if chunks and arguments.get("markdown_text"):
        raise SlackError("cannot_provide_both_markdown_text_and_chunks")
    if chunks is None:
        text = parse_markdown_text(arguments)
        return StreamChunkContent("markdown_text" if text else None, text)
    if not chunks or not all(_is_chunk(chunk) for chunk in chunks):
        raise SlackError("invalid_chunks")
    text = "".join(chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text")
    tasks = tuple(chunk for chunk in chunks if chunk["type"] == "task_update")
    return StreamChunkContent("chunks", parse_markdown_text({"markdown_text": text}), tasks)


def _is_chunk(chunk: Any) -> bool:
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    if kind == "markdown_text":
        return _is_plain_text(chunk.get("text"))
    if kind == "task_update":
        about = all(
            _is_plain_text(chunk[name], MAX_TASK_TITLE_CHARS)
            for name in ("details", "output")
            if name in chunk
        )
        known = chunk.get("status") in ("pending", "in_progress", "complete", "error")
        return (
            _is_plain_text(chunk.get("id"))
            and _is_plain_text(chunk.get("title"), MAX_TASK_TITLE_CHARS)
            and known
            and about
        )
    if kind == "plan_update":
        return _is_plain_text(chunk.get("title"), MAX_TASK_TITLE_CHARS)
    return kind == "blocks" and all(map(_is_block, chunk.get("blocks") or [None]))


def parse_loading_messages(arguments: Arguments) -> list[str]:
    """The messages that a status rotates through."""
    messages = parse_structured(arguments.get("loading_messages"), list, "invalid_arguments") or []
    if len(messages) > MAX_LOADING_MESSAGES or not all(map(_is_plain_text, messages)):
        raise SlackError("invalid_arguments")
    return list(messages)


def parse_upload_length(arguments: Arguments) -> int:
    """How many bytes will be uploaded."""
    length = int(parse_number(arguments, "length", 0))
    if length < 1:
        raise SlackError("missing_argument")
    if len(str(arguments.get("alt_txt") or "")) > MAX_ALT_TEXT_CHARS:
        raise SlackError("alt_txt_too_large")
    return length


def parse_metadata(arguments: Arguments) -> dict[str, Any] | None:
    """The message's metadata: an event's type and its payload, or nothing."""
    given = parse_structured(arguments.get("metadata"), dict, "invalid_metadata_format")
    if not given:
        return None
    if not isinstance(given.get("event_type"), str) or not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(given)) > MAX_METADATA_CHARS:
        raise SlackError("metadata_too_large")
    return dict(given)


def parse_structured(value: Any, kind: type, error: str) -> Any:
    """An argument with structure: as it is in JSON bodies, as JSON text in forms."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise SlackError(error) from None
    if value is not None and not isinstance(value, kind):
        raise SlackError(error)
    return value


def parse_prompts(arguments: Arguments) -> list[dict[str, str]]:
    """Up to four prompts, each with a title and the message that it stands for."""
    given = parse_structured(arguments.get("prompts"), list, "invalid_arguments")
    whole = all(isinstance(one, dict) and one.get("title") and one.get("message") for one in given)
    if len(given) > MAX_PROMPTS or not whole:
        raise SlackError("invalid_arguments")
    return list(given)


def parse_session_status(arguments: Arguments, name: str = "status") -> str:
    status = str(arguments[name])
    if status not in SESSION_STATUSES or len(str(arguments.get("title") or "")) > MAX_TITLE_CHARS:
        raise SlackError("invalid_arguments")
    return status


def parse_number(arguments: Arguments, name: str, default: float) -> float:
    try:
        return float(arguments.get(name) or default)
    except (TypeError, ValueError):
        raise SlackError("invalid_arguments") from None


def parse_flag(arguments: Arguments, name: str) -> bool:
    return str(arguments.get(name, "")).lower() in ("1", "true")


def make_cursor(index: int) -> str:
    """Where the next page begins, as Slack writes it: opaque."""
    return b64encode(f"next_ts:{index}".encode()).decode()


def parse_cursor(arguments: Arguments) -> int:
    """Where the asked page begins."""
    try:
        return int(b64decode(str(arguments.get("cursor") or "") or make_cursor(0)).decode().partition(":")[2])
    except ValueError:
        raise SlackError("invalid_cursor") from None


def parse_page_size(arguments: Arguments, is_listed: bool) -> int:
    """How many posts the asked page holds."""
    most = MAX_POSTS_PER_CALL if is_listed else MAX_UNLISTED_POSTS
    return max(1, min(most, int(parse_number(arguments, "limit", most))))


def redact_token(arguments: Arguments) -> dict[str, Any]:
    """Returns the arguments without the token, to be kept."""
    return {name: value for name, value in arguments.items() if name != "token"}
