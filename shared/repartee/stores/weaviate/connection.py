"""The connection to Weaviate: made once a process, with our deadlines, retries and errors.

The client has one timeout for all calls, and sleeps one, two, four … seconds when a connection broke. Both
are unfit for a chat. So its gRPC channel is given an interceptor, which hands every call the deadline of the
step that makes it and raises our errors before the client can sleep on them; and a service config, by which
gRPC itself tries a broken call again within milliseconds.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, cast

import grpc
import weaviate
import weaviate.connect.v4
from httpx import Client, TimeoutException, TransportError
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.collections import Collection
from weaviate.config import ConnectionConfig, GrpcConfig
from weaviate.connect import ConnectionParams
from weaviate.exceptions import (
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateConnectionError,
    WeaviateStartUpError,
    WeaviateTimeoutError,
)

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
from repartee.tls import system_ssl_context

BACKEND_NAME = "weaviate"

MISSING_COLLECTION_TEXT = "no such collection: create them with scripts/schema"

DEFAULT_TIMEOUT_SECONDS = 10.0
"""Seconds that a call may take where there is no deadline."""

GRPC_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.02s",
                "maxBackoff": "0.2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
"""Every call may be repeated: writes have deterministic ids."""

GRPC_CHANNEL_OPTIONS = {
    "grpc.service_config": json.dumps(GRPC_SERVICE_CONFIG),
    "grpc.enable_retries": 1,
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.min_reconnect_backoff_ms": 1000,
    "grpc.max_reconnect_backoff_ms": 250,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 1000,
}
"""The keep-alive's timeout is also how long TCP waits for an acknowledgement before it gives a connection up.
Pings go out during calls alone: the server closes on a client that pings more often than in five minutes."""

ERRORS_BY_STATUS_CODE: dict[grpc.StatusCode, type[BackendError]] = {
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.CANCELLED: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Throttled,
    grpc.StatusCode.UNAUTHENTICATED: PermissionDenied,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.NOT_FOUND: NotFound,
}


TRANSIENT_PROBLEM_TEXTS = (
    "read-only",
    "deadline exceeded",
    "context canceled",
    "shutdown",
    "leader not found",
)


class TenantNotFound(NotFound):
    """Nothing was ever written in the workspace."""


class WeaviateConnection:
    """A client for many threads that connects when first needed, and again when the connection broke."""

    def __init__(self, url: str, grpc_port: int, api_key: str = "") -> None:
        _share_ssl_context()
        self._client = weaviate.WeaviateClient(
            connection_params=_TunedConnectionParams.from_url(url, grpc_port),
            auth_client_secret=Auth.api_key(api_key) if api_key else None,
            additional_config=AdditionalConfig(
                connection=ConnectionConfig(session_pool_max_retries=0),
                timeout=Timeout(init=2, query=2, insert=2),
                grpc_config=GrpcConfig(channel_options=list(GRPC_CHANNEL_OPTIONS.items())),
            ),
            skip_init_checks=True,
        )
        self._connecting = threading.Lock()
        self._seen: set[str] = set()
        self._collection = lru_cache(1024)(self._build_collection)
        # It logs the whole objects of a batch that failed, and objects hold what people wrote.
        logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)

    def connect(self) -> weaviate.WeaviateClient:
        """Returns the connected client. Call it early, so that the first message does not wait for it."""
        if not self._client.is_connected():
            left = deadline.remaining()
            if not self._connecting.acquire(timeout=DEFAULT_TIMEOUT_SECONDS if left is None else left):
                raise DeadlineExceeded(BACKEND_NAME, "others are still connecting")
            try:
                with translate_errors():
                    self._client.connect()
            finally:
                self._connecting.release()
        return self._client

    def get_collection(self, name: str, tenant: str) -> Collection[Any, Any]:
        """Returns a collection as one tenant sees it."""
        if deadline.remaining() == 0:
            raise DeadlineExceeded(BACKEND_NAME, "no time left")
        self.connect()
        return self._collection(name, tenant)

    def get_collection_for_writing(self, name: str, tenant: str) -> Collection[Any, Any]:
        """Returns the same, of a collection that is there: Weaviate would make one of its own, without
        tenants."""
        collection = self.get_collection(name, tenant)
        if name not in self._seen:
            with translate_errors():
                if not self._client.collections.exists(name):
                    raise NotFound(BACKEND_NAME, MISSING_COLLECTION_TEXT)
            self._seen.add(name)
        return collection

    def close(self) -> None:
        self._client.close()

    def _build_collection(self, name: str, tenant: str) -> Collection[Any, Any]:
        return self._client.collections.use(name).with_tenant(tenant)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns the client's errors into ours. What failed in a gRPC call is ours already."""
    try:
        yield
    except (InsufficientPermissionsError, UnexpectedStatusCodeError) as error:
        kind = PermissionDenied if error.status_code in (401, 403) else InvalidArgument
        raise kind(BACKEND_NAME, f"HTTP {error.status_code}") from error
    except (WeaviateTimeoutError, TimeoutException) as error:
        raise DeadlineExceeded(BACKEND_NAME, "no answer in time") from error
    except (WeaviateConnectionError, WeaviateStartUpError, TransportError) as error:
        raise Unavailable(BACKEND_NAME, "no connection: does it run, and is WEAVIATE_URL right?") from error
    except WeaviateBaseError as error:
        raise error_from_problem(error.message) from error


