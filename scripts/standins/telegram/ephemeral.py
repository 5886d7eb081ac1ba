"""Messages of a group that one person and the bot alone see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.telegram.arguments import Arguments, TelegramError, parse_number, parse_structured
from standins.telegram.limits import EPHEMERAL_ANSWER_SECONDS
from standins.telegram.posts import TelegramPost

Posts = Mapping[tuple[int, int], TelegramPost]


def parse_receiver(
    posts: Posts, chat_id: int, arguments: Arguments, replied: dict[str, Any], now: float
) -> int:
    """Who alone sees a message, 0 for all. A bot that is no administrator may write to that person only in
    reply to an ephemeral message of theirs, or to a press of theirs, for 15 seconds. How Telegram words the
    refusals is assumed."""
    given = parse_structured(arguments, "ephemeral_message_parameters")
    if not given:
        return 0
    receiver = parse_number(given, "receiver_user_id")
    asked = posts.get((chat_id, parse_number(replied, "ephemeral_message_id")))
    if chat_id > 0:
        raise TelegramError(400, "BOT_NOT_ADMIN")
    if given.get("callback_query_id"):
        return receiver
    if asked is None or asked.user != receiver or not asked.receiver:
        raise TelegramError(400, "ephemeral message to be replied not found")
    if now - asked.date > EPHEMERAL_ANSWER_SECONDS:
        raise TelegramError(400, "ephemeral message is too old to be replied")
    return receiver


def find_ephemeral(posts: Posts, chat_id: int, arguments: Arguments) -> TelegramPost:
    """Returns the bot's ephemeral message that a call is about."""
    posted = posts.get((chat_id, parse_number(arguments, "ephemeral_message_id")))
    if posted is None or not posted.bot or posted.receiver != parse_number(arguments, "receiver_user_id"):
        raise TelegramError(400, "message to edit not found")
    return posted
