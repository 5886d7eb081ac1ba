"""The load bench compares the memory of processes of one age."""

from __future__ import annotations

from benches.load_test.function_workers import MemorySample
from benches.load_test.memory_figures import check_memory, describe_memory


def grow(calls: int, per_call: float) -> list[MemorySample]:
    """Samples a process that loads 40 MB with its first calls, and so much with each after them."""
    return [MemorySample(at, 60.0 + min(at, 40) + max(0, at - 40) * per_call) for at in range(calls)]


def test_what_a_process_loads_at_first_is_no_growth() -> None:
    """Processes that replace killed ones are young: they would look like growth, or hide it."""
    memory = describe_memory([grow(850, 0.0), *(grow(20, 0.0) for _ in range(50))])

    (bar,) = check_memory("run", memory)

    assert list(memory["by_calls"]) == ["0", "10", "50", "100", "200", "400", "800"]
    assert memory["by_calls"]["10"] < memory["by_calls"]["50"] == memory["by_calls"]["800"]
    assert (bar["value"], bar["met"]) == (1.0, True)


def test_a_process_that_goes_on_growing_misses_the_bar() -> None:
    """However many young ones are beside it."""
    memory = describe_memory([grow(850, 0.05), *(grow(20, 0.0) for _ in range(50))])

    (bar,) = check_memory("run", memory)

    assert not bar["met"]


def test_processes_that_did_not_get_old_are_not_judged() -> None:
    """A short run has no warm ones to compare."""
    assert check_memory("run", describe_memory([grow(450, 1.0)])) == []
    assert check_memory("run", describe_memory([])) == []
