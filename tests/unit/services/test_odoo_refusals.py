"""What Odoo's exceptions become."""

from __future__ import annotations

import pytest

from repartee.errors import BackendError, Denied, Late, NotFound, Rejected, Throttled
from repartee.stores.odoo.refusals import LONGEST_WORDS, refusal, unexplained


@pytest.mark.parametrize(
    "name, kind, told",
    [
        ("odoo.exceptions.AccessDenied", Denied, True),
        ("odoo.exceptions.AccessError", Denied, True),
        ("odoo.http.SessionExpiredException", Denied, True),
        ("werkzeug.exceptions.Unauthorized", Denied, True),
        ("odoo.exceptions.MissingError", NotFound, True),
        ("werkzeug.exceptions.NotFound", NotFound, True),
        ("odoo.exceptions.UserError", Rejected, True),
        ("odoo.exceptions.ValidationError", Rejected, True),
        ("builtins.ValueError", Rejected, True),
        ("psycopg2.errors.SerializationFailure", Throttled, False),
        ("psycopg2.errors.UniqueViolation", Rejected, False),
        ("builtins.ZeroDivisionError", Rejected, False),
        ("", Rejected, False),
    ],
)
def test_an_exception_by_its_name(name: str, kind: type[BackendError], told: bool) -> None:
    """What explains itself to people is told in Odoo's words; none of it is in the error's own text."""
    failure = refusal({"name": name, "message": "Not  this\nway", "arguments": ["Not this way"]})

    assert type(failure) is kind
    assert failure.words == ("Not this way" if told else "")
    assert "Not this way" not in str(failure)


def test_words_are_bounded() -> None:
    """Some of Odoo's messages are pages long."""
    assert len(refusal({"name": "odoo.exceptions.UserError", "message": "x" * 9000}).words) == LONGEST_WORDS


def test_a_database_that_is_not_there_is_a_setting_that_is_wrong() -> None:
    """However the database server words it."""
    data = {"name": "psycopg2.OperationalError", "message": 'FATAL:  database "nope" does not exist'}

    assert "ODOO_DATABASE" in str(refusal(data))


@pytest.mark.parametrize(
    "status, kind",
    [
        (429, Throttled),
        (401, Denied),
        (403, Denied),
        (404, NotFound),
        (413, Rejected),
        (500, Late),
        (504, Late),
    ],
)
def test_an_answer_that_is_not_odoos(status: int, kind: type[BackendError]) -> None:
    """A proxy's, or a page. After a 5xx nobody knows whether it was done."""
    assert type(unexplained(status)) is kind
