"""Forms with files in them (RFC 7578), as the platforms' clients send them."""

from __future__ import annotations

import re

Part = tuple[str, bytes]
"""A field of a form: a file's name, empty for other fields, and its content."""


def parse_form(body: bytes, content_type: str) -> dict[str, Part] | None:
    """Returns the fields of a form; None for what is none."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if not content_type.startswith("multipart/form-data") or not boundary:
        return None
    found = {}
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        named = dict(re.findall(r'(\bname|filename)="([^"]*)"', head.decode("utf-8", "replace")))
        found[named.get("name", "")] = named.get("filename", ""), content.removesuffix(b"\r\n")
    return found
