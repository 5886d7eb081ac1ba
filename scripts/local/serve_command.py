"""scripts/serve: the local stack kept up, with the webhook's routes over HTTP and a worker for the queue."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import socket
import sys
from pathlib import Path

from local import latency
from local.assistant_names import check_assistants
from local.server_processes import LOOPBACK, ONE_THREAD
from local.stack import LocalStack, StackFailed
from repartee.errors import ReparteeError
from standins.openai.server import Pace
from support.suggestions import CommandParser

DESCRIPTION = """\
Keeps the local stack up and listens for what platforms post: POST /slack/events, /slack/interactivity,
/slack/commands, /telegram/webhook, /whatsapp/webhook. What is set in the environment to something real
(OPENAI_API_KEY, SLACK_BOT_TOKEN …) is used instead of its stand-in.
"""
DEFAULT_PORT = 3000
MAX_PORT_NUMBER = 65_535


def main() -> int:
    options = _parse_arguments()
    os.environ.update(ONE_THREAD)
    try:
        latencies = latency.load_latencies(options.latency)
        check_assistants(os.environ.get("ASSISTANT", ""))
        with _open_listener(options.port) as listener, LocalStack(os.environ, Pace()) as stack:
            from local.local_server import LocalServer

            output = sys.stdout
            with Path(os.devnull).open("w") as nowhere:
                logs = sys.stderr if options.logs else nowhere
                with contextlib.redirect_stdout(logs):
                    LocalServer(stack, latencies, output).serve(listener)
    except (StackFailed, ReparteeError, OSError, ValueError) as problem:
        print(f"scripts/serve: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _open_listener(port: int) -> socket.socket:
    """Returns a socket on that port, or on a free one if it is taken and nobody asked for it.

    Raises StackFailed.
    """
    try:
        return _bind_socket(port or DEFAULT_PORT)
    except OSError as problem:
        if port:
            raise StackFailed(_describe_port_problem(port, problem)) from None
        return _bind_socket(0)


def _describe_port_problem(port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program: give another --port, or none for a free one"
    if problem.errno == errno.EACCES:
        return f"port {port} is for the administrator alone: give a --port above 1023"
    return f"port {port} cannot be used: {problem.strerror}"


def _parse_port(given: str) -> int:
    """Returns the number of a port. Raises ArgumentTypeError, which argparse prints."""
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= MAX_PORT_NUMBER:
        raise argparse.ArgumentTypeError(f"{given} is no port: give a number from 1 to {MAX_PORT_NUMBER}")
    return int(given)


def _bind_socket(port: int) -> socket.socket:
    """It listens at once: until one of them does, two processes may be bound to the same port."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # said in full, else asyncio does not turn Nagle off
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _parse_arguments() -> argparse.Namespace:
    parser = CommandParser(prog="scripts/serve", description=DESCRIPTION)
    parser.add_argument(
        "--port", type=_parse_port, default=0, help=f"where to listen ({DEFAULT_PORT}, or a free one)"
    )
    parser.add_argument(
        "--latency",
        default="none",
        metavar="seed|none|FILE",
        help="latencies to inject into the local stores",
    )
    parser.add_argument("--logs", action="store_true", help="print the functions' logs to standard error")
    return parser.parse_args()


if __name__ == "__main__":
    from repartee.plan import run_main

    run_main(main)
