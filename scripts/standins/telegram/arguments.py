"""Parses the arguments of the Bot API's methods within their limits, with its errors for malformed calls.

Names and limits are those of https://core.telegram.org/bots/api, the errors' words those of its server
(tdlib/telegram-bot-api, Client.cpp). Arguments come as JSON, or as a form whose structured values are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standins.telegram.html import MarkupError, visible_classic_text, visible_rich_text
from standins.telegram.limits import (
    MAX_CAPTION_CHARS,
    MAX_CLASSIC_MESSAGE_CHARS,
    MAX_PHOTO_ASPECT_RATIO,
    MAX_PHOTO_BYTES,
    MAX_PHOTO_SIDES_PIXELS,
    MAX_RICH_CHARS,
    MAX_UPLOAD_BYTES,
)

Arguments = Mapping[str, Any]


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SEND_ARGUMENTS = (
    "business_connection_id chat_id message_thread_id direct_messages_topic_id disable_notification "
)
_SEND_ARGUMENTS += (
    "protect_content allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters "
)
_SEND_ARGUMENTS += "reply_markup ephemeral_message_parameters "
_TEXT_ARGUMENTS = "text parse_mode entities link_preview_options "
_CAPTION_ARGUMENTS = "caption parse_mode caption_entities "
_DRAFT_ARGUMENTS = "chat_id message_thread_id draft_id can_stop keep_on_stop "

METHODS = {
    "answerCallbackQuery": _split_names("callback_query_id text show_alert url cache_time"),
    "closeForumTopic": _split_names("chat_id message_thread_id"),
    "createForumTopic": _split_names("chat_id name icon_color icon_custom_emoji_id"),
    "deleteForumTopic": _split_names("chat_id message_thread_id"),
    "reopenForumTopic": _split_names("chat_id message_thread_id"),
    "getChat": _split_names("chat_id"),
    "deleteEphemeralMessage": _split_names("chat_id receiver_user_id ephemeral_message_id"),
    "deleteMessage": _split_names("chat_id message_id"),
    "editEphemeralMessageText": _split_names(
        _TEXT_ARGUMENTS + "chat_id receiver_user_id ephemeral_message_id reply_markup rich_message"
    ),
    "editMessageText": _split_names(
        _TEXT_ARGUMENTS
        + "business_connection_id chat_id message_id inline_message_id reply_markup rich_message"
    ),
    "getChatMember": _split_names("chat_id user_id"),
    "getFile": _split_names("file_id"),
    "getMe": _split_names(""),
    "getMyCommands": _split_names("scope language_code"),
    "getUpdates": _split_names("offset limit timeout allowed_updates"),
    "getWebhookInfo": _split_names(""),
    "setMessageReaction": _split_names("chat_id message_id reaction is_big"),
    "setMyCommands": _split_names("commands scope language_code"),
    "setWebhook": _split_names(
        "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token"
    ),
    "deleteWebhook": _split_names("drop_pending_updates"),
    "sendChatAction": _split_names("business_connection_id chat_id message_thread_id action"),
    "sendMessage": _split_names(_SEND_ARGUMENTS + _TEXT_ARGUMENTS),
    "sendDocument": _split_names(
        _SEND_ARGUMENTS + _CAPTION_ARGUMENTS + "document thumbnail disable_content_type_detection"
    ),
    "sendMessageDraft": _split_names(_DRAFT_ARGUMENTS + "text parse_mode entities"),
    "sendPhoto": _split_names(
        _SEND_ARGUMENTS + _CAPTION_ARGUMENTS + "photo show_caption_above_media has_spoiler"
    ),
    "sendRichMessage": _split_names(_SEND_ARGUMENTS + "rich_message"),
    "sendRichMessageDraft": _split_names(_DRAFT_ARGUMENTS + "rich_message"),
}
"""The methods that the stand-in knows, and what they take (Bot API 10.3)."""

REACTION_EMOJI = {"👍", "👎", "🔥", "🎉", "👀", "👌", "🙏"}
"""Some of the reactions that bots may give."""


class TelegramError(Exception):
    """Telegram's `ok: false`: the HTTP status, which is the error code too, and the description."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        kinds = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}
        super().__init__(f"{kinds[code]}: {description}" if code in kinds and description else description)
        self.code, self.parameters = code, parameters


@dataclass(frozen=True)
class TelegramText:
    """The visible text of a message, whether it is a rich one, and the file that it is about."""

    visible_text: str
    rich: bool = False
    markup: str = ""
    photo: str = ""
    document: str = ""


def parse_chat(arguments: Arguments) -> int:
    if arguments.get("chat_id") in (None, ""):
        raise TelegramError(400, "chat_id is empty")
    chat = parse_number(arguments, "chat_id")
    if chat == 0:
        raise TelegramError(400, "chat not found")
    return chat


def parse_number(arguments: Arguments, name: str) -> int:
    """An argument that is a whole number, 0 if it is not given."""
    try:
        return int(arguments.get(name) or 0)
    except (TypeError, ValueError):
        raise TelegramError(400, f'field "{name}" must be a valid Number') from None


