"""Links of a brief lead to its messages, and a person's first click tells that the brief was read."""

from __future__ import annotations

import base64

import msgspec
import pytest

from repartee.briefs.click_pages import MIN_CLICK_SECONDS
from repartee.briefs.sections import link_citations
from repartee.domain.brief_links import LINK_DAYS, MAX_BRIEF_LINKS, MAX_LINK_CHARS
from repartee.domain.engagement import Engagement
from repartee.errors import Unavailable
from repartee.ports.briefs import SourceItem
from repartee.privacy.signed_tokens import TokenSigner
from tests.support.brief_world import MORNING_SECONDS
from tests.support.brief_writing_world import BriefWritingWorld, make_item
from tests.support.click_world import JOB, LEASE, OFFER, TEXT, ClickWorld
from tests.support.memory_briefs import ADA, BEN, make_subscription
from tests.support.memory_emails import LINKS_URL, EmailWorld

DAY_SECONDS = 24 * 3600.0


@pytest.fixture
def world() -> ClickWorld:
    return ClickWorld()


def test_a_link_leads_to_its_message(world: ClickWorld) -> None:
    """With a redirection that no cache keeps, and that does not tell the target where the person was."""
    first, second, again = world.send_links()

    answers = [world.follow(url) for url in (first, second, again)]

    assert [(one.status, one.headers["location"]) for one in answers] == [
        (302, LEASE),
        (302, OFFER),
        (302, LEASE),
    ]
    assert (answers[0].headers["cache-control"], answers[0].headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )


def test_who_returns_by_a_click_is_back_at_once(world: ClickWorld) -> None:
    """What is kept of it is when it was, once for each brief: that a link is followed again tells
    nothing more."""
    first, second, _ = world.send_links()
    world.follow(first)
    assert world.briefs.engagements[ADA] == Engagement(0, world.now, "click")

    clicked_at = world.now
    world.briefs.note_delivered(ADA, "2026-09-11")
    world.now += DAY_SECONDS
    assert world.follow(second).status == 302
    assert world.briefs.engagements[ADA] == Engagement(1, clicked_at, "click")


def test_the_address_tells_nothing(world: ClickWorld) -> None:
    """Neither whose brief it is, nor where it leads, nor of which day it is."""
    for url in world.send_links():
        assert url.startswith(f"{LINKS_URL}/brief/message?token=")
        content = url.partition("token=")[2].partition(".")[0]
        said = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)).decode()
        for told in (ADA, "U1", "T1", "s1", JOB.day, JOB.turn_id, "acme", "archives"):
            assert told not in url
            assert told not in said


@pytest.mark.parametrize(
    "agent",
    [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "TelegramBot (like TwitterBot)",
        "WhatsApp/2.23.20.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edge/12.246 BingPreview/1.0b",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
        "curl/8.5.0",
        "",
    ],
)
def test_a_program_that_follows_a_link_is_no_reader(world: ClickWorld, agent: str) -> None:
    """Previews of chats and scanners of mails get the redirection, and nothing is noted; the person's own
    click after it counts."""
    first, *_ = world.send_links()

    assert world.follow(first, agent=agent).status == 302
    assert world.unread == 7
    world.follow(first)
    assert world.unread == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x_purpose": "preview"},
        {"x_moz": "prefetch"},
        {"sec_fetch_dest": "empty"},
        {"sec_fetch_dest": "image"},
    ],
)
def test_what_a_browser_loads_ahead_is_no_click(world: ClickWorld, headers: dict[str, str]) -> None:
    """Nobody has followed the link yet."""
    first, *_ = world.send_links()

    assert world.follow(first, **headers).status == 302
    assert world.unread == 7


@pytest.mark.parametrize("method, status", [("HEAD", 302), ("POST", 405), ("DELETE", 405)])
def test_only_a_get_counts(world: ClickWorld, method: str, status: int) -> None:
    """Asking where a link leads is no click, and there is nothing to post."""
    first, *_ = world.send_links()

    assert world.follow(first, method).status == status
    assert world.unread == 7


@pytest.mark.parametrize("seconds, unread", [(MIN_CLICK_SECONDS - 0.1, 7), (MIN_CLICK_SECONDS, 0)])
def test_a_click_at_once_is_a_scanners(world: ClickWorld, seconds: float, unread: int) -> None:
    """Seconds after the sending, with a browser's name: the first of these that a person does later
    counts."""
    first, *_ = world.send_links()
    world.now = MORNING_SECONDS + seconds

    assert world.follow(first).status == 302
    assert world.unread == unread


def test_a_link_that_is_not_ours_leads_nowhere(world: ClickWorld) -> None:
    """Tampered with, signed by another key, for another purpose, with a number that the brief does not have,
    or with an address in it."""
    first, *_ = world.send_links()
    token = first.partition("token=")[2]
    (id,) = world.links.kept
    own, foreign = TokenSigner(*world.keys), TokenSigner("another key")
    until = world.now + 1000
    refused = (
        token[:-1],
        f"A{token[1:]}",
        foreign.sign("click", id, "0", until=until),
        own.sign("unsubscribe", ADA, "n1", "en"),
        own.sign("click", "https://evil.example", until=until),
        "",
    )

    answers = [world.follow(f"{LINKS_URL}/brief/message?token={one}") for one in refused]
    answers.append(world.follow(f"{first}&to=https://evil.example"))
    assert {one.status for one in answers} == {403}
    assert all("location" not in one.headers for one in answers)
    unknown = own.sign("click", id, "7", until=until), own.sign("click", "other", "0", until=until)
    assert {world.follow(f"{LINKS_URL}/brief/message?token={one}").status for one in unknown} == {410}
    assert world.follow(f"{LINKS_URL}/brief/elsewhere?token={token}").status == 404
    assert world.unread == 7


