"""Who is in a channel, and where its messages are seen: asked of Slack.

https://docs.slack.dev/reference/methods/conversations.members. Needs the scopes `channels:read`,
`groups:read`, `im:read` and `mpim:read` for the kinds of channels in which it is asked.
"""

from __future__ import annotations

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.api import SlackApi
from repartee.domain.brief import Address
from repartee.domain.message import StoredMessage
from repartee.errors import NotFound

MEMBERS_PER_CALL = 1000
MAX_MEMBER_CALLS = 20
"""Calls for one channel: of one with more than 20,000 members nobody waits to be found."""


ROOMS_PER_CALL = 200
MAX_ROOM_CALLS = 10
"""Calls for the channels of one person: https://docs.slack.dev/reference/methods/users.conversations."""


class SlackRoomAccess:
    """`ports.RoomAccess` for Slack. The workspace's address is asked for once a process."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._workspace_url = ""

    def is_member(self, person: str, room: str) -> bool:
        channel, user, cursor = _last_part(room), _last_part(person), ""
        for _ in range(MAX_MEMBER_CALLS):
            try:
                answer = self._api.call_form(
                    "conversations.members", channel=channel, cursor=cursor, limit=MEMBERS_PER_CALL
                )
            except NotFound:  # the app is not in the channel, or it is gone
                return False
            if user in answer["members"]:
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return False
        return False

    def find_room(self, person: str, here: str, name: str) -> str:
        wanted, cursor = name.strip().lstrip("#").casefold(), ""
        for _ in range(MAX_ROOM_CALLS):
            answer = self._api.call_form(
                "users.conversations",
                user=_last_part(person),
                types="public_channel,private_channel",
                exclude_archived="true",
                cursor=cursor,
                limit=ROOMS_PER_CALL,
            )
            for room in answer["channels"]:
                if wanted in (str(room.get("name", "")).casefold(), str(room["id"]).casefold()):
                    return f"{here.rpartition(':')[0]}:{room['id']}"
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return ""

    def address_room(self, here: Address, room: str) -> Address:
        platform = here.platform | {"channel": _last_part(room), "thread": ""}
        return msgspec.structs.replace(here, chat=room, room=room, platform=platform)

    def address_person(self, person: str, language: str) -> Address | None:
        workspace, _, user = person.rpartition(":")
        room = ids.direct_room_id(workspace, user)
        team = _last_part(workspace)
        platform = {"channel": user, "thread": "", "user": user, "team": team, "self": ""}
        return Address(channel="slack", chat=room, room=room, platform=platform, language=language)

    def message_link(self, message: StoredMessage) -> str:
        if not self._workspace_url:
            self._workspace_url = str(self._api.call_form("auth.test").get("url") or "").rstrip("/")
        channel, ts = _last_part(message.room), message.id.rpartition("#")[2]
        thread = message.chat.removeprefix(message.room).lstrip(":")
        in_thread = f"?thread_ts={thread}&cid={channel}" if thread and thread != ts else ""
        if not (self._workspace_url and ts.replace(".", "").isdigit()):
            return ""
        return f"{self._workspace_url}/archives/{channel}/p{ts.replace('.', '')}{in_thread}"


def _last_part(id: str) -> str:
    return id.rpartition(":")[2]
