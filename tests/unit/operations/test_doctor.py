"""scripts/doctor asks each service whether it answers, against the stand-ins over HTTP, each fault too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette

from operations import doctor
from operations.findings import describe_findings
from operations.telegram_setup import register_webhook
from repartee.domain.desk import DeskConfig
from repartee.domain.finding import Finding
from repartee.stores.dynamodb.desk import DynamoDesk
from standins.faults import FaultQueue
from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.openai.server import KEY
from standins.pinecone.server import KEY as PINECONE_KEY
from standins.pinecone.server import PineconeStandIn, serve_index
from standins.slack.server import APP_TOKEN, BOT_TOKEN, SCOPES
from standins.telegram.posts import BOT_ID
from standins.telegram.routes import TelegramRoutes
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from standins.telegram.server import TelegramStandIn
from standins.whatsapp.routes import WhatsAppRoutes
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID, WhatsAppStandIn
from tests.support import aws
from tests.support.standin_server import StandInClient, serve_standins
from tests.support.web_instances import serve_app

HOST = "bot.example.com"
TEAM_GROUPS = (-1001, -1002, -1003)


class Services:
    """The stand-ins, and the settings that lead to them."""

    def __init__(self, stack: ExitStack, standins: StandInClient) -> None:
        self.slack = standins.standins.slack
        self.telegram, self.whatsapp = TelegramStandIn(time.time), WhatsAppStandIn(time.time)
        routes = [
            *TelegramRoutes(self.telegram, FaultQueue()).routes(),
            *WhatsAppRoutes(self.whatsapp, FaultQueue()).routes(),
        ]
        url = stack.enter_context(serve_app(Starlette(routes=routes)))
        index = stack.enter_context(serve_index(PineconeStandIn(3, time.time)))
        self.settings = {
            "SLACK_API_URL": f"{standins.url}/slack/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": "s1",
            "TELEGRAM_API_URL": f"{url}/telegram",
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": "secret-1",
            "WHATSAPP_API_URL": f"{url}/whatsapp/v25.0",
            "WHATSAPP_ACCESS_TOKEN": ACCESS_TOKEN,
            "WHATSAPP_APP_SECRET": "s2",
            "WHATSAPP_VERIFY_TOKEN": "word",
            "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "OPENAI_BASE_URL": f"{standins.url}/openai/v1",
            "OPENAI_API_KEY": KEY,
            "MODEL": MODEL,
            "SMALL_MODEL": MODEL,
            "EMBEDDING_MODEL": EMBEDDING_MODEL,
            "PINECONE_API_KEY": PINECONE_KEY,
            "PINECONE_KNOWLEDGE_HOST": index,
            "PINECONE_MEMORIES_HOST": index,
            "MESSAGES_TABLE": "Messages",
        }
        self.whatsapp.number["webhook_configuration"] = {"application": f"https://{HOST}/whatsapp/webhook"}

    def examine(self, **changed: str) -> list[Finding]:
        return list(doctor.examine(self.settings | changed, HOST))

    def find(self, service: str, **changed: str) -> tuple[set[str], str]:
        """The kinds of what is found about a service, and its facts with the advice."""
        found = [one for one in self.examine(**changed) if one.service == service]
        return {one.kind for one in found}, "\n".join(f"{one.fact} → {one.advice}" for one in found)


@pytest.fixture(scope="module")
def standins() -> Iterator[StandInClient]:
    with serve_standins() as served:
        yield served


@pytest.fixture
def services(standins: StandInClient) -> Iterator[Services]:
    standins.reset_standins()
    with ExitStack() as stack:
        yield Services(stack, standins)


def test_all_is_well(services: Services) -> None:
    """Once Telegram's webhook is registered, nothing is wrong, and what is set is said with its purpose."""
    services_url = services.settings["TELEGRAM_API_URL"]
    register_webhook(services_url, TELEGRAM_TOKEN, "secret-1", f"https://{HOST}")

    found = services.examine()

    assert [one for one in found if one.kind in ("wrong", "unchecked")] == []
    assert {one.service for one in found if one.kind == "ok"} == {
        "Slack", "Telegram", "WhatsApp", "Model", "Pinecone", "Messages",
    }  # fmt: skip
    assert "SLACK_BOT_TOKEN is set: it lets the assistant write in Slack" in [one.fact for one in found]


@pytest.mark.parametrize("missing", SCOPES)
def test_each_missing_scope_is_named(services: Services, missing: str) -> None:
    """The header that Slack sends with each answer tells which scopes were granted."""
    services.slack.scopes = tuple(scope for scope in SCOPES if scope != missing)

    kinds, facts = services.find("Slack")

    assert "wrong" in kinds
    assert f"the scope {missing} is missing" in facts
    assert f"add {missing} under OAuth & Permissions" in facts


