"""What a deployed stack is made of: its outputs, by CloudFormation, or settings that name the same."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

FAILURES = (BotoCoreError, ClientError)
"""What AWS may say instead of an answer: no credentials, no right, no such thing."""


class Missing(Exception):
    """Something that the command needs is not there; the text says what to do."""


class Deployed:
    """A stack by its name. A setting in the environment (RECORDS_TABLE …) stands for the output so called."""

    def __init__(self, stack: str, environment: Mapping[str, str]) -> None:
        self._stack, self._environment = stack, environment
        self._session = botocore.session.get_session()

    def client(self, service: str) -> Any:
        """A client by the account, region and endpoint of the environment."""
        return self._session.create_client(service)

    def output(self, name: str) -> str:
        """An output of the stack, such as RecordsTable. Raises `Missing`."""
        setting = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        if own := self._environment.get(setting):
            return own
        if name not in self._outputs:
            raise Missing(f"the stack {self._stack} has no output {name}: deploy it, or set {setting}")
        return self._outputs[name]

    @cached_property
    def _outputs(self) -> dict[str, str]:
        answer = self.client("cloudformation").describe_stacks(StackName=self._stack)
        return {one["OutputKey"]: one["OutputValue"] for one in answer["Stacks"][0].get("Outputs", ())}


def parser(name: str, about: str) -> argparse.ArgumentParser:
    """A command's, with the option that all have."""
    made = argparse.ArgumentParser(
        name, description=about, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--stack", default="repartee", help="the deployed stack (%(default)s)")
    return made


def of(asked: argparse.Namespace) -> Deployed:
    """The stack that was asked for."""
    return Deployed(asked.stack, os.environ)
