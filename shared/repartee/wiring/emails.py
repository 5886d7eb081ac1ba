"""The parts of e-mail: its queue, its service, and its letters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import brief_stores, process, signed_links, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.briefs.email_events import EmailEvents
    from repartee.briefs.email_orders import EmailOrders
    from repartee.briefs.emailing import EmailJobs
    from repartee.briefs.letters import LetterWriter
    from repartee.ports.emails import EmailQueue, MailSender

FLAG_NAME = "briefs"
"""The name under which the flag of serial or parallel is asked for."""


@part
def email_queue(wiring: Wiring) -> EmailQueue:
    from repartee.aws.brief_queue import SqsEmailQueue

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return SqsEmailQueue(sqs, wiring.get(process.settings).brief_emails_queue_url)


@part
def mail_sender(wiring: Wiring) -> MailSender:
    from repartee.aws.ses import SesSender

    settings = wiring.get(process.settings)
    settings.require(Settings.email_from)
    return SesSender(
        wiring.get(process.aws_clients).get_client("sesv2"),
        settings.email_from,
        settings.email_configuration_set,
        settings.email_unsubscribe_address,
    )


@part
def letter_writer(wiring: Wiring) -> LetterWriter:
    from repartee.briefs.letters import LetterWriter
    from repartee.channels.markup.letter import LetterRenderer

    links_url = wiring.get(process.settings).email_links_url
    return LetterWriter(LetterRenderer(), wiring.get(signed_links.link_signer), links_url)


@part
def email_jobs(wiring: Wiring) -> EmailJobs:
    from repartee.briefs.emailing import EmailJobs

    get = wiring.get
    return EmailJobs(
        get(brief_stores.briefs),
        get(brief_stores.email_contacts),
        get(brief_stores.email_runs),
        get(brief_stores.brief_texts),
        get(letter_writer),
        get(mail_sender),
        get(process.pool),
        get(process.clock),
        get(process.logger),
        get(process.emit_metrics),
        is_parallel=partial(process.is_parallel, wiring, FLAG_NAME),
        sign_links=signed_links.make_link_signing(wiring, "mail"),
    )


@part
def email_events(wiring: Wiring) -> EmailEvents:
    from repartee.briefs.email_events import EmailEvents

    get = wiring.get
    return EmailEvents(
        get(brief_stores.email_contacts),
        get(brief_stores.email_runs),
        get(process.logger),
        get(process.emit_metrics),
    )


def make_email_orders(wiring: Wiring) -> EmailOrders:
    """Returns what carries out orders for e-mail. Its parts are made when there is the first."""
    from repartee.briefs.email_orders import EmailOrders

    return EmailOrders(
        partial(wiring.get, brief_stores.email_contacts),
        partial(wiring.get, email_queue),
        partial(wiring.get, stores.rates),
        wiring.get(process.clock),
        is_set_up=wiring.get(process.settings).is_any_set(Settings.email_from),
    )


def make_email_dispatch(wiring: Wiring) -> Callable[[str, str, str], None] | None:
    """Returns what queues the mail of a run by its person, subscription and day; None without e-mail."""
    if not wiring.get(process.settings).is_any_set(Settings.email_from):
        return None
    from repartee.briefs.emailing import EmailDispatch

    return EmailDispatch(wiring.get(brief_stores.email_contacts), wiring.get(email_queue)).queue_brief
