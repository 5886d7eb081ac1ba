"""The web on the local stack: the command that serves it, the function's own file, and a server's stores."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from repartee import wiring
from repartee.errors import SettingError
from tests.integration.test_standins_commands import ROOT, command
from tests.support.console_browser import (
    PHONE,
    axe_script,
    find_serious_problems,
    needs_chromium,
    open_page,
    serve_locally,
)
from tests.support.memory_handlers import EVENTS_FOLDER, MemoryWiring
from tests.support.web_instances import TIMEOUT_SECONDS, ReplyReading


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_locally() as address:
        yield address


def test_a_message_on_the_local_stack(url: str) -> None:
    """What a page posts with a token of the stand-in is answered, and can be read again from its stores."""
    message = json.loads((EVENTS_FOLDER / "web" / "message.json").read_text())
    token = httpx2.get(f"{url}/issuer/token?sub=ada").text
    headers = {"Authorization": f"Bearer {token}", "Origin": "http://localhost:8080"}

    with httpx2.stream(
        "POST", f"{url}/chat", json=message, headers=headers, timeout=TIMEOUT_SECONDS
    ) as response:
        assert response.headers["access-control-allow-origin"] == "*"
        reading = ReplyReading(response)
        done = reading.read_until_event("done")
    with httpx2.stream(
        "GET", f"{url}/chat/{done['turn']}/events", headers=headers, timeout=TIMEOUT_SECONDS
    ) as response:
        again = ReplyReading(response)
        again.read_until_event("done")

    assert reading.event_names[0] == "status"
    assert "Hi" in reading.text
    assert again.text == reading.text


def test_a_sample_event_is_signed(url: str) -> None:
    """With a token of the server's own issuer; without any it says what is missing."""
    posted = command("event", "web/message", "--say", "hello?", "--post", url)
    assert posted.stdout.startswith("200 ")
    assert "event: done" in posted.stdout

    missing = command("event", "web/message")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "WEB_TOKEN" in missing.stderr

    refused = command("run", "web/message")
    assert refused.returncode == 1
    assert "scripts/serve" in refused.stderr


REPLY_TIMEOUT_MS = 30_000
"""Milliseconds for a reply on a busy machine."""


def say(page: Page, text: str) -> None:
    page.locator("repartee-chat textarea").fill(text)
    page.keyboard.press("Enter")


def wait_for_replies(page: Page, number: int) -> None:
    expect(page.locator("repartee-chat [data-done]")).to_have_count(number, timeout=REPLY_TIMEOUT_MS)


@needs_chromium
def test_the_page_in_a_browser(url: str, browser: Browser) -> None:
    """A person tells of a workout, sees what goes on, then the reply, and puts it right. A screen reader is
    told each reply once, when it is complete."""
    with open_page(browser, f"{url}/?who=grace") as page:
        page.evaluate(
            "new MutationObserver(() => (window.told ??= []).push(1)).observe("
            "document.querySelector('repartee-chat').shadowRoot.querySelector('.hidden'), {childList: true})"
        )
        say(page, "Squats today: 5x5 at 100 kg, RPE 8")
        expect(page.locator("repartee-chat article.status")).to_be_visible(timeout=REPLY_TIMEOUT_MS)
        wait_for_replies(page, 1)
        say(page, "it was 105 kg, not 100")
        wait_for_replies(page, 2)
        seen = page.locator("repartee-chat .log").inner_text()
        assert page.evaluate("window.told.length") == 2
        script = axe_script()
        assert script is None or find_serious_problems(page, script) == []

    assert "squat 5 x 5 at 100 kg, RPE 8 (" in seen
    assert "instead of squat 5 x 5 at 100 kg, RPE 8 (" in seen
    assert seen.index("105 kg, not 100") < seen.index("squat 5 x 5 at 105 kg, RPE 8 (")


