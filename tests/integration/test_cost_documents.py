"""What the documents say that a month of silence costs is what scripts/cost prices."""

from __future__ import annotations

import re
import tomllib

from operations import cost
from operations.aws_usage import measure_one_turn, measure_schedule
from tests.support.document_commands import ROOT


def test_the_documents_name_the_bill_of_a_silent_month() -> None:
    """Alarms, metrics and the schedule of briefs are paid for while nobody says anything: the README and the
    page of operations name the sum, in whole dollars."""
    prices, template = tomllib.loads(cost.PRICES_FILE.read_text()), cost.TEMPLATE.read_text()
    schedule = measure_schedule()
    metrics = measure_one_turn().metrics + schedule.metrics
    lines = [
        *cost.bill_of_month(prices, cost.count_alarm_metrics(template), metrics),
        cost.bill_of_schedule(schedule, prices, {"briefschedule": 1024}, "arm64"),
    ]
    dollars = f"{sum(line[2] for line in lines):.0f}"

    for page in ("README.md", "docs/operations.md"):
        named = re.search(r"(\d+) for a month in which nobody says anything", (ROOT / page).read_text())
        assert named, page
        assert named[1] == dollars, page
