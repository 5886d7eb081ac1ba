"""What people do in a chat besides writing, tried in the console of the local stack in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.console_browser import PHONE, is_cut_off, needs_chromium, open_page
from tests.support.try_it_browser import (
    ANSWER_TIMEOUT_MS,
    LISTED,
    QUESTION,
    say,
    wait_for_turn,
    wait_until_stored,
)

pytestmark = needs_chromium

WHATSAPP_BEN, WHATSAPP_GRACE = "US.13491208655302741921", "US.13491208655302741920"
PLACES = ["slack", "telegram-group", "whatsapp", "web"]


def last_prompt(page: Page) -> str:
    """Returns what the model was given, as one text."""
    return "\n".join(page.locator(".turn-view details pre").all_text_contents())


@pytest.mark.parametrize("place", PLACES)
def test_a_file_is_sent_with_a_question(browser: Browser, url: str, place: str) -> None:
    """A file that the person chooses is shown below their words, and the model is given its text."""
    with open_page(browser, f"{url}/console/try?place={place}&assistant=office") as page:
        text = f"The deposit of the {place} flat is 1,234 euros."
        file = {"name": "flat.txt", "mimeType": "text/plain", "buffer": text.encode()}
        page.set_input_files("[name=file]", file)  # type: ignore[arg-type]
        say(page, f"how high is the deposit in {place}?")
        wait_for_turn(page, f"how high is the deposit in {place}?")
        expect(page.locator("#room .from-person .file").last).to_have_text("flat.txt")
        assert text in last_prompt(page)
        assert page.input_value("[name=file]") == ""


@pytest.mark.parametrize(
    "place", ["slack-direct&person=U0DMITRI", "telegram&person=4200044", f"whatsapp&person={WHATSAPP_BEN}"]
)
def test_a_voice_message_is_answered(browser: Browser, url: str, place: str) -> None:
    """One press sends a recording; the model is given what was said in it."""
    with open_page(browser, f"{url}/console/try?place={place}&assistant=office") as page:
        page.get_by_role("button", name="Voice message").click()
        expect(page.locator("#room .from-person .file").last).to_contain_text("voice.ogg")
        expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        assert "Lisbon" in last_prompt(page)


@pytest.mark.parametrize("place", ["slack", "telegram", "whatsapp"])
def test_a_message_is_edited(browser: Browser, url: str, place: str) -> None:
    """The author changes what was said: the room shows it, and the next turn is given the new words."""
    with open_page(browser, f"{url}/console/try?place={place}&assistant=office") as page:
        say(page, f"my desk in {place} is number 11")
        wait_for_turn(page, f"my desk in {place} is number 11")
        page.locator("[data-edit]").last.click()
        expect(page.locator(".editing")).to_be_visible()
        say(page, f"my desk in {place} is number 77")
        edited = page.locator("#room .from-person", has_text="number 77")
        expect(edited).to_contain_text("(edited)")
        expect(page.locator("#room .from-person", has_text="number 11")).to_have_count(0)
        expect(page.locator(".editing")).to_be_hidden()
        say(page, f"which desk in {place} is mine?")
        wait_for_turn(page, f"which desk in {place} is mine?")
        assert "number 77" in last_prompt(page)
        assert "number 11" not in last_prompt(page)


@pytest.mark.parametrize(
    "place, code", [("slack&person=U0DMITRI", "4711"), (f"whatsapp&person={WHATSAPP_GRACE}", "4722")]
)
def test_a_message_is_deleted(browser: Browser, url: str, place: str, code: str) -> None:
    """What the author takes back is gone from the room, and once it is gone from the stores too no turn is
    given it. In Slack a message with replies leaves a note in its place."""
    with open_page(browser, f"{url}/console/try?place={place}&assistant=office") as page:
        if place.startswith("slack"):
            page.get_by_role("button", name="New conversation").click()
        say(page, f"the code of the safe is {code}")
        wait_for_turn(page, f"the code of the safe is {code}")
        wait_until_stored(url, code)
        own = page.locator("#room .from-person", has_text=code)
        own.get_by_role("button", name="Delete").click()
        expect(own).to_have_count(0)
        note = page.locator("#room", has_text="This message was deleted.")
        expect(note).to_have_count(1 if place.startswith("slack") else 0)
        wait_until_stored(url, code, is_there=False)
        say(page, "what is the code of the safe?")
        wait_for_turn(page, "what is the code of the safe?")
        assert code not in last_prompt(page)


def test_a_message_without_replies_leaves_nothing_in_slack(browser: Browser, url: str) -> None:
    """Nor does one in a thread; a message of another person cannot be deleted."""
    with open_page(browser, f"{url}/console/try?place=slack&person=U0BEN&assistant=office") as page:
        page.get_by_role("button", name="New conversation").click()
        for text in (QUESTION, "and my locker is number 12"):
            say(page, text)
            wait_for_turn(page, text)
        own = page.locator("#room .from-person", has_text="locker")
        own.get_by_role("button", name="Delete").click()
        expect(own).to_have_count(0)
        expect(page.locator("#room")).not_to_contain_text("This message was deleted.")
        answer = page.locator("#room .from-assistant").first
        expect(answer.get_by_role("button", name="Delete")).to_have_count(0)
        page.goto(f"{url}/console/try?place=slack&person=U0ADA&assistant=office")
        expect(page.locator("#room .from-person").first).to_contain_text("Lisbon")
        expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_telegram_tells_bots_of_no_deletion(browser: Browser, url: str) -> None:
    """The message is gone from the chat, and the page says that the assistant still has it, as it has."""
    with open_page(browser, f"{url}/console/try?place=telegram&person=4200045&assistant=office") as page:
        say(page, "the code of the safe is 4733")
        wait_for_turn(page, "the code of the safe is 4733")
        page.locator("#room .from-person", has_text="4733").get_by_role("button", name="Delete").click()
        expect(page.locator("#room .from-person", has_text="4733")).to_have_count(0)
        expect(page.locator("#said")).to_contain_text("the assistant still has this message")
        say(page, "what is the code of the safe?")
        wait_for_turn(page, "what is the code of the safe?")
        assert "4733" in last_prompt(page)


@pytest.mark.parametrize(
    "place", ["slack-direct&person=U0CARLA", "telegram&person=4200043", f"whatsapp&person={WHATSAPP_GRACE}"]
)
def test_what_the_microphone_hears_is_sent(browser: Browser, url: str, place: str) -> None:
    """A press begins to record, which is said; the next sends the recording, and the model is given what was
    heard in it: the stand-in for transcription hears no speech, and says so."""
    address = f"{url}/console/try?place={place}&assistant=office"
    with open_page(browser, address, permissions=["microphone"]) as page:
        record = page.get_by_role("button", name="Record", exact=True)
        turns = page.locator("#chips .chip").count()
        record.click()
        expect(record).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#said")).to_contain_text("Recording.")
        page.wait_for_timeout(700)
        record.click()
        expect(page.locator("#room .from-person .file").last).to_contain_text(re.compile("webm|voice"))
        expect(record).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#chips .chip")).to_have_count(turns + 1, timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        assert "hears only what a recording" in last_prompt(page)


def test_a_microphone_that_may_not_be_used_is_told(browser: Browser, url: str) -> None:
    """Nothing is sent; where nothing can be recorded there is no button: the web chat takes no recordings."""
    with open_page(browser, f"{url}/console/try?place=telegram&assistant=office", permissions=[]) as page:
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.locator("#said .problem")).to_contain_text("microphone cannot be used")
        page.goto(f"{url}/console/try?place=web")
        expect(page.get_by_role("button", name="Record", exact=True)).to_have_count(0)


@pytest.mark.parametrize("place", ["slack-direct", "telegram", "whatsapp"])
def test_a_reply_gets_a_reaction(browser: Browser, url: str, place: str) -> None:
    """An emoji under a reply is posted as the platform posts it, and stands there."""
    with open_page(browser, f"{url}/console/try?place={place}&assistant=office") as page:
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        reply = page.locator("#room .from-assistant").last
        reply.get_by_role("button", name="React with 👍").click()
        expect(reply.locator(".reactions")).to_have_text("👍")
        expect(page.locator("#said .problem")).to_have_count(0)


def test_commands_are_given(browser: Browser, url: str) -> None:
    """Slack's command is answered to the person alone, Telegram's in the chat."""
    with open_page(browser, f"{url}/console/try?place=slack") as page:
        page.get_by_role("button", name="/repartee help").click()
        expect(page.locator("#said .told")).to_contain_text("mute")
        say(page, "/remind me")
        expect(page.locator("#said .problem")).to_contain_text("/repartee")
    with open_page(browser, f"{url}/console/try?place=telegram-group") as page:
        page.get_by_role("button", name="/help").click()
        expect(page.locator("#room .from-assistant").last).to_contain_text("mute", timeout=ANSWER_TIMEOUT_MS)


def test_words_said_at_once_belong_to_the_new_conversation(browser: Browser, url: str) -> None:
    """A press of New conversation that takes long on its way is taken before what was typed after it."""
    held: list[Route] = []
    with open_page(browser, f"{url}/console/try?place=slack&person=U0CARLA") as page:

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/try/new", hold)
        page.get_by_role("button", name="New conversation").click()
        say(page, QUESTION)
        page.wait_for_timeout(500)
        held[0].continue_()
        wait_for_turn(page, QUESTION)
        expect(page.locator("#room .from-person")).to_have_count(1)
        expect(page.locator("#room .from-assistant").last).to_contain_text("14 December")


def test_an_opinion_is_given_of_a_reply(browser: Browser, url: str) -> None:
    """Slack's buttons below a reply are pressed, and the conversation is found by its opinion."""
    with open_page(browser, f"{url}/console/try?place=slack&person=U0CARLA") as page:
        page.get_by_role("button", name="New conversation").click()
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        page.get_by_role("button", name="Good response").last.click()
        page.wait_for_timeout(200)
        expect(page.locator("#said .problem")).to_have_count(0)
        listed = f"{url}/console/conversations?state=opinion"
        page.evaluate(LISTED, listed)


