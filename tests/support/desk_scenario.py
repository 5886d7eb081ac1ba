"""The desk's part of a scenario: its configuration and documents, and who has the conversation afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from repartee.domain.desk import DeskConfig
from repartee.domain.message import Person
from repartee.ports import Passage
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from standins.whatsapp.server import PHONE_NUMBER_ID
from tests.support import desk_team
from tests.support.scenario_wiring import LocalEmbedder

if TYPE_CHECKING:
    from tests.support.scenario_runner import ScenarioRunner

NAMESPACE = "lumen"
NUMBERS = {"slack": "slack:T0BUTLER", "telegram": "telegram", "whatsapp": f"whatsapp:{PHONE_NUMBER_ID}"}
WHATSAPP_PERSON = "US.13491208655302741918"
WHATSAPP_CHAT = f"whatsapp:{PHONE_NUMBER_ID}:{WHATSAPP_PERSON}"
MEMBER = Person("slack:T0BUTLER:U0ANA", "Ana")


class DeskSetup(msgspec.Struct, forbid_unknown_fields=True):
    """`config` has what `DeskConfig` has, without the number and the namespace; `library` has passages by
    their headings."""

    config: dict[str, Any] | None = {}
    library: dict[str, str] = {}


class DeskExpectation(msgspec.Struct, forbid_unknown_fields=True):
    """Who has the conversation then, for which reason, and a part of the summary. `cards` are parts of the
    cards that the team was shown since the step before, `thread` all that stands below them since, in order;
    patterns stand between slashes."""

    state: str | None = None
    reason: str | None = None
    summary: str | None = None
    cards: tuple[str, ...] | None = None
    thread: tuple[str, ...] | None = None


def set_up_desk(held: ScenarioRunner, own: dict[str, Any]) -> None:
    """Fills the desk's stores, with nothing in the way."""
    before, parts = msgspec.convert(own, DeskSetup), held.parts
    if before.config is not None:
        given = {"name": "Lumen", "team": ["slack:T0BUTLER:C0TEAM"], **before.config}
        config = msgspec.convert(
            {**given, "number": NUMBERS[held.channel], "knowledge": NAMESPACE}, DeskConfig
        )
        parts.stored_desk.save_config(config)
    passages = [
        Passage(id=heading, document="handbook.md", heading=heading, text=text)
        for heading, text in before.library.items()
    ]
    vectors = LocalEmbedder().embed([one.text for one in passages])
    library = SqliteKnowledge(f"{parts.folder}/messages.sqlite-knowledge-{NAMESPACE}")
    library.put(list(zip(passages, vectors, strict=True)))


def act_as_team(held: ScenarioRunner, act: str) -> None:
    """Has a member of the team take the conversation, give it back, or end it."""
    if act in desk_team.PRESSES:
        desk_team.press_take(held, desk_team.PRESSES[act])
        return
    store, chat, now = held.parts.stored_handovers, held.place.chat, held.parts.clock()
    if act == "take":
        changed = store.take(chat, MEMBER, now)
    else:
        changed = (
            store.give_back(chat, MEMBER, now) if act == "give back" else store.resolve(chat, MEMBER, now)
        )
    assert changed.applied, f"the team could not {act}"
    held.parts.queue.send(chat)
    held.parts.answer_all_wakes()


def check_desk(held: ScenarioRunner, own: dict[str, Any]) -> None:
    """Raises `AssertionError` where another has the conversation than was written."""
    after, found = msgspec.convert(own, DeskExpectation), held.parts.stored_handovers.read(held.place.chat)
    if after.state is not None:
        assert found.state == after.state, f"{found.state} has the conversation"
    if after.reason is not None:
        assert found.reason == after.reason, f"the reason is {found.reason!r}"
    if after.summary is not None:
        assert after.summary in found.summary, f"the summary is {found.summary!r}"
    if after.cards is not None or after.thread is not None:
        desk_team.check_team_view(held, after.cards, after.thread)


def list_whatsapp_texts(held: ScenarioRunner) -> list[str]:
    """Returns what the customer sees of the desk in WhatsApp; of a file its kind."""
    shown = held.parts.whatsapp_standin.visible_chat(WHATSAPP_PERSON)["messages"]
    return [str(one["text"] or one["kind"]) for one in shown if one["bot"]]
