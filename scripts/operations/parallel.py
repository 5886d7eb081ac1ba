"""The command scripts/parallel: in how many of a hundred chats steps run in parallel."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart, find_stack, make_parser
from support.commands import run_command

DESCRIPTION = """Turns the switch that AppConfig holds. Functions look every 30 seconds.

  scripts/parallel on      every chat: steps run in parallel
  scripts/parallel 10      in 10 of 100 chats, always the same ones; the others run one step after the other
  scripts/parallel off     the kill switch: one step after the other
"""
MAX_PERCENT = 100
CONTENT_TYPE = "application/json"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = make_parser("scripts/parallel", DESCRIPTION)
    parser.add_argument("share", type=parse_share, metavar="on|off|PERCENT", help="as above")
    asked = parser.parse_args(arguments)
    try:
        print(set_share(find_stack(asked), asked.share))
    except (MissingPart, *AWS_ERRORS) as problem:
        print(f"scripts/parallel: {problem}", file=sys.stderr)
        return 1
    return 0


def parse_share(given: str) -> int:
    """Returns the percentage of chats. Raises ArgumentTypeError, which argparse prints."""
    named = {"on": MAX_PERCENT, "off": 0}.get(given)
    if named is not None:
        return named
    number = given.removesuffix("%")
    if not number.isascii() or not number.isdigit() or not 0 <= int(number) <= MAX_PERCENT:
        raise argparse.ArgumentTypeError(
            f"{given} is neither on nor off nor a number from 0 to {MAX_PERCENT}"
        )
    return int(number)


def set_share(stack: DeployedStack, percent: int) -> str:
    """Deploys the flag. Returns what holds now. Other flags in the configuration stay as they are."""
    application, environment, profile = stack.stack_output("FlagsId").split("/")
    client: Any = stack.make_client("appconfig")
    where = {"ApplicationId": application, "ConfigurationProfileId": profile}
    flags = _read_newest(client, where)
    flags.setdefault("values", {})["parallel"] = {"enabled": percent > 0, "percent": percent or MAX_PERCENT}
    version = client.create_hosted_configuration_version(
        **where, Content=json.dumps(flags).encode(), ContentType=CONTENT_TYPE
    )["VersionNumber"]
    client.start_deployment(
        **where,
        EnvironmentId=environment,
        ConfigurationVersion=str(version),
        DeploymentStrategyId=stack.stack_output("FlagsStrategy"),
    )
    share = {0: "one after the other in every chat", MAX_PERCENT: "in parallel in every chat"}
    return f"In half a minute steps run {share.get(percent, f'in parallel in {percent} of 100 chats')}."


def _read_newest(client: Any, where: dict[str, str]) -> dict[str, Any]:
    """Returns the newest configuration. Raises MissingPart if there is none."""
    numbers = [
        one["VersionNumber"]
        for page in client.get_paginator("list_hosted_configuration_versions").paginate(**where)
        for one in page["Items"]
    ]
    if not numbers:
        raise MissingPart("AppConfig holds no flags: deploy the stack, which makes them")
    newest = client.get_hosted_configuration_version(**where, VersionNumber=max(numbers))
    flags: dict[str, Any] = json.loads(newest["Content"].read())
    return flags


if __name__ == "__main__":
    run_command(main)
