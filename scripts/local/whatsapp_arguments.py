"""What the Cloud API takes, with its limits, and what it says to what is malformed.

Names and limits are those of https://developers.facebook.com/documentation/business-messaging/whatsapp: its
pages on messages, media and error codes. The words behind a code are not Meta's where none are published.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]

TEXT_LIMIT, BODY_LIMIT, FOOTER_LIMIT, CAPTION_LIMIT, TITLE_LIMIT, ID_LIMIT = 4096, 1024, 60, 1024, 20, 256
BUTTONS = 3

MEGABYTE = 1024 * 1024
SIZES = {
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * MEGABYTE),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MEGABYTE),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * MEGABYTE),
    "image/webp": MEGABYTE // 2,
    **dict.fromkeys(
        (
            "application/msword",
            "application/pdf",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/plain",
        ),
        100 * MEGABYTE,
    ),
}
"""Bytes that a file may have, by its type."""

KNOWN = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}
KINDS = {
    "text": {"body", "preview_url"},
    "image": {"id", "link", "caption"},
    "document": {"id", "link", "caption", "filename"},
    "interactive": {"type", "header", "body", "footer", "action"},
    "template": {"name", "language", "components"},
}
"""The kinds of messages that the stand-in knows, and what these take."""

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
"""An id within the business."""

TITLES = {
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132001: "Template name does not exist in the translation",
}


class WhatsAppError(Exception):
    """Meta's `error`: its code, the HTTP status, and what the details say."""

    def __init__(self, code: int, details: str, status: int = 400, subcode: int = 0) -> None:
        super().__init__(details)
        self.code, self.status, self.subcode = code, status, subcode

    @property
    def body(self) -> dict[str, Any]:
        """The answer."""
        title = TITLES.get(self.code, str(self))
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": str(self)},
            "fbtrace_id": "AStandInTraceId",
        }
        return {"error": error | ({"error_subcode": self.subcode} if self.subcode else {})}


@dataclass(frozen=True)
class Written:
    """A message as the person sees it; `media` is the file that goes with it, `buttons` those below."""

    kind: str
    text: str
    media: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """What is posted as a form with a file in it."""

    fields: Mapping[str, str] = field(default_factory=dict)
    type: str = ""
    content: bytes = b""


def form(content_type: str, body: bytes) -> Form:
    """Reads `multipart/form-data`."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    fields, type_, content = dict[str, str](), "", b""
    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        value = part.get_payload(decode=True)
        assert isinstance(value, bytes)
        if name == "file":
            type_, content = part.get_content_type(), value
        else:
            fields[name] = value.decode()
    return Form(fields, type_, content)


def needed(arguments: Arguments, name: str) -> Any:
    """An argument that must be there."""
    value = arguments.get(name)
    if value in (None, "", {}):
        raise WhatsAppError(131008, f"The parameter {name} is required.")
    return value


def product(arguments: Arguments) -> None:
    if needed(arguments, "messaging_product") != "whatsapp":
        raise WhatsAppError(100, "Param messaging_product must be one of {whatsapp}")


def unknown(arguments: Arguments) -> list[str]:
    """What the API would ignore, or take for a mistake."""
    kind = str(arguments.get("type"))
    inner = arguments.get(kind)
    strange = set(arguments) - KNOWN - {kind}
    if isinstance(inner, dict):
        strange |= {f"{kind}.{name}" for name in set(inner) - KINDS.get(kind, set(inner))}
    return sorted(strange)


def written(arguments: Arguments, templates: Mapping[str, str]) -> Written:
    """What a message says. Raises what is wrong with it."""
    kind = str(arguments.get("type") or "text")
    if kind not in KINDS:
        raise WhatsAppError(131051, "Message type is not currently supported.")
    inner = needed(arguments, kind)
    if not isinstance(inner, dict):
        raise WhatsAppError(131009, f"{kind} must be an object.")
    if kind == "text":
        return Written(kind, _text(inner, "body", TEXT_LIMIT))
    if kind == "interactive":
        return _interactive(inner)
    if kind == "template":
        return _template(inner, templates)
    return _file(kind, inner)


def _text(holder: Arguments, name: str, limit: int) -> str:
    text = needed(holder, name)
    if not isinstance(text, str) or not text.strip():
        raise WhatsAppError(131009, f"{name} must say something.")
    if len(text) > limit:
        raise WhatsAppError(100, f"Param {name} must be at most {limit} characters long.")
    return text


def _file(kind: str, inner: Arguments) -> Written:
    caption = _text(inner, "caption", CAPTION_LIMIT) if inner.get("caption") else ""
    return Written(kind, caption, media=str(needed(inner, "id")))


def _template(inner: Arguments, templates: Mapping[str, str]) -> Written:
    name, language = needed(inner, "name"), needed(inner, "language").get("code")
    if templates.get(name) != language:
        raise WhatsAppError(132001, "The template does not exist in this language.", 404)
    return Written("template", f"[{name}]")


def _interactive(inner: Arguments) -> Written:
    if needed(inner, "type") != "button":
        raise WhatsAppError(131009, "Only buttons are known here.")
    text = _text(needed(inner, "body"), "text", BODY_LIMIT)
    if inner.get("footer"):
        _text(inner["footer"], "text", FOOTER_LIMIT)
    buttons = needed(needed(inner, "action"), "buttons")
    if not 1 <= len(buttons) <= BUTTONS:
        raise WhatsAppError(131009, f"There may be {BUTTONS} buttons.")
    replies = [needed(button, "reply") for button in buttons]
    titles = tuple(_text(reply, "title", TITLE_LIMIT) for reply in replies)
    ids = tuple(_text(reply, "id", ID_LIMIT) for reply in replies)
    if len(set(titles)) < len(titles) or len(set(ids)) < len(ids):
        raise WhatsAppError(131009, "Buttons must be told apart.")
    return Written("interactive", text, buttons=ids)


def kept(upload: Form) -> bytes:
    """A file that may be kept. Raises what is wrong with it."""
    product(upload.fields)
    kind = needed(upload.fields, "type").partition(";")[0]
    if kind not in SIZES or upload.type != kind:
        raise WhatsAppError(100, "Param file must be a file of one of the supported types")
    if not 0 < len(upload.content) <= SIZES[kind]:
        raise WhatsAppError(131053, "The file is empty or too large.")
    return upload.content
