"""The SDK's client, and how its errors read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import openai

from repartee.errors import DeadlineExceeded, ReparteeError, Unavailable
from repartee.http_transport import make_transport
from repartee.services.openai.problems import BACKEND, Problem, error_of, problem_in
from repartee.tls import system_ssl_context

__all__ = ["BACKEND", "MAX_SILENCE_SECONDS", "make_openai_client", "translating"]

MAX_SILENCE_SECONDS = 30.0
"""Seconds without a byte after which a call counts as late."""


def make_openai_client(key: Callable[[], str], url: str) -> openai.OpenAI:
    """Returns a client that reads its key for each call, and never retries inside a step's deadline."""
    timeout = httpx2.Timeout(MAX_SILENCE_SECONDS, connect=3.0)
    client = openai.DefaultHttpxClient(
        timeout=timeout, verify=system_ssl_context(), transport=make_transport()
    )
    return openai.OpenAI(api_key=key, base_url=url, max_retries=0, timeout=timeout, http_client=client)


@contextmanager
def translating() -> Iterator[None]:
    """Turns the SDK's errors, and those of the connection beneath it, into ours."""
    try:
        yield
    except openai.APITimeoutError as error:
        raise DeadlineExceeded(BACKEND, "timeout") from error
    except openai.APIStatusError as error:
        raise _translated(error) from error
    except openai.APIConnectionError as error:
        raise Unavailable(BACKEND, "no connection") from error
    except httpx2.TimeoutException as error:
        raise DeadlineExceeded(BACKEND, type(error).__name__) from error
    except httpx2.HTTPError as error:
        raise Unavailable(BACKEND, type(error).__name__) from error


def _translated(error: openai.APIStatusError) -> ReparteeError:
    headers = error.response.headers
    problem = problem_in(error.body, error.status_code, headers)
    return error_of(problem or Problem(status=error.status_code, headers=headers))
