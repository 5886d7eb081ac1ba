"""What scripts/cost prices: a month of silence as the documents name it, and a reminder."""

from __future__ import annotations

import re
import tomllib

from operations import cost
from operations.aws_usage import measure_one_turn, measure_schedule
from operations.console_usage import measure_console_page
from operations.web_usage import measure_live_look
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


def test_the_console_is_on_the_bill() -> None:
    """A page of the console is a request, the seconds of its function and what it reads: the sums of a day
    and the session, no more."""
    prices = tomllib.loads(cost.PRICES_FILE.read_text())
    memory = cost.function_megabytes(cost.TEMPLATE.read_text())
    taken = measure_console_page("health")
    lines = cost.bill_of_turns(taken, prices, memory, "arm64")
    bill = {service: (what, dollars) for service, what, dollars in lines}

    assert list(taken.seconds) == ["console"]
    assert bill["API Gateway"] == ("1 request", 1.0)
    assert bill["Lambda"][0].endswith(f"with {memory['console']} MB")
    assert 5 <= taken.calls["dynamodb_read"] <= 150
    assert taken.calls["dynamodb_write"] == 0


def test_the_jobs_of_operators_are_on_the_bill() -> None:
    """The seconds of their function and what it reads and writes, of the checks and of an export."""
    prices = tomllib.loads(cost.PRICES_FILE.read_text())
    memory = cost.function_megabytes(cost.TEMPLATE.read_text())
    lines = list(cost.bill_of_operator_jobs(prices, memory, "arm64"))

    assert [what.split(":")[0] for _, what, _ in lines] == list(cost.OPERATOR_JOBS.values())
    assert all(f"with {memory['operatorjob']} MB" in what for _, what, _ in lines)
    assert all(dollars > 0 for _, _, dollars in lines)


def test_a_reminder_has_its_own_bill() -> None:
    """Its function, its queue and its writes; no request of the API and no model's function."""
    prices = tomllib.loads(cost.PRICES_FILE.read_text())
    lines = list(cost.bill_of_reminders(prices, {"remind": 1024}, "arm64"))
    named = [(service, what.split(":")[0]) for service, what, _ in lines]

    assert ("Lambda", "remind") in named
    assert [service for service, _ in named] == ["Lambda", "SQS", "DynamoDB", "DynamoDB", "CloudWatch"]
    assert all(dollars > 0 for _, _, dollars in lines)


def test_an_open_page_is_on_the_bill() -> None:
    """A look is two reads and no write, milliseconds of its function and no request of the API; to hold a
    Lambda for each page costs dozens of times as much, and the page about the web says so."""
    prices = tomllib.loads(cost.PRICES_FILE.read_text())
    memory = cost.function_megabytes(cost.TEMPLATE.read_text())
    taken = measure_live_look()
    lines = list(cost.bill_of_open_pages(prices, memory, "arm64"))
    idle, silent, busy, held = (dollars for _, _, dollars in lines)

    assert list(taken.seconds) == ["stream"]
    assert {name: number for name, number in taken.calls.items() if number} == {"dynamodb_read": 2}
    assert 0 < idle < silent < busy < held / 40
    named = re.search(r"about (\d+) dollars for a thousand hours", (ROOT / "docs/web.md").read_text())
    assert named
    assert abs(int(named[1]) - held) < 2
