"""The contract of `ports.EmailContacts`."""

from __future__ import annotations

import pytest

from repartee.domain.email import EmailContact
from repartee.ports.emails import EmailContacts
from repartee.stores.dynamodb.emails import DynamoEmailContacts
from tests.support import aws
from tests.support.memory_briefs import ADA, BEN
from tests.support.memory_emails import ANNA, MemoryEmailContacts

NOW = 1_789_000_000.0
LATER = NOW + 100
PARAMS = ["memory", "moto", "dynamodb_local"]


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


def test_an_address_that_waits_outlives_the_end_of_the_one_before(contacts: EmailContacts) -> None:
    """Mails to a former address come back after the person asked for another one: confirmed, it gets their
    briefs; until then nothing goes out."""
    contacts.trust(ADA, "s1", ANNA, "n1", "en")
    contacts.ask(ADA, "s1", "new@example.com", "n2", LATER, "en")
    assert contacts.end(ADA, "n1", "bounced")
    waiting = contacts.find(ADA)
    assert waiting is not None
    assert not waiting.gets("s1")

    assert contacts.confirm(ADA, "n2", NOW)
    confirmed = contacts.find(ADA)
    assert confirmed is not None
    assert confirmed.gets("s1")
    assert confirmed.ended == ""


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
