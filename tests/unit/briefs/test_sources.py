"""Each source gives a brief what its person may read, and nothing else is given to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from repartee.briefs.escalation_source import EscalationSource
from repartee.briefs.minutes_source import MinutesSource
from repartee.briefs.record_sources import ErpSource
from repartee.briefs.room_source import RoomReader, RoomSource
from repartee.briefs.sections import SectionContext, SectionWriter
from repartee.domain.brief import Address, Project, SourceRef
from repartee.domain.handover import Customer, HandoverRequest, TeamCard
from repartee.domain.meeting import Meeting
from repartee.domain.message import Person, StoredMessage
from repartee.errors import PermissionDenied
from repartee.plan import Pool
from repartee.ports.briefs import BriefSource, SourceItem, SourceQuery
from repartee.ports.handovers import Team
from repartee.stores.sqlite.messages import SqliteMessages
from standins.odoo.company import ADMIN
from tests.support.brief_writing_world import RepeatingModel
from tests.support.memory_briefs import ADA, BEN, LISBON
from tests.support.memory_handovers import MemoryHandovers
from tests.support.memory_stores import MemoryMeetings, MemoryRecords
from tests.support.memory_teams import MemoryTeams
from tests.support.odoo_company import ADA_ID, BEN_ID, CLEO_ID, INES_ID, CompanyOdoo

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC).timestamp()
YESTERDAY = NOW - 24 * 3600
TEAM_ROOM = "slack:T1:CTEAM"


@dataclass
class RoomMembers:
    """`ports.RoomAccess` of rooms with these members. `asked` are the questions that the platform got."""

    members: dict[str, set[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def is_member(self, person: str, room: str) -> bool:
        self.asked.append((person, room))
        return person in self.members.get(room, set())

    def find_room(self, person: str, here: str, name: str) -> str:
        return ""

    def address_room(self, here: Address, room: str) -> Address:
        return here

    def address_person(self, person: str, language: str) -> Address | None:
        return None

    def message_link(self, message: StoredMessage) -> str:
        return f"https://chat/{message.id}"


def ask(
    source: BriefSource, id: str = "", person: str = ADA, since: float = YESTERDAY
) -> Sequence[SourceItem]:
    ref = SourceRef("x", id)
    zone = "Europe/Lisbon"
    return source.read_new(SourceQuery(person=person, ref=ref, since=since, until=NOW, timezone=zone))


def make_said(id: str, text: str, sent: float = NOW - 3600, room: str = LISBON) -> StoredMessage:
    return StoredMessage(
        id=id, side="user", chat=room, room=room, sender=BEN, text=text, sent=sent, sender_name="Ben"
    )


def make_reader(access: RoomMembers) -> RoomReader:
    """Knows the names of two people."""
    names = {"U2": "Ben", "U3": "Carla"}
    return RoomReader(
        access, lambda channel, ids: {id: names[id] for id in ids if id in names}, Pool(threads=8)
    )


class MeetingWorld:
    """A room with one meeting, of which two messages were filed."""

    def __init__(self) -> None:
        self.records, self.meetings = MemoryRecords(lambda: NOW), MemoryMeetings()
        self.access = RoomMembers({LISBON: {ADA}})
        self.source = MinutesSource(self.records, self.meetings, make_reader(self.access))
        self.meeting = Meeting.start(LISBON, NOW - 7200)
        self.records.save_meeting(LISBON, self.meeting.end(NOW - 3600))
        filed = [make_said("m2", "Ben signs."), make_said("m1", "We rent it.", 9.0)]
        self.meetings.put(self.meeting.id, filed)


def test_the_minutes_of_a_meeting_are_told_once_it_is_over() -> None:
    """To the room's members, with where each thing was said; not again in the next brief."""
    world = MeetingWorld()

    assert [(one.text, one.author) for one in ask(world.source, LISBON)] == [
        ("We rent it.", "Ben"),
        ("Ben signs.", "Ben"),
    ]
    assert ask(world.source, LISBON)[0].link == "https://chat/m1"
    assert ask(world.source, LISBON, since=NOW - 1800) == []


