"""*Try it* in a browser: a person says something, and the turn that answers it is shown."""

from __future__ import annotations

from playwright.sync_api import Page, expect

ANSWER_TIMEOUT_MS = 30_000
"""Milliseconds for a reply on a busy machine."""

QUESTION = "when does the Lisbon office open, and who has the keys?"
"""A question that the sample history of the local stack answers."""

LISTED = """async (url) => {
  const isListed = async () => (await (await fetch(url)).text()).includes("/conversations/one?");
  while (!await isListed()) await new Promise((later) => setTimeout(later, 500));
}"""
"""Looks into a list until it has a conversation: the sweep counts turns once a minute."""


def say(page: Page, text: str) -> None:
    """Types a text into the box, and sends it."""
    page.fill("#text", text)
    page.press("#text", "Enter")


def wait_for_turn(page: Page, question: str) -> None:
    """Waits until the turn that answers the question is shown, and is over."""
    expect(page.locator(".turn-view h2")).to_contain_text(question[:30], timeout=ANSWER_TIMEOUT_MS)
    expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
