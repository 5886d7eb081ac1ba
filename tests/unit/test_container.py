"""The container of a process's parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from repartee import wiring
from repartee.wiring import Wiring, part, process
from repartee.wiring.functions import sweep
from tests.support.memory_handlers import MemoryWiring

ROOT = Path(__file__).parents[2]


@part
def number(wiring: Wiring) -> list[int]:
    return [1]


@part
def doubled(wiring: Wiring) -> list[int]:
    return [one * 2 for one in wiring.get(number)]


def test_a_part_is_made_once_when_it_is_asked_for() -> None:
    """What needs it is given the same one."""
    made = Wiring({})

    assert not made.has_made(number)
    assert made.get(doubled) == [2]
    assert made.has_made(number)
    assert made.get(number) is made.get(number)


def test_a_replaced_part_is_given_to_those_that_need_it() -> None:
    """A test replaces a port, and can wrap the original."""
    made = Wiring({})

    made.replace(number, lambda wiring: [*number.make(wiring), 5])

    assert made.get(doubled) == [2, 10]


def test_a_part_that_was_made_is_not_replaced() -> None:
    """Others may hold it: the mistake is told with the part's name."""
    made = Wiring({})
    made.get(number)

    with pytest.raises(RuntimeError, match=r"number.* was made already"):
        made.replace(number, lambda wiring: [2])


def test_each_process_has_parts_of_its_own() -> None:
    """Nothing is shared between two wirings."""
    assert Wiring({}).get(number) is not Wiring({}).get(number)


def test_a_restored_process_makes_its_parts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a snapshot clients, settings and secrets are new; of AWS's clients the connections are."""
    frozen = MemoryWiring()
    renewed_connections: list[str] = []
    clients: Any = SimpleNamespace(
        with_new_connections=lambda: (renewed_connections.append("new"), clients)[1],  # type: ignore[func-returns-value]
        get_client=lambda service: service,
    )
    frozen.put(process.aws_clients, clients)
    monkeypatch.setattr(wiring, "_current_wiring", [frozen])
    monkeypatch.setenv("RECORDS_TABLE", "Restored")
    monkeypatch.setenv("WAKES_QUEUE_URL", "http://127.0.0.1/wakes")
    before = frozen.get(process.settings)

    wiring._after_restore(sweep)

    restored = wiring.current_wiring()
    assert restored is not frozen
    assert renewed_connections == ["new"]
    assert restored.get(process.aws_clients) is clients
    assert restored.get(process.settings) is not before
    assert restored.get(process.settings).records_table == "Restored"
    assert restored.has_made(sweep)


def test_a_function_loads_only_what_it_uses() -> None:
    """The start of a webhook imports no model, assistant or messages store, and no channel before its first
    request."""
    script = (
        "import sys, repartee.wiring.functions as functions\n"
        "from repartee.wiring import Wiring\n"
        "wiring = Wiring({'SLACK_SIGNING_SECRET': 's', 'RECORDS_TABLE': 'R', 'WAKES_QUEUE_URL': 'u'"
        "})\n"
        "wiring.make_parts(functions.webhook)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('repartee.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "shared"), "AWS_DEFAULT_REGION": "eu-central-1"},
    )

    loaded = done.stdout.split()
    assert "repartee.intake.webhook" in loaded
    unused = ("channels", "assistants", "turn", "services", "privacy", "stores.sqlite", "stores.weaviate")
    assert [name for name in loaded if name.removeprefix("repartee.").startswith(unused)] == []
