"""What people read of the product itself, through the webhook and whole turns, in their language."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from repartee.domain.budget import Budget, UsageLimit
from repartee.domain.usage import UsageTotal
from repartee.language import texts
from repartee.language.catalogue import LANGUAGES, translate
from repartee.language.choosing import choose_language
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.memory_handlers import MemoryWiring, WebhookFunction, read_payload

THREAD = "1789000000.000001"
SECRET = "local-webhook-secret"
TELEGRAM_PERSON = "telegram:4200042"


def telegram(webhook: WebhookFunction, name: str, text: str = "", language: str = "") -> dict[str, Any]:
    """The answer to a sample update of a person whose app has that language."""
    update = json.loads(read_payload(f"telegram/{name}"))
    said = update.get("message") or update["callback_query"]
    said["from"]["language_code"] = language
    if text:
        said["text"] = text
        said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    secret = {"x-telegram-bot-api-secret-token": SECRET}
    answer = webhook.post_body(json.dumps(update).encode(), secret, path="/telegram/webhook")
    body: dict[str, Any] = json.loads(answer["body"])
    return body


@pytest.fixture
def webhook() -> WebhookFunction:
    return WebhookFunction(MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, TELEGRAM_BOT_TOKEN="7001:token"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_telegrams_commands_are_answered_in_the_language_of_the_app(
    webhook: WebhookFunction, language: str
) -> None:
    """Help, the greeting, a mute and its end."""
    assert telegram(webhook, "help", language=language)["text"] == translate(texts.TELEGRAM_HELP, language)
    assert telegram(webhook, "start", language=language)["text"].startswith(
        translate(texts.GREETING, language)
    )
    muted = telegram(webhook, "mute", language=language)["text"]
    assert muted == translate(texts.MUTED, language, command="/unmute")
    assert telegram(webhook, "unmute", language=language)["text"] == translate(texts.UNMUTED, language)


def test_a_mute_until_an_hour_is_on_the_persons_clock_and_says_so(webhook: WebhookFunction) -> None:
    """With a time zone in the profile; without one it is UTC's, and said to be."""
    webhook.parts.records.profiles[TELEGRAM_PERSON] = {"timezone": "Asia/Tokyo"}

    answer = telegram(webhook, "mute", "/mute until tomorrow 9", "ja")

    until = webhook.parts.records.read_control(TELEGRAM_PERSON, TELEGRAM_PERSON).muted_until
    end = datetime.fromtimestamp(until, ZoneInfo("Asia/Tokyo"))
    assert (end.hour, end.minute) == (9, 0)
    assert f"{end.month}月{end.day}日" in answer["text"]
    assert "09:00（Asia/Tokyo）" in answer["text"]

    webhook.parts.records.profiles.clear()
    assert "09:00 (UTC)" in telegram(webhook, "mute", "/mute until tomorrow 9", "en")["text"]


def test_slacks_command_is_answered_in_the_language_that_the_person_asked_for() -> None:
    """From the profile, as Slack's commands tell no language; else in that of what was typed."""
    webhook = WebhookFunction()
    form = json.loads(read_payload("slack/commands/mute_command"))

    def answer(text: str) -> str:
        body = urlencode(form | {"text": text}).encode()
        webhook.parts.now += 1
        answer: str = json.loads(webhook.post_body(body, path="/slack/commands")["body"])["text"]
        return answer

    assert answer("mute").startswith("I will be quiet here.")
    person = f"slack:{form['team_id']}:{form['user_id']}"
    webhook.parts.records.profiles[person] = {"language": "Italian"}
    assert answer("unmute") == "Sono tornato."


def talking_world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def ask(world: CrashingWorld, text: str, platform: str = "") -> None:
    """A message as the webhook keeps it."""
    world.ask_question(text, THREAD, language=choose_language(platform=platform, text=text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_budget_that_is_spent_is_told_in_the_language(language: str) -> None:
    """Instead of an answer."""
    world = talking_world()
    world.limits = Budget(room=UsageLimit(max_tokens=1))
    ask(world, "ok", language)
    message = world.inbox.messages.copy().popitem()[1]
    world.records.add_usage("earlier", message.room, UsageTotal(9))

    world.run_worker()

    assert world.visible_texts() == [translate(texts.ROOM_BUDGET_SPENT, language)]


@pytest.mark.parametrize(
    "text, language, apology",
    [
        ("Wann fährt der Zug nach Lissabon?", "", "de"),
        ("when does it leave?", "", "en"),
        ("ok", "fr", "fr"),
        ("電車はいつ出ますか？", "", "ja"),
    ],
)
def test_an_apology_is_in_the_language_of_the_conversation(text: str, language: str, apology: str) -> None:
    """As the platform tells it, or as the person writes."""
    world = talking_world()
    world.broken = {"model"}
    ask(world, text, language)

    for _ in range(40):
        world.run_worker()
        world.pass_time(5)

    assert world.visible_texts() == [translate(texts.APOLOGY, apology)]


def test_a_short_message_is_answered_in_the_language_of_those_before() -> None:
    """Nobody can tell the language of "mute": what was said before it does."""
    world = talking_world()
    ask(world, "Wann fährt der Zug nach Lissabon?")
    world.run_worker()
    ask(world, "mute")
    world.run_worker()

    assert world.visible_texts()[-1] == translate(texts.MUTED, "de", command="`unmute`")