def test_several_people_talk_in_one_room(browser: Browser, url: str) -> None:
    """Two people see each other in the group, and each may change their own words alone."""
    room = f"{url}/console/try?place=telegram-group&assistant=office"
    with (
        open_page(browser, f"{room}&person=4200043") as grace,
        open_page(browser, f"{room}&person=4200044") as ben,
    ):
        say(grace, "how many desks for Lisbon?")
        wait_for_turn(grace, "how many desks for Lisbon?")
        expect(ben.locator("#room")).to_contain_text("how many desks for Lisbon?")
        say(ben, "and who has the keys?")
        wait_for_turn(ben, "and who has the keys?")
        message = grace.locator("#room .message", has_text="and who has the keys?").first
        expect(message.locator(".author")).to_have_text("Ben")
        expect(message.locator("[data-edit]")).to_have_count(0)
        expect(
            ben.locator("#room .message", has_text="and who has the keys?").first.locator("[data-edit]")
        ).to_have_count(1)


def test_a_turn_is_run_again_with_another_question(browser: Browser, url: str) -> None:
    """Other words, other instructions and two sources less: the replies stand side by side, and what differs
    is marked; nothing is left in the chat."""
    with open_page(browser, f"{url}/console/try?place=slack-direct&person=U0BEN") as page:
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        said = page.locator("#room .message").count()
        page.select_option("[name=without]", ["relevant_user_messages", "user_history"])
        page.fill("[name=instructions]", "Answer in one word.")
        page.fill("[name=question]", "which invoices are overdue?")
        page.get_by_role("button", name="Run again").click()
        expect(page.locator("#detail-title")).to_contain_text("which invoices", timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator("#detail-title")).to_contain_text("with other instructions")
        expect(page.locator("#detail-title")).to_contain_text("user_history")
        expect(page.locator(".side-by-side section")).to_have_count(2)
        expect(page.locator(".difference ins").first).to_be_visible()
        page.reload()
        expect(page.locator("#room .message")).to_have_count(said)


def test_another_model_that_is_missing_is_told(browser: Browser, url: str) -> None:
    """A model that the service does not have is a sentence on the page, and no broken page."""
    with open_page(browser, f"{url}/console/try?place=telegram&person=4200045") as page:
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        page.fill("[name=model]", "no-such-model")
        page.get_by_role("button", name="Run again").click()
        expect(page.locator(".side-by-side .problem")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)


def test_all_of_it_fits_a_phone(browser: Browser, url: str) -> None:
    """Nothing of the composer is cut off on a phone."""
    with open_page(browser, f"{url}/console/try?place=slack", PHONE) as page:
        assert not is_cut_off(page)
