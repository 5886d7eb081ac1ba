"""One Pinecone index, addressed by its host: with our deadlines, without the client's retries, in our errors.

A timeout of this client bounds the silence between two parts of an answer. So an answer that trickles may
take longer than its deadline; the step that waits for it is given up by its plan all the same.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pinecone import Index
from pinecone._internal.config import RetryConfig
from pinecone._internal.constants import DATA_PLANE_API_VERSION
from pinecone._internal.http_client import HTTPClient
from pinecone.errors import (
    ForbiddenError,
    NotFoundError,
    PineconeConnectionError,
    PineconeError,
    PineconeTimeoutError,
    RateLimitError,
    ServiceError,
    UnauthorizedError,
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
from repartee.ports import Vector

BACKEND_NAME = "pinecone"

DEFAULT_TIMEOUT_SECONDS = 10.0
"""Seconds of silence that a call may meet where there is no deadline."""

MAX_UPSERT_BYTES = 1_800_000
"""Bytes of one upsert. Pinecone takes 2 MB, and 1,000 records."""

MAX_BYTES_PER_NUMBER = 23
"""The most that a vector's number takes as JSON, with its comma."""

MAX_IDS_PER_REQUEST = 20
"""Ids in one fetch: they are part of its address, and each may have 512 characters."""

MAX_IDS_PER_DELETE = 1000
"""Ids in one delete, by Pinecone's limit."""

ERRORS_BY_EXCEPTION: dict[type[PineconeError], type[BackendError]] = {
    UnauthorizedError: PermissionDenied,
    ForbiddenError: PermissionDenied,
    NotFoundError: NotFound,
    ServiceError: Unavailable,
    PineconeTimeoutError: DeadlineExceeded,
    PineconeConnectionError: Unavailable,
}

PineconeRecord = Mapping[str, Any]


class PineconeIndex:
    """An index whose metric is cosine. May be used from many threads."""

    def __init__(self, host: str, api_key: str, connections: int = 32) -> None:
        self._index = Index(host=host, api_key=api_key, connection_pool_maxsize=connections)
        _disable_retries(self._index)
        logging.getLogger("pinecone").setLevel(logging.WARNING)

    def query(self, namespace: str, vector: Vector, limit: int, where: PineconeRecord | None = None) -> Any:
        """Returns the answer to a query, with the records' metadata and without their vectors."""
        with translate_errors():
            return self._index.query(
                vector=list(vector),
                top_k=limit,
                namespace=namespace,
                filter=dict(where) if where else None,
                include_metadata=True,
                timeout=_timeout_seconds(),
            )

    def upsert(self, namespace: str, records: Sequence[PineconeRecord]) -> int | None:
        """Writes the records in as few requests as the limits allow. Where in the namespace's log the last of
        them is, if the index says so."""
        position = None
        for some in _split_into_requests(records):
            with translate_errors():
                answer = self._index.upsert(vectors=some, namespace=namespace, timeout=_timeout_seconds())
            position = answer.response_info.lsn_committed if answer.response_info else None
        return position

    def delete(self, namespace: str, ids: Iterable[str]) -> None:
        rest = iter(ids)
        while some := list(islice(rest, MAX_IDS_PER_DELETE)):
            with translate_errors(), _ignore_missing_namespace():
                self._index.delete(ids=some, namespace=namespace, timeout=_timeout_seconds())

    def delete_all(self, namespace: str) -> None:
        with translate_errors(), _ignore_missing_namespace():
            self._index.delete(delete_all=True, namespace=namespace, timeout=_timeout_seconds())

    def list_ids(self, namespace: str) -> Iterator[str]:
        token: str | None = None
        while True:
            with translate_errors():
                page = self._index.list_paginated(
                    namespace=namespace, limit=100, pagination_token=token, timeout=_timeout_seconds()
                )
            yield from (one.id for one in page.vectors if one.id)
            token = page.pagination.next if page.pagination else None
            if not token:
                return

    def fetch_all(self, namespace: str) -> Iterator[Any]:
        """Yields every record of a namespace, with its metadata and vector."""
        ids = self.list_ids(namespace)
        while some := list(islice(ids, MAX_IDS_PER_REQUEST)):
            with translate_errors():
                page = self._index.fetch(ids=some, namespace=namespace, timeout=_timeout_seconds())
            yield from page.vectors.values()

    def list_namespaces(self, prefix: str) -> Iterator[str]:
        """Yields the names of all namespaces that begin so."""
        with translate_errors():
            for page in self._index.list_namespaces(prefix=prefix):
                yield from (one.name for one in page.namespaces)

    def close(self) -> None:
        self._index.close()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns the client's errors into ours."""
    try:
        yield
    except RateLimitError as error:
        raise Throttled(BACKEND_NAME, error.message[:200], retry_after=error.retry_after) from error
    except PineconeError as error:
        kind = next(
            (ours for theirs, ours in ERRORS_BY_EXCEPTION.items() if isinstance(error, theirs)),
            InvalidArgument,
        )
        raise kind(BACKEND_NAME, f"{type(error).__name__}: {error.message[:200]}") from error


@contextmanager
def _ignore_missing_namespace() -> Iterator[None]:
    """Ignores that a namespace without records does not exist: deleting from it is no error."""
    try:
        yield
    except NotFoundError as error:
        if "namespace" not in error.message.lower():
            raise


def _timeout_seconds() -> float:
    left = deadline.remaining()
    if left is not None and left <= 0:
        raise DeadlineExceeded(BACKEND_NAME, "no time left")
    return DEFAULT_TIMEOUT_SECONDS if left is None else min(left, DEFAULT_TIMEOUT_SECONDS)


def _split_into_requests(records: Sequence[PineconeRecord]) -> Iterator[list[Any]]:
    """Yields the records, in lists that each fit in a request."""
    some: list[Any] = []
    size = 0
    for record in records:
        bytes_ = len(record["values"]) * MAX_BYTES_PER_NUMBER + len(repr(record["metadata"]).encode()) + 200
        if some and (size + bytes_ > MAX_UPSERT_BYTES or len(some) == MAX_IDS_PER_DELETE):
            yield some
            some, size = [], 0
        some.append(record)
        size += bytes_
    if some:
        yield some


def _disable_retries(index: Index) -> None:
    """The client retries three times and sleeps as long as the server says; our plans retry in their time. An
    index by its host takes no policy, so its transport is made anew with one."""
    config = dataclasses.replace(index._config, retry_config=RetryConfig(max_retries=0))  # noqa: SLF001
    index._http.close()  # noqa: SLF001
    index._http = HTTPClient(config, DATA_PLANE_API_VERSION)  # noqa: SLF001
