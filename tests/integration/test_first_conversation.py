"""A first conversation without a public address: Slack's Socket Mode and Telegram's getUpdates."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette

from local.sample_events.samples import PostedRequest
from local.slack_socket import SlackSocket
from local.telegram_polling import PollingRefused, TelegramPolling
from standins.faults import FaultQueue
from standins.slack.server import APP_TOKEN
from standins.slack.server import BOT_TOKEN as SLACK_TOKEN
from standins.slack.socket_mode import SlackSocketStandIn, serve_socket_mode
from standins.telegram.routes import TelegramRoutes
from standins.telegram.server import BOT_TOKEN, TelegramStandIn
from tests.integration.test_standins_commands import ROOT, environment
from tests.support.memory_handlers import SIGNING_SECRET, MemoryWiring, WebhookFunction
from tests.support.standin_server import StandInClient, serve_standins
from tests.support.web_instances import serve_app

SECRET = "webhook-secret"


class Webhook:
    """The webhook function, which fails as often as a test says."""

    def __init__(self) -> None:
        self.parts = MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, TELEGRAM_BOT_TOKEN=BOT_TOKEN)
        self.parts.now = time.time()
        self.failures = 0
        self.paths: list[str] = []
        self._function = WebhookFunction(self.parts)
        self._lock = threading.Lock()

    def deliver(self, posted: PostedRequest) -> Mapping[str, Any]:
        with self._lock:
            self.paths.append(posted.path)
            if self.failures:
                self.failures -= 1
                return {"statusCode": 503, "body": ""}
            self.parts.now = time.time()
            return self._function.post_body(posted.body, dict(posted.headers), path=posted.path)

    @property
    def texts(self) -> list[str]:
        """What waits for an answer."""
        return [message.text for message in self.parts.inbox.said_messages()]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture(scope="module")
def standins() -> Iterator[StandInClient]:
    with serve_standins() as served:
        yield served


@pytest.fixture
def socket_standin(standins: StandInClient) -> Iterator[SlackSocketStandIn]:
    standins.reset_standins()
    standin = SlackSocketStandIn()
    with serve_socket_mode(standin) as url:
        standins.standins.slack.socket_url = url
        yield standin


@pytest.fixture
def slack(
    standins: StandInClient, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> Iterator[SlackSocket]:
    connected = SlackSocket(APP_TOKEN, f"{standins.url}/slack/api/", SIGNING_SECRET, webhook.deliver)
    connected.connect()
    assert socket_standin.wait_for(connections=1)
    yield connected
    connected.close()


def mention(n: int) -> dict[str, Any]:
    """An event as it stands in an envelope."""
    event = {
        "type": "app_mention", "user": "U0BEN", "channel": "C0GENERAL", "channel_type": "channel",
        "text": f"<@U0REPARTEE> number {n}", "ts": f"{1_789_000_000 + n}.000100", "team": "T0BUTLER",
    }  # fmt: skip
    return {
        "type": "event_callback", "team_id": "T0BUTLER", "api_app_id": "A0REPARTEE", "event": event,
        "event_id": f"Ev{n}", "event_time": 1_789_000_000 + n,
        "authorizations": [{"team_id": "T0BUTLER", "user_id": "U0REPARTEE", "is_bot": True}],
    }  # fmt: skip


def test_an_event_of_socket_mode_is_stored_and_acknowledged(
    slack: SlackSocket, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> None:
    """A mention that comes over the socket is a message as if it had been posted."""
    socket_standin.send("e1", "events_api", mention(1))

    assert socket_standin.wait_for(acknowledgements=1)
    assert webhook.texts == ["number 1"]
    assert webhook.paths == ["/slack/events"]


def test_a_command_is_answered_in_its_acknowledgement(
    slack: SlackSocket, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> None:
    """What the webhook would answer to a slash command is what the person sees."""
    command = {
        "command": "/repartee", "text": "help", "user_id": "U0BEN", "channel_id": "C0GENERAL",
        "team_id": "T0BUTLER", "trigger_id": "1.2", "response_url": "https://hooks.slack.com/x",
        "api_app_id": "A1",
    }  # fmt: skip
    socket_standin.send("e1", "slash_commands", command)

    assert socket_standin.wait_for(acknowledgements=1)
    assert webhook.paths == ["/slack/commands"]
    ((_, payload),) = socket_standin.acknowledged
    assert payload["text"]


def test_nothing_is_lost_or_doubled_when_the_line_breaks(
    slack: SlackSocket, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> None:
    """Slack asks for another connection, the network drops one: every event is one message in the end."""
    for n in range(4):
        socket_standin.send(f"a{n}", "events_api", mention(n))
    socket_standin.disconnect()
    for n in range(4, 8):
        socket_standin.send(f"a{n}", "events_api", mention(n))
    assert socket_standin.wait_for(connections=2)
    socket_standin.drop()
    for n in range(8, 12):
        socket_standin.send(f"a{n}", "events_api", mention(n))

    until = time.monotonic() + 90  # what is sent again is acknowledged twice: that tells less
    while len(webhook.texts) < 12 and time.monotonic() < until:
        time.sleep(0.05)
    assert sorted(webhook.texts) == sorted(f"number {n}" for n in range(12))


def test_what_was_not_stored_is_not_acknowledged(
    slack: SlackSocket, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> None:
    """Where the webhook cannot store an event, Slack keeps it and sends it again."""
    webhook.failures = 1
    socket_standin.send("e1", "events_api", mention(1))
    assert not socket_standin.wait_for(acknowledgements=1, timeout=1.0)

    socket_standin.disconnect()

    assert socket_standin.wait_for(acknowledgements=1)
    assert webhook.texts == ["number 1"]


def test_a_wrong_app_token_is_refused(
    standins: StandInClient, socket_standin: SlackSocketStandIn, webhook: Webhook
) -> None:
    """A bot's token opens no socket: the error comes at once, and no thread tries for ever."""
    wrong = SlackSocket("xoxb-local-standin", f"{standins.url}/slack/api/", SIGNING_SECRET, webhook.deliver)

    with pytest.raises(SlackApiError):
        wrong.connect()


