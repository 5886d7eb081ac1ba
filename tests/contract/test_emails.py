"""The contracts of `ports.EmailContacts` and `ports.EmailRuns`, and what SES is given."""

from __future__ import annotations

import email
import email.policy
import json
import re
from email.message import EmailMessage
from typing import Any
from urllib.request import urlopen

import pytest

from repartee.aws.brief_queue import SqsEmailQueue
from repartee.aws.ses import SesSender
from repartee.domain.brief_run import RunHeld
from repartee.domain.email import EmailContact, EmailJob, MailMessage
from repartee.errors import InvalidArgument, LeaseLost, Unavailable
from repartee.ports.emails import EmailContacts, EmailRuns
from repartee.stores.dynamodb.emails import DynamoEmailContacts, DynamoEmailRuns
from tests.support import aws
from tests.support.memory_briefs import ADA, BEN
from tests.support.memory_emails import ANNA, JOB, MemoryEmailContacts, MemoryEmailRuns

NOW = 1_789_000_000.0
LATER = NOW + 100
PARAMS = ["memory", "moto", "dynamodb_local"]
TOKEN = f"{'QWxs' * 40}.{'c2ln' * 5}"
MAIL = MailMessage(
    to=ANNA,
    subject="Dein Überblick für Donnerstag",
    text="Der Mietvertrag ist unterschrieben (endlich!).\n",
    html="<p>Der Mietvertrag ist unterschrieben (endlich!).</p>\n",
    language="de",
    unsubscribe_url=f"https://links.example/email/unsubscribe?token={TOKEN}",
    unsubscribe_subject=f"unsubscribe%20{TOKEN}",
    reference="cmVmZXJlbmNl",
)


class SetClock:
    """A clock that shows the time that it is set to."""

    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=PARAMS)
