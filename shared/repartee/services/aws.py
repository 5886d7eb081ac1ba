"""AWS clients: made once, in the main thread, with short timeouts and connections kept alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)

from repartee.errors import BackendError, Denied, Late, NotFound, Rejected, Throttled, Unreachable

THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
MISSING = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}


class Clients:
    """The process's AWS clients, which find their region, endpoint and credentials as every AWS SDK does.

    boto3 itself is left out: its clients are botocore's, and its import is only cost.
    """

    def __init__(self, connections: int) -> None:
        self._session = botocore.session.get_session()
        self._config = Config(
            connect_timeout=1.0,
            read_timeout=2.0,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=connections,
            tcp_keepalive=True,
        )

    def make(self, service: str) -> Any:
        """A client for the service. It may be used from many threads."""
        return self._session.create_client(service, config=self._config)


@contextmanager
def translating(backend: str) -> Iterator[None]:
    """Turns botocore's errors into ours."""
    try:
        yield
    except ClientError as error:
        raise _translated(backend, error) from error
    except (ReadTimeoutError, ConnectTimeoutError) as error:
        raise Late(backend, type(error).__name__) from error
    except (HTTPClientError, BotoCoreError) as error:
        raise Unreachable(backend, type(error).__name__) from error


def _translated(backend: str, error: ClientError) -> BackendError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED:
        return Throttled(backend, code)
    if code in DENIED:
        return Denied(backend, code)
    if code in MISSING:
        return NotFound(backend, code)
    if status >= 500:
        return Unreachable(backend, code)
    return Rejected(backend, code)
