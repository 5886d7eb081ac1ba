"""The commands that a newcomer runs, as processes."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ASKED = "when does the Lisbon office open, and who has the keys?"
PATIENCE = 120.0
"""Seconds after which a command is ended, so that a test fails instead of waiting for ever."""
REAL = ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "WEAVIATE_URL", "AWS_ENDPOINT_URL")


def environment() -> dict[str, str]:
    """Ours, without what would replace a stand-in."""
    return {name: value for name, value in os.environ.items() if name not in REAL}


def command(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / name, *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=PATIENCE,
    )


def ran(*arguments: str) -> dict[str, Any]:
    done = command("run", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    """How the steps ended, without those that only tell the person what goes on: nobody waits for them. What
    was begun on suspicion and discarded is what is skipped otherwise."""
    ended = {step["name"]: step["outcome"] for step in answer["steps"] if step["name"] != "typing_indicator"}
    return {name: outcome.replace("discarded", "skipped") for name, outcome in ended.items()}


@pytest.fixture(scope="module")
def parallel() -> dict[str, Any]:
    return ran("--latency", "none")


def test_reply(parallel: dict[str, Any]) -> None:
    """A signed mention becomes a streamed reply that knows who asks and what was said before."""
    methods = [post["method"] for post in parallel["posts"] if post["method"].startswith("chat.")]

    assert parallel["reply"].startswith("Hi Ada!")
    assert "14 December" in parallel["reply"]
    assert "> Ben" in parallel["reply"]
    assert methods[0] == "chat.startStream"
    assert methods[-1] == "chat.stopStream"


def test_clean_calls(parallel: dict[str, Any]) -> None:
    """Slack is never called with an argument that it does not know."""
    assert [post["ignored"] for post in parallel["posts"] if post["ignored"]] == []


def test_object(parallel: dict[str, Any]) -> None:
    """The object tells the steps, the times and the metrics of the turn."""
    assert (parallel["channel"], parallel["assistant"], parallel["mode"]) == ("slack", "office", "parallel")
    assert set(outcomes(parallel).values()) == {"ok", "skipped"}
    assert 0 < parallel["gather_ms"] < parallel["first_token_ms"]
    assert parallel["critical_path_ms"] > 0
    assert parallel["metrics"]["Turns"] == [1.0]


def test_serial(parallel: dict[str, Any]) -> None:
    """One by one the steps end the same way, and the reply says the same."""
    serial = ran("--serial", "--latency", "none")

    assert serial["mode"] == "serial"
    assert serial["reply"] == parallel["reply"]
    assert outcomes(serial) == outcomes(parallel)


def test_plain_output() -> None:
    """Without a terminal the same is shown as plain text."""
    done = command("run", "--say", "how many desks do we need in Lisbon?")

    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "Ada  @repartee how many desks" in done.stdout
    assert "critical path" in done.stdout


def test_unknown_event() -> None:
    """An event that does not exist is named, with those like it."""
    done = command("run", "app_mentoin")

    assert done.returncode == 1
    assert "slack/app_mention" in done.stderr
    assert "Traceback" not in done.stderr


def test_event() -> None:
    """A sample event is printed as the function receives it."""
    done = command("event", "app_mention", "--say", ASKED)

    event = json.loads(done.stdout)
    assert event["version"] == "2.0"
    assert json.loads(event["body"])["event"]["text"] == f"<@U0REPARTEE> {ASKED}"


@pytest.fixture
def served() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [ROOT / "scripts" / "serve"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        yield process
        patience.cancel()
        process.send_signal(signal.SIGINT)


def test_serve(served: subprocess.Popen[str]) -> None:
    """What is posted over HTTP is answered, what is not signed by Slack is refused; interrupted, it ends with
    its servers."""
    url = _line(served, r"listens on (http://\S+)")
    servers = _servers(served)

    forged = command("event", "app_mention", "--post", f"{url}/nowhere")
    posted = command("event", "app_mention", "--post", url)

    assert forged.stdout.startswith("404")
    assert posted.stdout.startswith("200")
    assert "Hi Ada!" in _line(served, r"answered after .*? ms\s+(.*)")

    served.send_signal(signal.SIGINT)
    assert all(_ends(server) for server in servers)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_behind(served: subprocess.Popen[str], how: signal.Signals) -> None:
    """However the command ends, its servers end with it."""
    _line(served, r"(listens on)")
    servers = _servers(served)

    served.send_signal(how)

    assert all(_ends(server) for server in servers)


def _servers(process: subprocess.Popen[str]) -> list[int]:
    """The two servers of a command, by their descriptors, where they can be known."""
    if sys.platform != "linux":
        return []
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    return [os.pidfd_open(int(child)) for child in children]


def _ends(server: int, within: float = 20.0) -> bool:
    """Whether a process, by its descriptor, ends within so many seconds."""
    try:
        return bool(select.select([server], [], [], within)[0])
    finally:
        os.close(server)


def _line(process: subprocess.Popen[str], pattern: str) -> str:
    """What the pattern finds in the first line that has it."""
    assert process.stdout is not None
    found = next((found for line in process.stdout if (found := re.search(pattern, line))), None)
    assert found, f"nothing like {pattern}"
    return found[1]
