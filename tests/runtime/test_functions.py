"""The built functions on the real Lambda runtime: a message's way, and what Lambda does to a function."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.queue_poller import QueuePoller
from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from support.emulator import EmulatedFunction, FunctionFailed, FunctionLimits
from tests.support import aws
from tests.support.built_functions import BuiltFunctions

Start = Callable[[str], EmulatedFunction]


POSTED = sorted(
    path
    for platform in ("slack", "telegram", "whatsapp")
    for path in (samples.EVENTS_FOLDER / platform).rglob("*.json")
)


def signed(name: str, **how: Any) -> dict[str, Any]:
    """A sample event, fresh, as API Gateway hands it over."""
    return fresh(samples.find_event(name), SIGNING_SECRET, **how)


def fresh(path: Path, secret: str, **how: Any) -> dict[str, Any]:
    now = time.time()
    posted = samples.build_request(path, now, secret, lambda: uuid.uuid4().hex, **how)
    return posted.as_lambda_event(now, str(uuid.uuid4()), in_base64=True)


def wakes(stack: LocalStack, turn: EmulatedFunction) -> QueuePoller:
    """What polls the queue of wakes for the turn."""
    return QueuePoller(
        aws.make_client("sqs", stack.moto),
        stack.settings["WAKES_QUEUE_URL"],
        lambda event, _: turn.invoke(event),
    )


def test_an_unsigned_event_is_refused(start: Start) -> None:
    """Who cannot sign is told 401, and the log says why without the body."""
    event = signed("app_mention")
    del event["headers"]["x-slack-signature"]
    webhook = start("Webhook")

    answer = webhook.invoke(event)

    assert answer["statusCode"] == 401
    assert webhook.logged_objects()[-1]["status"] == 401
    assert "Lisbon" not in webhook.log.read_text()


def test_a_mention_is_answered(start: Start, stack: LocalStack) -> None:
    """Webhook and turn together: a signed mention becomes a reply in its thread."""
    event = signed("app_mention", say="when does the Lisbon office open?")
    webhook, turn = start("Webhook"), start("Turn")

    answer = webhook.invoke(event)
    answered = wakes(stack, turn).poll_queue()

    assert answer["statusCode"] == 200
    assert answered == 1, turn.log.read_text()
    said = [post["method"] for post in stack.call_standins("posts") if post["ok"]]
    assert "chat.startStream" in said
    assert "chat.stopStream" in said


def test_a_redelivery_is_not_answered_again(start: Start, stack: LocalStack) -> None:
    """The same event twice more changes nothing and is answered with 200."""
    event = signed("app_mention", say="who has the keys?")
    webhook, poller = start("Webhook"), wakes(stack, start("Turn"))
    webhook.invoke(event)
    poller.poll_queue()
    before = len(stack.call_standins("posts"))

    answers = [webhook.invoke(event) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert poller.poll_queue(wait=0) == 0
    assert len(stack.call_standins("posts")) == before


@pytest.mark.parametrize("path", POSTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_sample_event_is_acknowledged(start: Start, stack: LocalStack, path: Path) -> None:
    """Whatever a platform may post is answered with 200."""
    event = fresh(path, stack.platform_secret(samples.platform_of(path)))

    assert start("Webhook").invoke(event)["statusCode"] == 200


def test_a_wake_for_nothing_is_done(start: Start) -> None:
    """A wake whose chat has nothing open is taken, and does not come back."""
    event = json.loads((samples.EVENTS_FOLDER / "sqs" / "wake.json").read_text())

    assert start("Turn").invoke(event) == {"batchItemFailures": []}


def test_the_sweep_finds_what_no_wake_reached(start: Start) -> None:
    """The schedule's event is taken, and the answer says how many chats were woken."""
    event = json.loads((samples.EVENTS_FOLDER / "schedule" / "sweep.json").read_text())

    assert start("Sweep").invoke(event).keys() == {"woken", "reminded", "event_lanes", "counted"}


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
def test_a_missing_setting_stops_the_start(deployed: BuiltFunctions, name: str, setting: str) -> None:
    """A function without a setting that it needs does not start, and names it."""
    with (
        deployed.start_function(name, None, **{setting: ""}) as function,
        pytest.raises(FunctionFailed, match=setting),
    ):
        function.invoke({})


def test_an_event_that_nobody_sends_is_an_error(start: Start) -> None:
    """What is no event of ours is an error of the function, and it goes on with the next."""
    webhook = start("Webhook")

    with pytest.raises(FunctionFailed, match="requestContext"):
        webhook.invoke({})

    assert webhook.invoke(signed("app_mention"))["statusCode"] == 200


def test_a_function_that_is_out_of_time_is_ended(deployed: BuiltFunctions) -> None:
    """Lambda ends an invocation at its timeout, and the next one starts anew."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with deployed.start_function(
            "Webhook", FunctionLimits(1), AWS_ENDPOINT_URL_DYNAMODB=nobody
        ) as webhook:
            answer = webhook.invoke_raw(signed("app_mention"))

    assert "timed out after 1.00 seconds" in answer


def test_records_that_do_not_answer_are_a_503(deployed: BuiltFunctions) -> None:
    """Nothing was kept, and the platform is told to send it again."""
    with deployed.start_function("Webhook", AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9") as webhook:
        assert webhook.invoke(signed("app_mention"))["statusCode"] == 503


def test_a_restored_function_has_fresh_secrets(deployed: BuiltFunctions, stack: LocalStack) -> None:
    """What was rotated after the snapshot is known: clients, settings and secrets are made anew."""
    secrets = aws.make_client("secretsmanager", stack.moto)
    before = secrets.get_secret_value(SecretId=stack.settings["SECRETS_ID"])["SecretString"]
    changed = json.loads(before) | {"SLACK_SIGNING_SECRET": "rotated"}
    try:
        with deployed.snapshot_function("Webhook") as webhook:
            secrets.put_secret_value(SecretId=stack.settings["SECRETS_ID"], SecretString=json.dumps(changed))
            webhook.restore()

            answer = webhook.invoke(fresh(samples.find_event("app_mention"), "rotated"))
    finally:
        secrets.put_secret_value(SecretId=stack.settings["SECRETS_ID"], SecretString=before)

    assert answer["statusCode"] == 200


def test_a_restored_turn_answers(deployed: BuiltFunctions, start: Start, stack: LocalStack) -> None:
    """Its hooks run before and after the snapshot, and its first wake is answered."""
    start("Webhook").invoke(signed("app_mention", say="is the espresso machine repaired?"))
    queue = stack.settings["WAKES_QUEUE_URL"]
    (message,) = aws.make_client("sqs", stack.moto).receive_message(QueueUrl=queue, WaitTimeSeconds=1)[
        "Messages"
    ]

    with deployed.snapshot_function("Turn") as turn:
        turn.restore()
        answer = turn.invoke(samples.wrap_wakes([message], queue))

    assert answer == {"batchItemFailures": []}
