"""scripts/parallel turns AppConfig's flag, and scripts/rollback an alias, against moto."""

from __future__ import annotations

import argparse
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from moto.server import ThreadedMotoServer

from operations import parallel, rollback
from operations.deployed_stack import DeployedStack, MissingPart
from repartee.aws.flags import FlagValues
from tests.support import aws

FIRST_FLAGS = {
    "version": "1",
    "flags": {"parallel": {"name": "parallel"}, "another": {"name": "another"}},
    "values": {"parallel": {"enabled": True, "percent": 100}, "another": {"enabled": True}},
}


@pytest.fixture(scope="module")
def aws_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


class Stack(DeployedStack):
    """A stack in moto. What moto's AppConfig lacks is added: the list of versions, and deployments."""

    def __init__(self, endpoint: str, **outputs: str) -> None:
        super().__init__("repartee", outputs)
        self._endpoint = endpoint
        self.versions = 0
        self.deployments: list[dict[str, Any]] = []

    def make_client(self, service: str) -> Any:
        client = aws.make_client(service, self._endpoint)
        events = client.meta.events
        events.register("before-call.appconfig.ListHostedConfigurationVersions", self._list_versions)
        events.register("before-parameter-build.appconfig.StartDeployment", self._note_deployment)
        events.register(
            "before-call.appconfig.StartDeployment", lambda **_: (_Answered(), {"State": "COMPLETE"})
        )
        events.register("after-call.appconfig.CreateHostedConfigurationVersion", self._count_version)
        return client

    def _list_versions(self, **_: Any) -> Any:
        return _Answered(), {"Items": [{"VersionNumber": n} for n in range(self.versions, 0, -1)]}

    def _note_deployment(self, params: dict[str, Any], **_: Any) -> None:
        self.deployments.append(params)

    def _count_version(self, parsed: dict[str, Any], **_: Any) -> None:
        self.versions = int(parsed["VersionNumber"])


class _Answered:
    status_code = 200


@pytest.fixture
def flags(aws_endpoint: str) -> Stack:
    client = aws.make_client("appconfig", aws_endpoint)
    application = client.create_application(Name="repartee")["Id"]
    profile = client.create_configuration_profile(
        ApplicationId=application, Name="flags", LocationUri="hosted", Type="AWS.AppConfig.FeatureFlags"
    )["Id"]
    stack = Stack(aws_endpoint, FLAGS_ID=f"{application}/live/{profile}", FLAGS_STRATEGY="at-once")
    stack.make_client("appconfig").create_hosted_configuration_version(
        ApplicationId=application, ConfigurationProfileId=profile,
        Content=json.dumps(FIRST_FLAGS).encode(), ContentType="application/json",
    )  # fmt: skip
    return stack


def read_flags(stack: Stack) -> dict[str, Any]:
    """The configuration that was deployed last."""
    deployed = stack.deployments[-1]
    answer = stack.make_client("appconfig").get_hosted_configuration_version(
        ApplicationId=deployed["ApplicationId"], ConfigurationProfileId=deployed["ConfigurationProfileId"],
        VersionNumber=int(deployed["ConfigurationVersion"]),
    )  # fmt: skip
    found: dict[str, Any] = json.loads(answer["Content"].read())
    return found


@pytest.mark.parametrize(
    "given, enabled, percent, said",
    [
        ("on", True, 100, "in parallel in every chat"),
        ("off", False, 100, "one after the other"),
        ("10", True, 10, "in 10 of 100 chats"),
        ("50%", True, 50, "in 50 of 100 chats"),
    ],
)
def test_the_switch_deploys_the_flag(
    flags: Stack, given: str, enabled: bool, percent: int, said: str
) -> None:
    """What is deployed is what the functions read; other flags stay, and it is deployed at once."""
    sentence = parallel.set_share(flags, parallel.parse_share(given))

    deployed = read_flags(flags)
    assert said in sentence
    assert deployed["values"] == {
        "parallel": {"enabled": enabled, "percent": percent},
        "another": {"enabled": True},
    }
    assert deployed["flags"] == FIRST_FLAGS["flags"]
    assert flags.deployments[-1]["DeploymentStrategyId"] == "at-once"
    read = msgspec.json.decode(json.dumps(deployed["values"]), type=FlagValues)
    assert (read.parallel.enabled, read.parallel.percent) == (enabled, percent)


@pytest.mark.parametrize("given", ["", "half", "101", "-1", "1.5", "٣"])
def test_no_share_is_refused(given: str) -> None:
    """The sentence says what may be given."""
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 100"):
        parallel.parse_share(given)


@pytest.fixture
def function(aws_endpoint: str) -> Stack:
    """A function with three versions, the last of which is live and takes a tenth to another."""
    role = aws.make_client("iam", aws_endpoint)
    document = {"Version": "2012-10-17", "Statement": []}
    with suppress(role.exceptions.EntityAlreadyExistsException):
        role.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(document))
    client = aws.make_client("lambda", aws_endpoint)
    name = f"turn-{uuid.uuid4().hex}"
    client.create_function(
        FunctionName=name, Runtime="python3.13", Role="arn:aws:iam::123456789012:role/r",
        Handler="app.handler", Code={"ZipFile": make_zip("0")}, Publish=True,
    )  # fmt: skip
    for text in ("1", "2"):
        client.update_function_code(FunctionName=name, ZipFile=make_zip(text), Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="3")
    return Stack(aws_endpoint, TURN_FUNCTION=name)


def make_zip(text: str) -> bytes:
    """A function's code."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", text)
    return content.getvalue()


def live_version(stack: Stack) -> str:
    """The version that the alias names."""
    alias = stack.make_client("lambda").get_alias(FunctionName=stack.find_resource("Turn"), Name="live")
    return str(alias["FunctionVersion"])


def test_the_version_before_is_live_again(function: Stack) -> None:
    """One step at a time, and forward again by naming a version."""
    said = rollback.roll_back(function, "turn")

    assert live_version(function) == "2"
    assert "scripts/rollback turn --version 3" in said
    rollback.roll_back(function, "turn")
    assert live_version(function) == "1"
    rollback.roll_back(function, "turn", "3")
    assert live_version(function) == "3"


def test_there_is_nothing_before_the_first_version(function: Stack) -> None:
    """It says so, and leaves the alias alone."""
    rollback.roll_back(function, "turn", "1")

    with pytest.raises(MissingPart, match="no version before 1"):
        rollback.roll_back(function, "turn")
    assert live_version(function) == "1"


def test_an_unknown_version_is_refused(function: Stack) -> None:
    """The sentence names those that there are."""
    with pytest.raises(MissingPart, match="there are 1, 2, 3"):
        rollback.roll_back(function, "turn", "12")


def test_a_mistyped_function_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    """As with every command."""
    with pytest.raises(SystemExit):
        rollback.main(["trun"])

    assert "Did you mean turn?" in capsys.readouterr().err
