"""The contract of `ports.EmailRuns`, and what SES is given."""

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
from repartee.domain.email import EmailJob, MailMessage
from repartee.errors import InvalidArgument, LeaseLost, Unavailable
from repartee.ports.emails import EmailRuns
from repartee.stores.dynamodb.emails import DynamoEmailRuns
from tests.support import aws
from tests.support.memory_briefs import ADA, BEN
from tests.support.memory_emails import ANNA, JOB, MemoryEmailRuns

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


@pytest.fixture(params=PARAMS)
def runs(request: pytest.FixtureRequest) -> EmailRuns:
    if request.param == "memory":
        return MemoryEmailRuns()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoEmailRuns(dynamodb, aws.make_table(dynamodb), lambda: NOW)


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
