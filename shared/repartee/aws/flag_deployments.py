"""Turns the flags in AppConfig, and tells how they were turned before.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateHostedConfigurationVersion.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from repartee.aws.calls import translate_errors
from repartee.aws.flags import BACKEND_NAME
from repartee.errors import InvalidArgument, NotFound, Throttled
from repartee.ports.switch import SwitchChange

MAX_SHARE_PERCENTS = 100
"""Chats of a hundred: all of them."""

CONTENT_TYPE = "application/json"
CONFLICT_CODE = "ConflictException"
"""The code of AppConfig where another has made a version meanwhile, or is deploying one."""

RETRY_SECONDS = 30.0
"""Seconds after which another turn of the switch is over."""


class FlagDeployments:
    """`ports.ParallelSwitch` on AppConfig. `address` is application/environment/profile. Keeps what versions
    say, which never changes."""

    def __init__(self, client: Any, address: str, strategy: str) -> None:
        application, self._environment, profile = address.split("/")
        self._client, self._strategy = client, strategy
        self._application = {"ApplicationId": application}
        self._profile = {**self._application, "ConfigurationProfileId": profile}
        self._percents: dict[int, int | None] = {}

    def list_changes(self, limit: int) -> Sequence[SwitchChange]:
        with translate_errors(BACKEND_NAME):
            answer = self._client.list_deployments(
                **self._application, EnvironmentId=self._environment, MaxResults=limit
            )
        return [self._describe(one) for one in answer["Items"]]

    def turn(self, percent: int) -> int:
        newest = self._find_newest()
        flags = self._read_flags(newest)
        value = {"enabled": percent > 0, "percent": percent or MAX_SHARE_PERCENTS}
        flags.setdefault("values", {})["parallel"] = value
        try:
            return self._deploy(json.dumps(flags).encode(), newest)
        except InvalidArgument as refusal:
            if refusal.problem != CONFLICT_CODE:
                raise
            raise Throttled(BACKEND_NAME, "the switch is being turned", retry_after=RETRY_SECONDS) from None

    def _deploy(self, content: bytes, newest: int) -> int:
        """Makes a version that follows `newest`, and deploys it."""
        with translate_errors(BACKEND_NAME):
            version = self._client.create_hosted_configuration_version(
                **self._profile, Content=content, ContentType=CONTENT_TYPE, LatestVersionNumber=newest
            )["VersionNumber"]
            self._client.start_deployment(
                **self._profile,
                EnvironmentId=self._environment,
                ConfigurationVersion=str(version),
                DeploymentStrategyId=self._strategy,
            )
        return int(version)

    def _find_newest(self) -> int:
        """Returns the number of the newest version."""
        with translate_errors(BACKEND_NAME):
            pages = self._client.get_paginator("list_hosted_configuration_versions").paginate(**self._profile)
            numbers = [int(one["VersionNumber"]) for page in pages for one in page["Items"]]
        if not numbers:
            raise NotFound(BACKEND_NAME, "it holds no flags: deploy the stack, which makes them")
        return max(numbers)

    def _read_flags(self, version: int) -> dict[str, Any]:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_hosted_configuration_version(**self._profile, VersionNumber=version)
            flags: dict[str, Any] = json.loads(answer["Content"].read())
        return flags

    def _describe(self, deployment: Any) -> SwitchChange:
        version = int(deployment["ConfigurationVersion"])
        at = deployment.get("CompletedAt") or deployment.get("StartedAt")
        return SwitchChange(
            version=version,
            at=at.timestamp() if at else 0.0,
            percent=self._find_percent(version),
            state=str(deployment["State"]).lower().replace("_", " "),
        )

    def _find_percent(self, version: int) -> int | None:
        """Returns the percentage of a version; None where the version is gone or says none."""
        if version not in self._percents:
            self._percents[version] = self._read_percent(version)
        return self._percents[version]

    def _read_percent(self, version: int) -> int | None:
        try:
            flag = self._read_flags(version)["values"]["parallel"]
            return int(flag.get("percent", MAX_SHARE_PERCENTS)) if flag["enabled"] else 0
        except (NotFound, ValueError, KeyError, TypeError):
            return None
