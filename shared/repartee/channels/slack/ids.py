"""Slack's ids, and the names that rooms, chats and people have among ours."""

from __future__ import annotations

import re

from repartee.errors import InvalidPayload

SLACK_ID = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)
DIRECT_PREFIX = "D@"
"""Beginning of what stands for a person's direct conversation where a channel's id would."""

SLACK_TIMESTAMP = re.compile(r"\d{1,12}\.\d{1,6}", re.ASCII)


def workspace_id(team: str | None, enterprise: str | None, org_wide: bool | None) -> str:
    """Whose installation it is: an organisation's is one for all its workspaces."""
    return require_slack_id("enterprise" if org_wide else "team", enterprise if org_wide else team)


def room_id(workspace: str, channel: str) -> str:
    """A channel or a direct conversation."""
    return f"slack:{workspace}:{channel}"


def chat_id(room: str, thread: str) -> str:
    """A thread in it, or the room itself."""
    return f"{room}:{thread}" if thread else room


def direct_room_id(workspace: str, user: str) -> str:
    """The direct conversation with a person of the workspace (`slack:T1`), whose channel is not known."""
    return f"{workspace}:{DIRECT_PREFIX}{user}"


def person_id(team: str, user: str) -> str:
    """Returns the id of a person of a workspace, which in Slack Connect need not be ours."""
    return f"slack:{team}:{user}"


def require_slack_id(name: str, value: str | None) -> str:
    """The id. Raises `Malformed` for one that is missing, or that is none."""
    if not value:
        raise InvalidPayload(f"{name} is missing")
    if not SLACK_ID.fullmatch(value):
        raise InvalidPayload(f"{name} is not a Slack id")
    return value


def require_timestamp(name: str, value: str | None) -> str:
    """A message's `ts`: its id in its channel, and when it was sent. Raises `Malformed` likewise."""
    if not value:
        raise InvalidPayload(f"{name} is missing")
    if not SLACK_TIMESTAMP.fullmatch(value):
        raise InvalidPayload(f"{name} is not a Slack timestamp")
    return value
