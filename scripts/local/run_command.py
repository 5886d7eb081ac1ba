"""scripts/run: shows on one machine, without a key, what Repartee does with a message."""

from __future__ import annotations

import argparse
import json
import os
import sys

from local import events, latency
from local.job import Job, Runner
from local.model_standin import Pace
from local.processes import ONE_THREAD
from local.stack import LocalStack, StackFailed
from repartee.errors import ReparteeError

DESCRIPTION = """\
Posts a signed event to the webhook on the local stack, lets the turn answer it, and shows the reply as it is
written and where the time went. What is set in the environment to something real (OPENAI_API_KEY,
SLACK_BOT_TOKEN, WEAVIATE_URL, RECORDS_TABLE …) is used instead of its stand-in.
"""


def main() -> int:
    asked = _arguments()
    os.environ.update(ONE_THREAD)
    try:
        job = Job(
            events.find(asked.event), asked.say, asked.assistant, asked.serial, latency.chosen(asked.latency)
        )
        if events.platform(job.event) == "web":
            raise ValueError("the web has no webhook: start scripts/serve, and scripts/event --post")
        with LocalStack(os.environ, Pace()) as stack:
            return _as_json(Runner(stack, job)) if asked.json else _on_terminal(Runner(stack, job))
    except (events.EventMissing, StackFailed, ReparteeError, OSError, ValueError) as problem:
        print(f"scripts/run: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _as_json(runner: Runner) -> int:
    runner.deploy()
    posted, _ = runner.post()
    answer = runner.acknowledge(posted)
    turn = runner.answer() if answer.status == 200 else None
    if turn is None:
        print(json.dumps({"status": answer.status, "answer": answer.body, "reply": ""}))
        return 0 if answer.status == 200 else 1
    print(json.dumps(runner.examine(turn).as_json(), indent=2, ensure_ascii=False))
    if turn.failed:
        print(f"scripts/run: the turn failed: {turn.failed}\n{runner.complaints()}", file=sys.stderr)
    return 1 if turn.failed else 0


def _on_terminal(runner: Runner) -> int:
    from local.screen import Screen

    return Screen(runner).show()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/run", description=DESCRIPTION)
    parser.add_argument(
        "event", nargs="?", default="slack/app_mention", help="a sample event or a file (slack/app_mention)"
    )
    parser.add_argument("--say", default="", metavar="TEXT", help="what the person says instead")
    parser.add_argument("--assistant", default="", metavar="NAME", help="who answers (office)")
    parser.add_argument("--serial", action="store_true", help="run the steps one by one")
    parser.add_argument(
        "--latency",
        default="seed" if sys.stdout.isatty() else "none",
        metavar="seed|none|FILE",
        help="latencies to inject into the local stores (seed on a terminal, else none)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
