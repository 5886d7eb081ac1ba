"""scripts/serve: the local stack kept up, with the webhook's routes over HTTP and a worker for the queue."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
from pathlib import Path

from local import latency
from local.server_processes import LOOPBACK, ONE_THREAD
from local.stack import LocalStack, StackFailed
from repartee.errors import ReparteeError
from standins.openai.server import Pace

DESCRIPTION = """\
Keeps the local stack up and listens for what platforms post: POST /slack/events, /slack/interactivity,
/slack/commands, /telegram/webhook, /whatsapp/webhook. What is set in the environment to something real
(OPENAI_API_KEY, SLACK_BOT_TOKEN …) is used instead of its stand-in.
"""
DEFAULT_PORT = 3000


def main() -> int:
    options = _parse_arguments()
    os.environ.update(ONE_THREAD)
    try:
        latencies = latency.load_latencies(options.latency)
        with LocalStack(os.environ, Pace()) as stack, _open_listener(options.port) as listener:
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
    """A socket on that port, or on a free one if it is taken and nobody asked for it."""
    try:
        return _bind_socket(port or DEFAULT_PORT)
    except OSError:
        if port:
            raise
        return _bind_socket(0)


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
    parser = argparse.ArgumentParser(prog="scripts/serve", description=DESCRIPTION)
    parser.add_argument(
        "--port", type=int, default=0, help=f"where to listen ({DEFAULT_PORT}, or a free one)"
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
