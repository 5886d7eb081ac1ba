"""Outages of Telegram and WhatsApp are waited out like Slack's, by turns that hold no worker meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from repartee.channels.slack.api import SlackApi
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.errors import BackendError, Throttled, Unavailable
from repartee.language.texts import DELAYED
from repartee.turn.failures import MAX_WAIT_SECONDS
from tests.support.crashing_telegram_world import CrashingTelegramWorld
from tests.support.crashing_whatsapp_world import CrashingWhatsAppWorld
from tests.support.crashing_world import CrashingWorld
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID

PROBLEMS = ("500", "502", "429", "timeout", "no connection")


def live_until(world: CrashingWorld, seconds: float) -> None:
    """A worker is there for every wake, for so long."""
    until = world.now + seconds
    while world.now < until:
        while world.now < until and world.wakes.visible_receipts():
            world.run_worker()
        world.pass_time(1.0)


def failing(problem: str) -> Callable[[object, httpx2.Request], httpx2.Response]:
    """A platform whose front answers for it, or nobody."""

    def answer(self: object, request: httpx2.Request) -> httpx2.Response:
        if problem == "timeout":
            raise httpx2.ReadTimeout("as ordered")
        if problem == "no connection":
            raise httpx2.ConnectError("as ordered")
        headers = {"Retry-After": "7"} if problem == "429" else {}
        return httpx2.Response(int(problem), headers=headers, text="<html>out of order</html>")

    return answer


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_an_outage_of_telegram_is_waited_out(
    chat: int, problem: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person reads the answer once, and no apology."""
    world = CrashingTelegramWorld(chat)
    with monkeypatch.context() as outage:
        outage.setattr("tests.support.crashing_telegram_world.TelegramWire.handle_request", failing(problem))
        world.ask_in_telegram("where?")
        live_until(world, seconds)
    live_until(world, MAX_WAIT_SECONDS + 60.0)

    assert world.visible_texts() == ["Re: <where?> "] or world.visible_texts() == ["Re: <where?>"]
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_an_outage_of_whatsapp_is_waited_out(
    problem: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where nothing that was sent can be changed."""
    world = CrashingWhatsAppWorld()
    with monkeypatch.context() as outage:
        outage.setattr("tests.support.crashing_whatsapp_world.WhatsAppWire.handle_request", failing(problem))
        world.ask_in_whatsapp("where?")
        live_until(world, seconds)
    live_until(world, MAX_WAIT_SECONDS + 60.0)

    assert "".join(world.visible_texts()).strip() == "Re: <where?>"
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
def test_who_waits_for_the_model_in_telegram_is_told_once(seconds: float) -> None:
    """And is answered when it is over."""
    world = CrashingTelegramWorld(PRIVATE_CHAT_ID)
    world.model_error = Unavailable("openai", "HTTP 500")
    world.ask_in_telegram("where?")
    live_until(world, seconds)
    assert world.visible_texts() == [DELAYED]
    world.model_error = None
    live_until(world, MAX_WAIT_SECONDS + 60.0)

    assert [text.rstrip() for text in world.visible_texts()] == [DELAYED, "Re: <where?>"]
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


@pytest.mark.parametrize("seconds", [20.0, 120.0, 600.0])
def test_who_waits_for_the_model_in_whatsapp_is_told_once(seconds: float) -> None:
    """The same where each message is a notification."""
    world = CrashingWhatsAppWorld()
    world.model_error = Unavailable("openai", "HTTP 500")
    world.ask_in_whatsapp("where?")
    live_until(world, seconds)
    assert world.visible_texts() == [DELAYED]
    world.model_error = None
    live_until(world, MAX_WAIT_SECONDS + 60.0)

    told, *answer = world.visible_texts()
    assert told == DELAYED
    assert "".join(answer).strip() == "Re: <where?>"
    assert not world.wakes.dead_lettered
    assert not world.inbox.open


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("told", ["7", "7.5", "Fri, 27 Nov 2099 10:00:30 GMT"])
def test_every_platform_may_say_when_to_come_back(status: int, told: str) -> None:
    """In seconds or as a date, from the platform itself or from what stands before it."""
    answer = httpx2.MockTransport(
        lambda request: httpx2.Response(status, headers={"Retry-After": told}, text="<html></html>")
    )
    calls: list[Callable[[], object]] = [
        lambda: SlackApi("http://slack/api/", lambda: "x", answer).call_json("chat.postMessage"),
        lambda: TelegramApi("http://telegram", lambda: "x", answer).call_method("sendMessage"),
        lambda: WhatsAppApi("http://graph/v25.0", lambda: "x", answer).send_text({"number": "1"}, "a"),
    ]

    for call in calls:
        with pytest.raises(BackendError) as raised:
            call()
        assert raised.value.retry_after == (float(told) if told[0] == "7" else pytest.approx(2.3e9, rel=0.1))
        assert isinstance(raised.value, Throttled) == (status == 429)
