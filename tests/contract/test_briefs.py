"""The contracts of `ports.BriefStore` and `ports.BriefRuns`."""

from __future__ import annotations

import msgspec
import pytest

from repartee.aws.brief_queue import SqsBriefQueue
from repartee.domain.brief import BriefJob, Project, SourceRef, shard_of
from repartee.domain.brief_run import BriefSection, RunHeld
from repartee.domain.engagement import Engagement
from repartee.domain.reply import VisibleState
from repartee.errors import InvalidArgument, LeaseLost
from repartee.ports.briefs import BriefRuns, BriefStore, OrderLog
from repartee.stores.dynamodb.brief_runs import DynamoBriefRuns
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.order_log import DynamoOrderLog
from tests.support import aws
from tests.support.memory_briefs import (
    ADA,
    BEN,
    MemoryBriefRuns,
    MemoryBriefs,
    MemoryOrderLog,
    make_subscription,
)

NOW = 1_789_000_000.0
JOB = BriefJob(ADA, "s1", "2026-09-10")
PARAMS = ["memory", "moto", "dynamodb_local"]


@pytest.fixture(params=PARAMS)
def briefs(request: pytest.FixtureRequest) -> BriefStore:
    if request.param == "memory":
        return MemoryBriefs()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoBriefs(dynamodb, aws.make_table(dynamodb), lambda: NOW)


@pytest.fixture(params=PARAMS)
def runs(request: pytest.FixtureRequest) -> BriefRuns:
    if request.param == "memory":
        return MemoryBriefRuns()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoBriefRuns(dynamodb, aws.make_table(dynamodb), lambda: NOW)


def test_a_person_has_several_subscriptions(briefs: BriefStore) -> None:
    """They are read as they were put, oldest first; one put again replaces its former; others' are not
    theirs; and one that is deleted is gone, which may be said twice."""
    late, early = make_subscription(id="b", created_at=2.0), make_subscription(id="a", created_at=1.0)
    for one in (late, early, make_subscription(BEN)):
        briefs.put_subscription(one)
    changed = msgspec.structs.replace(late, timezone="Asia/Tokyo")
    briefs.put_subscription(changed)

    assert list(briefs.list_subscriptions(ADA)) == [early, changed]
    assert briefs.find_subscription(ADA, "b") == changed
    assert [briefs.delete_subscription(ADA, "a") for _ in range(2)] == [True, False]
    assert briefs.find_subscription(ADA, "a") is None
    assert briefs.find_subscription(BEN, "b") is None


def test_pages_have_every_subscription_once(briefs: BriefStore) -> None:
    """However many a page takes."""
    people = [person for number in range(60) if shard_of(person := f"slack:T1:U{number}") == 3][:5]
    for person in people:
        briefs.put_subscription(make_subscription(person))

    found, after = [], ""
    while True:
        page = briefs.list_page(3, after, limit=2)
        found += [one.person for one in page.subscriptions]
        after = page.next
        if not after:
            break

    assert sorted(found) == sorted(people)
    assert briefs.list_page(4).subscriptions == ()


def test_the_last_run_is_noted(briefs: BriefStore) -> None:
    """An older one changes nothing, nor does one of a subscription that is stopped."""
    briefs.put_subscription(make_subscription())

    for day, at in (("2026-09-10", 10.0), ("2026-09-09", 9.0), ("2026-09-10", 11.0)):
        briefs.note_run(ADA, "s1", day, at)
    briefs.note_run(ADA, "unknown", "2026-09-10", 1.0)

    found = briefs.find_subscription(ADA, "s1")
    assert found is not None
    assert (found.last_day, found.last_at) == ("2026-09-10", 10.0)
    assert briefs.find_subscription(ADA, "unknown") is None


def test_unread_briefs_are_counted_until_a_sign(briefs: BriefStore) -> None:
    """A day counts once. A sign that is older than another changes nothing; who had no brief gives none."""
    briefs.note_engaged(ADA, "answer", 1.0)
    assert briefs.read_engagements([ADA]) == {}
    for day in ("2026-09-09", "2026-09-10", "2026-09-10", "2026-09-09"):
        briefs.note_delivered(ADA, day)
    assert briefs.read_engagements([ADA, BEN, ADA]) == {ADA: Engagement(unread=2)}

    briefs.note_engaged(ADA, "click", 20.0)
    briefs.note_delivered(ADA, "2026-09-11")
    briefs.note_engaged(ADA, "reaction", 10.0)

    assert briefs.read_engagements([ADA]) == {ADA: Engagement(1, 20.0, "click")}


def test_when_a_person_wrote_is_known_beside_the_other_signs(briefs: BriefStore) -> None:
    """A reading or a click is no writing, and one that is told sooner than the answer before it hides none;
    an older answer changes nothing."""
    briefs.note_delivered(ADA, "2026-09-09")
    for kind, at in (("open", 11.0), ("answer", 10.0), ("click", 20.0), ("answer", 9.0)):
        briefs.note_engaged(ADA, kind, at)  # type: ignore[arg-type]

    assert briefs.read_engagements([ADA]) == {ADA: Engagement(0, 20.0, "click", wrote_at=10.0)}


def test_answers_of_who_is_reminded_are_noted(briefs: BriefStore) -> None:
    """Also where they never had a brief; none is unread by that."""
    for at in (10.0, 9.0):
        briefs.note_wrote(ADA, at)
    assert briefs.read_engagements([ADA]) == {ADA: Engagement(wrote_at=10.0)}

    briefs.note_engaged(ADA, "answer", 20.0)
    assert briefs.read_engagements([ADA]) == {ADA: Engagement(0, 20.0, "answer", wrote_at=20.0)}
    briefs.note_wrote(ADA, 15.0)
    assert briefs.read_engagements([ADA])[ADA].wrote_at == 20.0


