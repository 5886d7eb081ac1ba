"""Uses `<repartee-chat>` in a browser as a person does, and makes the streams that a test answers with."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

REPLY_TIMEOUT_MS = 30_000
"""Milliseconds for a reply on a busy machine."""


def find_in_chat(page: Page, selector: str) -> Locator:
    return page.locator(f"repartee-chat {selector}")


def say(page: Page, text: str) -> None:
    find_in_chat(page, "textarea").fill(text)
    page.keyboard.press("Enter")


def wait_for_replies(page: Page, number: int) -> None:
    expect(find_in_chat(page, "[data-done]")).to_have_count(number, timeout=REPLY_TIMEOUT_MS)


FIRST_WORDS_ARE_SHOWN = """() => {
  const said = document.querySelector("repartee-chat").shadowRoot.querySelectorAll("article");
  return said.length > 0 && said[said.length - 1].textContent.includes("Hi");
}"""


def wait_for_first_words(page: Page) -> None:
    """Waits for them in the page itself, at each of its pictures: a reply may be whole a second later."""
    page.wait_for_function(FIRST_WORDS_ARE_SHOWN, timeout=REPLY_TIMEOUT_MS)


def answer_by_events(page: Page, replies: list[str]) -> list[dict[str, Any]]:
    """Answers what the page posts with these streams of events, in turn. Returns what was posted."""
    posted: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        posted.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(content_type="text/event-stream", body=replies[len(posted) - 1])

    page.route("**/chat", answer)
    return posted


def make_event(name: str, **data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
