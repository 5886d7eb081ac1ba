"""Reads Outlook's messages (MS-OXMSG) through python-oxmsg."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from repartee.services.documents import rich_text
from repartee.services.documents.extract import Extract, KindOf, count_of
from repartee.services.documents.mail import MAX_ATTACHMENTS, add_attached
from repartee.services.documents.web_page import markdown_of

PID_RTF_COMPRESSED = 0x1009
"""The property that holds the text in Rich Text Format."""

MARK = "__properties_version1.0".encode("utf-16-le")
"""A stream that every such message has, by its name in the file's folder."""


def is_message(content: bytes) -> bool:
    """Tells whether a file in Microsoft's old container is a message."""
    return MARK in content


def read(content: bytes, into: Extract, kind_of: KindOf) -> None:
    """Adds the headers, the text, and what is in the attachments."""
    from oxmsg import Message

    message = Message.load(BytesIO(content))
    for name, value in _headers(message):
        if value:
            into.add(f"{name}: {' '.join(value.split())}\n")
    if body := message.body or (markdown_of(message.html_body) if message.html_body else ""):
        into.add(f"\n{body}\n")
    else:
        _add_rich_text(message.properties.binary_prop_value(PID_RTF_COMPRESSED), into)
    attached = list(message.attachments)
    into.parts = count_of(len(attached), "attachment") if attached else ""
    for one in attached[:MAX_ATTACHMENTS]:
        if not into.enough():
            add_attached(one.file_bytes or b"", one.file_name or "", into, kind_of)


def _add_rich_text(packed: bytes | None, into: Extract) -> None:
    """Adds the text of a message that has it in Rich Text Format alone (MS-OXRTFCP)."""
    from compressed_rtf import decompress

    size = int.from_bytes(packed[4:8], "little") if packed else 0
    text = decompress(packed) if packed and size <= rich_text.MAX_BYTES else b""
    if text.strip(b"\0 "):
        into.add("\n")
        rich_text.read(text, into)
        into.add("\n")
    else:
        into.add("\n[the text is kept in a way that is not read: send it as .eml or PDF]\n")


def _headers(message: Any) -> list[tuple[str, str]]:
    people = ", ".join(_person(one.name, one.email_address) for one in message.recipients)
    stated = message.message_headers
    sent = f"{message.sent_date:%Y-%m-%d %H:%M} UTC" if message.sent_date else stated.get("Date", "")
    return [
        ("From", message.sender or stated.get("From", "")),
        ("To", people or stated.get("To", "")),
        ("Date", sent),
        ("Subject", message.subject or ""),
    ]


def _person(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address and name != address else name or address
