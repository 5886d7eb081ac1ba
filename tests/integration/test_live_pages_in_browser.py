"""Pages that change while a person looks: the end stays in sight, and a lost connection comes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chat_browser import find_in_chat, say, wait_for_first_words, wait_for_replies
from tests.support.console_browser import DESKTOP, is_cut_off, needs_chromium, open_page
from tests.support.cut_connection import connect_to

pytestmark = needs_chromium
QUESTION = "how is my bench press going?"
ANSWER_TIMEOUT_MS = 30_000
"""Milliseconds for a reply on a busy machine."""

SMALL = {"width": 320, "height": 480}
LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsbehörde"
LOG = "document.querySelector('repartee-chat').shadowRoot.querySelector('.log')"
ROOM = "document.querySelector('#room')"
WATCH = f"""() => {{
  const log = {LOG}, seen = window.seen = {{ shift: 0, away: 0, frames: 0 }};
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {{ seen.shift += entry.value; }}))
    .observe({{ type: "layout-shift", buffered: false }});
  const look = () => {{
    const away = log.scrollHeight - log.scrollTop - log.clientHeight;
    seen.away = Math.max(seen.away, away);
    seen.frames += 1;
  }};
  new ResizeObserver(look).observe(log);
  new MutationObserver(look).observe(log, {{ childList: true, subtree: true, characterData: true }});
}}"""
"""Looks at each change, after the component did, how far the end of the conversation is out of sight, and
adds up what jumped."""

SHRINK_AND_GROW = f"""async () => {{
  const log = {LOG}, text = log.getRootNode().querySelector("textarea");
  const away = () => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight);
  const frames = () => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  text.value = "one\\ntwo\\nthree";
  await frames();
  text.value = "";
  log.append(document.createComment("a change"));
  await null;
  text.value = "one\\ntwo\\nthree";
  await frames();
  const first = away();
  log.append(Object.assign(document.createElement("p"), {{ textContent: "one more" }}));
  await frames();
  text.value = "";
  return [first, away()];
}}"""
"""Lets the box shrink and grow before the next frame, and something be added. Returns how far the end of the
conversation is out of sight after each."""


def test_the_end_of_a_reply_stays_in_sight(browser: Browser, url: str) -> None:
    """After no change of a reply that grows, with a picture at its end, is its end out of sight; nothing
    jumps. A person who has scrolled up stays where they are."""
    with open_page(browser, f"{url}/?who=ada", SMALL) as page:
        say(page, QUESTION)
        wait_for_replies(page, 1)
        page.evaluate(WATCH)
        say(page, QUESTION)
        wait_for_replies(page, 2)
        expect(find_in_chat(page, "img").last).to_be_visible()
        seen = page.evaluate("window.seen")
        assert seen["frames"] > 10
        assert seen["away"] < 2
        assert seen["shift"] < 0.1

        find_in_chat(page, ".log").focus()
        page.keyboard.press("Home")
        page.wait_for_function(f"{LOG}.scrollTop === 0")
        page.evaluate("document.querySelector('repartee-chat').say('how much protein do I need?')")
        wait_for_replies(page, 3)
        assert page.evaluate(f"{LOG}.scrollTop") == 0


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_end_stays_in_sight_while_the_box_changes(browser: Browser, url: str, language: str) -> None:
    """A box that shrinks and grows again within one moment, as when a long text is sent, is no scrolling of
    the person: the end of the conversation stays in sight, and what comes is followed."""
    with open_page(browser, f"{url}/?who=ada-{language}", SMALL, locale=language) as page:
        say(page, QUESTION)
        wait_for_replies(page, 1)
        away = page.evaluate(SHRINK_AND_GROW)
        assert away == [0, 0]
        page.evaluate(WATCH)
        say(page, QUESTION)
        wait_for_replies(page, 2)
        assert page.evaluate("window.seen.away") < 2


@pytest.mark.parametrize("page_of", ["chat", "console"])
def test_a_long_text_of_long_words_cuts_nothing_off(browser: Browser, url: str, page_of: str) -> None:
    """German words that are wider than a small screen are broken, on both sides of the conversation; its end
    stays in sight while the box grows with what is typed and shrinks when that is sent."""
    text = f"Die {LONG_WORD} prüft:\n{LONG_WORD * 2}\n" + "Wann öffnet das Büro? " * 12
    address, log = (f"{url}/?who=lang", LOG) if page_of == "chat" else (f"{url}/console/try", ROOM)
    with open_page(browser, address, SMALL, locale="de-DE") as page:
        page.evaluate(WATCH.replace(LOG, log))
        box = find_in_chat(page, "textarea") if page_of == "chat" else page.locator("#text")
        box.fill(text)
        box.press("Enter")
        said = find_in_chat(page, "article") if page_of == "chat" else page.locator("#room .from-person")
        expect(said.filter(has_text=LONG_WORD).first).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        answers = find_in_chat(page, "article") if page_of == "chat" else page.locator("#room .message")
        expect(answers.nth(1)).to_contain_text("stand-in for a model", timeout=ANSWER_TIMEOUT_MS)
        assert page.evaluate(f"{log}.scrollWidth - {log}.clientWidth") == 0
        assert not is_cut_off(page)
        assert page.evaluate("window.seen.away") < 2


def test_the_chat_is_whole_after_a_lost_connection(browser: Browser, url: str) -> None:
    """The connection breaks while a reply grows: the person is told, and once it is back the reply is whole,
    without a part of it twice; the next question is answered."""
    with connect_to(url) as connection, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{connection.url}/?who=commuter")
        say(page, QUESTION)
        wait_for_first_words(page)
        connection.cut()
        reply = find_in_chat(page, "article").last
        expect(reply).to_contain_text("The connection was lost")
        connection.mend()
        wait_for_replies(page, 1)
        expect(reply).not_to_contain_text("The connection was lost")
        assert reply.inner_text().count("stand-in for a model") == 1
        say(page, "how much protein do I need?")
        wait_for_replies(page, 2)


def test_the_console_is_whole_after_a_lost_connection(browser: Browser, url: str) -> None:
    """*Try it* says that it is offline, keeps what was typed, and shows what was answered meanwhile once the
    connection is back."""
    address = "/console/try?place=telegram&person=4200044&assistant=coach"
    with connect_to(url) as connection, browser.new_context(viewport=DESKTOP) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{connection.url}{address}")
        offline = page.locator("#offline")
        page.fill("#text", QUESTION)
        page.press("#text", "Enter")
        expect(page.locator(".turn-view .state.running")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        connection.cut()
        expect(offline).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        page.fill("#text", "how much protein do I need?")
        page.press("#text", "Enter")
        expect(page.locator("#said .problem")).to_contain_text("not sent")
        assert page.input_value("#text") == "how much protein do I need?"
        connection.mend()
        expect(offline).to_be_hidden(timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator("#room .from-assistant")).to_have_count(1)
        page.press("#text", "Enter")
        expect(page.locator("#room .from-assistant")).to_have_count(2, timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator("#said .problem")).to_have_count(0)
