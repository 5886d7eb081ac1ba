"""*Set-up* of the local stack in a real browser: what an administrator looks at and changes."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Browser, expect

from tests.support.console_browser import (
    DESKTOP,
    NARROW,
    axe_script,
    find_serious_problems,
    is_cut_off,
    needs_chromium,
    open_page,
)

pytestmark = needs_chromium


def test_the_set_up_is_seen_and_changed(browser: Browser, url: str) -> None:
    """The checks are made and shown with their advice; a sentence is tried; a wrong line of a desk's
    configuration is named; a document is taken in, found and taken out; a person is forgotten only when their
    id was typed twice."""
    with open_page(browser, f"{url}/console/setup") as page:
        page.get_by_role("button", name="Check now").click()
        expect(page.locator("#job [role=status]")).to_contain_text("done", timeout=60_000)
        expect(page.locator("#job .findings li").first).to_be_visible()
        page.get_by_role("link", name="Routes").click()
        page.fill("[name=text]", "which invoices are overdue?")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator(".told")).to_contain_text("Takes the route")

        page.get_by_role("link", name="Desk", exact=True).click()
        toml = page.locator("#toml")
        toml.fill('number = "whatsapp:1"\nname = "Lumen"\nlanguages = ["xx"]')
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.locator(".problems")).to_contain_text("line 3")
        toml.fill('number = "whatsapp:1"\nname = "Lumen"\nknowledge = "lumen"')
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.locator(".list")).to_contain_text("whatsapp:1")

        page.goto(f"{url}/console/setup?tab=knowledge&namespace=lumen")
        text = b"# Returns\n\nA lamp may be returned within thirty days."
        file = {"name": "returns.md", "mimeType": "text/markdown", "buffer": text}
        page.set_input_files("[name=document]", file)  # type: ignore[arg-type]
        page.get_by_role("button", name="Add").click()
        expect(page.locator(".told")).to_contain_text("1 passages written")
        page.fill("[name=ask]", "can I send it back?")
        page.get_by_role("button", name="Search").click()
        expect(page.locator(".passage")).to_contain_text("thirty days")
        page.get_by_role("button", name="Delete returns.md").click()
        expect(page.locator(".told")).to_contain_text("1 passages removed")

        page.get_by_role("link", name="A person's data").click()
        page.fill("#person", "telegram:99")
        page.fill("#confirmation", "telegram:9")
        page.get_by_role("button", name="Forget").click()
        expect(page.locator(".problems")).to_contain_text("Nothing was erased")
        page.fill("#confirmation", "telegram:99")
        page.get_by_role("button", name="Forget").click()
        expect(page.locator("#job [role=status]")).to_contain_text("done", timeout=60_000)
        expect(page.locator("#job [role=log]")).to_contain_text("inbox and records:")


def test_a_person_is_exported(browser: Browser, url: str) -> None:
    """The page follows the export without being loaded again, and then has the file, which the browser
    keeps."""
    with open_page(browser, f"{url}/console/setup?tab=people") as page:
        page.fill("#person", "slack:T0BUTLER:U0ADA")
        page.get_by_role("button", name="Export").click()
        link = page.get_by_role("link", name=re.compile("Download"))
        link.wait_for(timeout=60_000)
        with page.expect_download() as loaded:
            link.click()

        assert loaded.value.suggested_filename.startswith("export-slack-T0BUTLER-U0ADA")
        with zipfile.ZipFile(loaded.value.path()) as packed:
            assert "inbox_and_records.jsonl" in packed.namelist()


@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "320px"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_set_up_is_accessible(browser: Browser, url: str, size: dict[str, int], scheme: str) -> None:
    """axe-core finds nothing serious in any tab, and nothing is cut off."""
    script = axe_script()
    if script is None:
        pytest.skip(reason="axe-core is in npm, which is missing here")
    with open_page(browser, f"{url}/console/setup", size, color_scheme=scheme) as page:
        for tab in ("checks", "routes", "desk", "knowledge", "briefs", "people"):
            page.goto(f"{url}/console/setup?tab={tab}")
            assert find_serious_problems(page, script) == [], tab
            assert not is_cut_off(page), tab
