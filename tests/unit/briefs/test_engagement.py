"""The documents' table of how often briefs come is the one that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from repartee.domain.engagement import choose_frequency

PAGE = Path(__file__).parents[3] / "docs" / "briefs.md"
ROWS = {
    "on every due day": "every due day",
    "every second day at the most": "every second day",
    "once a week at the most": "weekly",
    "as the question whether to stop": "asked",
    "not any more, until the person answers or returns": "paused",
}


def test_the_table_is_the_functions() -> None:
    """Each row's numbers, from its first to its last."""
    rows = re.findall(r"^\| (\d+)(?: to (\d+)| and more)? \| (.+) \|$", PAGE.read_text(), re.MULTILINE)

    assert [ROWS[told] for _, _, told in rows] == list(ROWS.values())
    covered: list[int] = []
    for first, last, told in rows:
        counts = range(int(first), int(last or first) + 1)
        covered += counts
        assert {choose_frequency(count) for count in counts} == {ROWS[told]}
    assert covered == list(range(14))
    assert choose_frequency(400) == "paused"