@pytest.mark.parametrize(
    "service, setting, value, advice",
    [
        ("Slack", "SLACK_BOT_TOKEN", "xoxb-wrong", "copy the Bot User OAuth Token"),
        ("Slack", "SLACK_APP_TOKEN", "xapp-wrong", "app-level token with connections:write"),
        ("Telegram", "TELEGRAM_BOT_TOKEN", "1:wrong", "ask @BotFather"),
        ("Telegram", "TELEGRAM_BOT_USERNAME", "another_bot", "set TELEGRAM_BOT_USERNAME"),
        ("WhatsApp", "WHATSAPP_ACCESS_TOKEN", "wrong", "a token of a system user"),
        ("WhatsApp", "WHATSAPP_PHONE_NUMBER_ID", "1", "a token of a system user"),
        ("Model", "OPENAI_API_KEY", "wrong", "make a key"),
        ("Model", "MODEL", "gpt-none", "name a model that the account has, instead of gpt-none"),
        ("Pinecone", "PINECONE_API_KEY", "wrong", "the project's key"),
        ("Pinecone", "PINECONE_MEMORIES_HOST", "", "set PINECONE_KNOWLEDGE_HOST"),
    ],
)
def test_what_is_refused_is_told_with_what_to_do(
    services: Services, service: str, setting: str, value: str, advice: str
) -> None:
    """The service's own refusal, and the place where the right value is found; never the value itself."""
    kinds, facts = services.find(service, **{setting: value})

    assert "wrong" in kinds
    assert advice in facts
    assert "wrong" not in facts


@pytest.mark.parametrize(
    "setting, service",
    [
        ("SLACK_SIGNING_SECRET", "Slack"),
        ("SLACK_BOT_TOKEN", "Slack"),
        ("TELEGRAM_WEBHOOK_SECRET", "Telegram"),
        ("WHATSAPP_VERIFY_TOKEN", "WhatsApp"),
        ("OPENAI_API_KEY", "Model"),
        ("PINECONE_API_KEY", "Pinecone"),
    ],
)
def test_a_missing_secret_is_named_with_its_purpose(services: Services, setting: str, service: str) -> None:
    """Of a channel or store that is used otherwise."""
    kinds, facts = services.find(service, **{setting: ""})

    assert "wrong" in kinds
    assert f"{setting} is not set: it " in facts


def test_a_channel_that_is_not_used_is_no_fault(services: Services) -> None:
    """Nobody must have all channels."""
    unused = {
        name: ""
        for name in services.settings
        if name.startswith(("TELEGRAM", "WHATSAPP")) and "URL" not in name
    }

    assert services.find("Telegram", **unused)[0] == services.find("WhatsApp", **unused)[0] == {"missing"}


@pytest.fixture
def records_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A table of records in which a desk names three Telegram groups as its team."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    client = aws.make_client("dynamodb", url)
    table = aws.make_table(client)
    team = ("slack:T1:C1", *(f"telegram:{group}" for group in TEAM_GROUPS))
    DynamoDesk(client, table, time.time).save_config(DeskConfig(number="telegram", name="Lamps", team=team))
    yield table
    server.stop()


def test_what_the_bot_lacks_in_a_teams_group_is_named(services: Services, records_table: str) -> None:
    """The right to give customers topics, and its place in the group; a group without topics is no fault."""
    forum, plain, gone = TEAM_GROUPS
    services.telegram.forums[forum] = False
    services.telegram.members |= {group: {BOT_ID: "administrator"} for group in (forum, plain)}

    found = [one for one in services.examine(RECORDS_TABLE=records_table) if one.service == "Desks"]

    kinds = {group: one for group in TEAM_GROUPS for one in found if f"telegram:{group}" in one.fact}
    assert [kinds[group].kind for group in TEAM_GROUPS] == ["wrong", "note", "wrong"]
    assert "can_manage_topics" in kinds[forum].fact
    assert f"administrator of telegram:{forum}, with the right Manage topics" in kinds[forum].advice
    assert f"the bot is not in telegram:{gone}" in kinds[gone].fact

    services.telegram.forums[forum] = True
    found = [one for one in services.examine(RECORDS_TABLE=records_table) if one.service == "Desks"]
    assert [one.kind for one in found if f"telegram:{forum}" in one.fact] == ["ok"]


def test_desks_that_cannot_be_read_are_unchecked(services: Services, records_table: str) -> None:
    """The other services are looked at all the same."""
    found = services.examine(RECORDS_TABLE="Nowhere")

    assert [one.kind for one in found if one.service == "Desks"] == ["unchecked"]
    assert "Telegram" in {one.service for one in found}


def test_no_chat_at_all_is_told(services: Services) -> None:
    """With nothing set, the first step is to connect a chat."""
    found = list(doctor.examine({}, ""))

    assert "Connect a chat" in describe_findings(found)


