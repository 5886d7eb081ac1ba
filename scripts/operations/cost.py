"""The command scripts/cost: what a million turns cost, from one that is measured and a list of prices."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from benches.support.tables import render_table
from support.commands import run_command
from support.suggestions import CommandParser

if TYPE_CHECKING:
    from operations.aws_usage import AwsUsage
    from repartee.ports.operator_jobs import JobKind

PRICES_FILE = Path(__file__).with_name("prices.toml")
TEMPLATE = Path(__file__).parents[2] / "template.yaml"
TURN_COUNT = 1_000_000
PAGE_HOURS = 1000
JOB_COUNT = 1000
SCHEDULES_PER_MONTH = 30 * 24 * 12
"""Runs of the schedule of briefs: one every five minutes."""

DESCRIPTION = """Answers a mention on the local stack, and prices what it takes of AWS by AWS's public list.

Latencies of distant stores are injected and the model writes as fast as a real one, so that the seconds of
the functions are those that would be paid. The model itself, Weaviate and Pinecone are other people's bills.
"""

OPERATOR_JOBS: dict[JobKind, str] = {
    "checks": "the checks of the services",
    "export": "an export of a person's data",
}
"""The jobs of operators that are priced, by the names in the bill. An erasure reads as an export does."""

CONSOLE_PAGES = {"health": "Health of a day", "conversations": "a list of conversations"}
"""The pages of the console that are priced, with what the bill calls them."""

BillLine = tuple[str, str, float]
"""A line of the bill: the service, what of it, and dollars for a million turns."""


def bill_of_turns(
    taken: Any, prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields the lines of a million turns' bill, from what one of them took."""
    unit, calls = prices["unit"], taken.calls
    yield "API Gateway", "1 request", unit["api_request"] * TURN_COUNT
    for name, seconds in taken.seconds.items():
        gigabytes = memory[name] / 1024
        price = unit["lambda_request"] + unit[f"lambda_gb_second_{architecture}"] * seconds * gigabytes
        yield "Lambda", f"{name}: {seconds:.2f} s with {memory[name]} MB", price * TURN_COUNT
    queue = sum(number for call, number in calls.items() if call.startswith("sqs:"))
    yield "SQS", f"{queue} requests", unit["sqs_request"] * queue * TURN_COUNT
    for kind in ("write", "read"):
        number = calls[f"dynamodb_{kind}"]
        yield "DynamoDB", f"{number} {kind} units", unit[f"dynamodb_{kind}"] * number * TURN_COUNT
    yield "CloudWatch", f"{taken.logged} bytes of logs", unit["log_gb"] * taken.logged / 1e9 * TURN_COUNT


