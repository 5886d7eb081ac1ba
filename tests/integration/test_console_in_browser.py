"""The console of the local stack in a real browser: what a newcomer sees who has started scripts/serve."""

from __future__ import annotations

import re

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support.console_browser import (
    DESKTOP,
    NARROW,
    PHONE,
    axe_script,
    find_serious_problems,
    is_cut_off,
    needs_chromium,
    open_page,
)
from tests.support.try_it_browser import ANSWER_TIMEOUT_MS, LISTED, QUESTION, say, wait_for_turn

pytestmark = needs_chromium


def count_prompt_tokens(section: Locator) -> int:
    """Returns the size of the prompt, by its parts."""
    parts = section.locator(".terms .dim").all_inner_texts()
    return sum(int(part.replace(",", "").split()[0]) for part in parts)


def test_a_newcomer_sees_a_reply_with_its_waterfall(browser: Browser, url: str) -> None:
    """A question that was typed is answered, and its way, its plan and its prompt are beside it."""
    with open_page(browser, f"{url}/console/") as page:
        say(page, QUESTION)
        expect(page.locator(".turn-view .state.running")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        wait_for_turn(page, QUESTION)

        expect(page.locator("#room .from-assistant .text")).to_contain_text("14 December")
        parts = page.locator(".waterfall tbody th").all_inner_texts()
        assert {"chat_state", "model, first token", "writing the rest"} <= set(parts)
        expect(page.locator(".plan .node").first).to_be_visible()
        expect(page.locator("summary", has_text="Instructions")).to_contain_text("tokens")
        expect(page.locator("#announcer")).to_contain_text("14 December")


def test_a_step_tells_what_it_returned(browser: Browser, url: str) -> None:
    """A click on a step shows its value, its policy, and how it went in the turns before."""
    with open_page(browser, f"{url}/console/try?place=slack-direct") as page:
        for question in (QUESTION, "how many desks for Lisbon?"):
            say(page, question)
            wait_for_turn(page, question)
        page.locator(".waterfall a, .took-nothing a", has_text="relevant_user_messages").first.click()
        detail = page.locator("#detail-body")
        expect(detail).to_contain_text("else ()")
        expect(detail.locator("pre")).to_contain_text("Lisbon")
        expect(detail.locator(".history li").first).to_contain_text("ok")


def test_a_turn_is_run_again_without_a_source(browser: Browser, url: str) -> None:
    """The repetition stands beside what was answered, knows less, and leaves nothing in the channel."""
    with open_page(browser, f"{url}/console/try?place=slack&person=U0BEN") as page:
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#room .from-assistant")).to_have_count(0)
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        expect(page.locator("#room .from-assistant .text")).to_contain_text("14 December")
        said = page.locator("#room .message").count()
        chips = page.locator("#chips .chip").count()

        page.check("[name=serial]")
        page.get_by_role("button", name="Run again").click()
        expect(page.locator(".side-by-side section")).to_have_count(2, timeout=ANSWER_TIMEOUT_MS)
        before, unchanged = page.locator(".side-by-side section").all()
        expect(before.locator(".reply")).to_contain_text("14 December")
        with_all = count_prompt_tokens(unchanged)  # the chat may hold more than when it was answered
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()

        page.select_option("[name=without]", "relevant_user_messages")
        page.get_by_role("button", name="Run again").click()
        expect(page.locator("#detail-title")).to_contain_text(
            "without relevant_user_messages", timeout=ANSWER_TIMEOUT_MS
        )
        assert count_prompt_tokens(page.locator(".side-by-side section").nth(1)) < with_all

        page.reload()
        expect(page.locator("#room .message")).to_have_count(said)
        expect(page.locator("#chips .chip")).to_have_count(chips)


@pytest.mark.parametrize(
    "choice, question, answer",
    [
        ("place=telegram&assistant=coach", "Squats today: 5x5 at 100 kg, RPE 8", "squat 5 x 5"),
        ("place=telegram-group&person=4200044", QUESTION, "14 December"),
        ("place=whatsapp", QUESTION, "scripted stand-in"),
        ("place=web&assistant=coach", "how is my bench press going?", "bench press"),
    ],
)
def test_each_channel_answers(browser: Browser, url: str, choice: str, question: str, answer: str) -> None:
    """Any assistant can be talked to in any channel, as any of its people."""
    with open_page(browser, f"{url}/console/try?{choice}") as page:
        say(page, question)
        wait_for_turn(page, question)
        expect(page.locator("#room .from-assistant").last).to_contain_text(answer, timeout=ANSWER_TIMEOUT_MS)


def test_the_end_of_a_reply_is_visible(browser: Browser, url: str) -> None:
    """While a reply grows its end is in sight, unless the person has scrolled up; then nothing moves."""
    with open_page(browser, f"{url}/console/try?place=web&assistant=coach&person=ben", PHONE) as page:
        for _ in range(3):
            say(page, "how is my bench press going?")
            expect(page.locator(".turn-view .state.running")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
            expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        page.wait_for_function(
            "(({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight < 2)"
            "(document.querySelector('#room'))"
        )
        page.evaluate("document.getElementById('room').scrollTop = 0")
        page.wait_for_function("document.getElementById('room').scrollTop === 0")
        page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
        say(page, "how much protein do I need?")
        expect(page.locator("#room .from-assistant")).to_have_count(4, timeout=ANSWER_TIMEOUT_MS)
        assert page.evaluate("document.getElementById('room').scrollTop") == 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_wrong_with_accessibility(
    browser: Browser, url: str, size: dict[str, int], scheme: str
) -> None:
    """axe-core finds nothing serious, in both themes, on a desk and on a phone; nothing is cut off."""
    script = axe_script()
    if script is None:
        pytest.skip(reason="axe-core is in npm, which is missing here")
    address = f"{url}/console/try?place=telegram&assistant=coach"
    with open_page(browser, address, size, color_scheme=scheme, reduced_motion="reduce") as page:
        say(page, "how much protein do I need?")
        expect(page.locator(".turn-view .state.running")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        assert find_serious_problems(page, script) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_conversation_and_its_turns(browser: Browser, url: str) -> None:
    """A conversation is found in the list and read as people saw it; each turn is a click away, and a mute is
    carried out."""
    with open_page(browser, f"{url}/console/try?place=telegram&person=4200045&assistant=office") as page:
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        found = f"{url}/console/conversations?search=4200045"
        page.evaluate(LISTED, found)
        page.goto(found)
        page.locator(".list tbody a").first.click()
        expect(page.locator(".from-assistant .text").last).to_contain_text("Hi Carla")
        page.locator(".turn-line a").last.click()
        expect(page.locator("#detail .waterfall")).to_contain_text("chat_state")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Mute for a day").click()
        expect(page.locator(".actions")).to_contain_text("muted until")
        page.get_by_role("button", name="Unmute").click()
        expect(page.locator(".actions")).not_to_contain_text("muted until")


def test_an_operator_answers_in_the_customer_s_channel(browser: Browser, url: str) -> None:
    """A conversation that is taken over in the console is answered in the customer's chat, where the
    assistant is silent, until it is given back; a note stays in the console."""
    chat = f"{url}/console/try?place=telegram&person=4200043&assistant=office"
    with open_page(browser, chat) as customer:
        say(customer, QUESTION)
        wait_for_turn(customer, QUESTION)
        with open_page(browser, f"{url}/console/conversations/one?chat=telegram:4200043") as operator:
            operator.get_by_role("button", name="Take over").click()
            expect(operator.locator(".actions")).to_contain_text("you have it")
            room = customer.locator("#room")
            expect(room).to_contain_text("A person from our team is here", timeout=ANSWER_TIMEOUT_MS)
            say(customer, "are you a person?")
            expect(operator.locator(".thread")).to_contain_text(
                "are you a person?", timeout=ANSWER_TIMEOUT_MS
            )
            operator.fill("#note", "Grace is new here.")
            operator.get_by_role("button", name="Keep the note").click()
            operator.fill("#answer", "Yes, I am Ana.")
            operator.get_by_role("button", name="Send").click()
            expect(room.locator(".from-assistant").last).to_contain_text(
                "I am Ana", timeout=ANSWER_TIMEOUT_MS
            )
            expect(room.locator(".from-assistant")).to_have_count(3)
            expect(room).not_to_contain_text("Grace is new here")
            operator.get_by_role("button", name="Give back").click()
            expect(operator.get_by_role("button", name="Take over")).to_be_visible()
        say(customer, "how many desks for Lisbon?")
        wait_for_turn(customer, "how many desks for Lisbon?")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lists_and_health_are_accessible(
    browser: Browser, url: str, size: dict[str, int], scheme: str
) -> None:
    """axe-core finds nothing serious in the other views, and nothing is cut off."""
    script = axe_script()
    if script is None:
        pytest.skip(reason="axe-core is in npm, which is missing here")
    with open_page(browser, f"{url}/console/health", size, color_scheme=scheme) as page:
        expect(page.locator(".chart canvas")).to_be_visible()
        for path in ("health", "health/steps/chat_state", "conversations", "audit"):
            page.goto(f"{url}/console/{path}")
            assert find_serious_problems(page, script) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(f"{url}/console/conversations")
        page.locator(".list tbody a").first.click()
        assert find_serious_problems(page, script) == []


@pytest.mark.parametrize("path", ["try", "conversations", "health", "setup"])
def test_every_section_is_in_sight_on_a_small_phone(browser: Browser, url: str, path: str) -> None:
    """At 320 pixels all of the navigation can be read and touched without scrolling."""
    with open_page(browser, f"{url}/console/{path}", NARROW) as page:
        links = page.locator(".top nav a")
        boxes = links.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
        assert len(boxes) == 4
        assert all(box["left"] >= 0 and box["right"] <= NARROW["width"] for box in boxes)
        assert all(box["height"] >= 40 for box in boxes)
        assert not is_cut_off(page)


def test_a_page_is_light(url: str) -> None:
    """The page and all that it loads are at most 200 KB as they are sent."""
    with httpx2.Client(base_url=url, headers={"Accept-Encoding": "gzip"}) as client:
        pages = ["/console/try", "/console/health"]
        texts = "".join(client.get(page).text for page in pages)
        addresses = set(re.findall(r'(?:href|src)="(/console/static/[^"]+)"', texts))
        sizes = []
        for address in [*pages, *addresses]:
            with client.stream("GET", address) as response:
                sizes.append(sum(map(len, response.iter_raw())))
    assert len(addresses) >= 8
    assert sum(sizes) <= 200_000
