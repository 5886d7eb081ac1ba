"""Sample events are fresh, signed, and wrapped as a function receives them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from local.sample_events import samples
from repartee.channels.slack.events import SlackEventReceiver
from repartee.channels.telegram.receiver import TelegramReceiver
from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message
from repartee.privacy.identifiers import IdentifierHasher
from tests.support.inbox_builders import only_messages

NOW, SECRET = 1_795_000_000.25, "a secret"


def posted(**more: Any) -> samples.PostedRequest:
    return samples.build_request(
        samples.find_event("app_mention"), NOW, SECRET, lambda: "0123456789abcdef", **more
    )


def received(event: samples.PostedRequest) -> Message:
    """The message that the webhook reads in the event, if it accepts its signature."""
    headers = {name.lower(): value for name, value in event.headers.items()}
    request = HttpRequest("POST", event.path, headers, event.body, NOW, "correlation")
    slack = SlackEventReceiver(lambda: (SECRET,), lambda: False)
    slack.verify(request)
    (message,) = only_messages(slack.parse(request).messages)
    return message


def test_accepted() -> None:
    """The webhook accepts the signature, and reads what happened just now."""
    message = received(posted())

    assert message.text == "when does the Lisbon office open, and who has the keys?"
    assert message.sent == NOW


def test_reworded() -> None:
    """The person may say something else, to the same assistant, in another thread."""
    message = received(posted(say="Hello?", thread="1790000000.000100"))

    assert message.text == "Hello?"
    assert message.addressed
    assert message.chat.endswith(":1790000000.000100")


@pytest.mark.parametrize("in_base64", [False, True])
def test_wrapped(in_base64: bool) -> None:
    """The wrapped event holds the body byte for byte, and header names in lower case."""
    event = posted()

    wrapped = event.as_lambda_event(NOW, "request", in_base64)

    body = base64.b64decode(wrapped["body"]) if in_base64 else wrapped["body"].encode()
    assert body == event.body
    assert wrapped["isBase64Encoded"] is in_base64
    assert "x-slack-signature" in wrapped["headers"]
    assert wrapped["requestContext"]["http"]["method"] == "POST"


def test_found_by_path(tmp_path: Path) -> None:
    """A file of one's own is an event, too."""
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"type": "url_verification", "challenge": "x"}))

    assert samples.find_event(str(own)) == own


def test_missing() -> None:
    """An event that does not exist is answered by those like it, and by how many there are."""
    with pytest.raises(samples.EventMissing, match=r"Did you mean slack/app_mention.*in slack/, .*in web/"):
        samples.find_event("app_mentoin")


def test_wakes() -> None:
    """What the queue gives is handed over as Lambda's poller does."""
    message = {"MessageId": "1", "ReceiptHandle": "r", "Body": "{}"}

    (record,) = samples.wrap_wakes([message], "http://127.0.0.1/123456789012/Wakes")["Records"]

    assert (record["messageId"], record["receiptHandle"], record["body"]) == ("1", "r", "{}")
    assert record["eventSourceARN"].endswith(":Wakes")


@pytest.mark.parametrize("name", ["message", "message_without_id", "message_with_files", "decision"])
def test_what_web_clients_post_has_their_token(name: str) -> None:
    """And an id of its own, where it has one."""
    sample = samples.find_event(f"web/{name}")

    fresh = samples.build_request(sample, NOW, "a-token", lambda: "0123456789abcdef", say="Hello?")

    message = json.loads(fresh.body)
    assert (fresh.path, fresh.headers["Authorization"]) == ("/chat", "Bearer a-token")
    assert message["text"] == "Hello?"
    assert message.get("id", "0123456789abcdef") == "0123456789abcdef"
    assert samples.platform_of(sample) == "web"


def test_telegrams_updates_are_fresh_too() -> None:
    """With the secret token, a time and an id of their own; a mention stays one."""
    sample = samples.find_event("telegram/group_mention")
    fresh = samples.build_request(sample, NOW, SECRET, lambda: "0123456789abcdef", say="Hello?")

    headers = {name.lower(): value for name, value in fresh.headers.items()}
    request = HttpRequest("POST", fresh.path, headers, fresh.body, NOW, "correlation")
    telegram = TelegramReceiver(lambda: (SECRET,), lambda: False, lambda: "7001:x", "repartee_bot")
    telegram.verify(request)
    (message,) = only_messages(telegram.parse(request).messages)

    assert message.text == "Hello?"
    assert message.sent == int(NOW)
    assert fresh.path == "/telegram/webhook"
    assert samples.platform_of(sample) == "telegram"
    assert samples.extract_said(fresh.body)["text"] == "@repartee_bot Hello?"


def test_whatsapps_batches_are_fresh_and_signed_too() -> None:
    """Each message has a time and an id of its own; what is said is said in the last."""
    sample = samples.find_event("whatsapp/burst")
    fresh = samples.build_request(sample, NOW, SECRET, lambda: "", say="Hello?")

    headers = {name.lower(): value for name, value in fresh.headers.items()}
    request = HttpRequest("POST", fresh.path, headers, fresh.body, NOW, "correlation")
    whatsapp = WhatsAppReceiver(
        lambda: (SECRET,), lambda: (), lambda: False, lambda: "", IdentifierHasher("a key for tests")
    )
    whatsapp.verify(request)
    messages = only_messages(whatsapp.parse(request).messages)

    assert [message.text for message in messages] == ["hello", "I am new here", "Hello?"]
    assert len({message.id for message in messages}) == 3
    assert {int(message.sent) for message in messages} == {int(NOW)}
    assert fresh.path == "/whatsapp/webhook"
    assert samples.platform_of(sample) == "whatsapp"
    assert samples.extract_said(fresh.body)["text"] == "Hello?"


def test_a_subscription_is_a_query() -> None:
    """As Meta asks for it, and as the Lambda receives it."""
    asked = samples.build_request(samples.find_event("whatsapp/subscribe"), NOW, SECRET, lambda: "")

    wrapped = asked.as_lambda_event(NOW, "request")

    assert wrapped["requestContext"]["http"]["method"] == "GET"
    assert wrapped["queryStringParameters"]["hub.mode"] == "subscribe"
    assert "hub.challenge=1158201444" in wrapped["rawQueryString"]
