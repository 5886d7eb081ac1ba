"""The command scripts/doctor: what is set, whether each service answers with it, and what to do next."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import botocore.session

from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.findings import describe_findings, has_faults
from operations.slack_manifest import render_manifest
from operations.stack_settings import read_stack_settings
from operations.telegram_setup import TelegramRefused, register_webhook
from repartee.domain.desk import DeskConfig
from repartee.domain.finding import Finding
from repartee.errors import ReparteeError
from repartee.operations.service_checks import examine_services
from repartee.operations.telegram_calls import WEBHOOK_PATH
from repartee.settings import Settings
from repartee.wiring import Wiring, stores
from support.commands import run_command
from support.suggestions import CommandParser

DESCRIPTION = """Says what is set, what is missing and what it is for; asks Slack, Telegram, WhatsApp, the
model, Weaviate, Pinecone, Odoo and AWS whether they answer with it; and ends with what to do next.

  scripts/doctor                                     what is set in this environment
  scripts/doctor --stack repartee                    what is deployed
  scripts/doctor slack-manifest --host HOST          the manifest of the Slack app, for that host
  scripts/doctor slack-manifest --socket             the same for scripts/serve, which needs no address
  scripts/doctor telegram-webhook --host HOST        registers Telegram's webhook and commands

It writes nothing unless told to, and prints no secret. Exit code 1: something must be mended.
"""


def main(arguments: list[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.act == "slack-manifest":
            print(render_manifest("" if options.socket else options.host), end="")
            return 0
        known = read_stack_settings(options.stack, environment) if options.stack else dict(environment)
        if options.act == "telegram-webhook":
            return _register_telegram(Settings(known), options.host or _stack_host(known))
        found = list(examine(known, options.host or _stack_host(known)))
    except (TelegramRefused, MissingPart, ReparteeError, OSError, ValueError, *AWS_ERRORS) as problem:
        print(f"scripts/doctor: {problem}", file=sys.stderr)
        return 1
    print(describe_findings(found))
    return 1 if has_faults(found) else 0


def examine(environment: Mapping[str, str], host: str) -> Iterator[Finding]:
    """Yields what is found about each service, with the credentials of the environment."""
    session: Any = botocore.session.get_session()

    def list_desks() -> Sequence[DeskConfig]:
        return Wiring(environment).get(stores.desk_records).list_configs()

    yield from examine_services(environment, host, list_desks, session.create_client)


def _register_telegram(settings: Settings, host: str) -> int:
    if not host:
        raise ValueError("say where Telegram is to post: --host HOST, or --stack NAME")
    settings.require(Settings.telegram_bot_token, Settings.telegram_webhook_secret)
    token, secret = settings.telegram_bot_token, settings.telegram_webhook_secret
    register_webhook(settings.telegram_api_url, token, secret, f"https://{_bare_host(host)}")
    print(f"Telegram posts to https://{_bare_host(host)}{WEBHOOK_PATH}, and offers the commands.")
    return 0


def _stack_host(known: Mapping[str, str]) -> str:
    return urlsplit(known.get("API_URL", "")).netloc


def _bare_host(host: str) -> str:
    return host.removeprefix("https://").rstrip("/")


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/doctor",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    acts = ("slack-manifest", "telegram-webhook")
    parser.add_argument(
        "act", nargs="?", choices=acts, help="what to do; without one, everything is looked at"
    )
    parser.add_argument("--stack", default="", help="look at a deployed stack, such as repartee")
    parser.add_argument("--host", default="", help="where the platforms post to, as in bot.example.com")
    parser.add_argument("--socket", action="store_true", help="a manifest for Socket Mode")
    return parser


if __name__ == "__main__":
    run_command(main)
