"""The console's switch on AppConfig: what it says, how it is turned, and that functions follow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from starlette.applications import Starlette

from repartee.aws.flag_deployments import FlagDeployments
from repartee.aws.flags import FeatureFlags
from repartee.console.access import Role
from repartee.errors import Throttled
from repartee.wiring import Wiring, operations, process
from standins.appconfig.control_plane import FlagsControlPlane
from standins.appconfig.server import AppConfigStandIn
from tests.support import aws
from tests.support.console_setup import list_acts, visit_setup
from tests.support.web_instances import serve_app

NOW = 1_790_000_000.0
ADDRESS = "repartee/live/flags"


class Clock:
    """A clock that is put forward by hand."""

    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def appconfig(clock: Clock) -> Iterator[str]:
    flags = AppConfigStandIn(clock)
    routes = [*flags.routes(), *FlagsControlPlane(clock, flags.deploy_flags).routes()]
    with serve_app(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture
def switch(appconfig: str) -> FlagDeployments:
    return FlagDeployments(aws.make_client("appconfig", appconfig), ADDRESS, "at-once")


@pytest.fixture
def wiring(dynamodb_local: str, switch: FlagDeployments, clock: Clock) -> Wiring:
    client = aws.make_client("dynamodb", dynamodb_local)
    made = Wiring({"RECORDS_TABLE": aws.make_table(client)})
    made.put(process.dynamodb_client, client)
    made.put(process.clock, lambda: clock.now)
    made.replace(operations.parallel_switch, lambda _: switch)
    return made


def test_functions_follow_the_switch(switch: FlagDeployments, appconfig: str, clock: Clock) -> None:
    """Off is off for every chat half a minute later, and a tenth is a tenth."""
    client = aws.make_client("appconfigdata", appconfig)
    flags = FeatureFlags(client, ADDRESS, clock, Logger(service="switch"))
    chats = [f"slack:T1:C{number}" for number in range(500)]
    assert all(map(flags.is_parallel, chats))

    for percent, least, most in ((0, 0, 0), (10, 25, 75), (100, 500, 500)):
        switch.turn(percent)
        clock.now += 31
        assert least <= sum(map(flags.is_parallel, chats)) <= most, percent


def test_the_history_is_told(switch: FlagDeployments, clock: Clock) -> None:
    """The latest turn is the first; each has its time and its percentage."""
    for percent in (10, 0):
        clock.now += 60
        switch.turn(percent)

    told = [(one.version, one.percent, one.at, one.state) for one in switch.list_changes(2)]

    assert told == [(3, 0, NOW + 120, "complete"), (2, 10, NOW + 60, "complete")]
    assert [one.percent for one in switch.list_changes(9)] == [0, 10, 100]


def test_what_makes_no_sense_costs_its_own_line(switch: FlagDeployments, appconfig: str) -> None:
    """A version without the flag has no percentage; the others are told all the same."""
    client = aws.make_client("appconfig", appconfig)
    flags = {"values": {"parallel": {"enabled": True, "percent": 50, "note": "by hand"}}}
    client.create_hosted_configuration_version(
        ApplicationId="repartee", ConfigurationProfileId="flags", Content=json.dumps(flags).encode(),
        ContentType="application/json",
    )  # fmt: skip
    assert switch.turn(20) == 3
    assert [one.percent for one in switch.list_changes(5)] == [20, 100]
    read: Any = switch._read_flags(3)
    assert read["values"]["parallel"]["percent"] == 20


def test_of_two_operators_one_turns(switch: FlagDeployments, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other has not seen what the first made, and is told that the switch is being turned."""
    monkeypatch.setattr(switch, "_find_newest", lambda: 1)
    switch.turn(10)

    with pytest.raises(Throttled, match="being turned"):
        switch.turn(20)
    assert switch.list_changes(1)[0].percent == 10


def test_an_administrator_turns_the_switch(wiring: Wiring) -> None:
    """The page says what holds and how it was before; the turn is in the audit log, with its version."""
    with visit_setup(wiring) as admin:
        assert "<strong>in parallel in every chat</strong>" in admin.open("switch")

        assert "in parallel in 10 of 100 chats" in admin.say("switch/turn", percent="10")

        page = admin.open("switch")
        assert "<strong>in parallel in 10 of 100 chats</strong>" in page
        assert page.index(">10</td>") < page.index(">100</td>")
        assert "one after the other in every chat" in admin.say("switch/turn", percent="0")
    assert ("admin", "turn switch", "version 2") in list_acts(wiring, NOW + 1)


@pytest.mark.parametrize("given", ["", "101", "-1", "1.5", "٣", "on", "0" * 5000])
def test_a_number_that_is_none_turns_nothing(wiring: Wiring, switch: FlagDeployments, given: str) -> None:
    """It is said what may be given."""
    with visit_setup(wiring) as admin:
        assert "write a number from 0 to 100" in admin.say("switch/turn", percent=given)
    assert len(switch.list_changes(9)) == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_the_switch_is_for_administrators(wiring: Wiring, switch: FlagDeployments, role: Role) -> None:
    """Others neither see nor turn it."""
    with visit_setup(wiring, role) as visit:
        assert visit.post("switch/turn", percent="0").status_code == 403
    assert len(switch.list_changes(9)) == 1


def test_a_form_of_another_site_turns_nothing(wiring: Wiring, switch: FlagDeployments) -> None:
    """Without the session's token it is refused."""
    with visit_setup(wiring) as admin:
        assert admin.post("switch/turn", csrf="guessed", percent="0").status_code == 403
    assert len(switch.list_changes(9)) == 1


def test_a_parameter_that_wins_is_told(wiring: Wiring) -> None:
    """Where the deployment says that steps run one by one, the page says that the switch does nothing."""
    serial = Wiring(
        {"RECORDS_TABLE": wiring.get(process.settings).records_table, "PARALLEL_ENABLED": "false"}
    )
    for part in (process.dynamodb_client, process.clock, operations.parallel_switch):
        serial.put(part, wiring.get(part))
    with visit_setup(serial) as admin:
        assert "whatever stands here" in admin.open("switch")
