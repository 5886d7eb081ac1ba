"""The channels of people's direct conversations, opened where something is said there for the first time.

https://docs.slack.dev/reference/methods/conversations.open. Needs the scope `im:write`.
"""

from __future__ import annotations

from repartee.channels.slack.api import SlackApi

USER_PREFIXES = ("U", "W")
"""Beginnings of people's ids. An address with one in the place of a channel means the direct conversation."""


class SlackDirectChannels:
    """The channels that this process has opened, by person."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._channels: dict[str, str] = {}

    def resolve_address(self, address: dict[str, str]) -> dict[str, str]:
        """Returns the address with a channel in the place of a person. Raises `BackendError`."""
        user = address["channel"]
        if not user.startswith(USER_PREFIXES):
            return address
        if user not in self._channels:
            opened = self._api.call_json("conversations.open", users=user)
            self._channels[user] = str(opened["channel"]["id"])
        return address | {"channel": self._channels[user]}
