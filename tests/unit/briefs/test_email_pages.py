"""Links of mails: a GET changes nothing, a POST does, and only with a link of ours."""

from __future__ import annotations

import re

import pytest

from repartee.briefs.pages import PAGE_HEADERS
from repartee.domain.email import EmailJob
from repartee.errors import Unauthorized, Unavailable
from repartee.privacy.signed_tokens import TokenSigner
from tests.support.memory_briefs import ADA, BEN
from tests.support.memory_emails import ANNA, LINKS_URL, EmailWorld

ONE_CLICK = b"List-Unsubscribe=One-Click"


@pytest.fixture
def world() -> EmailWorld:
    return EmailWorld()


def unsubscribe_url(world: EmailWorld) -> str:
    world.send()
    return world.mailbox.mails[-1].unsubscribe_url


def confirm_url(world: EmailWorld, until: float = 100.0) -> str:
    world.contacts.ask(BEN, "s9", "ben@example.com", "n7", world.now + until, "de")
    world.send(EmailJob(BEN, nonce="n7"))
    found = re.search(rf"{LINKS_URL}/\S+", world.mailbox.mails[-1].text)
    assert found is not None
    return found[0]


def test_one_click_ends_the_mails(world: EmailWorld) -> None:
    """Without a page, a cookie or a question, as RFC 8058 has it; again is as good."""
    url = unsubscribe_url(world)

    assert [world.request(url, body=ONE_CLICK).status for _ in range(2)] == [200, 200]
    contact = world.contacts.find(ADA)
    assert contact is not None
    assert (contact.address, contact.ended) == ("", "unsubscribed")
    assert world.store.find_subscription(ADA, "s1") is not None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_link_ends_nothing(world: EmailWorld, method: str) -> None:
    """A scanner of links gets a page with a button, which posts to the same address."""
    page = world.request(unsubscribe_url(world), method)

    assert page.status == 200
    assert '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">' in page.body
    assert "http" not in page.body
    assert page.headers == PAGE_HEADERS
    contact = world.contacts.find(ADA)
    assert contact is not None
    assert contact.address == ANNA


def test_an_address_is_confirmed_by_its_link(world: EmailWorld) -> None:
    """A GET asks, in the person's language; a POST puts it in use, once and again."""
    url = confirm_url(world)
    asked = world.request(url, "GET")
    assert "Deinen Überblick auch an diese Adresse bekommen?" in asked.body
    assert 'lang="de"' in asked.body
    waiting = world.contacts.find(BEN)
    assert waiting is not None
    assert waiting.address == ""

    assert [world.request(url).status for _ in range(2)] == [200, 200]
    confirmed = world.contacts.find(BEN)
    assert confirmed is not None
    assert confirmed.gets("s9")


def test_a_confirmation_is_over_in_time(world: EmailWorld) -> None:
    """Its link is signed with its end; and one whose address was replaced is over too."""
    url = confirm_url(world)
    world.contacts.ask(BEN, "s9", "other@example.com", "n8", world.now + 100, "de")
    assert world.request(url).status == 410
    world.now += 101
    assert world.request(url).status == 403
    assert world.contacts.find(BEN) is None


def test_a_link_that_is_not_ours_does_nothing(world: EmailWorld) -> None:
    """One that was changed, is for something else, is signed by another key, or is none."""
    url = unsubscribe_url(world)
    other = TokenSigner("another key").sign("unsubscribe", ADA, "n1", "en")
    wrong = (
        url[:-1],
        url.replace("/unsubscribe", "/confirm"),
        confirm_url(world).replace("/confirm", "/unsubscribe"),
        f"{LINKS_URL}/email/unsubscribe?token={other}",
        f"{LINKS_URL}/email/unsubscribe?token=",
        f"{LINKS_URL}/email/unsubscribe",
        f"{LINKS_URL}/email/unsubscribe?token={'a.' * 5000}",
        f"{LINKS_URL}/email/unsubscribe?token=ä.ö",
    )
    assert {world.request(one, method).status for one in wrong for method in ("GET", "POST")} == {403}
    assert world.request(f"{LINKS_URL}/email/elsewhere").status == 404
    contact = world.contacts.find(ADA)
    assert contact is not None
    assert contact.address == ANNA


def test_a_store_that_is_down_is_told(world: EmailWorld) -> None:
    """The mail client may try again: nothing says that it was done."""
    url = unsubscribe_url(world)
    world.contacts.trouble = Unavailable("dynamodb", "down")

    assert world.request(url).status == 503
    assert ANNA not in world.log.getvalue()
    assert ADA not in world.log.getvalue()


def test_tokens_outlive_a_rotation() -> None:
    """The key before reads what it signed; a new token is of the current key."""
    token = TokenSigner("old").sign("unsubscribe", "a", "b")
    assert TokenSigner("new", "old").read(token, "unsubscribe", 0.0) == ("a", "b")
    with pytest.raises(Unauthorized):
        TokenSigner("new").read(token, "unsubscribe", 0.0)
    fresh = TokenSigner("new", "old").sign("unsubscribe", "a")
    assert TokenSigner("new").read(fresh, "unsubscribe", 1e12) == ("a",)
