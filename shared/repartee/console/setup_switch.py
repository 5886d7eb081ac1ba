"""*Set-up*, the switch: in how many of a hundred chats steps run in parallel, now and before."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabNotice, TabView
from repartee.errors import BackendError
from repartee.ports.switch import ParallelSwitch

MAX_CHANGES = 12
"""Turns of the switch that are shown."""

MAX_SHARE_PERCENTS = 100
"""Chats of a hundred: all of them."""


class SwitchTab:
    """The switch. `is_serial`: the deployment's parameter wins over it, and all steps run one by one."""

    key, title = "switch", "Switch"

    def __init__(self, switch: ParallelSwitch, notes: ActNotes, *, is_serial: bool) -> None:
        self._switch, self._notes, self._is_serial = switch, notes, is_serial

    def acts(self) -> Mapping[str, TabAct]:
        return {"turn": self.turn}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows what holds, and how it was turned before."""
        return self._show()

    def turn(self, request: ConsoleRequest) -> TabView | TabNotice:
        """Turns the switch to a percentage."""
        given = request.field("percent").strip()
        if not (given.isascii() and given.isdigit() and len(given) <= 3 and int(given) <= MAX_SHARE_PERCENTS):
            return self._show(
                SetupProblem(f"Nothing was turned: write a number from 0 to {MAX_SHARE_PERCENTS}.")
            )
        try:
            version = self._switch.turn(int(given))
        except BackendError as failure:
            return self._show(SetupProblem(f"Nothing was turned: {failure}"))
        self._notes.note(request, "turn switch", f"version {version}", f"{given} %")
        return TabNotice(f"In half a minute steps run {describe_share(int(given))}.")

    def _show(self, *problems: SetupProblem) -> TabView:
        changes = self._switch.list_changes(MAX_CHANGES)
        now = next((one for one in changes if one.state == "complete"), None)
        percent = now.percent if now else None
        words = describe_share(percent) if percent is not None else ""
        shown = {"changes": changes, "percent": percent, "share": words, "is_serial": self._is_serial}
        return TabView(shown, problems=problems)


def describe_share(percent: int) -> str:
    """Returns the percentage in words."""
    if percent in (0, MAX_SHARE_PERCENTS):
        return "in parallel in every chat" if percent else "one after the other in every chat"
    return f"in parallel in {percent} of 100 chats"