@pytest.fixture
def telegram() -> Iterator[tuple[TelegramStandIn, str]]:
    standin = TelegramStandIn(time.time)
    app = Starlette(routes=TelegramRoutes(standin, FaultQueue()).routes())
    with serve_app(app) as url:
        yield standin, f"{url}/telegram"


def update(n: int) -> dict[str, Any]:
    """A message in a private chat."""
    ben = {"id": 42, "is_bot": False, "first_name": "Ben"}
    chat = {"id": 42, "type": "private", "first_name": "Ben"}
    return {
        "update_id": 1000 + n,
        "message": {
            "message_id": n + 1,
            "from": ben,
            "chat": chat,
            "date": int(time.time()),
            "text": f"number {n}",
        },
    }


def make_polling(url: str, webhook: Webhook, token: str = BOT_TOKEN) -> TelegramPolling:
    return TelegramPolling(url, token, SECRET, webhook.deliver, threading.Event())


def test_updates_are_fetched_and_each_is_one_message(
    telegram: tuple[TelegramStandIn, str], webhook: Webhook
) -> None:
    """Without a webhook updates are fetched; what was stored is not fetched again."""
    standin, url = telegram
    polling = make_polling(url, webhook)
    standin.updates.add(update(0))
    standin.updates.add(update(1))

    assert polling.poll_once()
    standin.updates.add(update(2))
    assert polling.poll_once()
    assert polling.poll_once()

    assert webhook.texts == ["number 0", "number 1", "number 2"]
    assert len(webhook.paths) == 3


def test_an_update_that_was_not_stored_is_fetched_again(
    telegram: tuple[TelegramStandIn, str], webhook: Webhook
) -> None:
    """Its later ones wait for it, so that a chat keeps its order; a process that starts anew loses none."""
    standin, url = telegram
    for n in range(3):
        standin.updates.add(update(n))
    polling, webhook.failures = make_polling(url, webhook), 1

    assert not polling.poll_once()
    assert webhook.texts == []
    assert make_polling(url, webhook).poll_once()
    assert polling.poll_once()

    assert webhook.texts == ["number 0", "number 1", "number 2"]


def test_a_bot_with_a_webhook_is_left_alone(telegram: tuple[TelegramStandIn, str], webhook: Webhook) -> None:
    """Fetching would take the updates away from a deployment: it says so, and fetches nothing."""
    standin, url = telegram
    standin.updates.set_webhook({"url": "https://bot.example.com/telegram/webhook"})

    with pytest.raises(PollingRefused, match="has a webhook"):
        make_polling(url, webhook).run()
    assert "getUpdates" not in [post["method"] for post in standin.posts]


def test_a_wrong_token_is_told(telegram: tuple[TelegramStandIn, str], webhook: Webhook) -> None:
    """The sentence names the token, and does not quote it."""
    with pytest.raises(PollingRefused, match="refuses the token") as refusal:
        make_polling(telegram[1], webhook, "1:wrong").run()
    assert "1:wrong" not in str(refusal.value)


def test_without_a_network_polling_goes_on(webhook: Webhook) -> None:
    """A call that fails is one to be repeated, and its error names no token."""
    polling = make_polling("http://127.0.0.1:9", webhook)

    polling.check_webhook()
    assert not polling.poll_once()


def test_a_first_conversation_over_the_socket(
    standins: StandInClient, socket_standin: SlackSocketStandIn
) -> None:
    """scripts/serve with the two tokens alone: a mention in Slack is answered there."""
    settings = {
        "SLACK_API_URL": f"{standins.url}/slack/api/",
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
    }
    with subprocess.Popen(
        [ROOT / "scripts" / "serve"], stdout=subprocess.DEVNULL, env=environment() | settings
    ) as process:
        try:
            assert socket_standin.wait_for(connections=1, timeout=60)
            said = standins.standins.slack.add_person_message("C0GENERAL", "U0BEN", "<@U0REPARTEE> hello")
            event = mention(1)
            event["event"] |= {"ts": said.ts, "text": "<@U0REPARTEE> hello"}
            socket_standin.send("e1", "events_api", event)
            assert socket_standin.wait_for(acknowledgements=1, timeout=30)
            assert wait_for_reply(standins, said.ts)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0


def wait_for_reply(standins: StandInClient, thread: str) -> bool:
    """Waits until the assistant has written in the thread."""
    for _ in range(300):
        done = {post["method"] for post in standins.standins.slack.posts if post["ok"]}
        if done & {"chat.stopStream", "chat.postMessage"}:
            return True
        time.sleep(0.1)
    return False