def test_a_link_is_over_after_a_month(world: ClickWorld) -> None:
    """The person is told so in the language of their browser."""
    first, *_ = world.send_links()
    world.now = MORNING_SECONDS + (LINK_DAYS - 1) * DAY_SECONDS
    assert world.follow(first).status == 302
    world.now = MORNING_SECONDS + LINK_DAYS * DAY_SECONDS

    answer = world.follow(first, accept_language="de-DE,de;q=0.9")

    assert answer.status == 403
    assert "Dieser Link führt nicht mehr zu seiner Nachricht." in answer.body


def test_what_is_forgotten_leads_nowhere(world: ClickWorld) -> None:
    """With the person's data the addresses go as well."""
    first, *_ = world.send_links()
    world.links.kept.clear()

    assert world.follow(first).status == 410


def test_links_are_the_same_when_a_brief_is_sent_again(world: ClickWorld) -> None:
    """A worker that goes on with a brief shows the same text, and a click before it stays the only one; the
    mail of the same brief, and another person's, have links of their own."""
    sent = world.send()
    first, *_ = world.send_links()
    world.follow(first)

    assert world.send() == sent
    assert len(world.links.kept) == 1
    assert next(iter(world.links.kept.values())).clicked_at
    world.send(place="mail")
    world.send(job=msgspec.structs.replace(JOB, person=BEN))
    assert len(world.links.kept) == 3


def test_a_rotated_key_is_good_for_links_before(world: ClickWorld) -> None:
    """As long as the former one is accepted."""
    first, *_ = world.send_links()
    world.keys.insert(0, "a new key")

    assert world.follow(first).headers["location"] == LEASE
    assert world.unread == 0


def test_with_the_setting_off_earlier_links_lead_on(world: ClickWorld) -> None:
    """And nothing is noted any more."""
    first, *_ = world.send_links()
    world.records = False

    assert world.follow(first).headers["location"] == LEASE
    assert world.unread == 7


def test_a_store_that_is_down_costs_no_brief_and_no_message(world: ClickWorld) -> None:
    """The brief has its own links then; a click that cannot be noted leads on; one whose address cannot be
    read is told to come again."""
    world.links.trouble = Unavailable("dynamodb", "down")
    assert world.send() == TEXT
    world.links.trouble = None
    first, *_ = world.send_links()

    world.links.trouble = Unavailable("dynamodb", "down")
    assert world.follow(first).status == 503
    world.links.trouble = None
    world.briefs.note_engaged = refuse  # type: ignore[assignment, method-assign]
    assert world.follow(first).headers["location"] == LEASE
    assert ADA not in world.log.getvalue()
    assert LEASE not in world.log.getvalue()


def refuse(*given: object) -> None:
    raise Unavailable("dynamodb", "down")


def test_only_links_to_messages_are_led_by_us(world: ClickWorld) -> None:
    """What a person wrote, or a model, keeps its address: no stranger's page gets ours. Of very many links
    the first are led, and a very long one is not."""
    others = "[a page](https://evil.example) https://evil.example \\[↗\\](https://evil.example)"
    assert world.send(others) == others
    many = " ".join(f"[↗]({LEASE}{number})" for number in range(MAX_BRIEF_LINKS + 5))
    assert world.send(many).count(LINKS_URL) == MAX_BRIEF_LINKS
    long = f"[↗](https://a.example/{'x' * MAX_LINK_CHARS})"
    assert world.send(long) == long


def test_a_model_sets_no_link_to_a_message() -> None:
    """The mark of such a link is taken out of what it writes: it may have been told to write one."""
    items = [SourceItem(key="m1", text="signed", link=LEASE)]
    written = "- Signed. [↗](https://evil.example) [1]"

    assert link_citations(written, items) == f"- Signed. [](https://evil.example) [↗]({LEASE})"


def test_the_chat_gets_signed_links_and_the_mail_its_own() -> None:
    """What is kept of the brief has the messages' own addresses: both are made of it."""
    chat, mails, clicks = BriefWritingWorld(), EmailWorld(), ClickWorld()
    chat.store.put_subscription(make_subscription())
    ref = make_subscription().projects[0].sources[0]
    chat.items[ref.id] = [make_item("m1", "The lease is signed.", link=LEASE)]
    chat.sign_links = lambda text, job: clicks.send(text, job, "chat")
    mails.sign_links = lambda text, job: clicks.send(text, job, "mail")

    chat.write()
    (run,) = chat.runs.runs.values()
    mails.text = run.text
    mails.send()

    assert LEASE in run.text
    assert LEASE not in chat.chat[-1]
    assert chat.chat[-1].count(f"{LINKS_URL}/brief/message?token=") == 1
    (mail,) = mails.mailbox.mails
    for body in (mail.html, mail.text):
        assert f"{LINKS_URL}/brief/message?token=" in body
        assert LEASE not in body
    assert len(clicks.links.kept) == 2
