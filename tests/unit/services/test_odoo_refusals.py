"""What Odoo's exceptions become."""

from __future__ import annotations

import pytest

from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
)
from repartee.services.odoo.errors import MAX_EXPLANATION_CHARS, error_from_odoo, error_from_status


@pytest.mark.parametrize(
    "name, kind, told",
    [
        ("odoo.exceptions.AccessDenied", PermissionDenied, True),
        ("odoo.exceptions.AccessError", PermissionDenied, True),
        ("odoo.http.SessionExpiredException", PermissionDenied, True),
        ("werkzeug.exceptions.Unauthorized", PermissionDenied, True),
        ("odoo.exceptions.MissingError", NotFound, True),
        ("werkzeug.exceptions.NotFound", NotFound, True),
        ("odoo.exceptions.UserError", InvalidArgument, True),
        ("odoo.exceptions.ValidationError", InvalidArgument, True),
        ("builtins.ValueError", InvalidArgument, True),
        ("psycopg2.errors.SerializationFailure", Throttled, False),
        ("psycopg2.errors.UniqueViolation", InvalidArgument, False),
        ("builtins.ZeroDivisionError", InvalidArgument, False),
        ("", InvalidArgument, False),
    ],
)
def test_an_exception_by_its_name(name: str, kind: type[BackendError], told: bool) -> None:
    """What explains itself to people is told in Odoo's words; none of it is in the error's own text."""
    failure = error_from_odoo({"name": name, "message": "Not  this\nway", "arguments": ["Not this way"]})

    assert type(failure) is kind
    assert failure.user_message == ("Not this way" if told else "")
    assert "Not this way" not in str(failure)


def test_words_are_bounded() -> None:
    """Some of Odoo's messages are pages long."""
    assert (
        len(error_from_odoo({"name": "odoo.exceptions.UserError", "message": "x" * 9000}).user_message)
        == MAX_EXPLANATION_CHARS
    )


def test_a_database_that_is_not_there_is_a_setting_that_is_wrong() -> None:
    """However the database server words it."""
    data = {"name": "psycopg2.OperationalError", "message": 'FATAL:  database "nope" does not exist'}

    assert "ODOO_DATABASE" in str(error_from_odoo(data))


@pytest.mark.parametrize(
    "status, kind",
    [
        (429, Throttled),
        (401, PermissionDenied),
        (403, PermissionDenied),
        (404, NotFound),
        (413, InvalidArgument),
        (500, DeadlineExceeded),
        (504, DeadlineExceeded),
    ],
)
def test_an_answer_that_is_not_odoos(status: int, kind: type[BackendError]) -> None:
    """A proxy's, or a page. After a 5xx nobody knows whether it was done."""
    assert type(error_from_status(status)) is kind
