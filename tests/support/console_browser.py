"""The Chromium of this machine, driven by Playwright, and the rules of accessibility of its pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support.caches import make_once

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream")
AXE = "axe-core@4.14.1"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
OUTSIDE_SETTINGS = (
    "OPENAI_API_KEY",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "WEAVIATE_URL",
    "AWS_ENDPOINT_URL",
)
SERIOUS_IMPACTS = ("serious", "critical")


def find_chromium() -> str | None:
    """Returns the browser of this machine, if there is one."""
    return next((found for name in BROWSER_NAMES if (found := shutil.which(name))), None)


needs_chromium = pytest.mark.skipif(
    find_chromium() is None, reason="there is no Chromium here: apt-get install chromium"
)


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """Yields the browser."""
    found = find_chromium()
    assert found
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser: Browser, url: str, size: dict[str, int] | None = None, **options: Any
) -> Iterator[Page]:
    """Yields a page of a visitor of its own. An error of a script, or a request that the page's policy
    refuses, fails the test."""
    context = browser.new_context(viewport=size or DESKTOP, **options)  # type: ignore[arg-type]
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(url)
    try:
        yield page
        assert not problems, problems
    finally:
        context.close()


@contextmanager
def serve_locally(**settings: str) -> Iterator[str]:
    """Yields the address of the local stack, started by its command with these settings, with stand-ins for
    all else."""
    own = {name: value for name, value in os.environ.items() if name not in OUTSIDE_SETTINGS} | settings
    command = [Path(__file__).parents[2] / "scripts" / "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own) as process:
        assert process.stdout is not None
        lines = (re.search(r"listens on (http://[\d.]+:\d+)", line) for line in process.stdout)
        try:
            yield next(found[1] for found in lines if found)
        finally:
            process.send_signal(signal.SIGINT)


def axe_script() -> str | None:
    """Returns axe-core's script; None where npm does not give it."""
    if shutil.which("npm") is None:
        return None

    def make(folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", AXE], cwd=folder, capture_output=True, text=True, check=True
        )
        with tarfile.open(folder / packed.stdout.strip()) as opened:
            member = opened.extractfile("package/axe.min.js")
            assert member is not None
            (folder / "axe.min.js").write_bytes(member.read())

    try:
        return (make_once(AXE.replace("@", "-"), make) / "axe.min.js").read_text()
    except (subprocess.CalledProcessError, OSError):
        return None


def find_serious_problems(page: Page, script: str) -> list[str]:
    """Returns what axe-core finds serious in the page, in words."""
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}"
        for one in found["violations"]
        if one["impact"] in SERIOUS_IMPACTS
    ]


def is_cut_off(page: Page) -> bool:
    """Returns whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
