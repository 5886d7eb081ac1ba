"""Measures what a person waits for beside the model, from the webhook to the first visible text, and a peer.

Webhook and turn are processes of their own, as on Lambda, with DynamoDB Local, ElasticMQ and the stand-ins of
Slack and the model between and beside them. The yardstick does the same job: Bolt's receiver, the same put
and wake, a LangGraph turn with a checkpointer on DynamoDB, streamed into Slack. `--before COMMIT` measures a
commit of ours too, `--invoked` our turns as the webhook starts them beside the queue. All take turns in one
run, message by message. Beside them the webhook's two calls are made bare, by boto3 alone, and the rounds of
calls that no answer can do without: the floor (`support/bare_rounds.py`).

Processes are copies of a snapshot, as on Lambda with SnapStart: each has what its function had loaded by its
hooks before it. Beside the first message of such a copy there is that of a process that has just started.

Eight messages a subject, so that three subjects take less than four minutes; `--messages` takes more. How a
start compares with the peers' is `scripts/bench cold`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benches.support.answer_stack import AnswerStack, Subject
from benches.support.answered_message import PARTS, AnsweredMessage, summarize_answers
from benches.support.bare_rounds import ROUNDS, summarize_rounds
from benches.support.bars import bar_rows, check_bar
from benches.support.commit_trees import ROOT, check_out
from benches.support.peer_packages import PEERS_FOLDER, install_peer
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn

WARM_UP_MESSAGES, MESSAGE_COUNT, FIRST_COUNT = 4, 8, 3
OURS, BEFORE, YARDSTICK, INVOKED = "repartee", "before", "Bolt and LangGraph", "invoked"


def measure(before: str = "", invoked: bool = False, messages: int = MESSAGE_COUNT) -> dict[str, Any]:
    """Returns all figures; about a minute a subject, four seconds a message."""
    with tempfile.TemporaryDirectory(prefix="repartee-answer-") as scratch, ExitStack() as up:
        stack = up.enter_context(AnswerStack.running(Path(scratch)))
        subjects = _find_subjects(before, invoked)
        found, bare_cpu_ms, floor = _measure_all(stack, subjects, messages)
    own = found[OURS]["parts"]["own time"]
    return {
        "subjects": found,
        "bare_webhook_cpu_ms": bare_cpu_ms,
        "floor": floor,
        "own_to_floor": {at: own[at] / floor["all"][at] for at in ("p50", "p99")},
        "bars": _check_bars(found, bare_cpu_ms),
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    subjects = result["subjects"]
    parts = [
        (part, *(f"{one['parts'][part][at]:.1f}" for one in subjects.values() for at in ("p50", "p99")))
        for part in PARTS
    ]
    for label, key in (("restored", "first"), ("started anew", "started")):
        cells = (cell for one in subjects.values() for cell in (f"{one[key]['p50']:.1f}", ""))
        parts.append((f"own time, first of a process {label}", *cells))
    costs = [
        (label, *(f"{one[key]:.1f}" for one in subjects.values()))
        for label, key in (
            ("AWS calls", "calls"),
            ("write units", "write_units"),
            ("read units", "read_units"),
            ("CPU ms", "cpu_ms"),
            ("webhook's CPU ms", "webhook_cpu_ms"),
        )
    ]
    operations = sorted({name for one in subjects.values() for name in one["operations"]})
    costs += [
        (name, *(f"{one['operations'].get(name, 0):.1f}" for one in subjects.values())) for name in operations
    ]
    heads = [head for name in subjects for head in (f"{name} p50", "p99")]
    return "\n\n".join(
        (
            drawn(("milliseconds", *heads), parts),
            drawn(("a message", *subjects), costs),
            f"the webhook's two calls alone: {result['bare_webhook_cpu_ms']:.1f} ms of CPU",
            _floor_line(result),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _floor_line(result: dict[str, Any]) -> str:
    floor = result["floor"]
    rounds = ", ".join(f"{name} {floor[name]['p50']:.1f}" for name in ROUNDS)
    return (
        f"floor, the same rounds of calls bare: {floor['all']['p50']:.1f} ms ({rounds}); "
        f"own time is {result['own_to_floor']['p50']:.2f} of it"
    )


def _find_subjects(before: str, invoked: bool) -> dict[str, Subject]:
    langgraph, bolt = install_peer("langgraph_chat"), install_peer("bolt")
    found = {
        OURS: _own_subject(ROOT),
        YARDSTICK: Subject(
            PEERS_FOLDER / "bolt",
            (bolt / "python",),
            PEERS_FOLDER / "langgraph_chat",
            (langgraph / "python",),
        ),
    }
    if before:
        found[BEFORE] = _own_subject(check_out(before))
    if invoked:
        found[INVOKED] = _own_subject(ROOT, is_invoked=True)
    return found


def _own_subject(root: Path, is_invoked: bool = False) -> Subject:
    functions, paths = root / "functions", (root / "shared",)
    return Subject(functions / "webhook", paths, functions / "turn", paths, is_invoked)


def _measure_all(
    stack: AnswerStack, subjects: Mapping[str, Subject], count: int
) -> tuple[dict[str, dict[str, Any]], float, dict[str, Any]]:
    """Returns each subject's figures, the processor time of the bare webhook, and the floor. The first
    messages of fresh processes are answered while the wakes that were delayed become due."""
    answers: dict[str, list[AnsweredMessage]] = {name: [] for name in subjects}
    bare_ms: list[float] = []
    rounds, bare_rounds = stack.make_bare_rounds(), []
    with ExitStack() as up:
        running = {name: up.enter_context(stack.start(name, each)) for name, each in subjects.items()}
        bare = up.enter_context(stack.start_bare_webhook())
        for number in range(WARM_UP_MESSAGES + count):
            _print_progress(f"message {number + 1} of {WARM_UP_MESSAGES + count}")
            for name, one in running.items():
                if number == WARM_UP_MESSAGES:
                    one.begin_measuring()
                answers[name].append(one.answer_message())
            bare_ms.append(stack.measure_bare_cpu(bare))
            bare_rounds.append(rounds.measure_message())
        first, started = (_measure_first(stack, subjects, is_restored=restored) for restored in (True, False))
        late = {name: one.finish_late_wakes() for name, one in running.items()}
    warm = {name: answers[name][WARM_UP_MESSAGES:] for name in subjects}
    found = {
        name: {**summarize_answers(warm[name], late[name]), "first": first[name], "started": started[name]}
        for name in subjects
    }
    return found, median(bare_ms[WARM_UP_MESSAGES:]), summarize_rounds(bare_rounds[WARM_UP_MESSAGES:])


def _measure_first(
    stack: AnswerStack, subjects: Mapping[str, Subject], *, is_restored: bool
) -> dict[str, dict[str, float]]:
    """Own time of the first message of fresh processes: restored ones, as they are deployed, or ones that
    have just started."""
    own: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(FIRST_COUNT):
        for name, each in subjects.items():
            with stack.start(name, each, is_restored=is_restored) as one:
                own[name].append(one.answer_message().parts["own time"])
    return {name: {"p50": percentile(times, 0.5), "max": max(times)} for name, times in own.items()}


def _check_bars(found: Mapping[str, Any], bare_cpu_ms: float) -> list[dict[str, Any]]:
    ours, peer = found[OURS], found[YARDSTICK]
    bars = [
        check_bar("AWS calls a message", ours["calls"], 12),
        check_bar(
            "own time, first of a process / warm", ours["first"]["p50"] / ours["parts"]["own time"]["p50"], 2
        ),
        check_bar("webhook's CPU / a bare put and send", ours["webhook_cpu_ms"] / bare_cpu_ms, 1.6),
    ]
    for at in ("p50", "p99"):
        share = ours["parts"]["own time"][at] / peer["parts"]["own time"][at]
        bars.append(check_bar(f"own time / yardstick's, {at}", share, 1 / 3))
    if BEFORE in found:
        before = found[BEFORE]
        for at in ("p50", "p99"):
            share = ours["parts"]["own time"][at] / before["parts"]["own time"][at]
            bars.append(check_bar(f"own time / before, {at}", share, 0.35))
        bars.append(check_bar("write units / before", ours["write_units"] / before["write_units"], 0.7))
        bars.append(check_bar("CPU a message / before", ours["cpu_ms"] / before["cpu_ms"], 0.5))
    return bars


def _print_progress(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
