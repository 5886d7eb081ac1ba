"""Fits what is read beside the question into the tokens that it may take. What is cut says that it was."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from repartee.assistants.attachment_prompts import build_prompt_lines
from repartee.assistants.attachments import AttachmentContent
from repartee.domain.message import ContextPart, Message, StoredMessage
from repartee.domain.prompt import PromptMessage
from repartee.domain.prompt_budget import MAX_SHARE_OF_ONE_MESSAGE, PromptBudget
from repartee.domain.tokens import estimate_tokens, truncate_to_tokens

HISTORY_TRIM_STEP_MESSAGES = 10
"""Messages that are left out together, so that the front of a prompt stays the same for some turns."""

CUT_CONTENT_TEXT = "of which only the beginning has room here"

MESSAGE_OVERHEAD_TOKENS = 8
"""Tokens that a message takes beside its text: its side, a name, a time."""


class TrimmedHistory(msgspec.Struct, frozen=True):
    """The newest messages that fit, oldest first, and how many before them do not."""

    messages: tuple[StoredMessage, ...]
    left_out: int

    @property
    def notice(self) -> str:
        """The line that tells the model what is missing; empty where nothing is."""
        if not self.left_out:
            return ""
        return f"({self.left_out} messages before these have no room here, and are left out.)"


def trim_history(messages: Sequence[StoredMessage], max_tokens: int) -> TrimmedHistory:
    """The newest of the messages, which come oldest first. A long one is cut; older ones are left out."""
    longest = int(max_tokens * MAX_SHARE_OF_ONE_MESSAGE)
    cut = [msgspec.structs.replace(one, text=truncate_to_tokens(one.text, longest)) for one in messages]
    first = _first_that_fits([estimate_tokens(one.text) + MESSAGE_OVERHEAD_TOKENS for one in cut], max_tokens)
    return TrimmedHistory(tuple(cut[first:]), first)


def _first_that_fits(tokens: Sequence[int], max_tokens: int) -> int:
    """From which on all fit: a multiple of the step, as long as that leaves anything."""
    first, left = len(tokens), max_tokens
    while first and tokens[first - 1] <= left:
        first -= 1
        left -= tokens[first]
    stepped = math.ceil(first / HISTORY_TRIM_STEP_MESSAGES) * HISTORY_TRIM_STEP_MESSAGES
    return stepped if stepped < len(tokens) else first


def trim_relevant(messages: Sequence[StoredMessage], max_tokens: int) -> tuple[StoredMessage, ...]:
    """The best of the messages, which come best first."""
    kept, left = [], max_tokens
    for one in messages:
        left -= estimate_tokens(one.text) + MESSAGE_OVERHEAD_TOKENS
        if left < 0:
            break
        kept.append(one)
    return tuple(kept)


def trim_contents(contents: Sequence[AttachmentContent], max_tokens: int) -> tuple[AttachmentContent, ...]:
    """The texts of files, in their order, as far as they fit together."""
    kept, left = [], max_tokens
    for one in contents:
        tokens = estimate_tokens(one.text)
        kept.append(one if tokens <= left else _cut_content(one, left))
        left = max(0, left - tokens)
    return tuple(kept)


def _cut_content(content: AttachmentContent, max_tokens: int) -> AttachmentContent:
    described = ", ".join(part for part in (content.description, CUT_CONTENT_TEXT) if part)
    return msgspec.structs.replace(
        content, text=truncate_to_tokens(content.text, max_tokens), description=described
    )


def trim_context(incoming: Sequence[Message], max_tokens: int) -> tuple[Message, ...]:
    """The messages with what came along, the newest part of it first, as far as it fits together."""
    left, trimmed = max_tokens, []
    for message in reversed(incoming):
        parts: list[ContextPart] = []
        for part in reversed(message.context):
            text = truncate_to_tokens(part.text, left)
            left = max(0, left - estimate_tokens(part.text) - MESSAGE_OVERHEAD_TOKENS)
            parts.append(part if text == part.text else msgspec.structs.replace(part, text=text))
        trimmed.append(msgspec.structs.replace(message, context=tuple(parts[::-1])) if parts else message)
    return tuple(trimmed[::-1])


def build_trimmed_lines(
    incoming_with_context: Sequence[Message],
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
    budget: PromptBudget,
) -> tuple[PromptMessage, ...]:
    """Returns what is asked as the model reads it, with what came along as far as the budget has room."""
    return build_prompt_lines(
        trim_context(incoming_with_context, budget.context_tokens),
        audio_transcripts,
        image_links,
        trim_contents(file_texts, budget.file_tokens),
    )
