"""The built functions on the real Lambda runtime: a message's way, and what Lambda does to a function."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from local import events
from local.stack import SIGNING_SECRET, LocalStack
from local.worker import Poller
from support.emulator import Function, FunctionFailed
from tests.support import aws
from tests.support.deployed import Deployed

Start = Callable[[str], Function]


def signed(name: str, at: float | None = None, **how: Any) -> dict[str, Any]:
    """A sample event, fresh, as API Gateway hands it over."""
    now = time.time() if at is None else at
    posted = events.posted(events.find(name), now, SIGNING_SECRET, lambda: uuid.uuid4().hex, **how)
    return posted.as_lambda_event(now, str(uuid.uuid4()), in_base64=True)


def wakes(stack: LocalStack, turn: Function) -> Poller:
    """What polls the queue of wakes for the turn."""
    return Poller(
        aws.client("sqs", stack.moto), stack.settings["WAKES_QUEUE_URL"], lambda event, _: turn.invoke(event)
    )


def test_an_unsigned_event_is_refused(start: Start) -> None:
    """Who cannot sign is told 401, and the log says why without the body."""
    event = signed("app_mention")
    del event["headers"]["x-slack-signature"]
    webhook = start("Webhook")

    answer = webhook.invoke(event)

    assert answer["statusCode"] == 401
    assert webhook.logged()[-1]["status"] == 401
    assert "Lisbon" not in webhook.log.read_text()


def test_a_mention_is_answered(start: Start, stack: LocalStack) -> None:
    """Webhook and turn together: a signed mention becomes a reply in its thread."""
    event = signed("app_mention", say="when does the Lisbon office open?")
    webhook, turn = start("Webhook"), start("Turn")

    answer = webhook.invoke(event)
    answered = wakes(stack, turn).poll()

    assert answer["statusCode"] == 200
    assert answered == 1, turn.log.read_text()
    said = [post["method"] for post in stack.ask("posts") if post["ok"]]
    assert "chat.startStream" in said
    assert "chat.stopStream" in said


def test_a_redelivery_is_not_answered_again(start: Start, stack: LocalStack) -> None:
    """The same event twice more changes nothing and is answered with 200."""
    event = signed("app_mention", say="who has the keys?")
    webhook, poller = start("Webhook"), wakes(stack, start("Turn"))
    webhook.invoke(event)
    poller.poll()
    before = len(stack.ask("posts"))

    answers = [webhook.invoke(event) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert poller.poll(wait=0) == 0
    assert len(stack.ask("posts")) == before


@pytest.mark.parametrize("name", sorted(path.stem for path in events.FOLDER.glob("slack/*.json")))
def test_every_sample_event_is_acknowledged(start: Start, name: str) -> None:
    """Whatever Slack may post is answered with 200."""
    assert start("Webhook").invoke(signed(f"slack/{name}"))["statusCode"] == 200


def test_the_sweep_finds_what_no_wake_reached(start: Start) -> None:
    """The schedule's event is taken, and the answer says how many chats were woken."""
    event = json.loads((events.FOLDER / "schedule" / "sweep.json").read_text())

    assert start("Sweep").invoke(event).keys() == {"woken"}


def test_a_frozen_function_goes_on(start: Start) -> None:
    """Frozen between two invocations, it takes the next as if nothing had been."""
    webhook = start("Webhook")
    webhook.invoke(signed("app_mention"))

    webhook.freeze()
    webhook.thaw()

    assert webhook.invoke(signed("app_mention"))["statusCode"] == 200


def test_an_invocation_outlives_a_freeze(start: Start) -> None:
    """Frozen in the middle of an invocation, it ends it when it thaws."""
    webhook = start("Webhook")
    webhook.freeze()
    threading.Timer(0.3, webhook.thaw).start()

    assert webhook.invoke(signed("app_mention"))["statusCode"] == 200


@pytest.mark.parametrize(
    "name,setting", [("Webhook", "RECORDS_TABLE"), ("Turn", "WAKES_QUEUE_URL"), ("Sweep", "RECORDS_TABLE")]
)
def test_a_missing_setting_stops_the_start(deployed: Deployed, name: str, setting: str) -> None:
    """A function without a setting that it needs does not start, and names it."""
    with deployed.start(name, **{setting: ""}) as function, pytest.raises(FunctionFailed, match=setting):
        function.invoke({})
