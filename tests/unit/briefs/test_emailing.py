"""Mails of briefs: each once, under redelivery, two workers, and a crash at each point."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from repartee.aws.ses_events import is_bus_event, read_ses_event
from repartee.briefs.emailing import EVENT_WAIT_SECONDS, EmailDispatch
from repartee.domain.email import EmailEvent, EmailJob, find_address, make_reference, read_reference
from repartee.errors import InvalidArgument, Throttled, Unavailable
from tests.support.brief_writing_world import BriefWritingWorld, make_item
from tests.support.memory_briefs import ADA, BEN, make_subscription
from tests.support.memory_emails import ANNA, JOB, EmailWorld

EVENTS = Path(__file__).parents[3] / "events" / "ses"

REDELIVERY_SECONDS = 180.0
"""The visibility of the queue of mails."""


class Death(BaseException):
    """The worker's process ends."""


@pytest.fixture
def world() -> EmailWorld:
    return EmailWorld()


def read_event(name: str) -> EmailEvent | None:
    body = (EVENTS / f"{name}.json").read_text()
    assert is_bus_event(body)
    return read_ses_event(body)


def test_a_brief_comes_as_a_mail(world: EmailWorld) -> None:
    """To the confirmed address, its first line as the subject, with both bodies and the way to end it."""
    assert world.send() == []

    (mail,) = world.mailbox.mails
    assert (mail.to, mail.subject) == (ANNA, "Your brief for Thursday, 10 September")
    assert "• The lease is signed. ↗ (https://a.example/1)" in mail.text
    assert '<a href="https://a.example/1"' in mail.html
    assert mail.unsubscribe_url in mail.text
    assert read_reference(mail.reference) == (ADA, "n1", "s1#2026-09-10")
    assert world.metric("EmailsTried") == [1]
    assert ANNA not in world.log.getvalue()
    assert "lease" not in world.log.getvalue()


def test_a_redelivered_job_sends_nothing(world: EmailWorld) -> None:
    """However often it comes."""
    for _ in range(3):
        assert world.send() == []
        world.now += REDELIVERY_SECONDS

    assert len(world.mailbox.mails) == 1


def test_two_workers_send_one_mail(world: EmailWorld) -> None:
    """At the same moment, many times over."""
    jobs = [EmailJob(ADA, "s1", f"2026-10-{day:02}") for day in range(1, 21)]
    with ThreadPoolExecutor(4) as workers:
        for job in jobs:
            list(workers.map(world.send, [job] * 4))

    assert len(world.mailbox.mails) == len(jobs)


def test_mails_of_a_batch_are_sent_at_once(world: EmailWorld) -> None:
    """One that fails holds up no other, and comes again alone."""
    for number in range(9):
        person = f"slack:T1:V{number}"
        world.store.put_subscription(make_subscription(person))
        world.contacts.trust(person, "s1", f"p{number}@example.com", f"m{number}", "en")
    jobs = [EmailJob(f"slack:T1:V{number}", "s1", "2026-09-10") for number in range(9)]
    world.contacts.kept["slack:T1:V4"] = world.contacts.kept["slack:T1:V3"]  # its address is another's
    world.store.kept["slack:T1:V5", "s1"] = None  # type: ignore[assignment]

    assert world.send(*jobs) == []
    assert len(world.mailbox.mails) == 8


DEATHS: dict[str, tuple[str, str]] = {
    "before the mail is claimed": ("runs", "claim"),
    "before its text is read": ("", "find_text"),
    "before it is noted as being sent": ("runs", "mark_sending"),
    "before it is sent": ("mailbox", "send"),
    "before it is noted as sent": ("runs", "finish"),
}