def test_a_meeting_that_goes_on_has_no_minutes_yet() -> None:
    """They come with the brief after its end."""
    world = MeetingWorld()
    world.records.save_meeting(LISBON, Meeting.start(LISBON, NOW - 60))

    assert ask(world.source, LISBON) == []


def test_minutes_are_for_members_alone() -> None:
    """Asked of the platform each time: who has left since is refused."""
    world = MeetingWorld()
    with pytest.raises(PermissionDenied):
        ask(world.source, LISBON, BEN)
    world.access.members[LISBON] = set()
    with pytest.raises(PermissionDenied):
        ask(world.source, LISBON)


class DeskWorld:
    """A desk with a team, and a customer who has asked for a person."""

    def __init__(self) -> None:
        self.handovers = MemoryHandovers(MemoryRecords(lambda: NOW))
        self.access = RoomMembers({TEAM_ROOM: {ADA}})
        self.source = EscalationSource(self.handovers, MemoryTeams(Team(rooms=(TEAM_ROOM,))), self.access)
        self.open("whatsapp:100:eva", "Eva", NOW - 7500)

    def open(self, chat: str, name: str, at: float) -> None:
        customer = Customer(room=chat, channel="whatsapp", person=Person(chat, name))
        request = HandoverRequest(
            chat=chat, customer=customer, reason="asked", at=at, summary="A parcel is lost."
        )
        self.handovers.open(request)


def test_the_team_is_told_who_waits_since_when() -> None:
    """The longest first, on the reader's clock, with the card; who has it is told as well."""
    world = DeskWorld()
    world.open("whatsapp:100:max", "Max", NOW - 120)
    handover = world.handovers.read("whatsapp:100:eva")
    card = TeamCard(room=TEAM_ROOM, chat=f"{TEAM_ROOM}:1.2", message_id="1.2")
    world.handovers.save_card("whatsapp:100:eva", handover.id, card, NOW)
    eva, max_ = ask(world.source)
    assert (eva.author, eva.text) == (
        "Eva",
        "waits for a person since Saturday 05:55 (2 h); reason: asked. A parcel is lost.",
    )
    assert eva.link == f"https://chat/{TEAM_ROOM}:1.2#1.2"
    assert "(2 min)" in max_.text

    world.handovers.take("whatsapp:100:eva", Person(ADA, "Ada"), NOW - 60)
    assert ask(world.source)[0].text.startswith("Ada has the conversation since Saturday 07:59 (1 min)")

    world.handovers.resolve("whatsapp:100:eva", Person(ADA, "Ada"), NOW)
    assert [one.author for one in ask(world.source)] == ["Max"]


def test_escalations_are_for_the_team_alone() -> None:
    """The platform is asked once a room, however many customers wait."""
    world = DeskWorld()
    world.open("whatsapp:100:max", "Max", NOW - 120)

    assert ask(world.source, person=BEN) == []
    assert world.access.asked == [(BEN, TEAM_ROOM)]


@pytest.fixture(params=[17, 18, 19])
def company(request: pytest.FixtureRequest) -> CompanyOdoo:
    return CompanyOdoo(request.param)


def test_tasks_are_the_persons_own_that_are_due(company: CompanyOdoo) -> None:
    """Neither others' nor those that are done, nor those whose day is to come."""
    source = ErpSource(company.erp)
    add = company.odoo.records.create_record
    tasks: dict[str, dict[str, Any]] = {
        "Late": {},
        "Done": {"state": "1_done"},
        "Of another": {"user_ids": [8]},
        "Later": {"date_deadline": "2026-12-24"},
    }
    for name, changes in tasks.items():
        task = {"name": name, "user_ids": [6], "date_deadline": "2026-11-27"} | changes
        add("project.task", task, ADMIN)

    found = ask(source, "tasks", ADA_ID)

    assert [one.text for one in found] == ["Late; date_deadline: 2026-11-27; stage_id: To Do"]
    assert found[0].link.startswith("https://odoo.example/")