@needs_chromium
def test_a_page_is_loaded_again_in_the_middle_of_a_reply(url: str, browser: Browser) -> None:
    """The history is there, and the reply goes on where it is. Its end is in sight, on a phone too."""
    with open_page(browser, f"{url}/?who=ada", PHONE) as page:
        say(page, "how is my bench press going?")
        expect(page.locator("repartee-chat article").last).to_contain_text("Hi", timeout=REPLY_TIMEOUT_MS)
        page.reload()
        wait_for_replies(page, 1)
        expect(page.locator("repartee-chat article")).to_have_count(2)
        expect(page.locator("repartee-chat article").last).to_contain_text("From your records")
        expect(page.locator("repartee-chat article img")).to_be_visible()
        say(page, "how is my bench press going?")
        wait_for_replies(page, 2)
        page.wait_for_function(
            "(({scrollHeight, scrollTop, clientHeight}) => scrollHeight - scrollTop - clientHeight < 2)"
            "(document.querySelector('repartee-chat').shadowRoot.querySelector('.log'))"
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@needs_chromium
def test_a_reply_is_stopped_by_the_keyboard(url: str, browser: Browser) -> None:
    """Escape says so to the assistant, which ends the reply; the button to stop is there only meanwhile."""
    with open_page(browser, f"{url}/?who=ben") as page:
        stop = page.locator("repartee-chat").get_by_role("button", name="Stop")
        expect(stop).to_be_hidden()
        say(page, "how is my bench press going?")
        expect(page.locator("repartee-chat article").last).to_contain_text("Hi", timeout=REPLY_TIMEOUT_MS)
        page.keyboard.press("Escape")
        wait_for_replies(page, 1)
        expect(stop).to_be_hidden()


@needs_chromium
def test_a_reply_is_no_program(url: str, browser: Browser) -> None:
    """Markup in a reply, and links that run scripts, are not carried out; the page speaks its language."""
    with open_page(browser, f"{url}/?who=eve", locale="de-DE") as page:
        expect(page.locator("repartee-chat").get_by_role("button", name="Senden")).to_be_visible()
        kept = [
            {
                "side": "assistant",
                "text": "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
                "[a](javascript:window.hacked=1) **bold**",
            }
        ]
        key = f"repartee-chat:eve:{url}:main"
        page.evaluate("([key, kept]) => localStorage.setItem(key, JSON.stringify(kept))", [key, kept])
        page.reload()
        article = page.locator("repartee-chat article")
        expect(article.locator("strong")).to_have_text("bold")
        expect(article.locator("img, script, [href^=javascript]")).to_have_count(0)
        assert page.evaluate("window.hacked") is None


def test_the_chat_is_one_light_file(url: str) -> None:
    """Any page may load the component: one file of at most 60 KB as it is sent compressed."""
    loaded = httpx2.get(f"{url}/chat/repartee-chat.js")
    assert loaded.headers["cross-origin-resource-policy"] == "cross-origin"
    assert loaded.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(loaded.content)) <= 60_000
    again = httpx2.get(f"{url}/chat/repartee-chat.js", headers={"If-None-Match": loaded.headers["etag"]})
    assert again.status_code == 304


def test_the_functions_file(tmp_path: Path) -> None:
    """functions/stream/app.py is an app; without the web's settings it does not start, and says what for."""
    settings = {
        "SLACK_SIGNING_SECRET": "",
        "RECORDS_TABLE": "t",
        "SQLITE_PATH": f"{tmp_path}/m.db",
        "OPENAI_API_KEY": "k",
    }

    wiring.set_wiring(
        MemoryWiring(**settings, WEB_JWKS_URL="https://issuer.example.com", WEB_AUDIENCE="repartee")
    )
    assert isinstance(_app(), Starlette)

    wiring.set_wiring(MemoryWiring(**settings))
    with pytest.raises(SettingError, match="WEB_JWKS_URL is not set"):
        _app()


def _app() -> object:
    spec = importlib.util.spec_from_file_location(
        "functions_stream", ROOT / "functions" / "stream" / "app.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app
