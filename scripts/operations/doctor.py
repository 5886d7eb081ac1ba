"""The command scripts/doctor: what is set, whether each service answers with it, and what to do next."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from operations import backend_checks, channel_checks, desk_checks
from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.findings import Finding, describe_findings, has_faults
from operations.slack_manifest import render_manifest
from operations.stack_settings import read_stack_settings
from operations.telegram_setup import WEBHOOK_PATH, TelegramRefused, register_webhook
from repartee.errors import ReparteeError
from repartee.setting_types import Setting
from repartee.settings import Settings
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

CHAT_TOKENS = (
    *(Settings.slack_bot_token, Settings.telegram_bot_token, Settings.whatsapp_access_token),
    Settings.web_jwks_url,
)
FIRST_CHAT_ADVICE = (
    "Connect a chat: scripts/doctor slack-manifest --socket, or ask @BotFather in Telegram for a bot; "
    "then scripts/serve with its token."
)

Check = Callable[[Settings, str], Iterator[Finding]]


@dataclass(frozen=True)
class Service:
    """A service: the settings without which it is not used, those it needs then, and how it is asked."""

    name: str
    chosen_by: tuple[Setting[Any], ...]
    needs: tuple[Setting[Any], ...]
    check: Check
    needed_to_check: tuple[Setting[Any], ...] = ()


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
    """Yields what is found about each service. One that does not answer is said to be unchecked."""
    settings = Settings(environment)
    if not settings.is_any_set(*CHAT_TOKENS):
        yield Finding("note", "Chats", "none is connected", FIRST_CHAT_ADVICE)
    for service in _services(environment):
        if service.chosen_by and not settings.is_any_set(*service.chosen_by):
            names = ", ".join(setting.name for setting in service.chosen_by)
            yield Finding("missing", service.name, f"is not used: nothing is set of {names}")
            continue
        yield from _examine_service(service, settings, host)


def _examine_service(service: Service, settings: Settings, host: str) -> Iterator[Finding]:
    for setting in service.needs:
        if settings.look_up(setting):
            yield Finding("ok", service.name, f"{setting.name} is set: it {setting.purpose}")
        else:
            advice = f"{service.name}: set {setting.name}, which {setting.purpose}."
            yield Finding("wrong", service.name, f"{setting.name} is not set: it {setting.purpose}", advice)
    if not all(map(settings.look_up, service.needed_to_check)):
        return
    try:
        yield from service.check(settings, host)
    except OSError as problem:
        reason = getattr(problem, "reason", problem)
        yield Finding("unchecked", service.name, f"did not answer ({reason})")
    except ReparteeError as problem:
        yield Finding("wrong", service.name, str(problem), f"{service.name}: mend it as said above.")


def _services(environment: Mapping[str, str]) -> Iterator[Service]:
    """Yields the services, in the order in which people meet them."""
    yield from _chat_services(bool(environment.get(Settings.slack_app_token.name)))
    key = (Settings.openai_api_key,)
    yield Service("Model", (), key, backend_checks.check_model, key)
    yield Service("Weaviate", (Settings.weaviate_url,), (), backend_checks.check_weaviate)
    if not environment.get(Settings.weaviate_url.name):
        table = (Settings.messages_table,)
        yield Service("Messages", table, (), backend_checks.check_messages_table)
    pinecone = (Settings.pinecone_knowledge_host, Settings.pinecone_memories_host)
    pinecone_key = (Settings.pinecone_api_key,)
    yield Service("Pinecone", pinecone, pinecone_key, backend_checks.check_pinecone, pinecone_key)
    yield Service("Odoo", (Settings.odoo_url,), (), backend_checks.check_odoo)
    key = (Settings.email_links_key,)
    yield Service("E-mail", (Settings.email_from,), key, backend_checks.check_email, key)
    if environment.get(Settings.records_table.name):
        desks = partial(desk_checks.check_desk_teams, environment=environment)
        yield Service("Desks", (), (), desks)
    aws = partial(backend_checks.check_aws, environment=environment)
    yield Service("AWS", (Settings.records_table, Settings.secrets_id), (), aws)


def _chat_services(has_socket: bool) -> Iterator[Service]:
    """Yields the platforms. Over Socket Mode Slack's events need no signature."""
    token, app_token = (Settings.slack_bot_token,), (Settings.slack_app_token,)
    chosen = (Settings.slack_signing_secret, *token, *app_token)
    needed = token if has_socket else (Settings.slack_signing_secret, *token)
    yield Service("Slack", chosen, needed, channel_checks.check_slack, token)
    if has_socket:
        yield Service("Slack", (), app_token, channel_checks.check_socket_mode, app_token)
    telegram = (Settings.telegram_bot_token, Settings.telegram_webhook_secret)
    yield Service("Telegram", telegram, telegram, channel_checks.check_telegram, telegram[:1])
    whatsapp = (
        Settings.whatsapp_access_token,
        Settings.whatsapp_app_secret,
        Settings.whatsapp_verify_token,
    )
    yield Service("WhatsApp", whatsapp, whatsapp, channel_checks.check_whatsapp, whatsapp[:1])


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
