"""What a person reads in a brief, what the model was given for it, and what a crash on the way changes."""

from __future__ import annotations

import msgspec
import pytest

from repartee.domain.brief import Project, SourceRef
from repartee.domain.brief_run import BriefSection
from repartee.domain.engagement import Engagement
from repartee.domain.reply import VisibleState
from repartee.errors import PermissionDenied, Unavailable
from tests.support.brief_writing_world import JOB, BriefWritingWorld, make_item
from tests.support.memory_briefs import ADA, BEN, make_subscription

LEADS = Project("The leads", (SourceRef("erp", "leads", "leads"),))
LISBON = Project("Lisbon", (SourceRef("room", "r1", "#lisbon"),))


@pytest.fixture
def world() -> BriefWritingWorld:
    made = BriefWritingWorld()
    made.store.put_subscription(make_subscription(projects=(LISBON, LEADS)))
    made.items["r1"] = [make_item("m1", "The lease is signed.", link="https://chat/1")]
    made.items["leads"] = [make_item("l1", "Acme moved to won.", link="https://erp/1")]
    return made


@pytest.mark.parametrize("parallel", [True, False])
def test_a_brief_is_one_message_with_a_section_a_project(world: BriefWritingWorld, parallel: bool) -> None:
    """In the order of the projects, with links to what was said; parallel and serial read the same."""
    world.parallel = parallel
    written = world.write()

    (said,) = world.chat
    assert written.result == "delivered"
    assert said == written.text
    assert said.startswith("**Your brief for Thursday, 10 September**")
    assert "**Lisbon**\n- The lease is signed. [↗](https://chat/1)" in said
    assert said.index("Lisbon") < said.index("The leads")
    assert world.store.kept[ADA, "s1"].last_day == JOB.day
    assert world.store.engagements[ADA] == Engagement(unread=1)


def test_the_model_is_given_numbered_lines_and_no_address(world: BriefWritingWorld) -> None:
    """Whose words they are and when they were said; links are set in afterwards."""
    world.write()

    assert sorted(world.model.asked)[1] == "[1] Thu 07:00 Ben: The lease is signed."
    assert not any("https" in asked for asked in world.model.asked)


def test_a_brief_is_about_what_came_since_the_last_one(world: BriefWritingWorld) -> None:
    """Until it was gathered, and the next one goes on there."""
    world.store.put_subscription(
        make_subscription(projects=(LISBON,), last_day="2026-09-09", last_at=5_000.0)
    )
    world.now = 900_000.0
    world.write()

    (query,) = world.queries
    assert (query.since, query.until) == (5_000.0, 900_000.0)
    assert world.store.kept[ADA, "s1"].last_at == 900_000.0


def test_a_source_that_fails_costs_its_section_which_says_so(world: BriefWritingWorld) -> None:
    """The rest of the brief comes."""
    world.failures["leads"] = Unavailable("odoo", "down")
    written = world.write()

    assert "_I could not read this today: leads_" in written.text
    assert "The lease is signed." in written.text
    assert written.failed_sections == 1


def test_a_model_that_fails_costs_its_section(world: BriefWritingWorld) -> None:
    """The other projects' sections come."""
    world.model.fails_for = "Acme"
    written = world.write()

    assert "I could not read this today: The leads" in written.text
    assert "The lease is signed." in written.text


def test_what_a_person_may_not_read_is_left_out_without_a_word(world: BriefWritingWorld) -> None:
    """Two people, one project, different rights: two briefs, and neither says that there is more."""
    world.store.put_subscription(make_subscription(BEN, projects=(LISBON, LEADS)))
    world.failures[f"{BEN}#leads"] = PermissionDenied("odoo", "no")
    own, other = world.write(), world.write(msgspec.structs.replace(JOB, person=BEN))

    assert "Acme" in own.text
    assert "Acme" not in other.text
    assert "could not read" not in other.text
    assert sum("Acme" in asked for asked in world.model.asked) == 1


def test_a_source_in_two_projects_is_told_once(world: BriefWritingWorld) -> None:
    """It is gathered once; so is a section that only repeats an earlier one."""
    again = Project("Again", (SourceRef("room", "r1", "#lisbon"), SourceRef("room", "r2")))
    world.items["r2"] = list(world.items["r1"])
    world.store.put_subscription(make_subscription(projects=(LISBON, again)))
    written = world.write()

    assert written.text.count("The lease is signed.") == 1
    assert "**Again**" not in written.text
    assert [query.ref.id for query in world.queries].count("r1") == 1