@pytest.mark.parametrize("where", DEATHS)
def test_a_worker_dies(world: EmailWorld, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next sends what was not sent. Where the service took the mail, its event has told so meanwhile."""
    owner, name = DEATHS[where]
    target: Any = getattr(world, owner) if owner else world
    whole: Callable[..., Any] = getattr(target, name)

    def die(*_: Any) -> None:
        raise Death

    with monkeypatch.context() as dying:
        dying.setattr(target, name, die)
        with pytest.raises(Death):
            world.make_jobs().send(JOB, world.now + 60)
    assert getattr(target, name) == whole
    if world.mailbox.mails:
        event = read_event("send")
        assert event is not None
        world.make_events().apply(event)
    for _ in range(3):
        world.now += REDELIVERY_SECONDS
        world.send()

    assert len(world.mailbox.mails) == 1


def test_an_open_outcome_is_waited_for(world: EmailWorld) -> None:
    """Where a worker died about the time of the send, no other sends before the event would have come."""
    world.mailbox.trouble_after = Death()
    with pytest.raises(Death):
        world.make_jobs().send(JOB, world.now + 1)
    world.mailbox.trouble_after = None

    world.now += EVENT_WAIT_SECONDS - 1
    assert world.send() == ["0"]
    assert len(world.mailbox.mails) == 1


def test_a_service_that_is_down_or_throttles_is_asked_again(world: EmailWorld) -> None:
    """The job comes again, and is counted as failed until then."""
    for trouble in (Unavailable("ses", "down"), Throttled("ses", "slow")):
        world.mailbox.trouble = trouble
        assert world.send() == ["0"]
        world.now += REDELIVERY_SECONDS
    world.mailbox.trouble = None

    assert world.send() == []
    assert len(world.mailbox.mails) == 1
    assert world.metric("EmailsFailed") == [1, 1, 0]


def test_a_mail_that_is_refused_is_given_up(world: EmailWorld) -> None:
    """It would be refused again; the brief is in the chat."""
    world.mailbox.trouble = InvalidArgument("ses", "BadRequestException")

    assert world.send() == []
    world.mailbox.trouble = None
    world.now += REDELIVERY_SECONDS
    assert world.send() == []
    assert world.mailbox.mails == []
    assert world.metric("EmailsFailed") == [1]


@pytest.mark.parametrize("change", ["ended", "removed", "cancelled"])
def test_what_is_not_wanted_any_more_is_not_sent(world: EmailWorld, change: str) -> None:
    """The person ended it between the brief and its mail."""
    if change == "ended":
        world.contacts.end(ADA, "n1", "unsubscribed")
    elif change == "removed":
        world.contacts.remove(ADA, "s1")
    else:
        world.store.delete_subscription(ADA, "s1")

    assert world.send() == []
    assert world.mailbox.mails == []


def test_a_text_that_is_not_kept_yet_is_waited_for(world: EmailWorld) -> None:
    """The writer had no store at that moment, and tries again too."""
    world.text = ""
    assert world.send() == ["0"]
    world.text, world.now = "**Your brief**", world.now + REDELIVERY_SECONDS
    assert world.send() == []
    assert len(world.mailbox.mails) == 1


def test_the_confirmation_is_sent_once_and_holds_no_strangers_words(world: EmailWorld) -> None:
    """A mail with a link, to the address that waits, in the person's language."""
    world.contacts.ask(BEN, "s9", "ben@example.com", "n7", world.now + 100, "de")
    job = EmailJob(BEN, nonce="n7")
    for _ in range(2):
        assert world.send(job) == []

    (mail,) = world.mailbox.mails
    assert (mail.to, mail.subject) == ("ben@example.com", "Ist das deine Adresse?")
    assert "https://links.example/email/confirm?token=" in mail.text
    assert mail.unsubscribe_url == ""


def test_a_confirmation_that_is_too_late_is_not_sent(world: EmailWorld) -> None:
    """Its link would be over."""
    world.contacts.ask(BEN, "s9", "ben@example.com", "n7", world.now, "de")

    assert world.send(EmailJob(BEN, nonce="n7")) == []
    assert world.mailbox.mails == []


@pytest.mark.parametrize(
    "name, ended",
    [
        ("bounce_permanent", "bounced"),
        ("bounce_suppressed", "bounced"),
        ("bounce_transient", ""),
        ("bounce_undetermined", ""),
        ("delivery_delay", ""),
        ("complaint", "complained"),
        ("complaint_taken_back", ""),
        ("reject", ""),
        ("send", ""),
    ],
)
def test_bounces_and_complaints_end_the_mails(world: EmailWorld, name: str, ended: str) -> None:
    """Those for good do; a full mailbox, a delay and a complaint that is taken back do not. Twice is once,
    and no log has the address."""
    for _ in range(2):
        assert world.make_events().apply_all({"1": read_event(name)}) == []

    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.ended, contact.address) == (ended, "" if ended else ANNA)
    assert ANNA not in world.log.getvalue()


def test_an_event_of_a_former_address_ends_nothing(world: EmailWorld) -> None:
    """The person has given another one since."""
    world.contacts.trust(ADA, "s1", "new@example.com", "n2", "en")
    world.make_events().apply_all({"1": read_event("bounce_permanent")})

    contact = world.contacts.find(ADA)
    assert contact is not None
    assert contact.address == "new@example.com"


