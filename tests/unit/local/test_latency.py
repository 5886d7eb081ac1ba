"""Injected latencies wait as a distant store would, and no longer than a step may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local import latency
from local.latency import InjectedLatencies, SlowPort
from repartee.errors import DeadlineExceeded
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
def latencies(waited: list[float]) -> InjectedLatencies:
    return InjectedLatencies({"store.far": 0.4}, sleep=waited.append)


def test_slowed(latencies: InjectedLatencies, waited: list[float]) -> None:
    """A call waits as long as is said for it, others not at all."""
    store = SlowPort("store", Store(), latencies)

    assert (store.near(), store.far()) == ("near", "far")
    assert waited == [0.4]


def test_deadline(latencies: InjectedLatencies, waited: list[float]) -> None:
    """A call that would take longer than its deadline is late when that ends."""
    with deadline.limited_to(0.1), pytest.raises(DeadlineExceeded):
        latencies.wait_for_call("store.far")

    assert waited[0] <= 0.1


def test_counted(latencies: InjectedLatencies, waited: list[float]) -> None:
    """Where latencies are counted, nobody waits."""
    with latencies.record_without_waiting() as count:
        latencies.wait_for_call("store.far")
        latencies.wait_for_call("store.far")
        first, second = count(), count()

    assert (first, second, waited) == (0.8, 0.0, [])


def test_chosen(tmp_path: Path) -> None:
    """Latencies may come from a file, in milliseconds by call."""
    file = tmp_path / "latency.json"
    file.write_text(json.dumps({"messages.list_newest": 250}))

    assert latency.load_latencies(str(file)).latency_of("messages.list_newest") == 0.25
    assert latency.load_latencies("none").latency_of("messages.list_newest") == 0.0
    assert latency.load_latencies("seed").latency_of("messages.list_newest") == 0.6


def test_unknown_call(tmp_path: Path) -> None:
    """A call that cannot be slowed is named, with those that can."""
    file = tmp_path / "latency.json"
    file.write_text(json.dumps({"messages.oldest": 250}))

    with pytest.raises(
        ValueError, match=r"messages\.oldest cannot be slowed; these can: .*messages\.list_newest"
    ):
        latency.load_latencies(str(file))


def test_a_mistyped_name_is_suggested() -> None:
    """What is neither a name nor a file gets the names."""
    with pytest.raises(ValueError, match=r"sede is no file\. Did you mean seed\? There are: none, seed\."):
        latency.load_latencies("sede")
