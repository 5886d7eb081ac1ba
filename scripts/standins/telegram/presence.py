"""Drafts of the bot's messages and chat actions, which disappear by themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from standins.telegram.arguments import Arguments, TelegramError, TelegramText, parse_number
from standins.telegram.limits import DRAFT_SECONDS, TYPING_SECONDS
from standins.telegram.posts import BOT_ID

CHAT_ACTIONS = {"typing", "upload_photo", "upload_document", "upload_voice", "record_voice", "find_location"}


class Presence:
    """The drafts and the chat actions of all chats."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._drafts: dict[int, tuple[int, TelegramText, float]] = {}
        self._typing: dict[int, float] = {}

    def clear(self, chat_id: int) -> None:
        """Ends what was shown in a chat, for a message has come."""
        self._drafts.pop(chat_id, None)
        self._typing.pop(chat_id, None)

    def show_draft(self, chat_id: int, draft_id: int, text: TelegramText) -> bool:
        self._drafts[chat_id] = draft_id, text, self._clock()
        return True

    def show_typing(self, chat_id: int) -> bool:
        self._typing[chat_id] = self._clock()
        return True

    def is_typing(self, chat_id: int) -> bool:
        return self._clock() - self._typing.get(chat_id, -math.inf) < TYPING_SECONDS

    def visible_draft(self, chat_id: int) -> list[dict[str, Any]]:
        """Returns the draft of a chat as a person sees it, if there is one."""
        draft_id, text, since = self._drafts.get(chat_id, (0, TelegramText(""), -math.inf))
        if self._clock() - since >= DRAFT_SECONDS:
            return []
        shown = {"id": draft_id, "topic": 0, "user": str(BOT_ID), "bot": True, "text": text.visible_text}
        draft = {"rich": text.rich, "edited": False, "reply_to": 0, "streaming": True, "receiver": 0}
        return [shown | draft]


def parse_draft_id(chat_id: int, arguments: Arguments) -> int:
    """Returns the id of a draft in a private chat."""
    if chat_id < 0:
        raise TelegramError(400, "TEXTDRAFT_PEER_INVALID")
    draft_id = parse_number(arguments, "draft_id")
    if not draft_id:
        raise TelegramError(400, "draft_id must be non-zero")  # how Telegram words it is not documented
    return draft_id


def require_chat_action(arguments: Arguments) -> None:
    if arguments.get("action") not in CHAT_ACTIONS:
        raise TelegramError(400, "wrong parameter action in request")
