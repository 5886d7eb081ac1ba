"""Takes the pictures of the console that the documents show, in the Chromium of this machine.

*Try it*, a conversation and *Set-up* are those of the local stack; *Health* and the list of conversations are
of a history of two weeks in DynamoDB Local, whose clock stands still. A machine without a font of emojis
shows boxes in their place: `apt-get install fonts-noto-color-emoji`.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from repartee.console.access import LoopbackAccess
from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.stores.sqlite.messages import SqliteMessages
from support import servers
from tests.support import aws
from tests.support.console_browser import DESKTOP, PHONE, launch_chromium, open_page, serve_locally
from tests.support.console_history import make_records, store_rollups
from tests.support.console_sections import conversation_section, health_section
from tests.support.web_instances import serve_app

PICTURES_FOLDER = Path(__file__).parents[2] / "docs" / "images" / "console"
PICTURES = (
    *("try", "try-phone", "run-again", "conversation", "conversations", "health", "health-dark"),
    *("setup", "chat-phone"),
)
"""The names of the pictures, each of which a document shows."""

QUALITY = 78
"""The quality of WebP, of 100: text is sharp, and a picture has some 30 KB."""

ANSWER_TIMEOUT_MS = 60_000
NOW = 1_790_000_000.0
HISTORY_TURNS, HISTORY_CHATS, HISTORY_HOURS = 6000, 90, 14 * 24
COSTS = (("gpt-large", 0.0031), ("gpt-small", 0.0004))
QUESTION = "when does the Lisbon office open, and who has the keys?"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command `scripts/pictures`."""
    parser = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PICTURES_FOLDER, help="where the pictures are put")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with launch_chromium() as browser:
        with serve_locally() as url:
            _picture_local_stack(browser, url, folder)
        with _serve_history() as url:
            _picture_history(browser, url, folder)
    for name in PICTURES:
        size = (folder / f"{name}.webp").stat().st_size
        print(f"{name}.webp  {size / 1000:.0f} KB")
    return 0


def take_picture(page: Page, path: Path) -> None:
    """Takes a picture of what is in sight, as WebP, which Playwright itself does not write."""
    page.evaluate("document.activeElement?.blur()")
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(taken["data"]))


def _picture_local_stack(browser: Browser, url: str, folder: Path) -> None:
    with open_page(browser, f"{url}{PREFIX}/try?place=slack&assistant=office") as page:
        _ask(page, QUESTION)
        take_picture(page, folder / "try.webp")
        page.select_option("[name=without]", "relevant_user_messages")
        page.check("[name=serial]")
        page.get_by_role("button", name="Run again").click()
        expect(page.locator(".side-by-side section")).to_have_count(2, timeout=ANSWER_TIMEOUT_MS)
        take_picture(page, folder / "run-again.webp")
    coach = f"{url}{PREFIX}/try?place=telegram&assistant=coach"
    with open_page(browser, coach, PHONE, color_scheme="dark") as page:
        _ask(page, "Squats today: 5x5 at 100 kg, RPE 8")
        take_picture(page, folder / "try-phone.webp")
    _picture_conversation(browser, url, folder)
    with open_page(browser, f"{url}{PREFIX}/setup?tab=routes") as page:
        page.fill("[name=text]", "which invoices are overdue?")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator(".told")).to_contain_text("Takes the route")
        take_picture(page, folder / "setup.webp")
    with open_page(browser, f"{url}/?who=ada", PHONE) as page:
        page.locator("repartee-chat textarea").fill("how is my bench press going?")
        page.keyboard.press("Enter")
        expect(page.locator("repartee-chat [data-done]")).to_have_count(1, timeout=ANSWER_TIMEOUT_MS)
        take_picture(page, folder / "chat-phone.webp")


def _picture_conversation(browser: Browser, url: str, folder: Path) -> None:
    """A conversation that an operator has taken over."""
    with open_page(browser, f"{url}{PREFIX}/try?place=telegram&person=4200043&assistant=office") as customer:
        _ask(customer, QUESTION)
    with open_page(browser, f"{url}{PREFIX}/conversations/one?chat=telegram:4200043") as page:
        page.get_by_role("button", name="Take over").click()
        expect(page.locator(".actions")).to_contain_text("you have it")
        page.fill("#answer", "Hello Grace, this is Ana. I have the keys: shall I bring them on Monday?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".thread")).to_contain_text("this is Ana", timeout=ANSWER_TIMEOUT_MS)
        take_picture(page, folder / "conversation.webp")


def _picture_history(browser: Browser, url: str, folder: Path) -> None:
    with open_page(browser, f"{url}/conversations") as page:
        take_picture(page, folder / "conversations.webp")
    for name, scheme in (("health", "light"), ("health-dark", "dark")):
        size = DESKTOP if scheme == "light" else PHONE
        with open_page(browser, f"{url}/health?span=3d", size, color_scheme=scheme) as page:
            expect(page.locator(".chart canvas")).to_be_visible()
            take_picture(page, folder / f"{name}.webp")


def _ask(page: Page, question: str) -> None:
    page.fill("#text", question)
    page.press("#text", "Enter")
    expect(page.locator(".turn-view h2")).to_contain_text(question[:30], timeout=ANSWER_TIMEOUT_MS)
    expect(page.locator(".turn-view .state.done")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)


@contextmanager
def _serve_history() -> Iterator[str]:
    """Yields the address of a console with two weeks of turns."""
    with servers.use_server("dynamodb") as server, TemporaryDirectory() as folder:
        client = aws.make_client("dynamodb", server.url)
        table = aws.make_table(client)
        records = make_records(HISTORY_TURNS, HISTORY_CHATS, NOW, HISTORY_HOURS, cost_by_model=COSTS)
        store_rollups(client, table, records, NOW)
        app = ConsoleApp(LoopbackAccess(), "for pictures only", Pages(), secure_cookies=False)
        ids = (f"id{number}" for number in range(1000))
        messages = SqliteMessages(str(Path(folder) / "messages.db"))
        sections = [
            conversation_section(app, client, table, messages, lambda: NOW, ids.__next__),
            health_section(app, client, table, lambda: NOW),
        ]
        with serve_app(Starlette(routes=[Mount(PREFIX, app.make_asgi_app(sections))])) as address:
            yield f"{address}{PREFIX}"


if __name__ == "__main__":
    raise SystemExit(main())
