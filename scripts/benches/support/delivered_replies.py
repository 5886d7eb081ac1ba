"""Reads from a platform's stand-in how replies grew, and whether they are whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

Call = dict[str, Any]
Growth = dict[str, list[tuple[float, int]]]

RATE_LIMIT_CODES = (130429, 131056)
"""WhatsApp's codes for too many messages."""


class DeliveredReplies(NamedTuple):
    """For each place when how much of its reply was visible; the places where all of it is; and the calls."""

    visible_growth: Growth
    whole: set[str]
    calls: Sequence[Call]
    refused: int


def read_slack(calls: Sequence[Call], messages: Sequence[dict[str, Any]], text: str) -> DeliveredReplies:
    """Returns the channel's threads. A stream's calls add to a message, all others replace its text."""
    threads = {message["ts"]: message["thread_ts"] for message in messages if message["bot"]}
    growth: Growth = defaultdict(list)
    for call in calls:
        thread = threads.get(call.get("ts") or call["arguments"].get("ts", ""))
        if thread is None or not call["ok"]:
            continue
        before = growth[thread][-1][1] if growth[thread] else 0
        added = call["method"] in ("chat.appendStream", "chat.stopStream")
        growth[thread].append((call["at"], _written_text(call["arguments"]) + (before if added else 0)))
    whole = {message["thread_ts"] for message in messages if message["bot"] and message["text"] == text}
    return DeliveredReplies(growth, whole, calls, sum(call["error"] == "ratelimited" for call in calls))


def read_telegram(
    calls: Sequence[Call], chats: dict[str, Sequence[dict[str, Any]]], text: str
) -> DeliveredReplies:
    """Private chats and groups. A reply is several messages, of which the last may be a draft."""
    growth: Growth = defaultdict(list)
    sizes: dict[str, dict[Any, int]] = defaultdict(dict)
    for call in calls:
        chat = str(call["arguments"].get("chat_id"))
        if not call["ok"] or "text" not in call["arguments"]:
            continue
        if call["method"] != "sendMessageDraft":
            sizes[chat].pop("draft", None)
        sizes[chat][call["message_id"] or "draft"] = len(call["arguments"]["text"])
        growth[chat].append((call["at"], sum(sizes[chat].values())))
    whole = {chat for chat, messages in chats.items() if _assistant_text(messages) == text.split()}
    return DeliveredReplies(growth, whole, calls, sum("retry after" in str(call["error"]) for call in calls))


def read_whatsapp(
    calls: Sequence[Call], chats: dict[str, Sequence[dict[str, Any]]], text: str
) -> DeliveredReplies:
    """Chats with one person each. A reply is several messages, none of which grows: each shows all before the
    next one's first word."""
    words = [*(found.start() for found in re.finditer(r"\S+", text)), len(text)]
    growth: Growth = defaultdict(list)
    word_counts: Counter[str] = Counter()
    for call in calls:
        chat, body = str(call["arguments"].get("to")), call["arguments"].get("text")
        if call["ok"] and body:
            word_counts[chat] += len(body["body"].split())
            growth[chat].append((call["at"], words[word_counts[chat]]))
    whole = {chat for chat, messages in chats.items() if _assistant_text(messages) == text.split()}
    return DeliveredReplies(growth, whole, calls, sum(call["error"] in RATE_LIMIT_CODES for call in calls))


def _written_text(arguments: dict[str, Any]) -> int:
    pieces = [*(arguments.get("blocks") or ()), *(arguments.get("chunks") or ())]
    texts = [piece["text"] for piece in pieces if piece["type"] in ("markdown", "markdown_text")]
    return len("".join(texts) or arguments.get("markdown_text") or "")


def _assistant_text(messages: Sequence[dict[str, Any]]) -> list[str]:
    """Returns the assistant's words, of messages that are no drafts any more."""
    return [
        word
        for message in messages
        if message["bot"] and not message["streaming"]
        for word in message["text"].split()
    ]
