"""A headless Chromium, driven over its debugging pipe: no driver, no port, no other package.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_SECONDS = 30.0
"""Seconds in which something must have happened in a page."""


def find_chromium() -> str | None:
    """The browser on this machine, if there is one."""
    return next((found for name in BROWSER_NAMES if (found := shutil.which(name))), None)


class BrowserPage:
    """One page in the browser."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest = b""
        self._number = 0
        self._session = ""

    def open_url(self, url: str) -> None:
        """Opens the address in a page of its own."""
        target = self._call_devtools("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call_devtools("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self._call_devtools("Page.navigate", url=url)
        self.wait_until_true("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate_script(self, script: str) -> Any:
        """The value of the script in the page."""
        found = self._call_devtools(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait_until_true(self, script: str) -> None:
        """Waits until the script is true in the page."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while not self.evaluate_script(script):
            assert time.monotonic() < until, (
                f"never true: {script}; the page: {self.evaluate_script(PAGE_TEXT_SCRIPT)}"
            )
            time.sleep(0.05)  # the page is another process: it is asked again

    def type_text(self, selector: str, text: str) -> None:
        """Writes into a field as somebody at a keyboard does, and presses Enter."""
        self.evaluate_script(f"document.querySelector({json.dumps(selector)}).focus()")
        self._call_devtools("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self._call_devtools(
                "Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13
            )

    def take_screenshot(self, path: Path) -> None:
        """Returns a screenshot as PNG."""
        path.write_bytes(
            base64.b64decode(self._call_devtools("Page.captureScreenshot", format="png")["data"])
        )

    def _call_devtools(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        while (answer := self._read_message()).get("id") != self._number:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _read_message(self) -> Any:
        while b"\0" not in self._rest:
            read = os.read(self._from, 65_536)
            assert read, "the browser is gone"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


PAGE_TEXT_SCRIPT = "document.body.innerText"


@contextmanager
def open_browser(profile: Path) -> Iterator[BrowserPage]:
    """A page in a browser with a profile of its own, which ends with the block."""
    found = find_chromium()
    assert found
    reads, to_browser = os.pipe()
    from_browser, writes = os.pipe()

    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=800,900")
    piped = f'exec "$0" "$@" 3<&{reads} 4>&{writes}'  # where the browser reads, and where it writes
    command = ["bash", "-c", piped, found, *options, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, pass_fds=(reads, writes), stdout=quiet, stderr=quiet) as process:
        os.close(reads)
        os.close(writes)
        try:
            yield BrowserPage(to_browser, from_browser)
        finally:
            process.terminate()
            process.wait(TIMEOUT_SECONDS)
            os.close(to_browser)
            os.close(from_browser)