def test_a_cursor_is_kept(briefs: BriefStore) -> None:
    """The last one stands."""
    assert dict(briefs.read_cursor()) == {}
    for cursor in ({3: "subscription#x", 5: ""}, {}):
        briefs.save_cursor(cursor)
        assert dict(briefs.read_cursor()) == cursor


def test_what_is_queued_is_known(runs: BriefRuns) -> None:
    """Of the same person and day only that subscription's run."""
    others = [BriefJob(ADA, "s2", JOB.day), BriefJob(ADA, "s1", "2026-09-11"), BriefJob(BEN, "s1", JOB.day)]
    for _ in range(2):
        runs.note_queued([JOB])

    assert runs.find_queued([JOB, *others]) == {JOB.key}


def test_a_run_is_one_workers(runs: BriefRuns) -> None:
    """Another one is refused until the claim ends, and then goes on with what is finished."""
    first = runs.claim(JOB, NOW, NOW + 60)
    assert first is not None
    runs.save_section(first, 1, BriefSection("Lisbon", text="News.", keys=("m1",)))
    with pytest.raises(RunHeld) as held:
        runs.claim(JOB, NOW + 30, NOW + 90)
    assert held.value.until == NOW + 60

    second = runs.claim(JOB, NOW + 61, NOW + 121)

    assert second is not None
    assert second.sections == {1: BriefSection("Lisbon", text="News.", keys=("m1",))}
    assert second.fence > first.fence
    assert second.gathered_at == NOW
    for write in (
        lambda: runs.save_section(first, 2, BriefSection("Late")),
        lambda: runs.save_visible(first, "Late", VisibleState()),
        lambda: runs.finish(first, "failed"),
    ):
        with pytest.raises(LeaseLost):
            write()


def test_a_run_that_is_over_stays_over(runs: BriefRuns) -> None:
    """A worker that comes with the same job is told so. What was sent is kept until then."""
    run = runs.claim(JOB, NOW, NOW + 60)
    assert run is not None
    runs.save_visible(run, "Good morning.", VisibleState(intent_at=NOW, message_ids={"0": "1.1"}))
    later = runs.claim(JOB, NOW + 61, NOW + 121)
    assert later is not None
    assert later.text == "Good morning."
    assert later.visible.message_ids == {"0": "1.1"}

    runs.finish(later, "delivered")

    assert runs.claim(JOB, NOW + 500, NOW + 560) is None


@pytest.fixture(params=PARAMS)
def order_log(request: pytest.FixtureRequest, times: list[float]) -> OrderLog:
    def clock() -> float:
        return times[-1]

    if request.param == "memory":
        return MemoryOrderLog(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoOrderLog(dynamodb, aws.make_table(dynamodb), clock)


@pytest.fixture
def times() -> list[float]:
    return [NOW]


def test_what_became_of_an_order_is_known_for_a_day(order_log: OrderLog, times: list[float]) -> None:
    """Of each person's own orders, and in full where that is not too long."""
    order_log.keep_result(ADA, "m1", "Done.")
    order_log.keep_result(BEN, "m2", "\u4e2d" * 100_000)

    assert order_log.find_result(ADA, "m1") == "Done."
    assert (order_log.find_result(BEN, "m1"), order_log.find_result(ADA, "m2")) == ("", "")
    assert order_log.find_result(BEN, "m2").startswith("\u4e2d" * 1000)
    times.append(NOW + 24 * 3600 + 1)
    assert order_log.find_result(ADA, "m1") == ""


@pytest.mark.parametrize("server", PARAMS[1:])
def test_items_are_bounded(request: pytest.FixtureRequest, server: str) -> None:
    """A subscription too large is refused; of texts too long the beginning is kept; what cannot
    be read is counted and costs nobody else the brief."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(server))
    table = aws.make_table(dynamodb)
    briefs, runs = DynamoBriefs(dynamodb, table, lambda: NOW), DynamoBriefRuns(dynamodb, table, lambda: NOW)
    huge = Project("x", tuple(SourceRef("room", "r" * 2000) for _ in range(10)))
    with pytest.raises(InvalidArgument):
        briefs.put_subscription(make_subscription(projects=(huge,)))

    run = runs.claim(JOB, NOW, NOW + 60)
    assert run is not None
    for number in range(15):
        runs.save_section(run, number, BriefSection("x", text="\u4e2d" * 100_000))
    runs.save_visible(run, "\u4e2d" * 300_000, VisibleState(text="\u4e2d" * 300_000))
    kept = runs.claim(JOB, NOW + 61, NOW + 99)
    assert kept is not None
    assert len(kept.sections) == 15

    briefs.put_subscription(make_subscription())
    shard = {"S": f"briefs:{shard_of(ADA)}"}
    dynamodb.put_item(
        TableName=table, Item={"pk": shard, "sk": {"S": "subscription#a"}, "payload": {"S": "{"}}
    )
    page = briefs.list_page(shard_of(ADA))
    assert (len(page.subscriptions), page.unreadable) == (1, 1)


@pytest.mark.parametrize("server", ["moto", "elasticmq"])
def test_jobs_come_out_of_the_queue_as_they_went_in(request: pytest.FixtureRequest, server: str) -> None:
    """Ten in one call."""
    sqs = aws.make_client("sqs", request.getfixturevalue(server))
    url = aws.make_queue(sqs)
    jobs = [BriefJob(f"slack:T1:U{number}", "s1", JOB.day, unread=number) for number in range(10)]

    assert SqsBriefQueue(sqs, url).send_jobs(jobs) == {}

    found: set[BriefJob] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {msgspec.json.decode(one["Body"], type=BriefJob) for one in messages}
    assert found == set(jobs)
