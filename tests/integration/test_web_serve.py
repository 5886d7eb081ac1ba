"""The web on the local stack: the command that serves it, the function's own file, and a server's stores."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from repartee import wiring
from repartee.errors import SettingError
from tests.integration.test_standins_commands import ROOT, command, environment
from tests.support.browser import find_chromium, open_browser
from tests.support.memory_handlers import EVENTS_FOLDER, MemoryWiring
from tests.support.web_instances import TIMEOUT_SECONDS, ReplyReading


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with subprocess.Popen(
        [ROOT / "scripts" / "serve"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        lines = (re.search(r"listens on (http://[\d.]+:\d+)", line) for line in process.stdout)
        yield next(found[1] for found in lines if found)
        process.send_signal(signal.SIGINT)


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


@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here: apt-get install chromium")
def test_the_page_in_a_browser(url: str, tmp_path: Path) -> None:
    """Somebody opens the page, tells of a workout, sees what goes on, then the reply, and puts it right."""
    with open_browser(tmp_path) as page:
        page.open_url(f"{url}/")
        page.evaluate_script("document.querySelector('#who').value = 'grace'")

        page.type_text("#text", "Squats today: 5x5 at 100 kg, RPE 8")
        page.wait_until_true("document.querySelector('.status')?.innerText")
        page.wait_until_true("document.querySelectorAll('[data-done]').length === 1")
        page.type_text("#text", "it was 105 kg, not 100")
        page.wait_until_true("document.querySelectorAll('[data-done]').length === 2")
        seen = page.evaluate_script("document.querySelector('main').innerText")

    assert "squat 5 x 5 at 100 kg, RPE 8 (" in seen
    assert "instead of squat 5 x 5 at 100 kg, RPE 8 (" in seen
    assert seen.index("105 kg, not 100") < seen.index("squat 5 x 5 at 105 kg, RPE 8 (")


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
