"""Secrets in Secrets Manager (moto): read once, refreshed seldom, two at a time while one is rotated."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from repartee.aws.secrets import MIN_REFRESH_INTERVAL_SECONDS, SecretsCache
from repartee.channels.slack.receiver import sign_body
from repartee.errors import InvalidArgument, SettingError
from repartee.wiring import process
from tests.support import aws
from tests.support.memory_handlers import MemoryWiring, WebhookFunction, read_payload

DOCUMENT = "repartee/test"


class Document:
    """The document as its owner changes it. Counts how often it is read."""

    def __init__(self) -> None:
        self._client: Any = aws.botocore_session().create_client("secretsmanager", region_name="eu-west-1")
        self.reads: list[str] = []

    def write(self, text: str | None = None, **values: str) -> None:
        text = json.dumps(values) if text is None else text
        if "SecretList" in self._client.list_secrets() and self._client.list_secrets()["SecretList"]:
            self._client.put_secret_value(SecretId=DOCUMENT, SecretString=text)
        else:
            self._client.create_secret(Name=DOCUMENT, SecretString=text)

    def secrets(self, clock: Callable[[], float]) -> SecretsCache:
        return SecretsCache(self, DOCUMENT, clock)  # type: ignore[arg-type]

    def get_secret_value(self, **request: Any) -> Any:
        self.reads.append(request["VersionStage"])
        return self._client.get_secret_value(**request)


class Clock:
    """Time that passes when it is told to."""

    now = 1_789_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def document() -> Iterator[Document]:
    with mock_aws():
        yield Document()


def test_the_document_is_read_once(document: Document, clock: Clock) -> None:
    """All secrets come with one call, when the first is needed."""
    document.write(ONE="1", TWO="2")
    secrets = document.secrets(clock)
    assert document.reads == []

    assert (secrets.current_value("ONE"), secrets.current_value("TWO"), secrets.current_value("THREE")) == (
        "1",
        "2",
        "",
    )
    assert document.reads == ["AWSCURRENT"]


def test_a_document_that_is_not_there_has_no_secrets(document: Document, clock: Clock) -> None:
    """Then each setting says by its own name that it is missing."""
    assert document.secrets(clock).current_value("ONE") == ""


def test_a_rotated_secret_is_accepted_beside_the_one_before(document: Document, clock: Clock) -> None:
    """After a refresh the new value is the current one, and the old one is still accepted."""
    document.write(ONE="old")
    secrets = document.secrets(clock)
    secrets.current_value("ONE")
    document.write(ONE="new")

    assert secrets.refresh()

    assert secrets.current_value("ONE") == "new"
    assert secrets.accepted_values("ONE") == ("new", "old")


def test_who_starts_after_a_rotation_finds_the_one_before(document: Document, clock: Clock) -> None:
    """A process that has only ever seen the new value asks for the previous one."""
    document.write(ONE="old")
    document.write(ONE="new")
    secrets = document.secrets(clock)
    assert secrets.accepted_values("ONE") == ("new",)

    secrets.refresh()

    assert secrets.accepted_values("ONE") == ("new", "old")


def test_a_refresh_is_made_at_most_once_a_minute(document: Document, clock: Clock) -> None:
    """However many signatures are wrong, strangers do not make us call AWS."""
    document.write(ONE="1")
    secrets = document.secrets(clock)
    assert secrets.refresh()
    reads = len(document.reads)

    assert not secrets.refresh()
    assert len(document.reads) == reads

    clock.now += MIN_REFRESH_INTERVAL_SECONDS
    assert secrets.refresh()


MALFORMED = ["{", "[]", "plain", '{"ONE": 1}', '"text"']


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_document_stops_the_start(document: Document, clock: Clock, text: str) -> None:
    """What is not one JSON object of texts is an error with the setting's name, and is not quoted."""
    document.write(text)

    with pytest.raises(SettingError, match="SECRETS_ID is malformed"):
        document.secrets(clock).current_value("ONE")


@pytest.mark.parametrize("text", MALFORMED)
def test_a_document_that_breaks_later_changes_nothing(document: Document, clock: Clock, text: str) -> None:
    """A running process goes on with what it knows, and the refresh says why it failed."""
    document.write(ONE="1")
    secrets = document.secrets(clock)
    secrets.current_value("ONE")
    document.write(text)

    with pytest.raises(InvalidArgument, match="SECRETS_ID is malformed"):
        secrets.refresh()

    assert secrets.accepted_values("ONE") == ("1",)


class SecretsWiring(MemoryWiring):
    """A webhook whose signing secret is in the document, as it is when deployed."""

    def __init__(self, document: Document, **settings: str) -> None:
        super().__init__(**{"SLACK_SIGNING_SECRET": "", "SECRETS_ID": DOCUMENT, **settings})
        self.secrets = document.secrets(self.clock)
        self.put(process.secrets, self.secrets)


def status(webhook: WebhookFunction, secret: str) -> int:
    """What the webhook says to an event that is signed so."""
    timestamp = str(int(webhook.parts.now))
    body = read_payload("slack/app_mention")
    signature = {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign_body(secret, timestamp, body),
    }
    code: int = webhook.post_body(body, signature)["statusCode"]
    return code


def test_the_webhook_goes_through_a_rotation(document: Document) -> None:
    """The new signature is accepted after one refresh, the old one still, and a wrong one never."""
    document.write(SLACK_SIGNING_SECRET="old")
    webhook = WebhookFunction(SecretsWiring(document))
    assert [status(webhook, secret) for secret in ("old", "new")] == [200, 401]
    document.write(SLACK_SIGNING_SECRET="new")

    webhook.parts.now += MIN_REFRESH_INTERVAL_SECONDS
    assert [status(webhook, secret) for secret in ("new", "old", "wrong")] == [200, 200, 401]
    assert document.reads == ["AWSCURRENT", "AWSCURRENT", "AWSPREVIOUS", "AWSCURRENT"]


def test_a_secret_that_is_set_to_nothing_is_looked_up(document: Document) -> None:
    """An empty variable beside the document is no secret: what is signed with the empty key is refused."""
    document.write(SLACK_SIGNING_SECRET="right")
    webhook = WebhookFunction(SecretsWiring(document))

    assert [status(webhook, secret) for secret in ("", "right")] == [401, 200]


def test_while_the_secrets_cannot_be_read_the_platform_tries_again(document: Document) -> None:
    """A signature that cannot be judged is a 503 and not a 401: the event may be real."""
    document.write(SLACK_SIGNING_SECRET="old")
    webhook = WebhookFunction(SecretsWiring(document))
    document.write("{")

    assert status(webhook, "new") == 503
    assert status(webhook, "old") == 200
