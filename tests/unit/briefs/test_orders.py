"""Orders for briefs in plain words: what is kept, and what the model is told to confirm."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from repartee.assistants.notices import build_notice_input
from repartee.briefs.email_orders import EmailOrders
from repartee.briefs.notice import BriefTopic, ParsedNotice
from repartee.briefs.orders import NoticeBook
from repartee.briefs.record_sources import ErpSource
from repartee.briefs.reminder_orders import ReminderOrders
from repartee.briefs.room_source import RoomSource
from repartee.briefs.topics import TopicCatalogue
from repartee.domain.brief import Project, SourceRef
from repartee.domain.message import Message
from repartee.domain.schedule import Schedule
from repartee.errors import Unavailable
from repartee.language.notice_words import NOTICE_HINTS
from tests.support.brief_world import MORNING_SECONDS
from tests.support.inbox_builders import make_message
from tests.support.memory_briefs import (
    ADA,
    LISBON,
    MemoryBriefs,
    MemoryOrderLog,
    MemoryReminders,
    make_subscription,
)
from tests.support.memory_emails import MemoryEmailContacts, MemoryMailbox
from tests.support.memory_web_stores import MemoryRates

PROFILE = {"timezone": "Europe/Lisbon"}
DIRECT = "slack:T1:D1"
ROOM_TOPIC = BriefTopic("Lisbon", "room", "#lisbon")
ORDER = ParsedNotice(act="brief", topics=(ROOM_TOPIC, BriefTopic("the leads", "leads")), time="09:15")


class World:
    """A book over a store in memory. Ada is in #lisbon alone."""

    def __init__(self) -> None:
        self.briefs, self.log, self._ids = MemoryBriefs(), MemoryOrderLog(), itertools.count()
        self.trouble: Exception | None = None
        kept, now = MemoryReminders(), lambda: MORNING_SECONDS
        rooms: Any = None
        self.reminders = ReminderOrders(lambda: kept, lambda: kept, lambda: rooms, lambda: self.briefs, now)
        self.contacts, self.mailbox, rates = MemoryEmailContacts(now), MemoryMailbox(), MemoryRates(now)
        self.emails = EmailOrders(
            lambda: self.contacts, lambda: self.mailbox, lambda: rates, now, is_set_up=True
        )
        self.book = NoticeBook(
            lambda: self.briefs,
            self.reminders,
            TopicCatalogue(lambda: {"room": RoomSource(Any, Any), "erp": ErpSource(None)}),  # type: ignore[arg-type]
            self.emails,
            self.find_room,
            now,
            lambda: self.log,
        )

    def find_room(self, person: str, here: str, name: str) -> str:
        if self.trouble:
            raise self.trouble
        return {"#lisbon": LISBON, "here": here}.get(name, "")

    def order(
        self,
        notice: ParsedNotice,
        room: str = DIRECT,
        profile: dict[str, str] = PROFILE,
        message: Message | None = None,
    ) -> str:
        """A message of its own orders it."""
        asked = message or msgspec.structs.replace(make_direct(room), id=f"m{next(self._ids)}")
        return self.book.carry_out(notice, asked, profile)

    @property
    def only(self) -> Any:
        (found,) = self.briefs.list_subscriptions(ADA)
        return found


def make_direct(room: str) -> Message:
    platform = {"channel": room.rpartition(":")[2], "thread": "1.2", "user": "U1", "team": "T1"}
    changes = {"room": room, "sender": ADA, "language": "de", "platform": platform}
    made = make_message("brief me", chat=room, sent=MORNING_SECONDS)
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def world() -> World:
    return World()


def test_a_brief_is_ordered_and_confirmed_with_its_time(world: World) -> None:
    """On the person's clock, for the chat in which they asked, in their language; the next one is named."""
    told = world.order(ORDER)

    assert world.only.schedule == Schedule(at="09:15")
    assert world.only.timezone == "Europe/Lisbon"
    assert world.only.projects == (
        Project("Lisbon", (SourceRef("room", LISBON, "#lisbon"),)),
        Project("the leads", (SourceRef("erp", "leads", "the leads"),)),
    )
    assert (world.only.address.chat, world.only.address.language) == (DIRECT, "de")
    assert "every day at 09:15 (Europe/Lisbon); next Thursday, 10 September 2026, 09:15" in told


