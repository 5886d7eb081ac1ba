"""Members of a desk's team order briefs and reminders in their own rooms; customers do not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from repartee.domain.desk import DeskConfig
from repartee.domain.message import Message
from repartee.errors import Unavailable
from repartee.intake.handover_intake import is_order
from repartee.turn.desk_teams import TeamMembership
from repartee.wiring import brief_stores
from tests.support.inbox_builders import make_message
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_stores import MemoryRecords
from tests.support.slack_scenario import STARTED_AT, SlackScenario

TEAM, CUSTOMERS = "slack:T0BUTLER:C0TEAM", "slack:T0BUTLER:C0GENERAL"
ADA = "slack:T0BUTLER:U0ADA"
REMIND = {"act": "remind", "text": "call back", "period": "once", "date": "2027-01-04", "time": "09:00"}


class DeskWorkspace(SlackScenario):
    """A workspace in which the desk answers everywhere; its team sits in #desk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ASSISTANT="desk")
        config = DeskConfig(number="slack:T0BUTLER", name="Lumen", team=(TEAM,))
        self.parts.stored_desk.save_config(config)
        self.parts.models.small["ParsedNotice"] = REMIND

    def say(self, text: str, channel: str, answer: str = "Done.") -> None:
        """Ada mentions the assistant there."""
        self.post("app_mention", answer, channel=channel, text=f"<@U0REPARTEE> {text}")

    @property
    def reminders(self) -> list[str]:
        kept = self.parts.get(brief_stores.reminders).list_reminders(ADA)
        return [f"{one.text} in {one.address.room}" for one in kept]


@pytest.fixture
def workspace(tmp_path: Path) -> DeskWorkspace:
    return DeskWorkspace(tmp_path / "desk")


def test_a_member_is_reminded_in_the_teams_room(workspace: DeskWorkspace) -> None:
    """It is kept for that room and confirmed with its time; no person is called, whatever it is about."""
    workspace.say("remind us on Monday at nine to call the lawyer back", "C0TEAM", "On Monday at nine.")

    assert workspace.reminders == [f"call back in {TEAM}"]
    assert workspace.visible_texts("C0TEAM") == ["On Monday at nine."]
    assert 'A reminder is set, as they asked: "call back", Monday, 04 January 2027, 09:00' in workspace.given
    assert "You answer the customers" not in workspace.given
    assert list(workspace.parts.stored_handovers.list_active()) == []


def test_a_member_orders_briefs_alone(workspace: DeskWorkspace) -> None:
    """In the team's room the member is asked to order it in the direct conversation, where it is taken; what
    the team's customers wait for is one of its topics."""
    brief = {"act": "brief", "topics": [{"name": "waiting", "kind": "escalations"}], "time": "08:00"}
    workspace.parts.models.small["ParsedNotice"] = brief
    workspace.say("brief me every day at 8 about who waits", "C0TEAM")
    assert "in a direct conversation with you" in workspace.given
    store = workspace.parts.get(brief_stores.briefs)
    assert list(store.list_subscriptions(ADA)) == []

    workspace.slack.people.members["C0TEAM"] = {"U0ADA"}
    workspace.post("direct_message", "Every day at eight.", text="brief me every day at 8 about who waits")
    (kept,) = store.list_subscriptions(ADA)
    assert [ref.kind for project in kept.projects for ref in project.sources] == ["escalations"]


def test_a_customer_orders_nothing(workspace: DeskWorkspace) -> None:
    """Neither where customers write nor alone with the desk: nothing is kept, and the desk is told to promise
    none."""
    workspace.slack.people.members["C0TEAM"] = {"U0BEN"}
    workspace.say("remind me on Monday to pick up the lamp", "C0GENERAL", "I cannot do that here.")
    workspace.post("direct_message", "I cannot do that here.", text="remind me on Monday to pick it up")

    assert workspace.reminders == []
    assert "say that you cannot do that here, and promise none of it" in workspace.given
    assert "A reminder is set" not in workspace.given


def test_who_is_of_a_team_is_asked_of_the_platform() -> None:
    """Rooms of the person's own platform alone; where nobody can tell, it is not known."""
    asked: list[str] = []

    class Rooms:
        def is_member(self, person: str, room: str) -> bool:
            asked.append(room)
            if person.endswith("U9"):
                raise Unavailable("slack", "down")
            return person.endswith("U1")

    desks = MemoryDesk(MemoryRecords(lambda: STARTED_AT))
    desks.save_config(DeskConfig(number="whatsapp:1", name="Lumen", team=(TEAM, "telegram:-100")))
    membership = TeamMembership(desks, Rooms)  # type: ignore[arg-type]

    def is_of_team(room: str, person: str) -> bool:
        made = make_message("remind me", chat=room)
        changed = msgspec.structs.replace(made, room=room, sender=person, channel=room.partition(":")[0])
        return membership.includes(changed)

    assert is_of_team(TEAM, "slack:T0BUTLER:U2")
    assert not is_of_team(CUSTOMERS, "slack:T0BUTLER:U1")
    assert asked == []
    assert is_of_team("slack:T0BUTLER:D1", "slack:T0BUTLER:U1")
    assert not is_of_team("slack:T0BUTLER:D2", "slack:T0BUTLER:U2")
    assert not is_of_team("whatsapp:1:u1", "whatsapp:u1")
    assert asked == [TEAM, TEAM]
    with pytest.raises(Unavailable):
        is_of_team("slack:T0BUTLER:D9", "slack:T0BUTLER:U9")


def below_card(text: str, channel: str = "slack", **changes: bool) -> Message:
    made = make_message(text, chat=f"{TEAM}:1.1")
    return msgspec.structs.replace(made, channel=channel, **{"mentioned": True, **changes})


@pytest.mark.parametrize(
    "message, expected",
    [
        (below_card("remind us tomorrow at nine to call back"), True),
        (below_card("Erinnere uns morgen um neun an den Rückruf"), True),
        (below_card("/brief stop"), True),
        (below_card("remind us tomorrow", mentioned=False), False),
        (below_card("suggest"), False),
        (below_card("// remind me of this"), False),
        (below_card("/remind tomorrow at nine call back", "telegram"), True),
        (below_card("I remind you that it is paid", "telegram"), False),
    ],
)
def test_an_order_below_a_card_is_told_from_words_for_the_customer(message: Message, expected: bool) -> None:
    """In Slack the assistant is mentioned; in Telegram, where each reply to a card mentions it, a command
    says so. All else goes to the customer, or stays a note."""
    assert is_order(message) == expected
