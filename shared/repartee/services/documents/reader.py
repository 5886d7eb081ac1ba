"""Reads documents in processes of their own, so that none can take more memory or time than it may."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable

import msgspec

from repartee.errors import InvalidPayload, PayloadTooLarge
from repartee.plan import deadline
from repartee.ports import Document
from repartee.services.documents.extract import MAX_CHARACTERS, MAX_READ_SECONDS
from repartee.services.documents.frames import Answer, Request, answers, frame

MAX_PROCESS_BYTES = 320 * 2**20
"""Memory that the reading of one document may take."""

MAX_AT_ONCE = 2
"""Documents that are read at once in one process of ours: all documents together take no more than
`MAX_AT_ONCE * MAX_PROCESS_BYTES` besides the files themselves."""

MARGIN_SECONDS = 0.5
"""Seconds before the caller's own deadline at which what was read by then is handed over."""

GRACE_SECONDS = 1.0
"""Seconds that a process has for the page that it began before its time was over."""

SLOW = "a document that is too long to read: send the part that matters"
CROWDED = "a document for which there was no time beside the others: send it alone"
HEAVY = (
    "a document that takes more memory or time than there is: send the part that matters, or save it as PDF"
)
REST = "\n\n[the rest could not be read: it takes too much memory or time]"

_AT_ONCE = threading.BoundedSemaphore(MAX_AT_ONCE)
"""Held while a document is read, by whichever reader."""

COMMAND = (sys.executable, "-P", "-c", "from repartee.services.documents.child import main; main()")


class DocumentReader:
    """`ports.Documents` in child processes: nothing is sent anywhere, nothing is run, nothing is fetched."""

    def __init__(
        self,
        max_process_bytes: int = MAX_PROCESS_BYTES,
        clock: Callable[[], float] = time.monotonic,
        max_characters: int = MAX_CHARACTERS,
    ) -> None:
        self._max_process_bytes, self._clock = max_process_bytes, clock
        self._max_characters = max_characters

    def parse(self, content: bytes, name: str = "") -> Document:
        until = self._clock() + _seconds()
        if not _AT_ONCE.acquire(timeout=max(0.0, until - self._clock())):
            raise InvalidPayload(CROWDED)
        try:
            return _document(self._answer(content, name, until))
        finally:
            _AT_ONCE.release()

    def _answer(self, content: bytes, name: str, until: float) -> Answer:
        left = until - self._clock()
        if left <= 0:
            raise InvalidPayload(SLOW)
        seconds = min(MAX_READ_SECONDS, max(left - GRACE_SECONDS, left / 2))
        request = Request(
            name=name,
            seconds=seconds,
            memory_bytes=self._max_process_bytes,
            max_characters=self._max_characters,
        )
        process = subprocess.Popen(  # noqa: S603 - a fixed command
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        try:
            written, _ = process.communicate(frame(msgspec.msgpack.encode(request)) + content, left)
        except subprocess.TimeoutExpired:
            process.kill()
            written, _ = process.communicate()
        return _last(written)


def _last(written: bytes) -> Answer:
    """Returns the answer; of a process that came to no end, what it had read by then."""
    last = answers(written)
    if last is None or (not last.whole and not last.text):
        raise PayloadTooLarge(HEAVY)
    return (
        last
        if last.whole
        else msgspec.structs.replace(last, kind="a document", text=last.text + REST, cut=True)
    )


def _document(answer: Answer) -> Document:
    if answer.refusal:
        raise PayloadTooLarge(answer.refusal) if answer.too_large else InvalidPayload(answer.refusal)
    return Document(
        kind=answer.kind,
        text=answer.text,
        extent=answer.parts,
        truncated=answer.cut,
        pictures=answer.pictures,
    )


def _environment() -> dict[str, str]:
    """Returns what a process needs to start, and no credentials: where Python's own library and packages
    are."""
    return {
        "PYTHONPATH": ":".join(path for path in sys.path if path),
        "LD_LIBRARY_PATH": str(sysconfig.get_config_var("LIBDIR") or ""),
        "MALLOC_ARENA_MAX": "1",
        "PYTHONUTF8": "1",
    }


def _seconds() -> float:
    """Returns the seconds after which a process is ended, whatever it does."""
    left = deadline.remaining()
    most = MAX_READ_SECONDS + GRACE_SECONDS
    return most if left is None else max(0.0, min(most, left - MARGIN_SECONDS))
