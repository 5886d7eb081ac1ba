"""*Set-up*, the checks: what `scripts/doctor` finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import TabAct, TabView


class SetupFinding(msgspec.Struct, frozen=True):
    """A check, as `scripts/doctor` makes it: its kind (ok, note, missing, wrong, unchecked), what was found,
    and what to do."""

    kind: str
    service: str
    fact: str
    advice: str = ""


class ChecksTab:
    """The checks, made when the tab is opened."""

    key, title = "checks", "Checks"

    def __init__(self, list_findings: Callable[[], Sequence[SetupFinding]]) -> None:
        self._list_findings = list_findings

    def acts(self) -> Mapping[str, TabAct]:
        return {}

    def read(self, request: ConsoleRequest) -> TabView:
        """Makes the checks. Those of services over the network take a moment."""
        return TabView({"findings": self._list_findings()})
