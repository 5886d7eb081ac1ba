"""What is mistyped at a command gets a suggestion, and no traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from local.assistant_names import check_assistants
from local.sample_events import samples
from repartee.wiring.assistants import ASSISTANTS
from support.suggestions import CommandParser, summarize_choices

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "given, meant",
    [
        ("slack/app_mentoin", "slack/app_mention"),
        ("app_mentoin", "slack/app_mention"),
        ("voise", "telegram/voice"),
    ],
)
def test_a_mistyped_event_is_suggested(given: str, meant: str) -> None:
    """The nearest events come first; of all the others the message says only how many there are."""
    with pytest.raises(samples.EventMissing) as raised:
        samples.find_event(given)

    assert f"Did you mean {meant}" in str(raised.value)
    assert "in slack/" in str(raised.value)
    assert len(str(raised.value)) < 400


def test_what_is_like_nothing_gets_the_choices_alone() -> None:
    """No suggestion is better than a wrong one."""
    with pytest.raises(samples.EventMissing, match="There are: ") as raised:
        samples.find_event("zzz")

    assert "Did you mean" not in str(raised.value)


def test_few_choices_are_listed() -> None:
    """Where they fit into a line, the message has them all."""
    assert summarize_choices(("start", "stop")) == "start, stop"


@pytest.mark.parametrize("given", ["ofice", "office,web=ofice"])
def test_a_mistyped_assistant_is_suggested(given: str) -> None:
    """Also where it is one channel's."""
    with pytest.raises(
        ValueError, match=r"no assistant ofice. Did you mean office\? There are: " + ", ".join(ASSISTANTS)
    ):
        check_assistants(given)


@pytest.mark.parametrize("given", ["", "office", "office,web=coach", "slack=office,web=coach"])
def test_known_assistants_pass(given: str) -> None:
    """They come back as they were given."""
    assert check_assistants(given) == given


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--asistant=x"], "unrecognized arguments: --asistant=x. Did you mean --assistant?"),
        (["--zzz"], "The options are: --help, --assistant."),
        (["strat"], "Did you mean start?"),
    ],
)
def test_a_mistyped_option_or_choice_is_suggested(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parser of each command names what is near, and exits with 2 as ever."""
    parser = CommandParser("scripts/some")
    parser.add_argument("act", nargs="?", choices=("start", "stop"))
    parser.add_argument("--assistant")

    with pytest.raises(SystemExit) as raised:
        parser.parse_args(arguments)

    assert raised.value.code == 2
    assert said in capsys.readouterr().err


def start_serve(*options: str) -> subprocess.Popen[str]:
    """scripts/serve in a process group of its own, as a terminal starts it, with its stand-ins."""
    real = ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", "WEAVIATE_URL", "ASSISTANT", "AWS_ENDPOINT_URL")
    environment = {name: value for name, value in os.environ.items() if name not in real}
    environment["PYTHONPATH"] = f"{ROOT / 'scripts'}:{ROOT / 'shared'}"
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "local.serve_command", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509  (no thread of the test runs by now)
    )


def _heed_interrupts() -> None:
    """A job that a shell runs in the background has learnt to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http"])
def test_serve_refuses_what_is_no_port(port: str) -> None:
    """The message says what a port is."""
    serve = start_serve(f"--port={port}")

    _, errors = serve.communicate(timeout=60)

    assert serve.returncode == 2
    assert f"{port} is no port: give a number from 1 to 65535" in errors


def test_serve_says_that_its_port_is_taken() -> None:
    """Before anything is started, in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serve = start_serve("--port", str(port))
        _, errors = serve.communicate(timeout=60)

    assert serve.returncode == 1
    assert errors.startswith(f"scripts/serve: port {port} is taken by another program: give another --port")
    assert errors.count("\n") == 1


def test_ctrl_c_ends_serve_quietly() -> None:
    """The whole process group gets the signal, as from a terminal; nothing is printed and the code is 0."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = start_serve("--port", str(port))
    assert serve.stdout is not None
    for line in serve.stdout:
        if "Ctrl-C" in line:
            break

    urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()

    os.killpg(serve.pid, signal.SIGINT)
    _, errors = serve.communicate(timeout=60)

    assert (serve.returncode, errors) == (0, "")
