"""scripts/run: shows on one machine, without a key, what Repartee does with a message."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from local import latency
from local.assistant_names import check_assistants
from local.job_runner import JobRunner, RunRequest
from local.sample_events import samples
from local.server_processes import ONE_THREAD
from local.stack import LocalStack, StackFailed
from repartee.errors import ReparteeError
from standins.openai.server import Pace
from support.commands import BROKEN_PIPE_EXIT_CODE
from support.suggestions import CommandParser

if TYPE_CHECKING:
    from local.answered_turn import AnsweredTurn

DESCRIPTION = """\
Posts a signed event to the webhook on the local stack, lets the turn answer it, and shows the reply as it is
written and where the time went. What is set in the environment to something real (OPENAI_API_KEY,
SLACK_BOT_TOKEN, WEAVIATE_URL, RECORDS_TABLE …) is used instead of its stand-in.
"""


def main() -> int:
    options = _parse_arguments()
    os.environ.update(ONE_THREAD)
    try:
        job = RunRequest(
            samples.find_event(options.event),
            options.say,
            check_assistants(options.assistant),
            options.serial,
            options.approve,
            options.show,
            options.svg,
            latency.load_latencies(options.latency),
        )
        if samples.platform_of(job.event) == "web":
            raise ValueError("the web has no webhook: start scripts/serve, and scripts/event --post")
        with LocalStack(os.environ, Pace()) as stack:
            if options.brief:
                return _run_brief(stack, job, as_json=options.json)
            return (
                _run_as_json(JobRunner(stack, job))
                if options.json
                else _run_on_terminal(JobRunner(stack, job))
            )
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more: the interpreter must not flush it
        return BROKEN_PIPE_EXIT_CODE
    except (samples.EventMissing, StackFailed, ReparteeError, OSError, ValueError) as problem:
        print(f"scripts/run: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run_brief(stack: LocalStack, job: RunRequest, *, as_json: bool) -> int:
    from local.brief_screen import run_brief

    modes = {"PARALLEL_ENABLED": "false"} if job.serial else {}
    return run_brief(stack, job.latencies, modes, as_json=as_json, svg=job.svg)


def _run_as_json(runner: JobRunner) -> int:
    runner.deploy_functions()
    posted, _ = runner.build_post()
    answer = runner.post_to_webhook(posted)
    turn = runner.wait_for_turn() if answer.status == 200 else None
    if turn is None:
        print(json.dumps({"status": answer.status, "answer": answer.body, "reply": ""}))
        return 0 if answer.status == 200 else 1
    answered = runner.examine_turn(turn)
    shown = answered.as_json() | (_shown_values(runner, answered) if runner.job.show else {})
    if events := runner.send_events():
        shown["events"] = events
    approved = _approve_proposal(runner) if runner.job.approve else None
    print(
        json.dumps(
            shown | ({"approved": approved} if runner.job.approve else {}), indent=2, ensure_ascii=False
        )
    )
    if turn.failure_reason:
        print(
            f"scripts/run: the turn failed: {turn.failure_reason}\n{runner.logged_errors()}", file=sys.stderr
        )
    return 1 if turn.failure_reason or (runner.job.approve and approved is None) else 0


def _shown_values(runner: JobRunner, answered: AnsweredTurn) -> dict[str, Any]:
    from local.shown_values import list_prompts, list_values

    values = list_values(answered, runner.redactor_of(answered.turn))
    return {"values": values, "prompts": list_prompts(answered)}


def _approve_proposal(runner: JobRunner) -> dict[str, Any] | None:
    """Presses Approve, and returns the turn that follows. None if nothing was proposed."""
    pressed = runner.build_approval()
    if pressed is None:
        print("scripts/run: nothing was proposed, so there is nothing to approve", file=sys.stderr)
        return None
    turn = runner.wait_for_turn() if runner.post_to_webhook(pressed).status == 200 else None
    return None if turn is None else runner.examine_turn(turn).as_json() | {"reply": turn.reply}


def _run_on_terminal(runner: JobRunner) -> int:
    from local.run_screen import RunScreen

    return RunScreen(runner).run_and_show()


def _parse_arguments() -> argparse.Namespace:
    parser = CommandParser(prog="scripts/run", description=DESCRIPTION)
    parser.add_argument(
        "event", nargs="?", default="slack/app_mention", help="a sample event or a file (slack/app_mention)"
    )
    parser.add_argument("--say", default="", metavar="TEXT", help="what the person says instead")
    parser.add_argument("--assistant", default="", metavar="NAME", help="who answers (office)")
    parser.add_argument("--serial", action="store_true", help="run the steps one by one")
    parser.add_argument(
        "--latency",
        default="seed",
        metavar="seed|none|FILE",
        help="latencies of distant stores to inject into the local ones (%(default)s)",
    )
    parser.add_argument(
        "--brief", action="store_true", help="writes a person's daily brief, instead of answering an event"
    )
    parser.add_argument("--approve", action="store_true", help="press Approve under what is proposed")
    parser.add_argument(
        "--show",
        action="store_true",
        help="also what each step returned and what the model was given, redacted as PII says",
    )
    parser.add_argument("--svg", default="", metavar="FILE", help="also draw what is printed into a picture")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    return parser.parse_args()


if __name__ == "__main__":
    from repartee.plan import run_main

    run_main(main)