def test_an_event_that_cannot_be_kept_comes_again(world: EmailWorld) -> None:
    """The table is away."""
    world.contacts.trouble = Unavailable("dynamodb", "down")

    events = {"1": read_event("complaint"), "2": None}
    assert world.make_events().apply_all(events) == ["1"]


def test_events_of_others_say_nothing() -> None:
    """Another sender's mail, another source, and what is no event."""
    body = (EVENTS / "complaint.json").read_text()
    assert read_ses_event(body.replace('"reference"', '"other"')) is None
    assert read_ses_event(body.replace('"aws.ses"', '"aws.s3"')) is None
    assert read_ses_event('{"detail-type": 1, "detail": []}') is None
    assert not is_bus_event('{"person": "a\\"detail-type\\""}')


def test_a_reference_that_is_too_long_is_left_out() -> None:
    """SES takes 256 characters; such a mail is sent all the same."""
    assert make_reference("web:" + "a" * 300, "n1", "s1") == ""
    assert read_reference("!") is None


@pytest.mark.parametrize(
    "text, address",
    [
        ("also by e-mail to anna@example.com", ANNA),
        ("auch per Mail an Anna.B+brief@Mail.EXAMPLE.co.uk, bitte", "Anna.B+brief@mail.example.co.uk"),
        ("メールは anna@example.com へ", ANNA),
        ("anna@example.com (anna@example.com).", ANNA),
        ("mailto:anna@example.com", ANNA),
        ("@anna at example.com", ""),
        ("anna@localhost", ""),
        ("a@b@example.com", "b@example.com"),
        ("..anna@-example.com", ""),
        (f"{'a' * 65}@example.com", ""),
        ("anna@example.com\r\nBcc: eve@example.org", ANNA),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, address: str) -> None:
    """One address, without what stands around it."""
    assert find_address(text) == address


class WritingWorld(BriefWritingWorld):
    """A writer of briefs that has mails sent."""

    def __init__(self) -> None:
        super().__init__()
        self.queued: list[tuple[str, str, str]] = []
        self.queue_trouble: Exception | None = None
        self.store.put_subscription(make_subscription())
        self.items["slack:T1:CLISBON"] = [make_item("m1", "The lease is signed.")]

    def queue(self, *run: str) -> None:
        if self.queue_trouble:
            raise self.queue_trouble
        self.queued.append(run)  # type: ignore[arg-type]

    def make_writer(self) -> Any:
        writer = super().make_writer()
        writer._queue_email = self.queue
        return writer


def test_the_mail_is_queued_when_the_brief_is_said() -> None:
    """After it, so that the chat waits for nothing; a brief of nothing has no mail."""
    world = WritingWorld()
    assert world.write().result == "delivered"
    assert world.queued == [(ADA, "s1", "2026-09-10")]
    assert len(world.chat) == 1


@pytest.mark.parametrize(
    "trouble", [Unavailable("slack", "down"), InvalidArgument("slack", "channel_not_found")]
)
def test_a_chat_that_is_down_or_refuses_holds_up_no_mail(trouble: Exception) -> None:
    """The mail goes out, once for however many tries."""
    world = WritingWorld()
    world.trouble = trouble  # type: ignore[assignment]
    if isinstance(trouble, Unavailable):
        with pytest.raises(Unavailable):
            world.write()
    else:
        assert world.write().result == "failed"
    assert set(world.queued) == {(ADA, "s1", "2026-09-10")}


def test_a_mail_that_cannot_be_queued_brings_the_job_back() -> None:
    """The brief is not said twice: its message is the same."""
    world = WritingWorld()
    world.queue_trouble = Unavailable("sqs", "down")
    with pytest.raises(Unavailable):
        world.write()
    world.queue_trouble, world.now = None, world.now + 200

    assert world.write().result == "delivered"
    assert len(world.queued) == 1
    assert len(set(world.sent_ids)) == 1


def test_only_who_wants_it_gets_a_mail(world: EmailWorld) -> None:
    """Of the brief that it was asked for, and to a confirmed address."""
    dispatch = EmailDispatch(world.contacts, world.mailbox)
    world.contacts.ask(BEN, "s1", "ben@example.com", "n7", world.now + 100, "de")
    for person, subscription in ((ADA, "s1"), (ADA, "s2"), (BEN, "s1"), ("slack:T1:U9", "s1")):
        dispatch.queue_brief(person, subscription, "2026-09-10")

    assert world.mailbox.jobs == [JOB]
