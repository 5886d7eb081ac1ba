"""The command scripts/rollback: gives a function's alias back to the version before."""

from __future__ import annotations

import sys
from typing import Any

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart, find_stack, make_parser
from support.commands import run_command

DESCRIPTION = """Points the alias that is called at the version before, at once and without building. Nothing
else changes: what is stored is read by both versions. The next deployment goes on from there.

  scripts/rollback turn                     the version before the one that is live
  scripts/rollback turn --version 12        that one, for instance to go forward again
"""
ALIAS = "live"
FUNCTION_NAMES = (
    *("webhook", "turn", "sweep", "stream"),
    *("brief_schedule", "brief_write", "brief_email", "remind", "desk_event_send", "operator_job"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = make_parser("scripts/rollback", DESCRIPTION)
    parser.add_argument("function", choices=FUNCTION_NAMES, help="which function")
    parser.add_argument("--version", default="", help="another version than the one before")
    asked = parser.parse_args(arguments)
    try:
        print(roll_back(find_stack(asked), asked.function, asked.version))
    except (MissingPart, *AWS_ERRORS) as problem:
        print(f"scripts/rollback: {problem}", file=sys.stderr)
        return 1
    return 0


def roll_back(stack: DeployedStack, function: str, wanted: str = "") -> str:
    """Moves the alias, and ends a rollout that is going on. Returns what it did. Raises MissingPart."""
    name = stack.find_resource(function.title().replace("_", ""))
    client: Any = stack.make_client("lambda")
    live = client.get_alias(FunctionName=name, Name=ALIAS)
    versions = _list_versions(client, name)
    if wanted and wanted not in versions:
        raise MissingPart(f"{function} has no version {wanted}: there are {', '.join(versions)}")
    version = wanted or _find_before(function, live["FunctionVersion"], versions)
    client.update_alias(
        FunctionName=name, Name=ALIAS, FunctionVersion=version, RoutingConfig={"AdditionalVersionWeights": {}}
    )
    was = live["FunctionVersion"]
    return f"{function} runs version {version}. Back to {was}: scripts/rollback {function} --version {was}"


def _find_before(function: str, live: str, versions: list[str]) -> str:
    earlier = [version for version in versions if int(version) < int(live)]
    if not earlier:
        raise MissingPart(f"{function} has no version before {live}: deploy an earlier state of the code")
    return earlier[-1]


def _list_versions(client: Any, name: str) -> list[str]:
    """Returns the published versions, the oldest first."""
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    found = (one["Version"] for page in pages for one in page["Versions"])
    return sorted((version for version in found if version.isdigit()), key=int)


if __name__ == "__main__":
    run_command(main)
