"""Translates Odoo's exceptions into ours.

Both APIs tell an exception by its Python name. https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
    Unavailable,
)

BACKEND_NAME = "odoo"

PERMISSION_DENIED_EXCEPTIONS = {
    "odoo.exceptions.AccessDenied": "the key is not accepted",
    "odoo.http.SessionExpiredException": "the session has expired",
    "werkzeug.exceptions.Unauthorized": "the key is not accepted",
    "odoo.exceptions.AccessError": "AccessError",
    "werkzeug.exceptions.Forbidden": "not allowed",
}
NOT_FOUND_EXCEPTIONS = {"odoo.exceptions.MissingError", "werkzeug.exceptions.NotFound"}
INVALID_ARGUMENT_EXCEPTIONS = {
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
    "odoo.exceptions.RedirectWarning",
    "werkzeug.exceptions.UnprocessableEntity",
    "werkzeug.exceptions.BadRequest",
    "builtins.ValueError",
    "builtins.KeyError",
}
"""Exceptions whose words say what is wrong with a call."""

MAX_EXPLANATION_CHARS = 600

OdooErrorData = Mapping[str, Any]


@contextmanager
def translate_http_errors() -> Iterator[None]:
    """Turns the HTTP client's errors into ours. Raises `DeadlineExceeded` where the call may have taken
    effect."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise Unavailable(BACKEND_NAME, "no connection") from error
    except httpx2.HTTPError as error:
        raise DeadlineExceeded(BACKEND_NAME, type(error).__name__) from error


def error_from_odoo(data: OdooErrorData) -> BackendError:
    """Returns the error of an exception as Odoo serialises it: `name`, `message`, `arguments`."""
    name, words = str(data.get("name", "")), _explanation(data)
    kind = name.rpartition(".")[2] or "an error without a name"
    if name in PERMISSION_DENIED_EXCEPTIONS:
        return PermissionDenied(BACKEND_NAME, PERMISSION_DENIED_EXCEPTIONS[name], user_message=words)
    if name in NOT_FOUND_EXCEPTIONS:
        return NotFound(BACKEND_NAME, kind, user_message=words)
    if name.startswith("psycopg2.") and "does not exist" in words and "database" in words:
        return NotFound(BACKEND_NAME, "ODOO_DATABASE names no database")
    if name == "psycopg2.errors.SerializationFailure":
        return Throttled(BACKEND_NAME, "the record is being changed by others", retry_after=1.0)
    return InvalidArgument(
        BACKEND_NAME, kind, user_message=words if name in INVALID_ARGUMENT_EXCEPTIONS else ""
    )


def error_from_status(status: int) -> BackendError:
    """Returns the error of an answer that is no exception of Odoo's: a proxy's, or a page."""
    if status == 429:
        return Throttled(BACKEND_NAME, "HTTP 429")
    if status in (401, 403):
        return PermissionDenied(BACKEND_NAME, f"HTTP {status}")
    if status == 404:
        return NotFound(BACKEND_NAME, "HTTP 404: is ODOO_URL right, and ODOO_DATABASE?")
    if status >= 500:
        return DeadlineExceeded(BACKEND_NAME, f"HTTP {status}")
    return InvalidArgument(BACKEND_NAME, f"HTTP {status} without JSON")


def _explanation(data: OdooErrorData) -> str:
    arguments = data.get("arguments") or ()
    message = data.get("message") or (arguments[0] if arguments else "")
    words = " ".join(str(message).split())
    return words if len(words) <= MAX_EXPLANATION_CHARS else words[: MAX_EXPLANATION_CHARS - 1] + "…"