def parse_structured(arguments: Arguments, name: str) -> dict[str, Any]:
    """An argument with structure, empty if it is not given."""
    value = arguments.get(name) or {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise TelegramError(400, f"can't parse {name} JSON object") from None
    if not isinstance(value, dict):
        raise TelegramError(400, f"object expected as {name}")
    return value


def parse_buttons(arguments: Arguments) -> list[list[dict[str, Any]]]:
    """The rows of buttons that a call puts under its message."""
    rows = parse_structured(arguments, "reply_markup").get("inline_keyboard") or []
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise TelegramError(400, "can't parse inline keyboard button: Text buttons are unallowed")
        if not 1 <= len(str(button.get("callback_data", " ")).encode()) <= 64:
            raise TelegramError(400, "BUTTON_DATA_INVALID")
    return list(rows)


def parse_reactions(arguments: Arguments) -> list[str]:
    """Returns the emoji with which a bot reacts to a message: at most one, of those that Telegram has."""
    emoji = [str(one.get("emoji", "")) for one in arguments.get("reaction") or ()]
    if len(emoji) > 1:
        raise TelegramError(400, "REACTIONS_TOO_MANY")
    if not REACTION_EMOJI.issuperset(emoji):
        raise TelegramError(400, "REACTION_INVALID")
    return emoji


def parse_text(
    arguments: Arguments, *, too_long: str = "message is too long", empty: bool = False
) -> TelegramText:
    """Returns the visible text of a call's `text`, in its parse mode."""
    text, mode = str(arguments.get("text") or ""), str(arguments.get("parse_mode") or "")
    if mode not in ("", "HTML"):
        raise TelegramError(400, "unsupported parse_mode")  # here, not there
    shown = _read_markup(visible_classic_text, text) if mode else text
    if not shown.strip() and not empty:
        raise TelegramError(400, "message text is empty")
    if len(shown.encode("utf-16-le")) // 2 > MAX_CLASSIC_MESSAGE_CHARS:
        raise TelegramError(400, too_long)
    return TelegramText(shown, markup=text)


def parse_caption(arguments: Arguments) -> str:
    """Returns the caption of a photo or a document."""
    text = str(arguments.get("caption") or "")
    if len(text.encode("utf-16-le")) // 2 > MAX_CAPTION_CHARS:
        raise TelegramError(400, "message caption is too long")
    return text


def parse_photo(arguments: Arguments) -> bytes:
    """The photo of a call, of which Telegram makes its own sizes."""
    content = parse_upload(arguments, "photo")
    if len(content) > MAX_PHOTO_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise TelegramError(400, f"{size}; the maximum size is {MAX_PHOTO_BYTES} bytes")
    sides = _png_sides(content)
    if sides is None:
        raise TelegramError(400, "IMAGE_PROCESS_FAILED")
    if sum(sides) > MAX_PHOTO_SIDES_PIXELS or max(sides) > MAX_PHOTO_ASPECT_RATIO * min(sides):
        raise TelegramError(400, "PHOTO_INVALID_DIMENSIONS")
    return content


def parse_upload(arguments: Arguments, name: str) -> bytes:
    """A file that comes with the call."""
    content = arguments.get(name)
    if not isinstance(content, bytes):
        raise TelegramError(400, f"there is no {name} in the request")
    if not content:
        raise TelegramError(400, "file must be non-empty")
    if len(content) > MAX_UPLOAD_BYTES:
        raise TelegramError(413, "Request Entity Too Large")
    return content


def _png_sides(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, the only format that is read here; a JPEG is taken to be a small one."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return (100, 100) if content.startswith(b"\xff\xd8\xff") else None


def parse_rich_message(arguments: Arguments) -> TelegramText:
    """Returns the visible text of a call's `rich_message`. Here it is HTML; there it may be Markdown or
    blocks."""
    message = parse_structured(arguments, "rich_message")
    if sum(name in message for name in ("html", "markdown", "blocks")) != 1:
        raise TelegramError(400, "exactly one of the fields html, markdown and blocks must be used")
    if "html" not in message:
        raise TelegramError(400, "only html is read")  # here, not there
    shown = _read_markup(visible_rich_text, str(message["html"]))
    if len(shown) > MAX_RICH_CHARS:
        raise TelegramError(400, "RICH_MESSAGE_TEXT_TOO_LONG")
    return TelegramText(shown, rich=True, markup=str(message["html"]))


def _read_markup(reader: Any, markup: str) -> str:
    try:
        return str(reader(markup))
    except MarkupError as error:
        raise TelegramError(400, str(error)) from None


def without_file_contents(arguments: Arguments) -> dict[str, Any]:
    """Returns the arguments, with the sizes of files for files."""
    return {
        name: f"{len(value)} bytes" if isinstance(value, bytes) else value
        for name, value in arguments.items()
    }