def test_days_are_kept(world: World) -> None:
    """Weekdays alone, or one day of the month."""
    told = world.order(msgspec.structs.replace(ORDER, weekdays=(0, 1, 2, 3, 4)))
    assert world.only.schedule.weekdays == frozenset(range(5))
    assert "on Monday, Tuesday, Wednesday, Thursday, Friday at 09:15" in told

    monthly = msgspec.structs.replace(ORDER, act="change_brief", period="month", date="2026-09-30")
    assert "each month on day 30" in world.order(monthly)


def test_an_unknown_time_zone_is_asked_for(world: World) -> None:
    """It is UTC until then, and the person is told so; a zone that they name counts."""
    assert "it is UTC: say so" in world.order(ORDER, profile={})
    assert "(Asia/Tokyo)" in world.order(
        msgspec.structs.replace(ORDER, act="change_brief", timezone="Asia/Tokyo"), profile={}
    )


def test_a_room_that_the_person_is_not_in_is_left_out(world: World) -> None:
    """They are told which; without any other topic nothing is ordered."""
    secret = BriefTopic("the board", "room", "#board")
    told = world.order(msgspec.structs.replace(ORDER, topics=(secret, ROOM_TOPIC)))
    assert "Left out, because you do not know it or they are not in it: #board" in told
    assert [project.name for project in world.only.projects] == ["Lisbon"]

    world.briefs.kept.clear()
    assert "you do not know #board" in world.order(msgspec.structs.replace(ORDER, topics=(secret,)))
    assert world.briefs.kept == {}


def test_a_platform_that_is_down_orders_nothing_wrong(world: World) -> None:
    """A room that nobody can look up is told as not known."""
    world.trouble = Unavailable("slack", "down")

    assert "Left out" in world.order(ORDER)
    assert [project.name for project in world.only.projects] == ["the leads"]


def test_no_brief_is_ordered_where_others_read(world: World) -> None:
    """It tells what the person alone may read."""
    assert "direct conversation" in world.order(ORDER, room=LISBON)
    assert world.briefs.kept == {}


@pytest.mark.parametrize(
    "change", [{"time": "25:99"}, {"date": "soon", "period": "month"}, {"period": "once"}]
)
def test_a_time_that_makes_no_sense_is_asked_about(world: World, change: dict[str, Any]) -> None:
    """Nothing is kept."""
    assert "makes no sense" in world.order(msgspec.structs.replace(ORDER, **change))
    assert world.briefs.kept == {}


def test_briefs_are_listed_changed_and_stopped_by_their_numbers(world: World) -> None:
    """What is not said stays as it was. Without a number the only one is meant, or they are asked."""
    for number in (1, 2):
        world.briefs.put_subscription(make_subscription(id=f"s{number}", created_at=float(number)))

    assert world.order(ParsedNotice(act="list_briefs")).count("about Lisbon") == 2
    assert "It is not clear which one" in world.order(ParsedNotice(act="stop_brief"))
    world.order(ParsedNotice(act="change_brief", numbers=(2,), time="07:00"))
    changed = world.briefs.kept[ADA, "s2"]
    assert changed.schedule == Schedule(at="07:00")
    assert changed.projects == make_subscription().projects
    assert "is stopped" in world.order(ParsedNotice(act="stop_brief", numbers=(1,)))
    assert "is stopped" in world.order(ParsedNotice(act="stop_brief"))
    assert "They have no brief" in world.order(ParsedNotice(act="list_briefs"))


