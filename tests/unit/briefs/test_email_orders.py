"""E-mail in plain words: which address is asked, and what the model is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.assistants.notices import NOTICE_PROMPT
from repartee.briefs.email_orders import MAX_CONFIRMATIONS_PER_DAY, EmailOrders
from repartee.briefs.notice import ParsedNotice
from repartee.domain.email import EmailJob
from tests.support.memory_briefs import ADA, make_subscription
from tests.unit.briefs.test_orders import ORDER, PROFILE, World, make_direct

WITH_EMAIL = msgspec.structs.replace(ORDER, email="on")


@pytest.fixture
def world() -> World:
    return World()


def order(world: World, notice: ParsedNotice, text: str) -> str:
    message = msgspec.structs.replace(make_direct("slack:T1:D1"), text=text, id=text)
    return world.book.carry_out(notice, message, PROFILE)


def test_an_address_is_asked_for_its_confirmation(world: World) -> None:
    """The one in the person's own words; nothing goes there before."""
    told = order(world, WITH_EMAIL, "brief me about #lisbon, also by e-mail to anna@example.com")

    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.pending_address, contact.address, contact.language) == ("anna@example.com", "", "de")
    assert world.mailbox.jobs == [EmailJob(ADA, nonce=contact.pending_nonce)]
    assert "A mail with a link was sent to anna@example.com" in told
    assert "A brief is ordered" in told


def test_the_same_message_asks_once(world: World) -> None:
    """A turn that is taken again queues the same mail, which is sent once."""
    known = make_subscription()
    for _ in range(2):
        message = msgspec.structs.replace(make_direct("slack:T1:D1"), text="to anna@example.com", id="m1")
        world.emails.carry_out("on", known, message)

    assert len({job.run_id for job in world.mailbox.jobs}) == 1


def test_a_confirmed_address_needs_no_mail(world: World) -> None:
    """Named again or not at all."""
    world.contacts.trust(ADA, "other", "anna@example.com", "n1", "de")
    told = order(world, WITH_EMAIL, "brief me about #lisbon by e-mail too")

    assert "It comes by e-mail too" in told
    assert world.mailbox.jobs == []
    contact = world.contacts.find(ADA)
    assert contact is not None
    assert contact.gets(world.only.id)
    assert "; by e-mail too" in world.book.describe_for_model(make_direct("slack:T1:D1"))


def test_without_an_address_it_is_asked_for(world: World) -> None:
    """And where the mails had come back, the model may say so."""
    assert "ask them for the address" in order(world, WITH_EMAIL, "brief me by e-mail")
    world.contacts.trust(ADA, "s1", "anna@example.com", "n1", "de")
    world.contacts.end(ADA, "n1", "bounced")
    change = ParsedNotice(act="change_brief", email="on")
    assert "came back" in order(world, change, "by e-mail too")


def test_e_mail_ends_in_plain_words(world: World) -> None:
    """With it the address is forgotten, so that it is asked for again; the brief in the chat goes on."""
    order(world, WITH_EMAIL, "brief me about #lisbon")
    world.contacts.trust(ADA, world.only.id, "anna@example.com", "n1", "de")
    told = order(world, ParsedNotice(act="change_brief", email="off"), "no more e-mails")
    assert "does not come by e-mail any more" in told
    assert world.only.projects[0].name == "Lisbon"

    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.address, contact.ended) == ("", "stopped")
    again = order(world, ParsedNotice(act="change_brief", email="on"), "by e-mail again")
    assert "ask them for the address" in again


def test_no_more_e_mails_is_said_of_all_briefs(world: World) -> None:
    """A person who has several and names none means each."""
    for number in (1, 2):
        world.briefs.put_subscription(make_subscription(id=f"s{number}", created_at=float(number)))
        world.contacts.trust(ADA, f"s{number}", "anna@example.com", "n1", "de")
    told = order(world, ParsedNotice(act="change_brief", email="off"), "no more e-mails")

    assert told == "It does not come by e-mail any more. Say so."
    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.subscriptions, contact.ended) == (frozenset(), "stopped")
    assert len(world.briefs.kept) == 2


def test_a_brief_that_is_stopped_takes_its_e_mail_along(world: World) -> None:
    """The address goes with the last one, and nothing says that its person wants no e-mail."""
    order(world, WITH_EMAIL, "brief me about #lisbon")
    world.contacts.trust(ADA, world.only.id, "anna@example.com", "n1", "de")
    order(world, ParsedNotice(act="stop_brief"), "stop it")

    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.subscriptions, contact.address, contact.ended) == (frozenset(), "", "")


def test_nobody_floods_a_stranger(world: World) -> None:
    """So many addresses in a day; the brief is ordered all the same."""
    known, told = make_subscription(), ""
    for number in range(MAX_CONFIRMATIONS_PER_DAY + 1):
        text = f"to p{number}@example.com"
        message = msgspec.structs.replace(make_direct("slack:T1:D1"), text=text, id=f"m{number}")
        told = world.emails.carry_out("on", known, message)

    assert "too many addresses today" in told
    assert len(world.mailbox.jobs) == MAX_CONFIRMATIONS_PER_DAY


def test_where_there_is_no_e_mail_it_is_said(world: World) -> None:
    """Nothing is asked of any store."""

    def refuse() -> Any:
        raise AssertionError

    emails = EmailOrders(refuse, refuse, refuse, lambda: 0.0, is_set_up=False)
    assert "not set up" in emails.carry_out("on", make_subscription(), make_direct("slack:T1:D1"))
    assert emails.find_emailed(ADA) == frozenset()
    emails.remove(make_subscription())


def test_the_small_model_is_told_of_e_mail() -> None:
    """Its answer has a field for it, which no word of the message can fill with an address."""
    assert "`email`: on if they want a brief by e-mail too" in NOTICE_PROMPT