def test_telegrams_webhook_and_commands_are_registered(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command tells Telegram where to post, what, with which secret, and which commands to offer."""
    assert "telegram-webhook --host bot.example.com" in services.find("Telegram")[1]

    code = doctor.main(["telegram-webhook", "--host", HOST], services.settings)

    assert code == 0
    assert services.telegram.updates.webhook["url"] == f"https://{HOST}/telegram/webhook"
    assert services.telegram.updates.webhook["secret_token"] == "secret-1"
    assert "stopped_message_generation" in services.telegram.updates.webhook["allowed_updates"]
    assert [one["command"] for one in services.telegram.updates.commands] == [
        "help",
        "mute",
        "unmute",
        "stop",
    ]
    assert "wrong" not in services.find("Telegram")[0]
    assert TELEGRAM_TOKEN not in capsys.readouterr().out


@pytest.mark.parametrize(
    "webhook, fact",
    [
        ({"url": "https://old.example.com/telegram/webhook"}, "posts to old.example.com"),
        (
            {"url": f"https://{HOST}/telegram/webhook", "allowed_updates": ["message"]},
            "does not post callback_query",
        ),
    ],
)
def test_another_webhook_of_telegram_is_found_out(
    services: Services, webhook: dict[str, object], fact: str
) -> None:
    """What Telegram posts to, and which kinds of updates, are those of this deployment."""
    services.telegram.updates.set_webhook(webhook)

    assert fact in services.find("Telegram")[1]


def test_telegrams_last_failure_is_told(services: Services) -> None:
    """Telegram says why its last post failed."""
    services.telegram.updates.set_webhook({"url": f"https://{HOST}/telegram/webhook"})
    services.telegram.updates.last_error = "Wrong response from the webhook: 401 Unauthorized"

    assert "401 Unauthorized" in services.find("Telegram")[1]


@pytest.mark.parametrize(
    "change, advice",
    [
        ({"status": "PENDING"}, "register the number with a PIN"),
        (
            {"webhook_configuration": {"application": "https://old.example.com/whatsapp/webhook"}},
            "set the callback",
        ),
        ({"webhook_configuration": {}}, "subscribe to messages"),
    ],
)
def test_whatsapps_number_must_be_connected(
    services: Services, change: dict[str, object], advice: str
) -> None:
    """Registered, and posted for to this deployment."""
    services.whatsapp.number.update(change)

    assert advice in services.find("WhatsApp")[1]


def test_offline_it_says_what_it_could_not_check(services: Services) -> None:
    """No answer is no fault of the settings: they are said to be unchecked, and by name."""
    nowhere = "http://127.0.0.1:9"
    addresses = {name: nowhere for name in services.settings if name.endswith(("_URL", "_HOST"))}

    found = services.examine(**addresses)

    unchecked = {one.service for one in found if one.kind == "unchecked"}
    assert unchecked == {"Slack", "Telegram", "WhatsApp", "Model", "Pinecone"}
    assert "Not checked, as nothing answered: Slack, Telegram" in describe_findings(found)
    assert TELEGRAM_TOKEN not in describe_findings(found)


def test_socket_mode_is_tried(services: Services) -> None:
    """With an app-level token scripts/serve needs neither an address nor a signing secret."""
    services.slack.socket_url = "ws://127.0.0.1:9/link"

    kinds, facts = services.find("Slack", SLACK_APP_TOKEN=APP_TOKEN, SLACK_SIGNING_SECRET="")

    assert "wrong" not in kinds
    assert "Socket Mode can be opened" in facts


def test_without_weaviate_it_says_what_is_compared(services: Services) -> None:
    """Up to how many messages relevance compares by meaning, and what holds for older ones."""
    _, facts = services.find("Messages")

    assert "20,344 messages" in facts
    assert "found by words alone" in facts


@pytest.mark.parametrize(
    "key, kinds, told",
    [
        ("", {"wrong"}, "EMAIL_LINKS_KEY is not set"),
        ("too-short", {"ok", "wrong"}, "EMAIL_LINKS_KEY has 9 characters"),
        ("0123456789abcdef0123456789abcdef", {"ok"}, "links in e-mails are signed"),
    ],
)
def test_email_needs_a_key_that_signs_its_links(
    services: Services, key: str, kinds: set[str], told: str
) -> None:
    """Without one no mail can be written, and a short one is guessed. The key itself is not told."""
    found, facts = services.find("E-mail", EMAIL_FROM="Briefs <briefs@example.com>", EMAIL_LINKS_KEY=key)

    assert found == kinds
    assert told in facts
    assert not key or key not in facts


def test_without_a_sender_there_is_no_email_to_check(services: Services) -> None:
    """It is said that there is none, which is no fault."""
    assert services.find("E-mail")[0] == {"missing"}
