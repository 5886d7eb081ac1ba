"""Briefs, reminders and mails on the local stack that is kept up: each comes at its time, by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import httpx2
import pytest

from repartee.domain.brief import Address, Project, SourceRef, Subscription
from repartee.domain.schedule import Schedule
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.emails import DynamoEmailContacts
from repartee.stores.dynamodb.inbox import DynamoInbox
from support.local_settings import read_local_settings
from tests.integration.test_standins_commands import command
from tests.support import aws
from tests.support.console_browser import serve_locally

ADA, CHAT = "slack:T0BUTLER:U0ADA", "slack:T0BUTLER:D0ADA"
PLATFORM = {
    "team": "T0BUTLER",
    "channel": "D0ADA",
    "thread": "",
    "user": "U0ADA",
    "self": "U0REPARTEE",
}
WAIT_SECONDS = 40.0
"""Seconds for what is due, on a busy machine."""


class ServedStack(NamedTuple):
    """The address of a stack that is kept up, and its settings."""

    url: str
    settings: dict[str, str]

    def read_chat(self, channel: str = "D0ADA") -> list[str]:
        """What the assistant has said in the channel, as Slack's stand-in shows it."""
        standins = self.settings["SLACK_API_URL"].partition("/slack")[0]
        seen = httpx2.get(f"{standins}/standin/channel/{channel}").json()["messages"]
        return [one["text"] for one in seen if one["bot"]]


@pytest.fixture(scope="module")
def stack() -> Iterator[ServedStack]:
    with serve_locally(BRIEF_CLICKS="true") as url:
        yield ServedStack(url, read_local_settings(url.rpartition(":")[2]))


def wait_for(find: Callable[[], list[str]]) -> list[str]:
    end = time.monotonic() + WAIT_SECONDS
    while not (found := find()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def test_a_reminder_that_is_ordered_in_a_chat_arrives(stack: ServedStack) -> None:
    """A moment later, in the conversation in which it was asked, and once."""
    command(
        "event", "slack/direct_message", "--say", "remind me in 0.05 minutes to call Ben", "--post", stack.url
    )
    reminders = wait_for(lambda: [one for one in stack.read_chat() if one.startswith("Reminder:")])

    assert reminders == ["Reminder: call Ben"]


def test_a_due_brief_arrives_in_the_chat_and_as_a_mail(stack: ServedStack) -> None:
    """Nobody starts a schedule; its links lead to their messages; the mail is shown as its reader sees it,
    and ends by its own link."""
    (url, settings), now = stack, time.time()
    command("event", "app_mention", "--say", "The lease is signed.", "--post", url)
    wait_for(lambda: [one for one in stack.read_chat("C0GENERAL") if one])
    client, table = aws.make_client("dynamodb", settings["AWS_ENDPOINT_URL"]), settings["RECORDS_TABLE"]
    inbox, later = DynamoInbox(client, table), now + 3600
    assert wait_for(lambda: [] if list(inbox.list_stale_chats(later, later)) else ["all is remembered"])
    DynamoBriefs(client, table, time.time).put_subscription(
        Subscription(
            id="s1",
            person=ADA,
            address=Address(channel="slack", chat=CHAT, room=CHAT, platform=PLATFORM),
            schedule=Schedule(at=f"{datetime.fromtimestamp(now, UTC):%H:%M}"),
            timezone="UTC",
            projects=(Project("General", (SourceRef("room", "slack:T0BUTLER:C0GENERAL", "#general"),)),),
            created_at=now - 90_000,
        )
    )
    contacts = DynamoEmailContacts(client, table, time.time)
    contacts.trust(ADA, "s1", "anna@example.com", "n1", "en")

    (brief,) = wait_for(lambda: [one for one in stack.read_chat() if "Your brief for" in one])
    assert "lease is signed" in brief
    click = re.search(rf"{re.escape(url)}/brief/message\?token=[\w.-]+", brief)
    assert click is not None
    followed = httpx2.get(click[0], follow_redirects=False)
    assert (followed.status_code, "archives/C0GENERAL/" in followed.headers["location"]) == (302, True)
    listed = wait_for(lambda: re.findall(r"/mails/\d+\.txt", httpx2.get(f"{url}/mails").text))
    text, page = httpx2.get(url + listed[0]).text, httpx2.get(url + listed[0].removesuffix(".txt"))
    assert "anna@example.com" in httpx2.get(f"{url}/mails").text
    assert "General" in text
    assert f"{url}/brief/message?token=" in text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    link = re.search(rf"{re.escape(url)}/email/\S+", text)
    assert link is not None
    assert httpx2.post(link[0]).status_code == 200
    ended = contacts.find(ADA)
    assert ended is not None
    assert ended.ended == "unsubscribed"


def test_a_mail_that_is_not_there_is_not_found(stack: ServedStack) -> None:
    """Neither as a page nor as text."""
    codes = [httpx2.get(f"{stack.url}/mails/999{end}").status_code for end in ("", ".txt")]

    assert codes == [404, 404]