def test_there_are_only_so_many(world: World) -> None:
    """A person has five at the most, and is told so."""
    for number in range(5):
        world.briefs.put_subscription(make_subscription(id=f"s{number}"))

    assert "5 briefs already" in world.order(ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "/brief stop",
        "Brief me every weekday at 8 about #lisbon, the leads and my training",
        "Schick mir jeden Morgen um acht einen Überblick über #lisbon",
        "Mándame un resumen cada día a las ocho",
        "Envoie-moi un résumé tous les matins à huit heures",
        "Envia-me um resumo todos os dias às oito",
        "Mandami un riepilogo ogni mattina alle otto",
        "Her sabah sekizde bana bir özet gönder",
        "मुझे हर सुबह आठ बजे सारांश भेजो",
        "毎朝8時に#lisbonのまとめを送って",
        "每天早上八点给我发一份简报",
    ],
)
def test_orders_in_ten_languages_reach_the_small_model(text: str) -> None:
    """By a word of theirs; most other messages have none, and cost nothing."""
    assert NOTICE_HINTS.search(text)


UNSEEN = yaml.safe_load(Path("tests/data/notices_unseen.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", UNSEEN)
def test_orders_that_were_written_without_the_hints_have_one(language: str) -> None:
    """Orders, changes, lists and cancellations of briefs and reminders in each of ten languages."""
    assert [text for text in UNSEEN[language] if not NOTICE_HINTS.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "What is gross margin?",
            "Wann öffnet die Kantine?",
            "Create a lead for Northwind",
            "¿Qué hora es?",
        ),
        *("Can you summarise this thread?", "Give me a summary of the meeting", "Write an e-mail to Ben"),
        *("Fass das bitte zusammen", "Schreib Ben eine E-Mail", "Forget it", "Where is the weekly meeting?"),
    ],
)
def test_other_messages_cost_nothing(text: str) -> None:
    """The small model is not asked."""
    assert not NOTICE_HINTS.search(text)


def test_the_small_model_is_given_the_time_and_the_list(world: World) -> None:
    """So that "tomorrow" and "the second one" mean something."""
    world.briefs.put_subscription(make_subscription())
    given = build_notice_input(
        make_direct(DIRECT), PROFILE, world.book.describe_for_model(make_direct(DIRECT)), "stop the first one"
    )

    assert "Their local time: Thursday, 2026-09-10T08:02" in given
    assert "1. about Lisbon; every day at 08:00 (Europe/Lisbon)" in given
    assert given.endswith("Their message:\nstop the first one")


def test_what_another_worker_carried_out_is_not_done_again(world: World) -> None:
    """It died before its reply was seen. The brief is ordered once; "stop the first one" stops no other; and
    the person is told what was done."""
    asked = make_direct(DIRECT)
    assert world.order(ORDER, message=asked) == world.order(ORDER, message=asked)
    assert world.only.schedule == Schedule(at="09:15")

    world.briefs.put_subscription(make_subscription(id="s2", created_at=MORNING_SECONDS + 1))
    stopping, stop = msgspec.structs.replace(asked, id="m9"), ParsedNotice(act="stop_brief", numbers=(1,))
    told = [world.order(stop, message=stopping) for _ in range(2)]
    assert told[0] == told[1]
    assert world.only.id == "s2"
    later = msgspec.structs.replace(asked, id="m10")
    shift = ParsedNotice(act="change_brief", shift_minutes=60)
    for _ in range(2):
        world.order(shift, message=later)
    assert world.only.schedule == Schedule(at="09:00")


def test_an_order_that_dies_on_the_way_is_kept_once(world: World) -> None:
    """What was ordered is named after its message, so that it is found even where nothing was noted."""
    asked = make_direct(DIRECT)
    for _ in range(2):
        world.order(ORDER, message=asked)
        world.log.kept.clear()
    assert len(world.briefs.kept) == 1


def test_a_rhythm_that_there_is_not_orders_no_brief(world: World) -> None:
    """The person is told which there are."""
    told = world.order(msgspec.structs.replace(ORDER, period="other"))
    assert "in a rhythm that you do not know" in told
    assert world.briefs.kept == {}
