"""The people, apps and user groups of the workspace, as Slack's methods tell of them.

https://docs.slack.dev/reference/methods/users.info, bots.info and usergroups.list. A person of whom nothing
was told has no display name: Slack then has the full name alone.
"""

from __future__ import annotations

from typing import Any

from standins.slack.arguments import USER_ID
from standins.slack.methods import Arguments, SlackError

READ_SCOPES = {"G": "groups:read", "D": "im:read"}
"""The scopes with which channels other than public ones are told of, by the first letter of their ids."""


class SlackPeople:
    """Who is in the workspace. `scopes` are those that the app was granted; without one Slack refuses."""

    def __init__(self, team: str, scopes: set[str]) -> None:
        self._team, self.scopes = team, scopes
        self.names = {"U0ADA": "Ada", "U0BEN": "Ben", "U0CARLA": "Carla", "U0DMITRI": "Dmitri"}
        self.groups: dict[str, str] = {}
        self.apps: dict[str, str] = {}
        self.unknown: set[str] = set()
        self.members: dict[str, set[str]] = {}
        self.channel_names = {"C0GENERAL": "general", "C0LISBON": "lisbon"}

    def describe_user(self, arguments: Arguments) -> dict[str, Any]:
        self._require_scope("users:read")
        user = str(arguments["user"])
        if not USER_ID.fullmatch(user) or user in self.unknown:
            raise SlackError("user_not_found")
        shown = self.names.get(user, "")
        real_name = shown or f"Full Name of {user}"
        profile = {"real_name": real_name, "display_name": shown, "team": self._team}
        about = {"id": user, "team_id": self._team, "name": user.lower(), "deleted": False}
        return {"user": about | {"real_name": real_name, "profile": profile, "is_bot": False}}

    def list_members(self, arguments: Arguments) -> dict[str, Any]:
        """Those of a channel; of one of which nothing was told, everybody. The cursor is the next one's
        id."""
        channel = str(arguments["channel"])
        self._require_scope(READ_SCOPES.get(channel[:1], "channels:read"))
        everybody = sorted(self.members.get(channel, self.names.keys()))
        if not everybody:
            raise SlackError("channel_not_found")
        rest = [user for user in everybody if user >= str(arguments.get("cursor") or "")]
        size = max(1, min(1000, int(arguments.get("limit") or 100)))
        left = rest[size] if len(rest) > size else ""
        return {"members": rest[:size], "response_metadata": {"next_cursor": left}}

    def open_direct_channel(self, arguments: Arguments) -> dict[str, Any]:
        """That with one person: made the first time, the same ever after."""
        self._require_scope("im:write")
        user = str(arguments["users"])
        if not USER_ID.fullmatch(user) or user in self.unknown:
            raise SlackError("user_not_found")
        return {"channel": {"id": f"D{user[1:]}"}}

    def list_channels(self, arguments: Arguments) -> dict[str, Any]:
        """Those that a person is in."""
        for scope in ("channels:read", "groups:read"):
            self._require_scope(scope)
        user = str(arguments.get("user", ""))
        own = [id for id in self.channel_names if user in self.members.get(id, self.names.keys())]
        channels = [{"id": id, "name": self.channel_names[id], "is_channel": True} for id in sorted(own)]
        return {"channels": channels, "response_metadata": {"next_cursor": ""}}

    def describe_app(self, arguments: Arguments) -> dict[str, Any]:
        self._require_scope("users:read")
        bot = str(arguments["bot"])
        if bot not in self.apps:
            raise SlackError("bot_not_found")
        return {"bot": {"id": bot, "deleted": False, "name": self.apps[bot], "app_id": f"A{bot[1:]}"}}

    def list_groups(self, arguments: Arguments) -> dict[str, Any]:
        self._require_scope("usergroups:read")
        groups = [
            {"id": id, "team_id": self._team, "is_usergroup": True, "name": f"The {name}", "handle": name}
            for id, name in self.groups.items()
        ]
        return {"usergroups": groups}

    def _require_scope(self, scope: str) -> None:
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))