def contacts(request: pytest.FixtureRequest, clock: SetClock) -> EmailContacts:
    if request.param == "memory":
        return MemoryEmailContacts(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoEmailContacts(dynamodb, aws.make_table(dynamodb), clock)


@pytest.fixture(params=PARAMS)
def runs(request: pytest.FixtureRequest) -> EmailRuns:
    if request.param == "memory":
        return MemoryEmailRuns()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoEmailRuns(dynamodb, aws.make_table(dynamodb), lambda: NOW)


def test_an_address_is_used_when_it_is_confirmed(contacts: EmailContacts) -> None:
    """Nothing goes to one that waits; confirming it again says the same; and others' are not theirs."""
    assert contacts.find(ADA) is None
    contacts.ask(ADA, "s1", ANNA, "n1", LATER, "de")
    waiting = contacts.find(ADA)
    assert waiting == EmailContact(
        person=ADA,
        pending_address=ANNA,
        pending_nonce="n1",
        pending_until=LATER,
        subscriptions=frozenset({"s1"}),
        language="de",
    )
    assert not waiting.gets("s1")

    assert [contacts.confirm(ADA, "n1", NOW) for _ in range(2)] == [True, True]
    confirmed = contacts.find(ADA)
    assert confirmed == EmailContact(
        person=ADA, address=ANNA, nonce="n1", subscriptions=frozenset({"s1"}), language="de"
    )
    assert confirmed.gets("s1")
    assert not confirmed.gets("s2")
    assert contacts.find(BEN) is None


def test_a_confirmation_is_of_the_newest_address_and_in_time(contacts: EmailContacts) -> None:
    """A link that is too old, and that of an address that another has replaced, puts nothing in use."""
    contacts.ask(ADA, "s1", ANNA, "n1", LATER, "")
    assert not contacts.confirm(ADA, "n1", LATER)
    contacts.ask(ADA, "s1", "other@example.com", "n2", LATER, "")
    assert not contacts.confirm(ADA, "n1", NOW)
    assert not contacts.confirm(BEN, "n2", NOW)
    found = contacts.find(ADA)
    assert found is not None
    assert found.address == ""


def test_a_confirmed_address_stays_in_use_while_another_waits(contacts: EmailContacts) -> None:
    """Then the new one takes its place, and links of the former end nothing any more."""
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    contacts.ask(ADA, "s2", "new@example.com", "n2", LATER, "en")
    found = contacts.find(ADA)
    assert found is not None
    assert (found.address, found.subscriptions) == (ANNA, frozenset({"s1", "s2"}))

    assert contacts.confirm(ADA, "n2", NOW)
    assert not contacts.end(ADA, "n1", "bounced")
    found = contacts.find(ADA)
    assert found is not None
    assert (found.address, found.nonce, found.pending_address) == ("new@example.com", "n2", "")


def test_the_end_forgets_the_address(contacts: EmailContacts) -> None:
    """No brief goes out, the reason stays, and it is ended once. An operator does not begin it again; the
    person does, by confirming an address."""
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    assert [contacts.end(ADA, "n1", "complained") for _ in range(2)] == [True, False]
    assert contacts.find(ADA) == EmailContact(person=ADA, language="en", ended="complained")
    contacts.add(ADA, "s2")
    assert not contacts.confirm(ADA, "n1", NOW)

    assert not contacts.trust(ADA, "s1", ANNA, "n2", "en")
    assert contacts.find(ADA) == EmailContact(person=ADA, language="en", ended="complained")
    contacts.ask(ADA, "s1", ANNA, "n3", LATER, "en")
    assert not contacts.trust(ADA, "s1", ANNA, "n4", "en")
    assert contacts.confirm(ADA, "n3", NOW)
    assert contacts.trust(ADA, "s2", ANNA, "n4", "en")
    found = contacts.find(ADA)
    assert found is not None
    assert (found.address, found.subscriptions, found.ended) == (ANNA, frozenset({"s1", "s2"}), "")


def test_briefs_are_added_and_removed(contacts: EmailContacts) -> None:
    """Each by itself; of a person who never asked for e-mail nothing changes."""
    contacts.remove(ADA, "s1")
    contacts.add(ADA, "s1")
    assert contacts.find(ADA) is None
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    contacts.add(ADA, "s2")
    contacts.remove(ADA, "s1")
    found = contacts.find(ADA)
    assert found is not None
    assert found.subscriptions == frozenset({"s2"})


def test_the_address_goes_with_the_last_brief(contacts: EmailContacts) -> None:
    """Also one that waits. Who ended it in the chat begins it again themselves: an operator does not. A brief
    that is stopped, without a word on e-mail, is no such end."""
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    contacts.add(ADA, "s2")
    contacts.ask(ADA, "s2", "new@example.com", "n2", LATER, "en")
    contacts.remove(ADA, "s1", "stopped")
    found = contacts.find(ADA)
    assert found is not None
    assert (found.address, found.ended) == (ANNA, "")

    contacts.remove(ADA, "s2", "stopped")
    assert contacts.find(ADA) == EmailContact(person=ADA, language="en", ended="stopped")
    assert not contacts.confirm(ADA, "n2", NOW)
    assert not contacts.trust(ADA, "s1", ANNA, "n3", "en")
    contacts.ask(ADA, "s1", ANNA, "n4", LATER, "en")
    contacts.remove(ADA, "s1")
    assert contacts.find(ADA) == EmailContact(person=ADA, language="en", ended="stopped")

    contacts.trust(BEN, "s1", ANNA, "n1", "en")
    contacts.remove(BEN, "s1")
    assert contacts.find(BEN) == EmailContact(person=BEN, language="en")
    assert contacts.trust(BEN, "s1", ANNA, "n2", "en")


def test_why_it_ended_outlives_an_address_that_nobody_confirms(
    contacts: EmailContacts, clock: SetClock
) -> None:
    """However often they ask for one: an operator does not begin it again after that. The address itself is
    forgotten."""
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    contacts.end(ADA, "n1", "complained")
    for nonce in ("n2", "n3"):
        contacts.ask(ADA, "s1", ANNA, nonce, clock.now + 100, "en")
        clock.now += 200
        found = contacts.find(ADA)
        assert found is not None
        assert (found.ended, found.address, found.pending_address) == ("complained", "", "")

    assert not contacts.trust(ADA, "s1", ANNA, "n4", "en")
    assert not contacts.confirm(ADA, "n3", clock.now)


def test_an_address_that_nobody_confirms_is_forgotten(contacts: EmailContacts, clock: SetClock) -> None:
    """With all that came with it where there is nothing else, and without touching one that is in use."""
    contacts.ask(ADA, "s1", ANNA, "n1", LATER, "de")
    contacts.trust(BEN, "s1", ANNA, "n2", "en")
    contacts.ask(BEN, "s2", "new@example.com", "n3", LATER, "en")
    clock.now = LATER
    found = contacts.find(BEN)

    assert contacts.find(ADA) is None
    assert found is not None
    assert (found.address, found.pending_address) == (ANNA, "")
    assert not contacts.confirm(BEN, "n3", NOW)


def test_a_mail_is_claimed_by_one_worker(runs: EmailRuns) -> None:
    """Another waits until the claim is over, and has a greater fence; the former may write nothing."""
    first = runs.claim(JOB, NOW, NOW + 60)
    assert first is not None
    with pytest.raises(RunHeld):
        runs.claim(JOB, NOW + 59, NOW + 120)
    second = runs.claim(JOB, NOW + 60, NOW + 120)
    assert second is not None
    assert second.fence > first.fence
    for act in (lambda: runs.mark_sending(first, NOW), lambda: runs.finish(first, "sent")):
        with pytest.raises(LeaseLost):
            act()


def test_what_was_about_to_be_sent_is_known_to_the_next(runs: EmailRuns) -> None:
    """A worker that died in between leaves when it was; one that ended leaves nothing to do."""
    first = runs.claim(JOB, NOW, NOW + 60)
    assert first is not None
    assert first.sending_at == 0
    runs.mark_sending(first, NOW + 5)
    second = runs.claim(JOB, NOW + 60, NOW + 120)
    assert second is not None
    assert second.sending_at == NOW + 5
    runs.finish(second, "sent")
    assert runs.claim(JOB, NOW + 1000, NOW + 1060) is None


def test_the_event_of_a_mail_settles_it(runs: EmailRuns) -> None:
    """It is over for every worker, also for the one that has it; an event of none of ours changes nothing,
    and neither does one that comes after the outcome."""
    runs.note_sent(BEN, JOB.run_id)
    assert runs.claim(EmailJob(BEN, "s1", "2026-09-10"), NOW, NOW + 60) is not None
    run = runs.claim(JOB, NOW, NOW + 60)
    assert run is not None
    runs.mark_sending(run, NOW)
    runs.note_sent(ADA, JOB.run_id)
    runs.finish(run, "sent")
    with pytest.raises(LeaseLost):
        runs.mark_sending(run, NOW)
    assert runs.claim(JOB, NOW + 100, NOW + 160) is None


def test_a_refused_mail_is_over(runs: EmailRuns) -> None:
    """It is not tried again, whatever comes later."""
    run = runs.claim(JOB, NOW, NOW + 60)
    assert run is not None
    runs.finish(run, "failed")
    runs.note_sent(ADA, JOB.run_id)
    assert runs.claim(JOB, NOW + 100, NOW + 160) is None


def test_a_job_names_no_address(moto: str) -> None:
    """What is queued is ids alone."""
    sqs = aws.make_client("sqs", moto)
    queue = aws.make_queue(sqs)
    SqsEmailQueue(sqs, queue).send_email_job(EmailJob(ADA, nonce="n1"))

    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == {"person": ADA, "nonce": "n1"}


@pytest.fixture
def ses(moto: str) -> Any:
    client = aws.make_client("sesv2", moto)
    client.create_email_identity(EmailIdentity="briefs@example.com")
    return client


def sent_message(moto: str, id: str) -> EmailMessage:
    """The raw message as the service was given it: no address is in an encoded word, and no line is longer
    than mail servers take."""
    with urlopen(f"{moto}/moto-api/data.json") as answer:
        kept = json.load(answer)["ses"]["RawMessage"]
    (raw,) = [one["raw_data"] for one in kept if one["id"] == id]
    assert not re.search(r"^List-Unsubscribe: =\?", raw, re.MULTILINE)
    assert max(map(len, raw.splitlines())) <= 998
    return email.message_from_string(raw, policy=email.policy.default)


def test_a_mail_has_both_bodies_and_both_headers_of_the_list(ses: Any, moto: str) -> None:
    """RFC 8058: one `List-Unsubscribe` with an https address, and `List-Unsubscribe-Post`, once each, in the
    message that SES signs. No line is longer than mail servers take."""
    sender = SesSender(ses, "Überblick <briefs@example.com>", unsubscribe_address="stop@example.com")

    message = sent_message(moto, sender.send(MAIL))

    assert message.get_all("List-Unsubscribe") == [
        f"<{MAIL.unsubscribe_url}>, <mailto:stop@example.com?subject={MAIL.unsubscribe_subject}>"
    ]
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert message["From"].addresses[0].display_name == "Überblick"
    assert (message["To"], message["Subject"]) == (ANNA, "Dein Überblick für Donnerstag")
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "de")
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    plain, page = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    assert (plain, page) == (MAIL.text, MAIL.html)


def test_a_header_cannot_be_broken_out_of(ses: Any, moto: str) -> None:
    """A subject with line breaks in it is one header."""
    sender = SesSender(ses, "briefs@example.com")
    hostile = "Your brief\r\nBcc: eve@example.com\r\n\r\nhello"

    message = sent_message(moto, sender.send(MailMessage(to=ANNA, subject=hostile, text="a", html="b")))

    assert message["Bcc"] is None
    assert message["Subject"] == "Your brief Bcc: eve@example.com hello"
    assert message["List-Unsubscribe"] is None


def test_what_may_be_mended_is_tried_again(moto: str) -> None:
    """An identity that is not verified yet is no refusal of the mail."""
    sender = SesSender(aws.make_client("sesv2", moto), "nobody@unverified.example")

    with pytest.raises(Unavailable, match="MessageRejected"):
        sender.send(MAIL)


def test_an_address_that_is_refused_is_refused_for_good() -> None:
    """SES calls it a bad request."""
    from botocore.exceptions import ClientError

    class Refusing:
        def send_email(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "BadRequestException", "Message": ""}}, "SendEmail")

    with pytest.raises(InvalidArgument):
        SesSender(Refusing(), "briefs@example.com").send(MAIL)
