"""One HTTP call of a check: its answer whatever the status, its headers, and its JSON."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 8.0


@dataclass(frozen=True)
class HttpAnswer:
    """An answer. `headers` have lower-case names; `body` is empty where it was no JSON object."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    text: str = ""


def call_http(
    url: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
) -> HttpAnswer:
    """Returns the answer to a GET, or to a POST of a JSON body. Raises OSError where there is none."""
    if not url.startswith(("http://", "https://")):
        raise OSError("no address that can be called (it is neither http nor https)")
    data = None if body is None else json.dumps(body).encode()
    typed = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        url, data, {**typed, **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return _read_answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        return _read_answer(refusal.code, refusal.headers, refusal.read())
    except ValueError as error:
        raise OSError(f"no address that can be called ({error})") from None


def _read_answer(status: int, headers: Any, content: bytes) -> HttpAnswer:
    text = content.decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    names = {name.lower(): value for name, value in headers.items()}
    return HttpAnswer(status, names, body if isinstance(body, dict) else {}, text)
