"""Reactions and openings, as the platforms post them, are signs that a person reads their briefs."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.domain.engagement import Engagement
from repartee.wiring import Wiring, brief_stores
from tests.support.memory_briefs import MemoryBriefs
from tests.support.posted_events import PostedEvents
from tests.support.slack_scenario import SlackScenario, read_event

UNREAD = Engagement(unread=7)


def keep_unread(parts: Wiring, person: str) -> MemoryBriefs:
    """Keeps that the person has not read seven briefs."""
    store = MemoryBriefs(engagements={person: UNREAD})
    parts.put(brief_stores.briefs, store)
    return store


@pytest.mark.parametrize(
    "item, changes, unread",
    [
        ({"channel": "D0ADA"}, {}, 0),
        ({"channel": "C0GENERAL"}, {}, 7),
        ({"channel": "D0ADA"}, {"item_user": "U0ADA"}, 7),
        ({"channel": "D0ADA", "type": "file"}, {}, 7),
    ],
)
def test_a_reaction_in_slack(
    tmp_path: Path, item: dict[str, str], changes: dict[str, str], unread: int
) -> None:
    """To what the assistant said to the person alone; nothing is answered to it."""
    scenario = SlackScenario(tmp_path / "reacted")
    briefs = keep_unread(scenario.parts, "slack:T0BUTLER:U0ADA")
    event = read_event("reaction_added")["event"]
    scenario.post("reaction_added", item=event["item"] | item, **changes)

    assert briefs.engagements["slack:T0BUTLER:U0ADA"].unread == unread
    assert scenario.prompts == []


@pytest.mark.parametrize(
    "name, kind",
    [("telegram/reaction", "reaction"), ("whatsapp/reaction", "reaction"), ("whatsapp/status_read", "open")],
)
def test_reactions_and_openings_elsewhere(tmp_path: Path, name: str, kind: str) -> None:
    """In Telegram's private chats and in WhatsApp, which tells that a message was read as well."""
    posted = PostedEvents(tmp_path / "posted")
    people = {"telegram": "telegram:4200042", "whatsapp": "whatsapp:US.13491208655302741918"}
    person = people[name.partition("/")[0]]
    store = keep_unread(posted.parts, person)

    assert posted.post(name).status == 200
    assert (store.engagements[person].unread, store.engagements[person].kind) == (0, kind)


@pytest.mark.parametrize("name", ["whatsapp/reaction_removed", "whatsapp/status_delivered"])
def test_other_news_of_a_message_is_no_sign(tmp_path: Path, name: str) -> None:
    """That it came, or that a reaction was taken away."""
    posted = PostedEvents(tmp_path / "posted")
    store = keep_unread(posted.parts, "whatsapp:US.13491208655302741918")

    assert posted.post(name).status == 200
    assert store.engagements["whatsapp:US.13491208655302741918"] == UNREAD
