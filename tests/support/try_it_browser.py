"""*Try it* in a browser: a person says something, and the turn that answers it is shown."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from playwright.sync_api import Page, expect

from support.local_settings import read_local_settings

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


def wait_until_stored(url: str, words: str, *, is_there: bool = True) -> None:
    """Waits until the messages store of the local stack has a message with these words, or no longer has it:
    what was said is stored, and erased, after the turn."""
    path = read_local_settings(url.rpartition(":")[2])["SQLITE_PATH"]
    until = time.monotonic() + ANSWER_TIMEOUT_MS / 1000
    while time.monotonic() < until:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            found = store.execute("SELECT count(*) FROM said WHERE text LIKE ?", (f"%{words}%",)).fetchone()
        if bool(found[0]) is is_there:
            return
        time.sleep(0.1)
    raise AssertionError(f"{words} is {'not ' if is_there else 'still '}in the messages store")