def test_leads_that_moved_since_the_last_brief(company: CompanyOdoo) -> None:
    """A salesperson's own; whose rights reach further is told of all."""
    source, since = ErpSource(company.erp), datetime(2026, 11, 13, 12, tzinfo=UTC).timestamp()
    ada = [one.text.partition(";")[0] for one in ask(source, "leads", ADA_ID, since)]
    ines = [one.text.partition(";")[0] for one in ask(source, "leads", INES_ID, since)]

    assert ada == ["Warehouse shelves", "Interest in your products", "Quote for 12 tables"]
    assert ines == ada
    assert "Office design project" in str(ask(source, "leads", INES_ID, since - 24 * 3600))
    assert "Office design project" not in str(ask(source, "leads", ADA_ID, since - 24 * 3600))


def test_invoices_that_are_late(company: CompanyOdoo) -> None:
    """With who owes how much; who may not read invoices has none."""
    source = ErpSource(company.erp)
    ben = ask(source, "invoices", BEN_ID)

    assert [one.text.partition(";")[0] for one in ben] == ["INV/2026/00042", "INV/2026/00043"]
    assert "partner_id: Deco Addict" in ben[0].text
    with pytest.raises(PermissionDenied):
        ask(source, "invoices", ADA_ID)


@pytest.mark.parametrize("topic", ["tasks", "leads", "invoices"])
def test_the_shared_account_never_reads_for_a_brief(topic: str) -> None:
    """A person whose account nobody has linked is told nothing, and the ERP is not asked."""
    company = CompanyOdoo(shared=True)
    with pytest.raises(PermissionDenied):
        ask(ErpSource(company.erp), topic, CLEO_ID)
    assert company.called_methods() == []


def test_two_people_with_different_rights_read_different_briefs_of_one_project(tmp_path: Path) -> None:
    """Ada is in the room and sells, Ben keeps the books: the model is given, for each, what is theirs."""
    company, pool, room = CompanyOdoo(), Pool(threads=8), "slack:T1:CSALES"
    messages = SqliteMessages(str(tmp_path / "messages.db"))
    messages.put([(make_said("m1", "The lease is signed.", room=room), None)])
    model = RepeatingModel()
    sources: dict[str, BriefSource] = {
        "room": RoomSource(messages, make_reader(RoomMembers({room: {ADA_ID}}))),
        "erp": ErpSource(company.erp),
    }
    refs = (SourceRef("room", room), SourceRef("erp", "leads"), SourceRef("erp", "invoices"))
    writer = SectionWriter(sources, model, pool)
    context = SectionContext(
        person=ADA_ID,
        since=datetime(2026, 11, 1, tzinfo=UTC).timestamp(),
        until=NOW,
        language="en",
        language_name="English",
        timezone="UTC",
    )

    for person in (ADA_ID, BEN_ID, CLEO_ID):
        of_person = msgspec.structs.replace(context, person=person)
        writer.write(Project("Sales", refs), of_person, parallel=True)

    ada, ben = model.asked  # nothing is Cleo's, and no model is asked for it
    assert "The lease is signed." in ada
    assert "Desks for Lisbon" in ada
    assert "INV/" not in ada
    assert "INV/2026/00042" in ben
    assert "lease" not in ben
    assert "Desks" not in ben


def test_people_are_told_by_their_names(tmp_path: Path) -> None:
    """Also where a message was stored without one; who cannot be looked up is told by the platform's id."""
    messages = SqliteMessages(str(tmp_path / "messages.db"))
    nameless = msgspec.structs.replace(make_said("m1", "Ready."), sender_name="")
    unknown = msgspec.structs.replace(make_said("m2", "Me too."), sender="slack:T1:U9", sender_name="")
    messages.put([(nameless, None), (unknown, None)])
    source = RoomSource(messages, make_reader(RoomMembers({LISBON: {ADA}})))

    assert [one.author for one in ask(source, LISBON)] == ["Ben", "U9"]
    with pytest.raises(PermissionDenied):
        ask(source, LISBON, BEN)
