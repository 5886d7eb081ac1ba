"""The switch of the person on call: what AppConfig says, how long it counts, and what stands without it."""

from __future__ import annotations

import io
import itertools
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import sleep

import pytest
import uvicorn
from aws_lambda_powertools import Logger
from starlette.applications import Starlette

from repartee.aws.flags import FLAGS_FRESH_SECONDS, FeatureFlags, rollout_bucket
from standins.appconfig.server import AppConfigStandIn
from tests.support import aws

CHATS = [f"slack:T1:C{n}" for n in range(1000)]
NUMBERS = itertools.count()


@dataclass
class Switch:
    """AppConfig's stand-in, and a process that reads the flags, on one clock."""

    standin: AppConfigStandIn
    url: str
    now: float = 1_789_000_000.0
    log: io.StringIO = field(default_factory=io.StringIO)

    def flags(self, url: str = "") -> FeatureFlags:
        client = aws.make_client("appconfigdata", url or self.url)
        logger = Logger(service=f"flags-{next(NUMBERS)}", stream=self.log)
        return FeatureFlags(client, "repartee/production/flags", lambda: self.now, logger)


@pytest.fixture(scope="module")
def serving() -> Iterator[Switch]:
    switch: Switch
    standin = AppConfigStandIn(lambda: switch.now)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        switch = Switch(standin, f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(routes=standin.routes())
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            sleep(0.005)
        yield switch
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def switch(serving: Switch) -> Switch:
    serving.standin.deploy_flags({"parallel": {"enabled": True, "percent": 100}})
    return serving


def in_parallel(flags: FeatureFlags) -> set[str]:
    return {chat for chat in CHATS if flags.is_parallel(chat)}


def test_the_switch_turns_everything_serial(switch: Switch) -> None:
    """Off is off for every chat, half a minute later at the most."""
    flags = switch.flags()
    assert in_parallel(flags) == {*CHATS}

    switch.standin.deploy_flags({"parallel": {"enabled": False, "percent": 100}})
    assert in_parallel(flags) == {*CHATS}
    switch.now += FLAGS_FRESH_SECONDS

    assert in_parallel(flags) == set()


def test_a_rollout_grows_by_chats(switch: Switch) -> None:
    """10, 50, 100 percent: about so many chats, and who is among the first is among all later ones."""
    found = []
    for percent in (10, 50, 100):
        switch.standin.deploy_flags({"parallel": {"enabled": True, "percent": percent}})
        found.append(in_parallel(switch.flags()))

    assert [round(len(chats) / len(CHATS), 1) for chats in found] == [0.1, 0.5, 1.0]
    assert found[0] < found[1] < found[2]


def test_a_chats_place_is_the_same_in_every_process() -> None:
    """It hangs on the chat alone, so that one conversation does not change its mode from turn to turn."""
    assert rollout_bucket("slack:T1:C1:1789000000.000001") == 9


def test_what_has_not_changed_stands(switch: Switch) -> None:
    """AppConfig answers with nothing when nothing has changed."""
    switch.standin.deploy_flags({"parallel": {"enabled": False, "percent": 100}})
    flags = switch.flags()
    assert not flags.is_parallel("chat")

    switch.now += FLAGS_FRESH_SECONDS

    assert not flags.is_parallel("chat")
    assert switch.log.getvalue() == ""


def test_the_last_known_value_stands_when_appconfig_says_no(switch: Switch) -> None:
    """A session that has ended is begun anew at the next look, and what was known stands meanwhile."""
    switch.standin.deploy_flags({"parallel": {"enabled": False, "percent": 100}})
    flags = switch.flags()
    assert not flags.is_parallel("chat")

    switch.now += 2 * 24 * 3600  # as after a long freeze
    switch.standin.deploy_flags({"parallel": {"enabled": True, "percent": 100}})
    assert not flags.is_parallel("chat")
    assert "flags_not_read" in switch.log.getvalue()
    switch.now += FLAGS_FRESH_SECONDS

    assert flags.is_parallel("chat")


def test_flags_that_make_no_sense_change_nothing(switch: Switch) -> None:
    """The last known value stands."""
    switch.standin.deploy_flags({"parallel": {"enabled": False, "percent": 100}})
    flags = switch.flags()
    assert not flags.is_parallel("chat")

    switch.standin.deploy_flags({"parallel": {"enabled": True, "percent": 1000}})
    switch.now += FLAGS_FRESH_SECONDS

    assert not flags.is_parallel("chat")


def test_without_appconfig_everything_is_on(switch: Switch) -> None:
    """Nothing is known yet, and nothing can be asked: turns go on as without flags."""
    assert switch.flags("http://127.0.0.1:9").is_parallel("chat")
