"""The API's HTTP errors, as several servers word them, through the real SDK."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml

from repartee import errors
from repartee.errors import BackendError, InvalidArgument, PermissionDenied, ReparteeError
from repartee.services.openai import problems
from repartee.services.openai.problems import PromptTooLong
from repartee.services.openai.small import OpenAISmallModel
from repartee.services.openai.waiting import waiting_seconds
from tests.support.model_api import ModelApi, refusal

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "model" / "errors.yaml").read_text()
)


def refused(case: dict[str, Any], streaming: bool) -> BackendError:
    api = ModelApi(refusal(case["status"], case["body"], case.get("headers")))
    small = OpenAISmallModel(api.client(), "small")
    with pytest.raises(BackendError) as raised:
        api.reply() if streaming else small.write_text("One sentence.", "How was my week?")
    return raised.value


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_error_is_read_for_what_it_is(case: dict[str, Any], streaming: bool) -> None:
    """Of a reply and of a short answer alike, with the time to wait where the server says."""
    error = refused(case, streaming)

    assert type(error) is (getattr(problems, case["error"], None) or getattr(errors, case["error"]))
    assert error.retry_after == case.get("retry_after")


@pytest.mark.parametrize("case", [case for case in CASES if "words" in case], ids=lambda case: case["name"])
def test_a_used_up_quota_keeps_the_provider_s_words(case: dict[str, Any]) -> None:
    """Asking again does not help, and the operator must learn why."""
    error = refused(case, streaming=True)

    assert isinstance(error, PermissionDenied)
    assert error.user_message == case["words"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_error_s_message_reaches_no_log(case: dict[str, Any]) -> None:
    """It may quote what people wrote, or a key."""
    told = str(errors.log_fields(refused(case, streaming=True)))

    assert not any(word in told for word in ("sk-wrong", "Please", "XXXX", "tokens)", "field required"))


@pytest.mark.parametrize(
    "headers,message,seconds",
    [
        ({}, "", None),
        ({"Retry-After": "0"}, "", 0.0),
        ({"Retry-After": "1.5"}, "", 1.5),
        ({"Retry-After": "-3"}, "", 0.0),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "nan"}, "", None),
        ({"Retry-After": "inf"}, "Please try again in 2s", 2.0),
        ({"RETRY-AFTER-MS": "1500"}, "", 1.5),
        ({}, "Please try again in 120ms.", 0.12),
        ({}, "Please try again in 6m0s.", 360.0),
        ({}, "Please try again in 1h2m3.5s.", 3723.5),
        ({}, "Please retry after 1 minute.", 60.0),
        ({}, "Please try again in 86400 seconds.", 86400.0),
        ({}, "Please try again later.", None),
        ({}, "Please try again in a while", None),
    ],
)
def test_the_time_to_wait_is_read_in_every_form(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    """Seconds, milliseconds, words. What is no time is none."""
    found = waiting_seconds(headers, message)

    assert found == (seconds if seconds is None else pytest.approx(seconds))


def test_a_date_is_measured_by_our_clock_where_the_server_has_none() -> None:
    """And one that has passed means: now."""
    in_a_minute = waiting_seconds({"Retry-After": formatdate(time() + 60, usegmt=True)})

    assert in_a_minute is not None
    assert 55 < in_a_minute <= 60
    assert waiting_seconds({"Retry-After": formatdate(time() - 60, usegmt=True)}) == 0.0


@pytest.mark.parametrize(
    "message,keep",
    [
        ("Request too large: Limit 30000, Requested 60000.", 0.5),
        ("maximum context length is 1,000 tokens. However, you requested 4,000 tokens", 0.25),
        ("request (4000 tokens) exceeds the available context size (2000 tokens)", 0.5),
        ("Your input exceeds the context window of this model.", None),
        ("maximum context length is 1000 tokens. However, you requested 10 tokens", None),
    ],
)
def test_an_error_may_say_how_much_fits(message: str, keep: float | None) -> None:
    """Then no more is left out than must be."""
    problem = problems.problem_in({"error": {"code": "context_length_exceeded", "message": message}})
    assert problem is not None
    error = problems.error_of(problem)

    assert isinstance(error, PromptTooLong)
    assert error.keep == keep


@pytest.mark.parametrize(
    "body", [None, {}, [], "", {"error": None}, {"type": "error"}, {"status": "completed"}]
)
def test_what_tells_of_no_error_is_none(body: object) -> None:
    """Nothing is read into it."""
    assert problems.problem_in(body) is None


@pytest.mark.parametrize(
    "body",
    [{"error": 5}, {"error": [1]}, {"error": {"code": [], "message": {}}}, {"error": {"code": 1e99}}, 7],
)
def test_odd_errors_are_errors_of_ours(body: object) -> None:
    """Whatever a gateway makes of one."""
    problem = problems.problem_in(body, status=400)
    assert problem is not None
    found: ReparteeError = problems.error_of(problem)

    assert isinstance(found, InvalidArgument)
