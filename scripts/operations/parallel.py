"""The command scripts/parallel: in how many of a hundred chats steps run in parallel."""

from __future__ import annotations

import argparse
import sys

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart, find_stack, make_parser
from repartee.aws.flag_deployments import MAX_SHARE_PERCENTS, FlagDeployments
from repartee.errors import ReparteeError
from support.commands import run_command

DESCRIPTION = """Turns the switch that AppConfig holds. Functions look every 30 seconds.

  scripts/parallel on      every chat: steps run in parallel
  scripts/parallel 10      in 10 of 100 chats, always the same ones; the others run one step after the other
  scripts/parallel off     the kill switch: one step after the other
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = make_parser("scripts/parallel", DESCRIPTION)
    parser.add_argument("share", type=parse_share, metavar="on|off|PERCENT", help="as above")
    asked = parser.parse_args(arguments)
    try:
        print(set_share(find_stack(asked), asked.share))
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/parallel: {problem}", file=sys.stderr)
        return 1
    return 0


def parse_share(given: str) -> int:
    """Returns the percentage of chats. Raises ArgumentTypeError, which argparse prints."""
    named = {"on": MAX_SHARE_PERCENTS, "off": 0}.get(given)
    if named is not None:
        return named
    number = given.removesuffix("%")
    if not number.isascii() or not number.isdigit() or not 0 <= int(number) <= MAX_SHARE_PERCENTS:
        raise argparse.ArgumentTypeError(
            f"{given} is neither on nor off nor a number from 0 to {MAX_SHARE_PERCENTS}"
        )
    return int(number)


def set_share(stack: DeployedStack, percent: int) -> str:
    """Deploys the flag. Returns what holds now. Other flags in the configuration stay as they are."""
    address, strategy = stack.stack_output("FlagsId"), stack.stack_output("FlagsStrategy")
    FlagDeployments(stack.make_client("appconfig"), address, strategy).turn(percent)
    share = {0: "one after the other in every chat", MAX_SHARE_PERCENTS: "in parallel in every chat"}
    return f"In half a minute steps run {share.get(percent, f'in parallel in {percent} of 100 chats')}."


if __name__ == "__main__":
    run_command(main)
