"""scripts/run --brief: one brief as its person sees it, and where the time went."""

from __future__ import annotations

import json

from tests.integration.test_run_command import NARROW_COLUMNS, run_on_terminal, run_piped


def test_a_brief_is_shown_as_one_object() -> None:
    """Its projects are written in parallel, each with its sources and its model, and it is said once."""
    code, output = run_piped("--brief", "--json")
    shown = json.loads(output)
    parts = [(one["name"], one["start_ms"], one["end_ms"]) for one in shown["parts"]]
    projects = [one for one in parts if one[0] in ("#general", "Tasks", "Leads", "Customers", "Approvals")]

    assert code == 0
    assert (shown["result"], shown["mode"], shown["schedule"]["queued"]) == ("delivered", "parallel", 1)
    assert "**Customers**\n- Eva: waits for a person" in shown["reply"]
    assert "Carla: Please book your travel" in shown["reply"]
    assert "slack:T0BUTLER" not in shown["reply"]
    assert len(projects) == 5
    assert max(start for _, start, _ in projects) < min(
        end for name, _, end in projects if name == "#general"
    )
    assert [name for name, *_ in parts].count("  model") == 3
    assert [parts[0][0], parts[1][0], parts[-1][0]] == ["schedule", "queue", "say"]
    assert shown["critical_path_ms"] <= shown["gather_ms"] < shown["serial_ms"] < 5_000


def test_a_brief_fits_a_narrow_terminal() -> None:
    """The brief first, then the waterfall and the figures."""
    code, output = run_on_terminal("--brief", "--latency=none", "--serial")

    assert code == 0
    assert output.index("Your brief for") < output.index("● schedule") < output.index("whole brief")
    assert max(map(len, output.splitlines())) <= NARROW_COLUMNS