def error_from_problem(problem: str) -> BackendError:
    """Returns the error for a problem that Weaviate reports as text; some are temporary."""
    kind = Unavailable if any(words in problem for words in TRANSIENT_PROBLEM_TEXTS) else InvalidArgument
    return kind(BACKEND_NAME, problem[:300])


class _TunedConnectionParams(ConnectionParams):
    """Where Weaviate is, and how its gRPC channel is made: the one place at which the client lets us in."""

    def _grpc_channel(self, *args: Any, **kwargs: Any) -> grpc.Channel:
        made = cast("grpc.Channel", super()._grpc_channel(*args, **kwargs))
        return grpc.intercept_channel(made, _DeadlineInterceptor())


class _CallDetails(NamedTuple):
    """A call's details as gRPC requires them."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: bool | None
    compression: Any


class _DeadlineInterceptor(grpc.UnaryUnaryClientInterceptor):
    """Hands each call the deadline, and raises our errors."""

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        left = deadline.remaining()
        seconds = DEFAULT_TIMEOUT_SECONDS if left is None else min(left, DEFAULT_TIMEOUT_SECONDS)
        if seconds <= 0:
            raise DeadlineExceeded(BACKEND_NAME, "no time left")
        call = continuation(
            _CallDetails(
                details.method,
                seconds,
                details.metadata,
                details.credentials,
                details.wait_for_ready,
                details.compression,
            ),
            request,
        )
        if call.code() is not grpc.StatusCode.OK:
            raise _error_from_status(call.code(), call.details() or "")
        return call


class _SharedContextClient(Client):
    """An HTTP client with the authorities that the process has read already."""

    def __init__(self, **options: Any) -> None:
        super().__init__(verify=system_ssl_context(), **options)


def _share_ssl_context() -> None:
    """Has Weaviate's client use that. It takes no context, and would read the authorities at every connect:
    15 ms of processor time, after a restore too."""
    weaviate.connect.v4.Client = _SharedContextClient  # type: ignore[attr-defined]


def _error_from_status(code: grpc.StatusCode, details: str) -> BackendError:
    if "tenant not found" in details:
        return TenantNotFound(BACKEND_NAME, "no such tenant")
    if "could not find class" in details:
        return NotFound(BACKEND_NAME, MISSING_COLLECTION_TEXT)
    problem = f"{code.name}: {details}"
    return (
        ERRORS_BY_STATUS_CODE[code](BACKEND_NAME, problem[:300])
        if code in ERRORS_BY_STATUS_CODE
        else error_from_problem(problem)
    )
