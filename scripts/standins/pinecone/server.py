"""Stands in for a Pinecone index: its data plane over HTTP, with Pinecone's own limits, errors and delays.

It differs from Pinecone in that it compares with every vector of a namespace, and keeps nothing on a disk.
Limits and errors are those of the published API (2026-07): operation limits, metadata, log sequence numbers.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy

from standins import threaded_server
from standins.pinecone.filters import matches_filter
from standins.pinecone.limits import (
    MAX_CALLS_PER_SECOND,
    MAX_ID_CHARS,
    MAX_MATCHES,
    MAX_METADATA_BYTES,
    MAX_RESULT_BYTES,
    MAX_UPSERT_BYTES,
    MAX_UPSERT_RECORDS,
)
from standins.pinecone.responses import PineconeError, PineconeResponse, Record

KEY = "local-pinecone-standin"


class PineconeNamespace:
    """Records, and the log of writes that are not yet seen by readers."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.indexed = 0
        self.committed = 0
        self._log: deque[tuple[float, Callable[[dict[str, Record]], None]]] = deque()

    def append_write(self, seen_at: float, change: Callable[[dict[str, Record]], None]) -> int:
        """Takes a write that readers see from then on. Its number in the log."""
        self._log.append((seen_at, change))
        self.committed += 1
        return self.committed

    def apply_writes(self, now: float) -> None:
        while self._log and self._log[0][0] <= now:
            self._log.popleft()[1](self.records)
            self.indexed += 1


class PineconeStandIn:
    """One index. `delay` is how many seconds after a write readers see it. For many threads.

    `calls` has every call in order; `failing` holds what is answered instead, one a call.
    """

    def __init__(self, dimension: int, clock: Callable[[], float], delay: float = 0.0) -> None:
        self._dimension, self._clock, self.delay = dimension, clock, delay
        self._namespaces: dict[str, PineconeNamespace] = {}
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._operations: dict[tuple[str, str], Callable[[Record], PineconeResponse]] = {
            ("POST", "/vectors/upsert"): self._upsert,
            ("POST", "/query"): self._query,
            ("POST", "/vectors/delete"): self._delete,
            ("GET", "/vectors/list"): self._list_ids,
            ("POST", "/describe_index_stats"): self._describe,
            ("GET", "/namespaces"): self._list_namespaces,
            ("GET", "/vectors/fetch"): self._fetch_records,
        }
        self.calls: list[str] = []
        self.failing: list[PineconeResponse] = []

    def handle_call(
        self, method: str, path: str, key: str, arguments: Record, size: int = 0
    ) -> PineconeResponse:
        """Answers one request whose body or query is `arguments`."""
        with self._lock:
            self.calls.append(path)
            if self.failing:
                return self.failing.pop(0)
            operation = self._operations.get((method, path))
            try:
                if key != KEY:
                    raise PineconeError("Invalid API Key", 401, 16)
                if operation is None:
                    raise PineconeError("Not Found", 404, 5)
                if size > MAX_UPSERT_BYTES:
                    raise PineconeError(f"Request size {size} exceeds the limit of 2MB", 413, 11)
                self._check_rate(path, str(arguments.get("namespace", "")))
                return operation(arguments)
            except PineconeError as error:
                return error.answer

    def _check_rate(self, path: str, namespace: str) -> None:
        recent, now = self._recent[path, namespace], self._clock()
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= MAX_CALLS_PER_SECOND:
            raise PineconeError(f"Too many requests for namespace '{namespace}'", 429, 8)
        recent.append(now)

    def _fetch(self, arguments: Record) -> PineconeNamespace:
        namespace = self._namespaces.get(_namespace_name(arguments), PineconeNamespace())
        namespace.apply_writes(self._clock())
        return namespace

    def _describe(self, arguments: Record) -> PineconeResponse:
        """Counts what readers see of the index."""
        counts = {name: len(one.records) for name, one in self._namespaces.items()}
        return PineconeResponse({"dimension": self._dimension, "totalVectorCount": sum(counts.values())})

    def _upsert(self, arguments: Record) -> PineconeResponse:
        records = arguments.get("vectors", [])
        if not 1 <= len(records) <= MAX_UPSERT_RECORDS:
            raise PineconeError(f"Upsert takes 1 to {MAX_UPSERT_RECORDS} vectors, got {len(records)}")
        for record in records:
            self._check_record(record)
        new = {record["id"]: record for record in records}
        return self._record_write(arguments, lambda kept: kept.update(new), {"upsertedCount": len(records)})

    def _check_record(self, record: Record) -> None:
        if not (record["id"].isascii() and 1 <= len(record["id"]) <= MAX_ID_CHARS):
            raise PineconeError(f"Vector ID must be ASCII and 1 to {MAX_ID_CHARS} characters")
        self._check_vector(record["values"])
        if not any(record["values"]):
            raise PineconeError("Dense vectors must contain at least one non-zero value")
        metadata = record.get("metadata", {})
        size = len(json.dumps(metadata).encode())
        if size > MAX_METADATA_BYTES:
            raise PineconeError(
                f"Metadata size is {size} bytes, which exceeds the limit of {MAX_METADATA_BYTES} bytes"
            )
        for name, value in metadata.items():
            if not isinstance(value, str | bool | int | float | list):
                raise PineconeError(f"Metadata value must be a string, number, boolean or list, got {name}")

    def _check_vector(self, values: list[float]) -> None:
        if len(values) != self._dimension:
            raise PineconeError(
                f"Vector dimension {len(values)} does not match the dimension of the index {self._dimension}"
            )

    def _query(self, arguments: Record) -> PineconeResponse:
        if not 1 <= arguments.get("topK", 0) <= MAX_MATCHES:
            raise PineconeError(f"top_k must be between 1 and {MAX_MATCHES}")
        self._check_vector(arguments["vector"])
        namespace = self._fetch(arguments)
        found = [
            record
            for record in namespace.records.values()
            if matches_filter(record.get("metadata", {}), arguments.get("filter") or {})
        ]
        matches = [
            _format_match(record, score, arguments) for record, score in _rank_by_cosine(arguments, found)
        ]
        body = {
            "results": [],
            "matches": matches,
            "namespace": _namespace_name(arguments),
            "usage": {"readUnits": 1},
        }
        if len(json.dumps(body)) > MAX_RESULT_BYTES:
            raise PineconeError("Query result exceeds the limit of 4MB", 400, 11)
        return PineconeResponse(body, headers={"x-pinecone-max-indexed-lsn": str(namespace.indexed)})

    def _delete(self, arguments: Record) -> PineconeResponse:
        if _namespace_name(arguments) not in self._namespaces:
            raise PineconeError("Namespace not found", 404, 5)
        ids = arguments.get("ids", [])
        if len(ids) > MAX_UPSERT_RECORDS:
            raise PineconeError(f"Delete takes at most {MAX_UPSERT_RECORDS} ids, got {len(ids)}")
        if arguments.get("deleteAll"):
            return self._record_write(arguments, lambda kept: kept.clear(), {})
        return self._record_write(arguments, lambda kept: [kept.pop(id, None) for id in ids], {})

    def _list_ids(self, arguments: Record) -> PineconeResponse:
        limit = int(arguments.get("limit", 100))
        if not 1 <= limit <= 100:
            raise PineconeError("limit must be between 1 and 100")
        token = arguments.get("paginationToken", "")
        after = base64.b64decode(token).decode() if token else ""
        namespace, prefix = self._fetch(arguments), arguments.get("prefix", "")
        ids = sorted(id for id in namespace.records if id.startswith(prefix) and id > after)
        body: Record = {
            "vectors": [{"id": id} for id in ids[:limit]],
            "namespace": _namespace_name(arguments),
        }
        body["usage"] = {"readUnits": 1}
        if len(ids) > limit:
            body["pagination"] = {"next": base64.b64encode(ids[limit - 1].encode()).decode()}
        return PineconeResponse(body)

    def _list_namespaces(self, arguments: Record) -> PineconeResponse:
        named = {name: self._fetch({"namespace": name}) for name in sorted(self._namespaces)}
        found = [
            {"name": name, "record_count": str(len(one.records))}
            for name, one in named.items()
            if name.startswith(arguments.get("prefix", "")) and one.records
        ]
        return PineconeResponse({"namespaces": found, "total_count": len(found)})

    def _fetch_records(self, arguments: Record) -> PineconeResponse:
        ids, namespace = arguments.get("ids", []), self._fetch(arguments)
        if not 1 <= len(ids) <= MAX_UPSERT_RECORDS:
            raise PineconeError(f"Fetch takes 1 to {MAX_UPSERT_RECORDS} ids, got {len(ids)}")
        found = {id: namespace.records[id] for id in ids if id in namespace.records}
        body = {"vectors": found, "namespace": _namespace_name(arguments), "usage": {"readUnits": 1}}
        return PineconeResponse(body)

    def _record_write(
        self, arguments: Record, change: Callable[[dict[str, Record]], Any], body: Record
    ) -> PineconeResponse:
        namespace = self._namespaces.setdefault(_namespace_name(arguments), PineconeNamespace())
        number = namespace.append_write(self._clock() + self.delay, change)
        return PineconeResponse(body, headers={"x-pinecone-request-lsn": str(number)})


