"""A recorded turn that is run again in a browser, by the function of operators' jobs of the local stack."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from playwright.sync_api import Browser, expect

from repartee.stores.dynamodb.records import DynamoRecords
from support.local_settings import read_local_settings
from tests.support import aws
from tests.support.console_browser import (
    NARROW,
    axe_script,
    find_serious_problems,
    is_cut_off,
    needs_chromium,
    open_page,
)
from tests.support.try_it_browser import ANSWER_TIMEOUT_MS, QUESTION, say, wait_for_turn

pytestmark = needs_chromium
RECORDED_SECONDS = 3600.0
ROOM = "slack:T0BUTLER:D0ADA"


class RecordedRoom:
    """A room of the local stack whose turns are recorded from now on, as by `scripts/recordings on`."""

    def __init__(self, url: str, room: str) -> None:
        self._settings = read_local_settings(url.rpartition(":")[2])
        self._client = aws.make_client("dynamodb", self._settings["AWS_ENDPOINT_URL"])
        records = DynamoRecords(self._client, self._settings["RECORDS_TABLE"], time.time)
        records.set_recording(room, time.time(), time.time() + RECORDED_SECONDS)

    def wait_for_turn(self) -> dict[str, str]:
        """Returns the chat and the turn of the first recording, which is made after the reply."""
        until = time.monotonic() + ANSWER_TIMEOUT_MS / 1000
        while time.monotonic() < until:
            for item in self._client.scan(TableName=self._settings["RECORDINGS_TABLE"])["Items"]:
                kind, _, turn = item["sk"]["S"].partition("#")
                if kind == "recording":
                    return {"chat": item["chat"]["S"], "turn": turn}
            time.sleep(0.1)
        raise AssertionError("no turn was recorded")


def test_a_recorded_turn_is_run_again(browser: Browser, url: str) -> None:
    """Its page follows the function, and shows what came of it beside what was answered, also on a small
    screen."""
    with open_page(browser, f"{url}/console/try?place=slack-direct") as page:
        say(page, QUESTION)
        wait_for_turn(page, QUESTION)
        recorded = RecordedRoom(url, ROOM)
        for question in ("thank you, and good morning", "how many desks does Lisbon have?"):
            say(page, question)
            wait_for_turn(page, question)
        page.goto(f"{url}/console/conversations/one/turn?{urlencode(recorded.wait_for_turn())}")
        expect(page.get_by_text("This room is recorded: texts are redacted")).to_be_visible()
        page.select_option("select[name=without]", index=0)
        page.get_by_role("button", name="Run again").click()
        expect(page.locator("#repetition h3", has_text="As it was")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        expect(page.locator("#repetition [role=status]")).to_contain_text("done")
        expect(page.locator("#repetition")).to_contain_text("model, first token")
        if script := axe_script():
            assert find_serious_problems(page, script) == []
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert not is_cut_off(page)