def bill_of_desk(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a million answers of a desk without documents cost, and what their two events for one
    receiver cost besides: the function that sends them, and the calls that are more."""
    from operations.aws_usage import measure_desk_turn

    alone, told = measure_desk_turn(has_receiver=False), measure_desk_turn(has_receiver=True)
    dollars = sum(cost for _, _, cost in bill_of_turns(alone, prices, memory, architecture))
    yield "AWS", "answers, without documents", dollars
    lines = bill_of_jobs(subtract_usage(told, alone), prices, memory, architecture)
    yield from ((service, f"events for one receiver: {what}", cost) for service, what, cost in lines)


def bill_of_briefs(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a million briefs of five projects cost, and what their mails cost besides."""
    from operations.aws_usage import measure_brief

    alone, mailed = measure_brief(by_email=False), measure_brief(by_email=True)
    yield from bill_of_jobs(alone, prices, memory, architecture)
    lines = bill_of_jobs(subtract_usage(mailed, alone), prices, memory, architecture)
    yield from ((service, f"by e-mail too: {what}", cost) for service, what, cost in lines)
    mails = mailed.calls["sesv2:SendEmail"]
    yield "SES", f"by e-mail too: {mails} mail", prices["unit"]["ses_mail"] * mails * TURN_COUNT


def bill_of_console(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a million pages of the console cost, a line for all that one of each kind takes."""
    from operations.console_usage import measure_console_page

    for page, title in CONSOLE_PAGES.items():
        taken = measure_console_page(page)
        lines = bill_of_turns(taken, prices, memory, architecture)
        reads, seconds = taken.calls["dynamodb_read"], taken.seconds["console"]
        what = f"{title}: 1 request, {seconds:.2f} s with {memory['console']} MB, {reads} read units"
        yield "AWS", what, sum(dollars for _, _, dollars in lines)


def bill_of_operator_jobs(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a thousand jobs of operators cost, a line for all that one of each kind takes."""
    from operations.console_usage import measure_operator_job

    for kind, title in OPERATOR_JOBS.items():
        taken = measure_operator_job(kind)
        lines = bill_of_jobs(taken, prices, memory, architecture)
        reads, seconds = taken.calls["dynamodb_read"], taken.seconds["operatorjob"]
        what = f"{title}: {seconds:.2f} s with {memory['operatorjob']} MB, {reads} read units"
        yield "AWS", what, sum(dollars for _, _, dollars in lines) * JOB_COUNT / TURN_COUNT


def bill_of_reminders(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a million reminders cost: the order is a turn like others, and is not counted here."""
    from operations.aws_usage import measure_reminder

    yield from bill_of_jobs(measure_reminder(), prices, memory, architecture)


def bill_of_open_pages(
    prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Iterator[BillLine]:
    """Yields what a thousand hours of a customer's open page cost: by short requests, seldom while the
    assistant has the conversation and often while a person writes; and by requests that wait, each of which
    holds a Lambda."""
    from operations.web_usage import HOUR_SECONDS, count_looks, measure_live_look
    from repartee.channels.web.live_follower import MAX_LOOK_SECONDS
    from repartee.domain.handover import Handover

    taken = measure_live_look()
    look = sum(cost for _, _, cost in bill_of_jobs(taken, prices, memory, architecture)) / TURN_COUNT
    person = Handover(id="h", state="person")
    for what, number in (
        ("the assistant has it", count_looks(Handover())),
        ("a person has it, and is silent", count_looks(person)),
        ("a person has it, and a message comes each minute", count_looks(person, 60.0)),
    ):
        yield "AWS", f"{what}: {number} looks an hour", look * number * PAGE_HOURS
    reads = prices["unit"]["dynamodb_read"] * taken.calls["dynamodb_read"] * HOUR_SECONDS / MAX_LOOK_SECONDS
    held = prices["unit"][f"lambda_gb_second_{architecture}"] * HOUR_SECONDS * memory["stream"] / 1024
    yield "AWS", "with WEB_LIVE_WAIT, in any case: a Lambda all the time", (held + reads) * PAGE_HOURS


def subtract_usage(more: AwsUsage, less: AwsUsage) -> AwsUsage:
    """Returns what one run took besides another: its further functions, and the calls and logs that are
    more."""
    return replace(
        more,
        calls=more.calls - less.calls,
        seconds={name: more.seconds[name] for name in more.seconds if name not in less.seconds},
        logged=max(0, more.logged - less.logged),
    )


def bill_of_jobs(
    taken: AwsUsage, prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> Sequence[BillLine]:
    """Returns the lines of a million jobs from a queue: those of a turn, without a webhook's request."""
    _, *lines = bill_of_turns(taken, prices, memory, architecture)
    return lines


def bill_of_schedule(
    taken: AwsUsage, prices: Mapping[str, Any], memory: Mapping[str, int], architecture: str
) -> BillLine:
    """Returns what the schedule of briefs costs in a month in which none is due, from one run of it."""
    million = sum(cost for _, _, cost in bill_of_jobs(taken, prices, memory, architecture))
    invoked = prices["unit"]["schedule_invocation"]
    dollars = (million / TURN_COUNT + invoked) * SCHEDULES_PER_MONTH
    return "AWS", f"the schedule of briefs, {SCHEDULES_PER_MONTH:,} times", dollars


def bill_of_month(prices: Mapping[str, Any], alarms: int, metrics: int) -> Iterator[BillLine]:
    """Yields the bill of a month without any message, but for the schedule's runs. An alarm is paid for each
    metric that it looks at."""
    month = prices["month"]
    yield "CloudWatch", f"{alarms} metrics that alarms look at", month["alarm"] * alarms
    yield "CloudWatch", f"{metrics} metrics (one assistant, one channel, one mode)", month["metric"] * metrics
    yield "CloudWatch", "1 dashboard", month["dashboard"]
    yield "Secrets Manager", "1 secret", month["secret"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    from operations.aws_usage import measure_one_turn, measure_schedule

    prices = tomllib.loads(PRICES_FILE.read_text())
    text = TEMPLATE.read_text()
    memory, alarms = function_megabytes(text), count_alarm_metrics(text)
    taken = measure_one_turn({"MESSAGES_TABLE": "Messages"} if options.messages_table else {})
    lines = list(bill_of_turns(taken, prices, memory, options.architecture))
    desk = list(bill_of_desk(prices, memory, options.architecture))
    briefs = list(bill_of_briefs(prices, memory, options.architecture))
    console = list(bill_of_console(prices, memory, options.architecture))
    jobs = list(bill_of_operator_jobs(prices, memory, options.architecture))
    reminders = list(bill_of_reminders(prices, memory, options.architecture))
    pages = list(bill_of_open_pages(prices, memory, options.architecture))
    run = measure_schedule()
    schedule = bill_of_schedule(run, prices, memory, options.architecture)
    month = [*bill_of_month(prices, alarms, taken.metrics + run.metrics), schedule]
    if options.json:
        bill = {"as_of": prices["as_of"], "million_turns": lines, "million_desk_turns": desk}
        bill |= {"million_briefs": briefs, "million_reminders": reminders}
        bill |= {"million_console_pages": console, "thousand_operator_jobs": jobs}
        bill |= {"thousand_page_hours": pages, "month": month}
        print(json.dumps(bill, indent=1))
        return 0
    print(f"US dollars by AWS's public list for {prices['region']}, {prices['as_of']}, without free tiers\n")
    bills = {
        "a million turns": lines,
        "a million answers of a desk": desk,
        "a million briefs": briefs,
        "a million pages of the console, of each": console,
        "a thousand jobs of operators, of each": jobs,
        "a million reminders": reminders,
        f"{PAGE_HOURS:,} hours of a customer's open page, of each": pages,
        "a month of silence": month,
    }
    for head, costs in bills.items():
        rows = [(service, what, f"{dollars:,.2f}") for service, what, dollars in costs]
        rows.append(("together", "", f"{sum(dollars for _, _, dollars in costs):,.2f}"))
        print(render_table((head, "what", "$"), rows) + "\n")
    return 0


def count_alarm_metrics(template: str) -> int:
    """Returns how many metrics the alarms of a template look at: one each, or all that its formula names."""
    found = yaml.load(template, _TemplateLoader)["Resources"].values()
    alarms = [one["Properties"] for one in found if one["Type"] == "AWS::CloudWatch::Alarm"]
    return sum(sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1 for alarm in alarms)


def function_megabytes(template: str) -> dict[str, int]:
    """Returns the megabytes of each function, by the names that the bill has."""
    found = yaml.load(template, _TemplateLoader)["Resources"]
    return {
        name.lower(): one["Properties"]["MemorySize"]
        for name, one in found.items()
        if _resource_megabytes(one)
    }


def _resource_megabytes(resource: Mapping[str, Any]) -> bool:
    return "MemorySize" in (resource.get("Properties") or {})


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template, without what its intrinsic functions would give."""


_TemplateLoader.add_multi_constructor("!", lambda loader, tag, node: None)


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/cost", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64", help="(%(default)s)")
    parser.add_argument(
        "--messages-table", action="store_true", help="with messages in DynamoDB, as without Weaviate"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    return parser


if __name__ == "__main__":
    run_command(main)
