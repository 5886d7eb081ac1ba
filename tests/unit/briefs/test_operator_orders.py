"""An operator orders briefs for people: checked as their own orders are, told to them, and theirs to stop."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from operations.briefs import read_order
from repartee.briefs.operator_orders import OperatorOrder, OperatorOrders, find_ordered
from repartee.briefs.record_sources import ErpSource
from repartee.briefs.room_source import RoomSource
from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.topics import TopicCatalogue
from repartee.domain.schedule import Schedule
from repartee.errors import Unavailable
from repartee.wiring import brief_stores, briefs
from tests.support.brief_writing_world import BriefWritingWorld
from tests.support.memory_briefs import MemoryBriefRuns, make_subscription
from tests.support.slack_scenario import SlackScenario

ADA, BEN = "slack:T0BUTLER:U0ADA", "slack:T0BUTLER:U0BEN"
SAMPLE = re.search(r"```toml\n(.*?)```", Path("docs/briefs.md").read_text(encoding="utf-8"), re.DOTALL)
TOLD = (
    "Your workspace has ordered a daily brief for you: Lisbon, Sales, at 08:00 (Europe/Lisbon). Tell me to "
    "change it or to stop it whenever you like."
)


@pytest.fixture
def order(tmp_path: Path) -> OperatorOrder:
    """The page's own file, for two people of the sample workspace, without minutes."""
    assert SAMPLE
    file = tmp_path / "order.toml"
    file.write_text(SAMPLE[1], encoding="utf-8")
    return msgspec.structs.replace(read_order(file), people=(ADA, BEN))


@pytest.fixture
def workspace(tmp_path: Path) -> SlackScenario:
    made = SlackScenario(tmp_path / "ordered", ODOO_URL="https://odoo.example", ODOO_DATABASE="company")
    made.parts.put(brief_stores.brief_runs, MemoryBriefRuns())
    return made


def test_people_are_subscribed_and_told_once(workspace: SlackScenario, order: OperatorOrder) -> None:
    """Ada is in the room, Ben is not. Ordering it again changes it, and says nothing that was said."""
    workspace.slack.people.members["C0LISBON"] = {"U0ADA"}
    orders = workspace.parts.get(briefs.operator_orders)
    store = workspace.parts.get(brief_stores.briefs)

    became = [orders.subscribe_all(order) for _ in range(2)]
    later = orders.subscribe_all(msgspec.structs.replace(order, at="09:30"))

    assert became[0] == became[1]
    assert became[0][ADA] == later[ADA] == "subscribed"
    assert "no room of #lisbon, or the person is not in it" in became[0][BEN]
    (kept,) = store.list_subscriptions(ADA)
    assert store.list_subscriptions(BEN) == []
    assert kept.schedule == Schedule(at="09:30", weekdays=frozenset(range(5)))
    assert [ref.id for ref in kept.projects[0].sources] == ["slack:T0BUTLER:C0LISBON"] * 2
    assert workspace.visible_texts("D0ADA") == [TOLD, TOLD.replace("08:00", "09:30")]
    assert workspace.visible_texts("D0BEN") == []


def test_a_person_stops_what_was_ordered_for_them(workspace: SlackScenario, order: OperatorOrder) -> None:
    """In plain words, like a brief of their own."""
    workspace.parts.get(briefs.operator_orders).subscribe_all(msgspec.structs.replace(order, people=(ADA,)))
    workspace.parts.models.small["ParsedNotice"] = {"act": "stop_brief"}
    workspace.post("direct_message", "No more briefs.", text="Please stop the brief", user="U0ADA")

    assert "Their brief is stopped" in workspace.given
    assert workspace.parts.get(brief_stores.briefs).list_subscriptions(ADA) == []


def test_who_could_not_be_told_is_told_when_it_is_ordered_again(order: OperatorOrder) -> None:
    """The subscription stands meanwhile."""
    world = BriefWritingWorld()

    class Rooms:
        def find_room(self, person: str, here: str, name: str) -> str:
            return "slack:T0BUTLER:C0LISBON"

        def address_person(self, person: str, language: str) -> object:
            return make_subscription(person).address

    orders = OperatorOrders(
        world.store,
        world.runs,
        TopicCatalogue(lambda: {"room": RoomSource(None, None), "erp": ErpSource(None)}),  # type: ignore[arg-type]
        Rooms,  # type: ignore[arg-type]
        ChatSpeaker(world.runs, {"slack": world}, lambda: world.now),  # type: ignore[dict-item]
        lambda: world.now,
    )
    rooms = msgspec.structs.replace(order.projects[0], sources=order.projects[0].sources[:1])
    small = msgspec.structs.replace(order, people=(ADA,), projects=(rooms,))
    world.trouble = Unavailable("slack", "down")
    first = orders.subscribe_all(small)
    world.trouble, world.now = None, world.now + 100
    second = orders.subscribe_all(small)

    assert first == {ADA: "subscribed, and not told yet (Unavailable): subscribe again"}
    assert second == {ADA: "subscribed"}
    assert len(world.chat) == 1
    assert len(find_ordered(world.store.list_subscriptions(ADA))) == 1


@pytest.mark.parametrize(
    "change, problem",
    [
        ('at = "08:00"', 'at = "25:00"'),
        ('timezone = "Europe/Lisbon"', 'timezone = "Mars/Olympus"'),
        ('"monday"', '"someday"'),
        ('language = "en"', 'language = "tlh"'),
        ('language = "en"', 'langage = "en"'),
        ('people = ["slack:T1:U1", "telegram:4200042"]', "people = []"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, change: str, problem: str) -> None:
    """Before anything is called, with what is wrong."""
    assert SAMPLE
    file = tmp_path / "order.toml"
    file.write_text(SAMPLE[1].replace(change, problem), encoding="utf-8")
    with pytest.raises(ValueError, match=r"order\.toml"):
        read_order(file)
