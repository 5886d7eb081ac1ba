"""The names of Slack's people and user groups: https://docs.slack.dev/reference/methods/users.info."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.slack.api import SlackApi
from repartee.errors import BackendError, NotFound, PermissionDenied

RECALL_SECONDS = 3600.0
"""Seconds for which a process recalls a name without looking it up again."""

RETRY_SECONDS = 600.0
"""Seconds after which a name that could not be looked up is tried again."""

MAX_RECALLED_NAMES = 5_000
"""Names that a process recalls."""


class SlackNames:
    """`ports.NameSource` for Slack. Needs the scopes `users:read` and, for user groups, `usergroups:read`."""

    def __init__(self, api: SlackApi, clock: Callable[[], float]) -> None:
        self._api, self._clock = api, clock
        self._recalled: dict[str, tuple[str, float]] = {}

    def recall(self, id: str) -> str | None:
        name, until = self._recalled.get(id, ("", 0.0))
        return name if until > self._clock() else None

    def look_up(self, id: str) -> str:
        try:
            found = self._look_up_groups() if id.startswith("S") else {id: self._look_up_user(id)}
        except (NotFound, PermissionDenied):
            found = {}
        except BackendError:
            return ""
        for one, name in found.items():
            self._remember(one, name)
        if not found.get(id):
            self._remember(id, "")
        return found.get(id, "")

    def _look_up_user(self, id: str) -> str:
        if id.startswith("B"):
            return str(self._api.call_form("bots.info", bot=id)["bot"].get("name") or "")
        return name_of_user(self._api.call_form("users.info", user=id)["user"])

    def _look_up_groups(self) -> dict[str, str]:
        """All user groups, by their ids: there is no call for one."""
        groups = self._api.call_form("usergroups.list")["usergroups"]
        return {str(group["id"]): str(group.get("handle") or group.get("name") or "") for group in groups}

    def _remember(self, id: str, name: str) -> None:
        if len(self._recalled) >= MAX_RECALLED_NAMES:
            self._recalled.clear()
        self._recalled[id] = name, self._clock() + (RECALL_SECONDS if name else RETRY_SECONDS)


def name_of_user(user: dict[str, Any]) -> str:
    """The name that people see: what the person wants to be called, else the full name."""
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return next((str(name).strip() for name in names if name and str(name).strip()), "")