@pytest.mark.parametrize("wants_short, messages", [(True, 1), (False, 0)])
def test_a_day_with_nothing_new(world: BriefWritingWorld, wants_short: bool, messages: int) -> None:
    """Has a short brief, or none, as the person wants; the model is not asked, and the day is done."""
    world.items.clear()
    world.store.put_subscription(make_subscription(projects=(LISBON,), is_short_if_empty=wants_short))
    written = world.write()

    assert len(world.chat) == messages
    assert written.result == ("delivered" if wants_short else "empty")
    assert not world.chat or "Nothing new since the last one." in world.chat[0]
    assert world.model.asked == []
    assert world.store.kept[ADA, "s1"].last_day == JOB.day
    assert world.write().result == "over"


def test_a_redelivered_job_says_nothing_twice(world: BriefWritingWorld) -> None:
    """Neither while another worker writes it nor afterwards."""
    run = world.runs.claim(JOB, world.now, world.now + 60)
    assert run is not None
    held = world.write()
    world.now += 61
    results = [world.write().result for _ in range(3)]

    assert held.result == "held"
    assert results == ["delivered", "over", "over"]
    assert len(world.chat) == 1


def test_a_killed_worker_is_gone_on_for_without_paying_twice(world: BriefWritingWorld) -> None:
    """Sections that were finished are not written again."""
    run = world.runs.claim(JOB, world.now, world.now + 60)
    assert run is not None
    world.runs.save_section(run, 0, BriefSection("Lisbon", text="- Written before.", keys=("m1",)))
    world.now += 61

    written = world.write()

    assert written.resumed == 1
    assert "Written before." in written.text
    assert len(world.model.asked) == 1


def test_a_brief_that_was_sent_before_a_crash_is_not_sent_again(world: BriefWritingWorld) -> None:
    """The next worker goes on with the message that is there, with the text that was kept."""
    run = world.runs.claim(JOB, world.now, world.now + 60)
    assert run is not None
    visible = VisibleState(intent_at=world.now, message_ids={"0": "shown-0"})
    world.runs.save_visible(run, "The whole brief.", visible)
    world.now += 61

    written = world.write()

    assert written.result == "delivered"
    assert world.chat == ["The whole brief."]
    assert world.sent_ids == ["shown-0"]
    assert world.model.asked == []


def test_a_chat_that_is_down_has_the_job_come_again(world: BriefWritingWorld) -> None:
    """Nothing is marked as done; once it is up, the brief is sent without another call of the model."""
    world.trouble = Unavailable("slack", "down")
    with pytest.raises(Unavailable):
        world.write()
    asked = len(world.model.asked)
    world.trouble, world.now = None, world.now + 200

    assert world.write().result == "delivered"
    assert len(world.model.asked) == asked


def test_a_chat_that_refuses_for_good_ends_the_run(world: BriefWritingWorld) -> None:
    """The person has blocked the assistant: nothing is tried without an end."""
    world.trouble = PermissionDenied("telegram", "bot was blocked by the user")

    assert world.write().result == "failed"
    assert world.write().result == "over"


def test_a_stopped_subscription_has_no_brief(world: BriefWritingWorld) -> None:
    """Even if its job is in the queue already."""
    world.store.delete_subscription(ADA, "s1")

    assert world.write().result == "cancelled"
    assert world.chat == []


def test_who_read_none_is_asked_whether_to_stop(world: BriefWritingWorld) -> None:
    """In the place of a brief, in the person's language, and no model is paid for it."""
    subscription = make_subscription()
    address = msgspec.structs.replace(subscription.address, language="de")
    world.store.put_subscription(msgspec.structs.replace(subscription, address=address))

    written = world.write(msgspec.structs.replace(JOB, unread=12))

    assert "Soll ich damit aufhören?" in written.text
    assert world.model.asked == []


def test_whatsapp_is_told_when_the_person_last_wrote(world: BriefWritingWorld) -> None:
    """So that its window of a day is kept: beyond it only the template may be sent. That they read a brief
    this morning, or clicked a link in it, opens none."""
    person = "whatsapp:123:u1"
    world.store.put_subscription(make_subscription(person, created_at=1_000.0, projects=(LISBON,)))
    world.store.engagements[person] = Engagement(1, 499_000.0, "open", wrote_at=5_000.0)
    world.now = 500_000.0
    world.write(msgspec.structs.replace(JOB, person=person))

    assert world.messages[-1].sent == 5_000.0


def test_a_preview_changes_nothing(world: BriefWritingWorld) -> None:
    """It is neither kept nor sent."""
    text = world.make_writer().preview(world.store.kept[ADA, "s1"], JOB.day).text

    assert "The lease is signed." in text
    assert world.chat == []
    assert world.runs.runs == {}


def test_what_the_model_finds_not_worth_telling_is_a_quiet_project(world: BriefWritingWorld) -> None:
    """Small talk alone leaves no heading with nothing under it."""
    world.model.is_silent_about = "lease"
    written = world.write()

    assert "**Lisbon**" not in written.text
    assert "Lisbon" in written.text.splitlines()[-1]
    assert "Acme moved to won." in written.text
