"""Reactions in private chats: signs that what is said there is read.

https://core.telegram.org/bots/api#messagereactionupdated
"""

from __future__ import annotations

from repartee.channels.telegram.payloads import TelegramReaction
from repartee.domain.engagement import EngagementSign
from repartee.domain.http import HttpRequest, decode_json
from repartee.ports.channels import ParsedRequest


def parse_reaction(body: bytes, request: HttpRequest) -> ParsedRequest:
    """Returns the sign that a reaction is. One that was taken away, or is in a group, is none."""
    reaction = decode_json(body, TelegramReaction)
    if reaction.chat.type != "private" or not reaction.user or not reaction.new_reaction:
        return ParsedRequest(ignored_reason="a reaction")
    by = f"telegram:{reaction.user.id}"
    return ParsedRequest(signs=(EngagementSign(by, "reaction", request.received_at),))
