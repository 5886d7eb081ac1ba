"""Reads e-mail (RFC 5322, MIME) with what is attached to it."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from typing import cast

from repartee.errors import InvalidPayload, RequestRejected
from repartee.services.documents.extract import Extract, KindOf, count_of
from repartee.services.documents.web_page import markdown_of

HEADERS = ("From", "To", "Cc", "Date", "Subject")

HEADER = re.compile(
    rb"^(?:From|To|Cc|Subject|Date|Received|Return-Path|Delivered-To|MIME-Version|Message-ID|Reply-To|Content-Type):",
    re.IGNORECASE | re.MULTILINE,
)
NAMED = re.compile(rb"[\w-]+:")

LEAST_HEADERS = 3
"""Headers by which a text is taken for an e-mail whose name does not say so."""

HEAD_BYTES = 8 * 1024

MAX_ATTACHMENTS = 10
"""Attachments that are read."""

MAX_NESTED = 3
"""E-mails attached to one another that are read."""


def is_mail(content: bytes) -> bool:
    """Tells whether the bytes begin as an e-mail does."""
    head = content[:HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return bool(NAMED.match(head)) and len(HEADER.findall(head)) >= LEAST_HEADERS


def read(content: bytes, into: Extract, kind_of: KindOf) -> None:
    """Adds the headers, the text, and what is in the attachments."""
    message = email.message_from_bytes(content, policy=policy.default)
    for name in HEADERS:
        if value := " ".join(str(message.get(name, "")).split()):
            into.add(f"{name}: {value}\n")
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None:
        into.add(f"\n{_text(cast('EmailMessage', body))}\n")
    attached = list(message.iter_attachments())
    into.parts = count_of(len(attached), "attachment") if attached else ""
    for one in attached[:MAX_ATTACHMENTS]:
        _add_attachment(one, into, kind_of)
    if len(attached) > MAX_ATTACHMENTS:
        into.add(f"\n[{count_of(len(attached) - MAX_ATTACHMENTS, 'more attachment')}, not read]\n")
        into.cut_off()


def add_attached(content: bytes, name: str, into: Extract, kind_of: KindOf) -> None:
    """Adds what is in an attached file, or says why that is not read."""
    into.add(f"\n\n[attachment {' '.join(name.split()) or 'without a name'}]\n")
    parts, into.parts = into.parts, ""
    into.nested += 1
    try:
        if into.nested > MAX_NESTED:
            raise InvalidPayload("too deep within other e-mail: send it alone")
        kind = kind_of(content, name)
        into.add(f"[{kind.name}]\n")
        kind.read(content, into)
    except RequestRejected as refusal:
        into.add(f"[not read: {refusal}]\n")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile document makes a library raise whatever it likes
        into.add("[not read: it is damaged]\n")
    into.nested -= 1
    into.parts = parts


def _text(part: EmailMessage) -> str:
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeDecodeError):  # an encoding that nobody knows
        text = cast("bytes", part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return markdown_of(text) if part.get_content_subtype() == "html" else text


def _add_attachment(part: EmailMessage, into: Extract, kind_of: KindOf) -> None:
    if into.enough():
        return
    content = part.get_content()
    if isinstance(content, EmailMessage):
        content = content.as_bytes()
    content = content.encode() if isinstance(content, str) else content
    add_attached(content if isinstance(content, bytes) else b"", part.get_filename() or "", into, kind_of)
