"""A rotated secret ends: what was stolen before is refused after a bounded time, in every process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from operations import secrets_command
from repartee.aws.secrets import MAX_COPY_AGE_SECONDS, SecretsCache
from repartee.outbox.rendering import decode_signing_key
from repartee.settings import Settings
from tests.support import aws

DAY_SECONDS = 24 * 3600.0
STARTED_AT = 1_789_000_000.0


class Document:
    """The secret in Secrets Manager, with versions whose dates the test sets. `is_down` breaks it."""

    def __init__(self) -> None:
        self.now, self.versions, self.is_down = STARTED_AT, list[tuple[dict[str, str], float]](), False

    def write(self, **values: str) -> None:
        self.versions.append((values, self.now))

    def get_secret_value(self, **request: Any) -> Any:
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://secrets")
        number = -1 if request["VersionStage"] == "AWSCURRENT" else -2
        values, created = self.versions[number] if len(self.versions) >= -number else ({}, 0.0)
        return {"SecretString": json.dumps(values), "CreatedDate": datetime.fromtimestamp(created, UTC)}

    def make_process(self, overlap_seconds: float = DAY_SECONDS) -> SecretsCache:
        """A process that has read the secrets."""
        made = SecretsCache(self, "repartee", lambda: self.now, overlap_seconds)  # type: ignore[arg-type]
        made.current_value("ONE")
        return made


@pytest.fixture
def document() -> Document:
    made = Document()
    made.write(ONE="stolen")
    made.now += 100 * DAY_SECONDS
    return made


def test_the_previous_secret_is_refused_a_day_after_the_current_one_was_made(document: Document) -> None:
    """For a day both count, so that nothing breaks while the platform is told; then one alone."""
    document.write(ONE="new")
    process = document.make_process()
    process.refresh()

    document.now += DAY_SECONDS - 1
    assert process.accepted_values("ONE") == ("new", "stolen")
    document.now += 1
    assert process.accepted_values("ONE") == ("new",)


def test_the_time_is_a_setting(document: Document) -> None:
    """An hour, where the operator wants it so; a day is the default."""
    document.write(ONE="new")
    process = document.make_process(overlap_seconds=3600.0)
    process.refresh()
    document.now += 3600.0

    assert process.accepted_values("ONE") == ("new",)
    assert Settings({}).secrets_overlap_hours == 24
    assert Settings({"SECRETS_OVERLAP_HOURS": "1"}).secrets_overlap_hours == 1


def test_a_process_that_is_shown_the_stolen_secret_alone_learns_of_the_rotation(document: Document) -> None:
    """Nothing is refused that would make it read again: it does so by the clock."""
    process = document.make_process()
    document.write(ONE="new")
    seen = []

    for _ in range(int(DAY_SECONDS / MAX_COPY_AGE_SECONDS) + 2):
        document.now += MAX_COPY_AGE_SECONDS
        seen.append(process.accepted_values("ONE"))

    assert seen[0] == ("new", "stolen")
    assert seen[-1] == ("new",)


def test_a_process_that_starts_long_after_the_rotation_never_takes_the_stolen_secret(
    document: Document,
) -> None:
    """However many wrong signatures make it ask for the version before."""
    document.write(ONE="new")
    document.now += 2 * DAY_SECONDS
    process = document.make_process()

    assert process.refresh()
    assert process.accepted_values("ONE") == ("new",)


def test_while_the_secrets_cannot_be_read_what_was_known_stands(document: Document) -> None:
    """An outage of Secrets Manager refuses nobody; the overlap ends all the same."""
    document.write(ONE="new")
    process = document.make_process()
    process.refresh()
    document.is_down = True
    document.now += DAY_SECONDS

    assert process.accepted_values("ONE") == ("new",)


class Deployed:
    """A stack whose secrets are in moto, and what the command says."""

    def __init__(self) -> None:
        make: Any = aws.botocore_session().create_client
        self.client = make("secretsmanager")
        self.client.create_secret(Name="repartee", SecretString=json.dumps({"SLACK_BOT_TOKEN": TOKEN}))
        self.said: list[str] = []

    def run(self, *arguments: str, value: str = "", days_later: float = 0.0) -> int:
        later = datetime.now(UTC) + timedelta(days=days_later)
        return secrets_command.main(list(arguments), self.said.append, lambda _: value, lambda: later)

    def stored(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.client.get_secret_value(SecretId="repartee")["SecretString"])
        return found


TOKEN = "xoxb-1234567890-abcdefghij"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    monkeypatch.setenv("SECRETS_ID", "repartee")
    with mock_aws():
        yield Deployed()


def test_showing_the_secrets_tells_none_whole(deployed: Deployed) -> None:
    """Which are set, with two characters at either end; one is printed whole if it is named and asked for."""
    assert deployed.run("show") == 0
    assert not [line for line in deployed.said if TOKEN[3:-3] in line]
    assert any(line.startswith("SLACK_BOT_TOKEN: xo…ij") for line in deployed.said)

    deployed.said.clear()
    assert deployed.run("show", "SLACK_BOT_TOKEN", "--whole") == 0
    assert deployed.said == [TOKEN]
    with pytest.raises(SystemExit):
        deployed.run("show", "--whole")


def test_rotating_a_secret_keeps_the_others_and_prints_nothing_whole(deployed: Deployed) -> None:
    """A secret that nobody gives out is made up; one that a platform gives out is asked for."""
    assert deployed.run("rotate", "TELEGRAM_WEBHOOK_SECRET") == 0
    made = deployed.stored()["TELEGRAM_WEBHOOK_SECRET"]
    assert len(made) == 64
    assert deployed.stored()["SLACK_BOT_TOKEN"] == TOKEN
    assert not [line for line in deployed.said if made[3:-3] in line]

    assert deployed.run("rotate", "SLACK_BOT_TOKEN", days_later=2) == 1  # no value was given
    assert deployed.run("rotate", "SLACK_BOT_TOKEN", value="xoxb-new", days_later=2) == 0
    assert deployed.stored() == {"SLACK_BOT_TOKEN": "xoxb-new", "TELEGRAM_WEBHOOK_SECRET": made}


def test_a_second_rotation_does_not_cut_the_first_ones_overlap_short(deployed: Deployed) -> None:
    """There is one version before: the command says until when to wait, and goes on if it is forced."""
    assert deployed.run("rotate", "PII_KEY") == 0

    assert deployed.run("rotate", "TELEGRAM_WEBHOOK_SECRET") == 1
    assert "TELEGRAM_WEBHOOK_SECRET" not in deployed.stored()
    assert deployed.run("rotate", "TELEGRAM_WEBHOOK_SECRET", "--force") == 0


def test_a_key_that_signs_events_is_made_up(deployed: Deployed) -> None:
    """Under whatever name a desk's configuration has for it, in the form of Standard Webhooks."""
    assert deployed.run("rotate", "desk-hook") == 0
    made = deployed.stored()["desk-hook"]
    assert decode_signing_key(made) is not None
    assert made not in "".join(deployed.said)

    deployed.said.clear()
    assert deployed.run("show") == 0
    assert any(line.startswith("desk-hook: wh…") for line in deployed.said)
    with pytest.raises(SystemExit):
        deployed.run("rotate", "NO_SUCH_SETTING")
