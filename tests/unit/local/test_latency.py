"""Injected latencies wait as a distant store would, and no longer than a step may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local import latency
from local.latency import Latencies, Slowed
from repartee.errors import Late
from repartee.plan import deadline


class Store:
    def near(self) -> str:
        return "near"

    def far(self) -> str:
        return "far"


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def latencies(waited: list[float]) -> Latencies:
    return Latencies({"store.far": 0.4}, sleep=waited.append)


def test_slowed(latencies: Latencies, waited: list[float]) -> None:
    """A call waits as long as is said for it, others not at all."""
    store = Slowed("store", Store(), latencies)

    assert (store.near(), store.far()) == ("near", "far")
    assert waited == [0.4]


def test_deadline(latencies: Latencies, waited: list[float]) -> None:
    """A call that would take longer than its deadline is late when that ends."""
    with deadline.within(0.1), pytest.raises(Late):
        latencies.wait("store.far")

    assert waited[0] <= 0.1


def test_counted(latencies: Latencies, waited: list[float]) -> None:
    """Where latencies are counted, nobody waits."""
    with latencies.counted() as count:
        latencies.wait("store.far")
        latencies.wait("store.far")
        first, second = count(), count()

    assert (first, second, waited) == (0.8, 0.0, [])


def test_chosen(tmp_path: Path) -> None:
    """Latencies may come from a file, in milliseconds by call."""
    file = tmp_path / "latency.json"
    file.write_text(json.dumps({"messages.newest": 250}))

    assert latency.chosen(str(file)).of("messages.newest") == 0.25
    assert latency.chosen("none").of("messages.newest") == 0.0
    assert latency.chosen("seed").of("messages.newest") == 0.6


def test_unknown_call(tmp_path: Path) -> None:
    """A call that cannot be slowed is named, with those that can."""
    file = tmp_path / "latency.json"
    file.write_text(json.dumps({"messages.oldest": 250}))

    with pytest.raises(ValueError, match=r"messages\.oldest cannot be slowed; these can: .*messages\.newest"):
        latency.chosen(str(file))
