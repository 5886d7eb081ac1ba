"""Sample events: made fresh, signed as the platform signs, wrapped as the Lambda receives them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local import sample_files
from local.sample_events import telegram, web, whatsapp
from support.suggestions import describe_choices

EVENTS_FOLDER = Path(__file__).parents[3] / "events"

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
FORM_EVENTS = {"interactivity", "commands"}
"""Folders of what Slack posts as forms."""


class EventMissing(Exception):
    """There is no such sample event; the text says which there are."""


@dataclass(frozen=True)
class PostedRequest:
    """A signed HTTP request, as the platform sends it."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)

    def as_lambda_event(self, at: float, request_id: str, in_base64: bool = False) -> dict[str, Any]:
        """The request in API Gateway's payload format 2.0 for HTTP APIs."""
        http = {"method": self.method, "path": self.path, "protocol": "HTTP/1.1"}
        return {
            "version": "2.0",
            "routeKey": f"{self.method} {self.path}",
            "rawPath": self.path,
            "rawQueryString": urlencode(self.query),
            **({"queryStringParameters": dict(self.query)} if self.query else {}),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": "localhost",
                "domainPrefix": "localhost",
                "http": {**http, "sourceIp": "127.0.0.1", "userAgent": self.headers.get("User-Agent", "")},
                "requestId": request_id,
                "routeKey": f"{self.method} {self.path}",
                "stage": "$default",
                "timeEpoch": int(at * 1000),
            },
            "body": base64.b64encode(self.body).decode() if in_base64 else self.body.decode(),
            "isBase64Encoded": in_base64,
        }


def find_event(name: str) -> Path:
    """The sample event of that name (`app_mention`, `slack/app_mention`), or the file of that path."""
    given = Path(name)
    if given.is_file():
        return given
    found = [path for path in _all_events() if name in (path.stem, _event_name(path))]
    if not found:
        choices = describe_choices(name, [_event_name(path) for path in _all_events()])
        raise EventMissing(f"{name} is neither a file nor a sample event. {choices}")
    return found[0]


def is_posted(path: Path) -> bool:
    """Whether a platform posts the event over HTTP. Others are as the function receives them."""
    return path.parent.name not in ("sqs", "schedule")


def build_request(
    path: Path, at: float, secret: str, new_id: Callable[[], str], say: str = "", thread: str = ""
) -> PostedRequest:
    """The event as if it happened at that time, signed. `say` is what the person says, `thread` is where."""
    event = json.loads(path.read_text())
    if telegram.is_update(event):
        telegram.refresh_update(event, at, say, thread)
        return PostedRequest(telegram.WEBHOOK_PATH, telegram.sign_headers(secret), _load_json(event))
    if web.is_message(event):
        web.refresh_message(event, new_id, say, thread)
        return PostedRequest(web.CHAT_PATH, web.bearer_headers(secret), _load_json(event))
    if whatsapp.is_subscription(event):
        return PostedRequest(whatsapp.WEBHOOK_PATH, {}, b"", "GET", event)
    if whatsapp.is_batch(event):
        whatsapp.refresh_batch(event, at, say)
        body = _load_json(event)
        return PostedRequest(whatsapp.WEBHOOK_PATH, whatsapp.sign_headers(body, secret), body)
    return _build_slack_request(path, event, at, secret, new_id, say, thread)


def _build_slack_request(
    path: Path, event: Any, at: float, secret: str, new_id: Callable[[], str], say: str, thread: str
) -> PostedRequest:
    if path.parent.name in FORM_EVENTS:
        body = _encode_slack_form(path.parent.name, event, at)
        return PostedRequest(f"/slack/{path.parent.name}", sign_for_slack(body, at, secret, form=True), body)
    if "event" in event:
        _refresh_ids(event, at, new_id)
        sample_files.require_file_lookup(event["event"])
        if say:
            _replace_text(event["event"], say)
        if thread:
            event["event"]["thread_ts"] = thread
    body = _load_json(event)
    return PostedRequest("/slack/events", sign_for_slack(body, at, secret), body)


def _encode_slack_form(kind: str, sample: dict[str, Any], at: float) -> bytes:
    """The sample as the form in which Slack posts it: a button's as JSON in its one field, a command's in
    fields of its own."""
    if kind == "commands":
        return urlencode(sample).encode()
    for action in sample.get("actions", ()):
        action["action_ts"] = f"{at:.6f}"
    return urlencode({"payload": json.dumps(sample, separators=(",", ":"))}).encode()


def extract_said(body: bytes) -> dict[str, Any]:
    """Returns the text of a platform's event, or a name for what happened; empty if there is neither."""
    try:
        event = json.loads(body)
    except ValueError:
        return {}
    if whatsapp.is_batch(event):
        return whatsapp.extract_said(event)
    found = event.get("event") or event.get("message")
    return found if isinstance(found, dict) else {}


def platform_of(path: Path) -> str:
    """Returns the platform that posts the event."""
    event = json.loads(path.read_text())
    if whatsapp.is_batch(event) or whatsapp.is_subscription(event):
        return "whatsapp"
    if web.is_message(event):
        return "web"
    return "telegram" if telegram.is_update(event) else "slack"


def wrap_wakes(messages: Sequence[Mapping[str, Any]], queue: str) -> dict[str, Any]:
    """Messages as `receive_message` gives them, wrapped as Lambda's poller hands them over."""
    arn = "arn:aws:sqs:eu-central-1:123456789012:" + queue.rpartition("/")[2]
    return {"Records": [_sqs_record(message, arn) for message in messages]}


def _load_json(event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def _sqs_record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": "eu-central-1",
    }


def sign_for_slack(body: bytes, at: float, secret: str, form: bool = False) -> dict[str, str]:
    from repartee.channels.slack.receiver import sign_body

    timestamp = str(int(at))
    return {
        "Content-Type": FORM_CONTENT_TYPE if form else "application/json",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign_body(secret, timestamp, body),
    }


def _refresh_ids(envelope: dict[str, Any], at: float, new_id: Callable[[], str]) -> None:
    """Gives the event a time and ids of its own, so that it is not a redelivery."""
    event, old = envelope["event"], envelope["event"].get("ts")
    stamp = f"{at:.6f}"
    event["ts"] = event["event_ts"] = stamp
    if event.get("thread_ts") == old:
        event["thread_ts"] = stamp
    if "client_msg_id" in event:
        event["client_msg_id"] = new_id()
    envelope["event_id"], envelope["event_time"] = "Ev" + new_id()[:9].upper(), int(at)


def _replace_text(event: dict[str, Any], say: str) -> None:
    mention = event.get("text", "").partition(">")[0] + "> " if event.get("text", "").startswith("<@") else ""
    event["text"] = mention + say
    event.pop("blocks", None)


def _all_events() -> list[Path]:
    return sorted(EVENTS_FOLDER.rglob("*.json"))


def _event_name(path: Path) -> str:
    return path.relative_to(EVENTS_FOLDER).with_suffix("").as_posix()
