"""A form of the console in a real browser, while its operator's role has to be asked for again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import sleep
from typing import Any, cast

import uvicorn
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from repartee.console.access import LoopbackAccess, Operator, SignInRequired
from repartee.console.app import ConsoleApp
from repartee.console.pages import Pages
from repartee.console.setup import SetupSection
from repartee.console.setup_desk import DeskTab
from repartee.console.setup_knowledge import KnowledgeTab, LibraryPorts
from repartee.console.setup_tab import ActNotes
from repartee.domain.desk import DeskConfig
from repartee.ports import DocumentParser, Embedder, Knowledge, Passage, Vector
from repartee.ports.desk import DeskRecords
from repartee.ports.operations import AuditLog
from repartee.ports.outbox import EventOutbox
from tests.support.console_browser import needs_chromium, open_page

pytestmark = needs_chromium
TYPED = 'number = "whatsapp:1"\nname = "Zöe & <b>"'


class CheckedAccess(LoopbackAccess):
    """Lets in this machine. `is_due`: the next form is taken only after the login service was asked."""

    is_due = False

    def identify_operator(self, request: Request) -> Operator:
        """Returns the operator, unless the role is to be asked for."""
        if self.is_due and request.method == "POST":
            raise SignInRequired(is_check=True)
        return super().identify_operator(request)

    async def answer_check(self, request: Request) -> Response:
        """Leads back, as the login service does that asks nothing."""
        self.is_due = False
        return RedirectResponse(request.query_params["next"], 303)


class KeptSetup:
    """The set-up, as far as the tests go: desks and documents."""

    def __init__(self) -> None:
        self.desks, self.passages = list[DeskConfig](), dict[str, str]()

    def list_configs(self) -> list[DeskConfig]:
        return self.desks

    def save_config(self, config: DeskConfig) -> None:
        self.desks = [config]

    def resume_endpoints(self, number: str) -> None:
        """Has no receiver."""

    def list_ids(self) -> Iterator[str]:
        return iter(self.passages)

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        self.passages |= {passage.id: passage.text for passage, _ in passages}

    def remove(self, ids: Iterable[str]) -> None:
        """Has nothing to remove."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[1.0] for _ in texts]


class NoLog:
    """Keeps no act."""

    def append(self, entry: object) -> None:
        """Forgets it."""


@contextmanager
def serve_setup(access: CheckedAccess, stage: KeptSetup) -> Iterator[str]:
    """Yields the address of *Set-up*."""
    routes = [Route("/sign-in", access.answer_check)]
    app = ConsoleApp(access, "for-tests-only", Pages(), secure_cookies=False, sign_in_routes=routes)
    notes, kept = ActNotes(cast("AuditLog", NoLog()), lambda: 0.0), cast("Any", stage)
    desk = DeskTab(cast("DeskRecords", kept), cast("EventOutbox", kept), notes)
    ports = LibraryPorts(
        list_namespaces=lambda: (),
        open_library=lambda namespace: cast("Knowledge", kept),
        open_embedder=lambda: cast("Embedder", kept),
        open_parser=lambda: cast("DocumentParser", kept),
        embedding_model="for tests only",
        max_document_bytes=1000,
        monotonic=lambda: 0.0,
    )
    setup = SetupSection(app, (desk, KnowledgeTab(ports, notes)))
    mounted: Any = Starlette(routes=[Mount("/console", app.make_asgi_app([setup.section()]))])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(mounted, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/console/setup"
        server.should_exit = server.force_exit = True
        thread.join()


def test_a_form_keeps_its_text_while_the_role_is_asked_for(browser: Browser) -> None:
    """It is not taken, its page says so and has the text again, and it is taken when it is sent once more.
    The tab keeps nothing after that."""
    access, stage = CheckedAccess(), KeptSetup()
    with serve_setup(access, stage) as url, open_page(browser, f"{url}?tab=desk") as page:
        page.fill("#toml", TYPED)
        access.is_due = True
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".told")).to_contain_text("nothing was sent")
        expect(page.locator("#toml")).to_have_value(TYPED)
        assert "may be used" not in page.content()
        assert "#" not in page.url
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".told")).to_contain_text("whatsapp:1 may be used")
        expect(page.locator("#toml")).to_have_value(TYPED)
        page.wait_for_function("sessionStorage.getItem('kept-form') === null")


def test_a_form_of_a_page_that_a_form_made_keeps_its_text(browser: Browser) -> None:
    """The page's address is that of the form, which no browser can open again: its tab is."""
    access, stage = CheckedAccess(), KeptSetup()
    with serve_setup(access, stage) as url, open_page(browser, f"{url}?tab=desk") as page:
        page.get_by_role("button", name="Set", exact=True).click()
        page.fill("#toml", TYPED)
        access.is_due = True
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.locator("#toml")).to_have_value(TYPED)
        expect(page).to_have_url(f"{url}?tab=desk")


def test_an_upload_leads_through_the_check(browser: Browser) -> None:
    """The page says that it is to be sent again, and the file is taken then."""
    access, stage = CheckedAccess(), KeptSetup()
    document = {"name": "prices.md", "mimeType": "text/markdown", "buffer": b"# Prices\n\nThirty."}
    with serve_setup(access, stage) as url, browser.new_context() as context:
        page = context.new_page()  # Chromium notes the refusal, which is no problem of the page
        page.goto(f"{url}?tab=knowledge")
        for is_due in (True, False):
            access.is_due = is_due
            page.set_input_files("[name=document]", document)  # type: ignore[arg-type]
            page.get_by_role("button", name="Add").click()
            expect(page.locator(".told")).to_contain_text(
                "nothing was" if is_due else "prices.md: 1 passages written"
            )
        assert [*stage.passages.values()] == ["Thirty."]