def _namespace_name(arguments: Record) -> str:
    return str(arguments.get("namespace", "")) or "__default__"


def _rank_by_cosine(arguments: Record, found: list[Record]) -> list[tuple[Record, float]]:
    """Returns the records that are closest to the vector by cosine, as the metric of the index says."""
    if not found:
        return []
    kept = numpy.array([record["values"] for record in found], "f4")
    query = numpy.array(arguments["vector"], "f4")
    scores = kept @ query / (numpy.linalg.norm(kept, axis=1) * (numpy.linalg.norm(query) or 1))
    best = numpy.argsort(-scores, kind="stable")[: arguments["topK"]]
    return [(found[i], float(scores[i])) for i in best]


def _format_match(record: Record, score: float, arguments: Record) -> Record:
    match: Record = {"id": record["id"], "score": score, "values": []}
    if arguments.get("includeValues"):
        match["values"] = record["values"]
    if arguments.get("includeMetadata"):
        match["metadata"] = record.get("metadata", {})
    return match


def serve_index(index: PineconeStandIn, port: int = 0) -> AbstractContextManager[str]:
    """Serves the index on 127.0.0.1, and says its host as the client takes it."""
    return threaded_server.serve_standin(index, _PineconeHandler, port)


class _PineconeHandler(threaded_server.StandInHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._respond(json.loads(body or b"{}"), len(body))

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self._respond({name: values if name == "ids" else values[-1] for name, values in query.items()})

    def _respond(self, arguments: Record, size: int = 0) -> None:
        path = urlsplit(self.path).path
        answer = self.standin.handle_call(
            self.command, path, self.headers.get("Api-Key", ""), arguments, size
        )
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Prints nothing."""
