"""What briefs take of the models in a day's budget, and what a person reads when it is used up."""

from __future__ import annotations

import msgspec
import pytest

from repartee.domain.brief import Project, SourceRef
from repartee.domain.budget import Budget, UsageLimit
from repartee.domain.usage import UsageTotal
from repartee.errors import Unavailable
from tests.support.brief_writing_world import JOB, BriefWritingWorld, make_item
from tests.support.memory_briefs import ADA, make_subscription

LISBON = Project("Lisbon", (SourceRef("room", "r1", "#lisbon"),))
LEADS = Project("The leads", (SourceRef("erp", "leads", "leads"),))
SECTION_TOKENS = 120
"""Tokens that the model takes for a section."""

NOTE = "_I have used up what I may spend here today, so this is only the newest, as it was said._"


@pytest.fixture
def world() -> BriefWritingWorld:
    made = BriefWritingWorld()
    made.store.put_subscription(make_subscription(projects=(LISBON, LEADS)))
    made.items["r1"] = [make_item("m1", "The lease is signed.", link="https://chat/1")]
    made.items["leads"] = [make_item("l1", "Acme moved to won.", link="https://erp/1")]
    made.budget = Budget(room=UsageLimit(max_tokens=1_000))
    return made


def read_usage(world: BriefWritingWorld) -> tuple[int, int]:
    room = make_subscription().address.room
    state = world.records.read_chat_state(room, room, ADA)
    return state.room_usage.tokens, state.workspace_usage.tokens


@pytest.mark.parametrize("parallel", [True, False])
def test_a_brief_counts_in_the_room_and_the_workspace(world: BriefWritingWorld, parallel: bool) -> None:
    """As a turn of the room does: what the model took for all sections."""
    world.parallel = parallel
    world.write()

    assert read_usage(world) == (2 * SECTION_TOKENS, 2 * SECTION_TOKENS)


def test_a_brief_over_the_budget_says_so_and_lists_the_newest(world: BriefWritingWorld) -> None:
    """It comes, and no model is asked; the next day's is whole again."""
    world.records.add_usage("a turn", make_subscription().address.room, UsageTotal(tokens=1_000))
    world.items["r1"] = [make_item(f"m{number}", f"Line {number}.") for number in range(9)]
    written = world.write()

    (said,) = world.chat
    assert written.result == "delivered"
    assert world.model.asked == []
    assert "**Lisbon**\n- Ben: Line 4.\n" in said
    assert "Line 3." not in said
    assert "- Ben: Acme moved to won. [↗](https://erp/1)" in said
    assert said.endswith(NOTE)

    world.now += 24 * 3600
    later = world.write(msgspec.structs.replace(JOB, day="2026-09-11"))

    assert len(world.model.asked) == 2
    assert NOTE not in later.text


def test_another_rooms_use_does_not_shorten_a_brief(world: BriefWritingWorld) -> None:
    """The workspace's budget does."""
    world.records.add_usage("a turn", "slack:T1:C7", UsageTotal(tokens=5_000))
    assert NOTE not in world.make_writer().preview(world.store.kept[ADA, "s1"], JOB.day).text

    world.budget = Budget(workspace=UsageLimit(max_tokens=5_000))
    assert NOTE in world.make_writer().preview(world.store.kept[ADA, "s1"], JOB.day).text


def test_every_preview_is_counted(world: BriefWritingWorld) -> None:
    """An operator's previews take the model's work, and the second no less than the first."""
    writer = world.make_writer()
    for _ in range(2):
        writer.preview(world.store.kept[ADA, "s1"], JOB.day)
        world.now += 1

    assert read_usage(world)[0] == 4 * SECTION_TOKENS


def test_what_people_wrote_is_shown_letter_by_letter(world: BriefWritingWorld) -> None:
    """Nobody makes a link of the assistant's with what they write in a room; what is long is cut."""
    world.records.add_usage("a turn", make_subscription().address.room, UsageTotal(tokens=1_000))
    world.items["r1"] = [make_item("m1", "[your bank](https://evil.example)\n# now " + "x" * 300)]
    said = world.write().text

    assert "- Ben: \\[your bank\\](https://evil.example) \\# now xxx" in said
    assert "x" * 150 not in said
    assert "x…" in said


def test_a_worker_that_goes_on_does_not_pay_twice(world: BriefWritingWorld) -> None:
    """What failed on the way is counted, once, and the finished sections are not asked for again."""
    world.trouble = Unavailable("slack", "down")
    with pytest.raises(Unavailable):
        world.write()
    world.trouble = None
    world.now += 100
    world.write()

    assert read_usage(world)[0] == 2 * SECTION_TOKENS


def test_a_failed_section_is_counted_too(world: BriefWritingWorld) -> None:
    """The model was paid for it."""
    world.model.fails_for = "Acme"
    assert world.write().failed_sections == 1

    assert read_usage(world)[0] == 2 * SECTION_TOKENS


def test_without_a_budget_nothing_is_read_or_counted(world: BriefWritingWorld) -> None:
    """As of turns."""
    world.budget = Budget()
    world.write()

    assert world.records.spent == {}


def test_a_budget_that_cannot_be_read_holds_the_brief(
    world: BriefWritingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job comes again: nothing is spent that may not be."""

    def fail(*_: object, **__: object) -> None:
        raise Unavailable("dynamodb", "down")

    monkeypatch.setattr(world.records, "read_chat_state", fail)
    with pytest.raises(Unavailable):
        world.write()

    assert world.model.asked == []
    assert world.chat == []
