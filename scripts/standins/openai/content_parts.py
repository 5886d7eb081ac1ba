"""Pictures and files in a request to the model: what the API takes, and what it says to others.

https://developers.openai.com/api/docs/guides/images-vision. A link that leads to this machine is refused, as
nobody elsewhere can follow it; any other is believed.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from typing import Any

from standins.openai.errors import MISSING, ModelError
from standins.openai.limits import MIN_IMAGE_BYTES

SPOKEN = ("output_text", "refusal")
GIVEN = ("input_text", "input_image", "input_file")
DETAILS = ("low", "high", "auto", "original")
DATA = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+);base64,(?P<content>.*)", re.DOTALL)
HERE = re.compile(r"https?://(localhost|127\.|\[::1\]|10\.|192\.168\.)")
SEEN = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


def text_of(part: Any, role: str, at: str) -> str:
    """Returns a part of an item's content as text; of a picture what can be seen of it from outside."""
    kind = part.get("type") if isinstance(part, dict) else None
    allowed = SPOKEN if role == "assistant" else GIVEN
    if kind not in allowed:
        known = ", ".join(f"'{one}'" for one in allowed[:-1])
        message = f"Invalid value: '{kind}'. Supported values are: {known}, and '{allowed[-1]}'."
        raise ModelError(400, message, param=at, code="invalid_value")
    if kind == "input_image":
        return _image(part, at)
    if kind == "input_file":
        return _file(part, at)
    return str(part.get("text") or part.get("refusal") or "")


def _image(part: Mapping[str, Any], at: str) -> str:
    detail = part.get("detail", "auto")
    if detail not in DETAILS:
        message = f"Invalid value: '{detail}'. Supported values are: 'low', 'high', 'auto', and 'original'."
        raise ModelError(400, message, param=f"{at}.detail", code="invalid_value")
    if part.get("file_id"):
        return "[picture: uploaded]"
    link = part.get("image_url")
    if not isinstance(link, str) or not link:
        message = f"Missing required parameter: '{at}.image_url'."
        raise ModelError(400, message, param=f"{at}.image_url", code=MISSING)
    if link.startswith(("http://", "https://")):
        if HERE.match(link):
            raise ModelError(400, f"Error while downloading {link}.", param="url", code="invalid_image_url")
        return "[picture: linked]"
    return _inline(link, f"{at}.image_url")


def _inline(link: str, at: str) -> str:
    kind, content = _data(link, at, "an image MIME type (e.g. 'data:image/png;base64,aW1n...')")
    if kind not in SEEN:
        message = (
            f"Invalid '{at}'. Expected a base64-encoded data URL with an image MIME type "
            f"(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type '{kind}'."
        )
        raise ModelError(400, message, param=at, code="invalid_value")
    if (
        not any(content.startswith(beginning) for beginning in SEEN.values())
        or len(content) < MIN_IMAGE_BYTES
    ):
        message = (
            "You uploaded an unsupported image. Please make sure your image has of one the following "
            "formats: ['png', 'jpeg', 'gif', 'webp']."
        )
        raise ModelError(400, message, code="invalid_image_format")
    return f"[picture: {kind.partition('/')[2].upper()}{_size(content)}]"


def _file(part: Mapping[str, Any], at: str) -> str:
    if part.get("file_id") or part.get("file_url"):
        return "[file]"
    if not part.get("file_data"):
        message = f"Missing required parameter: '{at}.file_id'."
        raise ModelError(400, message, param=f"{at}.file_id", code=MISSING)
    if not part.get("filename"):
        message = f"Missing required parameter: '{at}.filename'."
        raise ModelError(400, message, param=f"{at}.filename", code=MISSING)
    _data(part["file_data"], f"{at}.file_data", "an application/pdf MIME type")
    return f"[file: {part['filename']}]"


def _data(link: str, at: str, expected: str) -> tuple[str, bytes]:
    found = DATA.fullmatch(link)
    try:
        if found:
            return found["type"], base64.b64decode(found["content"], validate=True)
    except binascii.Error:
        pass
    message = f"Invalid '{at}'. Expected a base64-encoded data URL with {expected}, but got an invalid value."
    raise ModelError(400, message, param=at, code="invalid_value")


def _size(content: bytes) -> str:
    """Returns the width and height at the beginning of a PNG."""
    if not content.startswith(SEEN["image/png"]) or len(content) < 24:
        return ""
    return " of {} by {}".format(*struct.unpack(">II", content[16:24]))
