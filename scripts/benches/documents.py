"""Compares what is recovered of documents that other programs wrote with markitdown, and the cost of each.

Words, numbers, order and tables are told in tests/data/documents.yaml. markitdown runs in an environment of
its own, made on first use. The hostile files are those of tests/support/hostile.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benches.recovered import MEASURES, Truth, recovered, truths
from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn
from repartee.errors import RequestRejected
from repartee.services.documents import DocumentReader
from repartee.services.documents.reader import MAX_AT_ONCE, MAX_PROCESS_BYTES
from support.caches import make_once
from support.environments import install_pins
from tests.support.hostile import BOMBS, Watched

PEERS = Path(__file__).parent / "peers"
PINS = PEERS / "markitdown.txt"

MAX_DOCUMENT_SECONDS = 1.5
"""Seconds for one of these documents, the start of the process included, at the median."""

MAX_DOCUMENT_MB = 120.0
"""Memory for one of these documents at most."""

MAX_TURN_MB = 800.0
"""Memory for all documents of a turn, hostile ones at once: a function has 1,769."""

MAX_HOSTILE_SECONDS = 8.5

Shares = Mapping[str, Mapping[str, float]]


class Cost(NamedTuple):
    """The cost of reading all documents."""

    median_ms: float
    worst_ms: float
    memory_mb: float


def measure() -> dict[str, Any]:
    """Returns all figures; a minute, and some more the first time."""
    known = truths()
    ours, our_cost = _ours(known)
    theirs, their_cost, import_ms = _theirs(known)
    hostile = _hostile()
    return {
        "documents": len(known),
        "recovered": {"repartee": ours, "markitdown": theirs},
        "repartee": our_cost._asdict(),
        "markitdown": {**their_cost._asdict(), "import_ms": round(import_ms, 1)},
        "hostile": hostile,
        "bars": [*_content_bars(ours, theirs), *_cost_bars(our_cost, hostile)],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    by = result["recovered"]
    rows = [
        (name, who, *(_percent(by[who][name].get(one)) for one in (*MEASURES, "unwanted")))
        for name in by["repartee"]
        for who in by
    ]
    costs = [(who, *(f"{value:.0f}" for value in list(result[who].values())[:3])) for who in by]
    hostile = [
        (one["name"], f"{one['seconds']:.1f}", f"{one['memory_mb']:.0f}")
        for one in result["hostile"]["files"]
    ]
    about = (
        f"{result['documents']} documents. markitdown is warm: it takes "
        f"{result['markitdown']['import_ms']:.0f} ms to import once. "
        "Ours starts a process for each document, which is counted."
    )
    return "\n\n".join(
        (
            drawn(("format", "by", *MEASURES, "unwanted"), rows),
            about,
            drawn(("", "ms, median", "ms, worst", "MB"), costs),
            drawn(("hostile file", "seconds", "MB"), hostile),
            f"{MAX_AT_ONCE + 3} greedy workbooks at once: {result['hostile']['together_mb']:.0f} MB",
            drawn(
                ("bar", "measured", "allowed", ""),
                [row for row in bar_rows(result) if row[3] != "met" or row[1] != "0"],
            ),
        )
    )


def _content_bars(ours: Shares, theirs: Shares) -> list[dict[str, Any]]:
    """Nothing may be missing, nothing unwanted be there, and nothing be read worse than markitdown reads
    it."""
    bars = []
    for name, shares in ours.items():
        bars += [
            check_bar(f"{name}: share of {one} missed", 1 - shares[one], 0.0)
            for one in MEASURES
            if one in shares
        ]
        bars += [check_bar(f"{name}: unwanted phrases", shares["unwanted"], 0.0)]
        behind = (theirs[name].get(one, 0.0) - shares[one] for one in MEASURES if one in shares)
        bars.append(check_bar(f"{name}: behind markitdown", max(0.0, *behind), 0.0))
    return bars


def _cost_bars(cost: Cost, hostile: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        check_bar("seconds a document, median", cost.median_ms / 1000, MAX_DOCUMENT_SECONDS),
        check_bar("MB a document, most", cost.memory_mb, MAX_DOCUMENT_MB),
        check_bar(
            "MB of a hostile file, most",
            max(one["memory_mb"] for one in hostile["files"]),
            MAX_TURN_MB / MAX_AT_ONCE,
        ),
        check_bar(
            "seconds of a hostile file, most",
            max(one["seconds"] for one in hostile["files"]),
            MAX_HOSTILE_SECONDS,
        ),
        check_bar("MB of greedy workbooks at once", hostile["together_mb"], MAX_TURN_MB),
        check_bar("MB that are promised", MAX_AT_ONCE * MAX_PROCESS_BYTES / 1e6, MAX_TURN_MB),
    ]


def _ours(known: Sequence[Truth]) -> tuple[Shares, Cost]:
    texts, took = [], []
    with Watched() as watched:
        for truth in known:
            began = time.perf_counter()
            texts.append(_text(truth.path.read_bytes(), truth.path.name))
            took.append((time.perf_counter() - began) * 1000)
    return _by_format(known, texts), Cost(median(took), max(took), watched.peak_bytes / 1e6)


def _theirs(known: Sequence[Truth]) -> tuple[Shares, Cost, float]:
    print("Preparing markitdown", file=sys.stderr, flush=True)
    name = f"bench-markitdown-{hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:12]}"
    python = make_once(name, lambda folder: install_pins(folder, PINS)) / "bin" / "python"
    paths = json.dumps([str(truth.path) for truth in known])
    command = [str(python), str(PEERS / "with_markitdown.py")]
    done = subprocess.run(
        command, input=paths, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"markitdown could not be measured:\n{done.stderr[-2000:]}")
    figures = json.loads(done.stdout.splitlines()[-1])
    took = [one["ms"] for one in figures["read"] if not one["error"]]
    shares = _by_format(known, [one["text"] for one in figures["read"]])
    return shares, Cost(median(took), max(took), figures["memory_mb"]), figures["import_ms"]


def _by_format(known: Sequence[Truth], texts: Iterable[str]) -> Shares:
    """Returns the mean over a format's documents, of each measure that one of them has."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for truth, text in zip(known, texts, strict=True):
        for name, share in recovered(truth, text).items():
            found[truth.format][name].append(share)
    return {
        kind: {name: round(sum(values) / len(values), 4) for name, values in shares.items()}
        for kind, shares in found.items()
    }


def _hostile() -> dict[str, Any]:
    files = []
    for name, make in BOMBS.items():
        content, began = make(), time.perf_counter()
        with Watched() as watched:
            _text(content, "")
        took = time.perf_counter() - began
        files.append(
            {"name": name, "seconds": round(took, 2), "memory_mb": round(watched.peak_bytes / 1e6, 1)}
        )
    greedy = BOMBS["a row of millions of cells"]()
    with Watched() as watched, ThreadPoolExecutor(MAX_AT_ONCE + 3) as pool:
        list(pool.map(lambda content: _text(content, ""), [greedy] * (MAX_AT_ONCE + 3)))
    return {"files": files, "together_mb": round(watched.peak_bytes / 1e6, 1)}


def _text(content: bytes, name: str) -> str:
    try:
        return DocumentReader().parse(content, name).text
    except RequestRejected:
        return ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}" if share <= 1 else f"{share:g}"
