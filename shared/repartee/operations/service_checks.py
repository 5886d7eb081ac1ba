"""Checks what is set, and whether each service answers with it: for scripts/doctor and the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from repartee.domain.desk import DeskConfig
from repartee.domain.finding import Finding
from repartee.errors import ReparteeError
from repartee.operations import backend_checks, channel_checks, desk_checks
from repartee.setting_types import Setting
from repartee.settings import Settings

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


def examine_services(
    environment: Mapping[str, str],
    host: str,
    list_desks: Callable[[], Sequence[DeskConfig]],
    make_client: Callable[[str], Any],
) -> Iterator[Finding]:
    """Yields what is found about each service. One that does not answer is said to be unchecked. `host` is
    where the platforms are to post to; `make_client` makes a client of a service of AWS."""
    settings = Settings(environment)
    if not settings.is_any_set(*CHAT_TOKENS):
        yield Finding("note", "Chats", "none is connected", FIRST_CHAT_ADVICE)
    for service in _services(environment, list_desks, make_client):
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


def _services(
    environment: Mapping[str, str],
    list_desks: Callable[[], Sequence[DeskConfig]],
    make_client: Callable[[str], Any],
) -> Iterator[Service]:
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
        desks = partial(desk_checks.check_desk_teams, list_desks=list_desks)
        yield Service("Desks", (), (), desks)
    aws = partial(backend_checks.check_aws, environment=environment, make_client=make_client)
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
