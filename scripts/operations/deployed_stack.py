"""Reads the outputs of a deployed stack from CloudFormation, or from settings of the same names."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from support.suggestions import CommandParser

AWS_ERRORS = (BotoCoreError, ClientError)
"""Errors of AWS: no credentials, no right, no such resource."""


class MissingPart(Exception):
    """Something that the command needs is not there; the text says what to do."""


class DeployedStack:
    """A stack by its name. A setting in the environment (RECORDS_TABLE …) stands for the output so called."""

    def __init__(self, stack: str, environment: Mapping[str, str]) -> None:
        self._stack, self._environment = stack, environment
        self._session = botocore.session.get_session()

    def make_client(self, service: str) -> Any:
        """Returns a client by the account, region and endpoint of the environment."""
        return self._session.create_client(service)

    def make_function_client(self, read_seconds: float) -> Any:
        """Returns a client of Lambda that waits for a function's answer for so long, and calls it once."""
        once = Config(read_timeout=read_seconds, retries={"total_max_attempts": 1})
        return self._session.create_client("lambda", config=once)

    def stack_output(self, name: str) -> str:
        """Returns an output of the stack, such as RecordsTable. Raises `Missing`."""
        setting = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        if own := self._environment.get(setting):
            return own
        if name not in self._read_outputs:
            raise MissingPart(f"the stack {self._stack} has no output {name}: deploy it, or set {setting}")
        return self._read_outputs[name]

    def find_resource(self, name: str) -> str:
        """Returns the id of a resource of the template, such as a function's name. A setting such as
        TURN_FUNCTION stands for it. Raises `MissingPart`."""
        if own := self._environment.get(f"{name.upper()}_FUNCTION"):
            return own
        client = self.make_client("cloudformation")
        try:
            found = client.describe_stack_resource(StackName=self._stack, LogicalResourceId=name)
        except ClientError as refusal:
            if refusal.response["Error"].get("Code") != "ValidationError":
                raise
            raise MissingPart(f"the stack {self._stack} has no {name}: see --stack") from None
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def stack_parameter(self, name: str) -> str:
        """Returns a parameter with which the stack was deployed, empty if it has none of that name."""
        given = self._description.get("Parameters", ())
        return str({one["ParameterKey"]: one["ParameterValue"] for one in given}.get(name, ""))

    def describe(self) -> Any:
        """Returns the stack as CloudFormation describes it, with its parameters and outputs."""
        return self.make_client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"][0]

    @cached_property
    def _read_outputs(self) -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self._description.get("Outputs", ())}

    @cached_property
    def _description(self) -> dict[str, Any]:
        return dict(self.describe())


def make_parser(name: str, about: str) -> argparse.ArgumentParser:
    """Returns the parser of a command, with the option that all have."""
    made = CommandParser(
        name, description=about, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--stack", default="repartee", help="the deployed stack (%(default)s)")
    return made


def find_stack(asked: argparse.Namespace) -> DeployedStack:
    """Returns the stack that was asked for."""
    return DeployedStack(asked.stack, os.environ)
