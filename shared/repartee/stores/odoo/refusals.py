"""What Odoo's exceptions mean: the one place that translates them.

Both APIs tell an exception by its Python name. https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from repartee.errors import BackendError, Denied, Late, NotFound, Rejected, Throttled, Unreachable

BACKEND = "odoo"

DENIED = {
    "odoo.exceptions.AccessDenied": "the key is not accepted",
    "odoo.http.SessionExpiredException": "the session has expired",
    "werkzeug.exceptions.Unauthorized": "the key is not accepted",
    "odoo.exceptions.AccessError": "AccessError",
    "werkzeug.exceptions.Forbidden": "not allowed",
}
MISSING = {"odoo.exceptions.MissingError", "werkzeug.exceptions.NotFound"}
EXPLAINED = {
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
    "odoo.exceptions.RedirectWarning",
    "werkzeug.exceptions.UnprocessableEntity",
    "werkzeug.exceptions.BadRequest",
    "builtins.ValueError",
    "builtins.KeyError",
}
"""Exceptions whose words say what is wrong with a call."""

LONGEST_WORDS = 600

Data = Mapping[str, Any]


@contextmanager
def translating() -> Iterator[None]:
    """Turns the HTTP client's errors into ours. What was sent may have taken effect: that is `Late`."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise Unreachable(BACKEND, "no connection") from error
    except httpx2.HTTPError as error:
        raise Late(BACKEND, type(error).__name__) from error


def refusal(data: Data) -> BackendError:
    """The error of an exception as Odoo serialises it: `name`, `message`, `arguments`."""
    name, words = str(data.get("name", "")), _words(data)
    kind = name.rpartition(".")[2] or "an error without a name"
    if name in DENIED:
        return Denied(BACKEND, DENIED[name], words=words)
    if name in MISSING:
        return NotFound(BACKEND, kind, words=words)
    if name.startswith("psycopg2.") and "does not exist" in words and "database" in words:
        return NotFound(BACKEND, "ODOO_DATABASE names no database")
    if name == "psycopg2.errors.SerializationFailure":
        return Throttled(BACKEND, "the record is being changed by others", retry_after=1.0)
    return Rejected(BACKEND, kind, words=words if name in EXPLAINED else "")


def unexplained(status: int) -> BackendError:
    """The error of an answer that is no exception of Odoo's: a proxy's, or a page."""
    if status == 429:
        return Throttled(BACKEND, "HTTP 429")
    if status in (401, 403):
        return Denied(BACKEND, f"HTTP {status}")
    if status == 404:
        return NotFound(BACKEND, "HTTP 404: is ODOO_URL right, and ODOO_DATABASE?")
    if status >= 500:
        return Late(BACKEND, f"HTTP {status}")
    return Rejected(BACKEND, f"HTTP {status} without JSON")


def _words(data: Data) -> str:
    arguments = data.get("arguments") or ()
    said = data.get("message") or (arguments[0] if arguments else "")
    words = " ".join(str(said).split())
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
