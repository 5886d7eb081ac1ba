"""The process in which one document is read: it holds no secret, and has limits of memory, time and files.

Takes a request on standard input and writes what it read to standard output, each time as one frame that
holds all so far. If the document ends this process, what was read before is not lost.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from repartee.errors import PayloadTooLarge, RequestRejected
from repartee.services.documents.extract import Extract, Extracted
from repartee.services.documents.frames import LENGTH_BYTES, Answer, Request, frame
from repartee.services.documents.reading import read_into

WATCH_SECONDS = 0.02
HEAVY_EXIT = 77
"""The exit code of a process that took more memory than it may."""

STATM = Path("/proc/self/statm")
"""Where Linux tells the pages of memory that a process holds. macOS has no such file."""


def main() -> None:
    """Reads one document."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    length = int.from_bytes(source.read(LENGTH_BYTES), "big")
    request = msgspec.msgpack.decode(source.read(length), type=Request)
    _limit(request)
    content = source.read()
    extract = Extract(
        request.seconds,
        on_checkpoint=lambda extracted: _write(target, _answer(extracted)),
        max_characters=request.max_characters,
    )
    try:
        kind = read_into(content, request.name, extract)
        answer = _answer(extract.extracted(), kind=kind, whole=True)
    except RequestRejected as refusal:
        answer = Answer(refusal=str(refusal), too_large=isinstance(refusal, PayloadTooLarge), whole=True)
    except MemoryError:
        answer = Answer(refusal="a document that takes more memory than there is", too_large=True, whole=True)
    _write(target, answer)
    os._exit(0)  # nothing is tidied up: a library may take long for that, or fall over it


def _answer(extracted: Extracted, kind: str = "", whole: bool = False) -> Answer:
    return Answer(
        kind=kind,
        text=extracted.text,
        parts=extracted.parts,
        cut=extracted.cut,
        pictures=extracted.pictures,
        whole=whole,
    )


def _write(target: BinaryIO, answer: Answer) -> None:
    target.write(frame(msgspec.msgpack.encode(answer)))
    target.flush()


def _limit(request: Request) -> None:
    """Bounds memory in two ways: by the kernel, where it can, and by a thread that looks (macOS)."""
    processor_seconds = int(request.seconds) + 3
    for which, most in (
        (resource.RLIMIT_DATA, request.memory_bytes),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))
    threading.Thread(target=_watch, args=(request.memory_bytes,), daemon=True).start()


def _watch(most_bytes: int) -> None:
    while _memory_bytes() < most_bytes:
        time.sleep(WATCH_SECONDS)
    os._exit(HEAVY_EXIT)


def _memory_bytes() -> int:
    """Returns what this process holds. Linux counts the parent's memory into the peak that `getrusage`
    tells."""
    try:
        return int(STATM.read_bytes().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
