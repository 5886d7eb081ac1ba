"""Who is in a group, and where its messages are seen: asked of Telegram.

https://core.telegram.org/bots/api#getchatmember. A bot that is no administrator is told of every member in
groups that are not hidden; what it is not told counts as no.
"""

from __future__ import annotations

from repartee.channels.telegram.api import TelegramApi
from repartee.domain.brief import Address
from repartee.domain.message import StoredMessage
from repartee.errors import InvalidArgument, NotFound

MEMBER_STATUSES = frozenset(("creator", "administrator", "member"))

SUPERGROUP_PREFIX = "-100"
"""Beginning of a supergroup's id, which its links go without."""


class TelegramRoomAccess:
    """`ports.RoomAccess` for Telegram."""

    def __init__(self, api: TelegramApi) -> None:
        self._api = api

    def is_member(self, person: str, room: str) -> bool:
        if person == room:
            return True
        chat, user = room.split(":")[1], person.rpartition(":")[2]
        if not (chat.lstrip("-").isdigit() and user.isdigit() and chat.startswith("-")):
            return False
        try:
            member = self._api.call_method("getChatMember", chat_id=int(chat), user_id=int(user))
        except (InvalidArgument, NotFound):  # the bot or the person is not there
            return False
        is_restricted_member = member.get("status") == "restricted" and bool(member.get("is_member"))
        return member.get("status") in MEMBER_STATUSES or is_restricted_member

    def find_room(self, person: str, here: str, name: str) -> str:
        """Nothing: Telegram tells no bot which groups there are."""
        return ""

    def address_room(self, here: Address, room: str) -> Address:
        return here  # no other room is found

    def address_person(self, person: str, language: str) -> Address | None:
        chat = person.rpartition(":")[2]
        if not chat.isdigit():
            return None
        platform = {"chat": chat, "type": "private", "message": "1"}
        return Address(channel="telegram", chat=person, room=person, platform=platform, language=language)

    def message_link(self, message: StoredMessage) -> str:
        chat, number = message.room.split(":")[1], message.id.rpartition("#")[2].lstrip("0")
        if not (chat.startswith(SUPERGROUP_PREFIX) and number.isdigit()):
            return ""  # private chats and small groups have none
        return f"https://t.me/c/{chat.removeprefix(SUPERGROUP_PREFIX)}/{number}"
