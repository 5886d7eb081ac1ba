"""Parses the Cloud API's arguments within their limits, with its errors for malformed calls.

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

from standins.whatsapp.limits import (
    MAX_BODY_CHARS,
    MAX_BUTTON_ID_CHARS,
    MAX_BUTTON_TITLE_CHARS,
    MAX_BUTTONS,
    MAX_BYTES_BY_TYPE,
    MAX_CAPTION_CHARS,
    MAX_FOOTER_CHARS,
    MAX_TEXT_CHARS,
)

Arguments = Mapping[str, Any]

KNOWN_ARGUMENTS = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}
MESSAGE_KINDS = {
    "text": {"body", "preview_url"},
    "image": {"id", "link", "caption"},
    "document": {"id", "link", "caption", "filename"},
    "interactive": {"type", "header", "body", "footer", "action"},
    "template": {"name", "language", "components"},
}
"""The kinds of messages that the stand-in knows, and what these take."""

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
"""An id within the business."""

ERROR_TITLES = {
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
        title = ERROR_TITLES.get(self.code, str(self))
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": str(self)},
            "fbtrace_id": "AStandInTraceId",
        }
        return {"error": error | ({"error_subcode": self.subcode} if self.subcode else {})}


@dataclass(frozen=True)
class WhatsAppContent:
    """A message as the person sees it; `media` is the file that goes with it, `buttons` those below."""

    kind: str
    text: str
    media: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class UploadForm:
    """The fields and the file of an upload form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    type: str = ""
    content: bytes = b""


def parse_form(content_type: str, body: bytes) -> UploadForm:
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
    return UploadForm(fields, type_, content)


def require_argument(arguments: Arguments, name: str) -> Any:
    """An argument that must be there."""
    value = arguments.get(name)
    if value in (None, "", {}):
        raise WhatsAppError(131008, f"The parameter {name} is required.")
    return value


def check_product(arguments: Arguments) -> None:
    if require_argument(arguments, "messaging_product") != "whatsapp":
        raise WhatsAppError(100, "Param messaging_product must be one of {whatsapp}")


def check_unknown_arguments(arguments: Arguments) -> list[str]:
    """Raises for arguments that the API would ignore or refuse."""
    kind = str(arguments.get("type"))
    inner = arguments.get(kind)
    strange = set(arguments) - KNOWN_ARGUMENTS - {kind}
    if isinstance(inner, dict):
        strange |= {f"{kind}.{name}" for name in set(inner) - MESSAGE_KINDS.get(kind, set(inner))}
    return sorted(strange)


def parse_message(arguments: Arguments, templates: Mapping[str, str]) -> WhatsAppContent:
    """Returns a message's content. Raises `WhatsAppError`."""
    kind = str(arguments.get("type") or "text")
    if kind not in MESSAGE_KINDS:
        raise WhatsAppError(131051, "Message type is not currently supported.")
    inner = require_argument(arguments, kind)
    if not isinstance(inner, dict):
        raise WhatsAppError(131009, f"{kind} must be an object.")
    if kind == "text":
        return WhatsAppContent(kind, _parse_text(inner, "body", MAX_TEXT_CHARS))
    if kind == "interactive":
        return _parse_interactive(inner)
    if kind == "template":
        return _parse_template(inner, templates)
    return _parse_file(kind, inner)


def _parse_text(holder: Arguments, name: str, limit: int) -> str:
    text = require_argument(holder, name)
    if not isinstance(text, str) or not text.strip():
        raise WhatsAppError(131009, f"{name} must say something.")
    if len(text) > limit:
        raise WhatsAppError(100, f"Param {name} must be at most {limit} characters long.")
    return text


def _parse_file(kind: str, inner: Arguments) -> WhatsAppContent:
    caption = _parse_text(inner, "caption", MAX_CAPTION_CHARS) if inner.get("caption") else ""
    return WhatsAppContent(kind, caption, media=str(require_argument(inner, "id")))


def _parse_template(inner: Arguments, templates: Mapping[str, str]) -> WhatsAppContent:
    name, language = require_argument(inner, "name"), require_argument(inner, "language").get("code")
    if templates.get(name) != language:
        raise WhatsAppError(132001, "The template does not exist in this language.", 404)
    return WhatsAppContent("template", f"[{name}]")


def _parse_interactive(inner: Arguments) -> WhatsAppContent:
    if require_argument(inner, "type") != "button":
        raise WhatsAppError(131009, "Only buttons are known here.")
    text = _parse_text(require_argument(inner, "body"), "text", MAX_BODY_CHARS)
    if inner.get("footer"):
        _parse_text(inner["footer"], "text", MAX_FOOTER_CHARS)
    buttons = require_argument(require_argument(inner, "action"), "buttons")
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        raise WhatsAppError(131009, f"There may be {MAX_BUTTONS} buttons.")
    replies = [require_argument(button, "reply") for button in buttons]
    titles = tuple(_parse_text(reply, "title", MAX_BUTTON_TITLE_CHARS) for reply in replies)
    ids = tuple(_parse_text(reply, "id", MAX_BUTTON_ID_CHARS) for reply in replies)
    if len(set(titles)) < len(titles) or len(set(ids)) < len(ids):
        raise WhatsAppError(131009, "Buttons must be told apart.")
    return WhatsAppContent("interactive", text, buttons=ids)


def check_upload(upload: UploadForm) -> bytes:
    """A file that may be kept. Raises what is wrong with it."""
    check_product(upload.fields)
    kind = require_argument(upload.fields, "type").partition(";")[0]
    if kind not in MAX_BYTES_BY_TYPE or upload.type != kind:
        raise WhatsAppError(100, "Param file must be a file of one of the supported types")
    if not 0 < len(upload.content) <= MAX_BYTES_BY_TYPE[kind]:
        raise WhatsAppError(131053, "The file is empty or too large.")
    return upload.content
