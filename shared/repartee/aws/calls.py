"""AWS clients: made once, in the main thread, with short timeouts and connections kept alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)
from urllib3 import Timeout

from repartee.aws.session import make_session
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0
"""Seconds without a deadline; botocore makes two attempts."""

THROTTLED_ERROR_CODES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
PERMISSION_DENIED_ERROR_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
NOT_FOUND_ERROR_CODES = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}


class AwsClients:
    """The process's AWS clients, which are boto3's."""

    def __init__(self, max_connections: int) -> None:
        self._session: Any = make_session()  # its stubs know services by literal names
        self._made: dict[str, Any] = {}
        self._config = Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=max_connections,
            tcp_keepalive=True,
            parameter_validation=False,  # the contract tests say what is sent; the service says what is wrong
            user_agent=f"repartee botocore/{botocore.__version__}",  # its own is put together anew each call
        )

    def get_client(self, service: str) -> Any:
        """Returns the client for the service. It may be used from many threads."""
        if service not in self._made:
            self._made[service] = self.make_client(service)
        return self._made[service]

    def make_client(self, service: str) -> Any:
        """A client of its own."""
        return limit_to_deadline(self._session.client(service, config=self._config))

    def with_new_connections(self) -> AwsClients:
        """Returns the same clients without a connection: a process that is restored from a snapshot has none
        that is good, and to make its clients anew would take longer than all the rest."""
        for client in self._made.values():
            client._endpoint.http_session._manager.clear()  # noqa: SLF001
        return self

    @property
    def open_connections(self) -> int:
        """The connections that are open in the fullest of the clients' pools."""
        return max(
            (
                _count_connections(pool)
                for client in self._made.values()
                for pool in _connection_pools(client)
            ),
            default=0,
        )


def _connection_pools(client: Any) -> Iterator[Any]:
    pools = client._endpoint.http_session._manager.pools  # noqa: SLF001
    return (pool for key in pools.keys() if (pool := pools.get(key)))  # noqa: SIM118 - it cannot be iterated


def _count_connections(pool: Any) -> int:
    """Counts the connections that wait in the pool and those in use. Free places in its queue are None."""
    places = list(pool.pool.queue) if pool.pool else []
    return int(pool.pool.maxsize) - sum(place is None for place in places) if places else 0


def limit_to_deadline(client: Any) -> Any:
    """Returns the client, whose every request waits no longer than the deadline of the step that makes it.

    botocore knows one timeout a client, and hands it to the pools of its HTTP library, which copy it for each
    request: so they get one that looks at the deadline when it is copied.
    """
    manager = client._endpoint.http_session._manager  # noqa: SLF001
    manager.connection_pool_kw["timeout"] = DeadlineTimeout(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    client.meta.events.register_first("needs-retry", _stop_retry_after_deadline)
    return client


def _stop_retry_after_deadline(caught_exception: Exception | None = None, **_: Any) -> None:
    """Before botocore rests and tries again: without time left the failure stands."""
    if caught_exception is not None and deadline.remaining() == 0:
        raise caught_exception


class DeadlineTimeout(Timeout):
    """A timeout that is never longer than what is left of the deadline."""

    def __init__(self, connect: float, read: float) -> None:
        super().__init__(connect=connect, read=read)
        self._longest = (connect, read)

    def clone(self) -> Timeout:
        left = deadline.remaining()
        if left is not None and left <= 0:
            raise TimeoutError("no time left")
        connect, read = self._longest
        return Timeout(connect=min(connect, left or connect), read=min(read, left or read))


@contextmanager
def translate_errors(backend: str) -> Iterator[None]:
    """Turns botocore's errors into ours. No call is made when no time is left."""
    if deadline.remaining() == 0:
        raise DeadlineExceeded(backend, "no time left")
    try:
        yield
    except ClientError as error:
        raise _error_from_client_error(backend, error) from error
    except (ReadTimeoutError, ConnectTimeoutError) as error:
        raise DeadlineExceeded(backend, type(error).__name__) from error
    except (HTTPClientError, BotoCoreError) as error:
        kind = DeadlineExceeded if deadline.remaining() == 0 else Unavailable
        raise kind(backend, type(error).__name__) from error


def _error_from_client_error(backend: str, error: ClientError) -> BackendError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED_ERROR_CODES:
        return Throttled(backend, code)
    if code in PERMISSION_DENIED_ERROR_CODES:
        return PermissionDenied(backend, code)
    if code in NOT_FOUND_ERROR_CODES:
        return NotFound(backend, code)
    if status >= 500:
        return Unavailable(backend, code)
    return InvalidArgument(backend, code)
