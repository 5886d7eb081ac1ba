"""Chooses the next request after one failed before the model wrote anything."""

from __future__ import annotations

from msgspec.structs import replace

from repartee.domain.prompt import Prompt, PromptMessage
from repartee.errors import InvalidArgument, ReparteeError, Unavailable
from repartee.services.openai.problems import EmptyReply, OutOfTokens, PromptTooLong
from repartee.services.openai.request import ReplyRequest
from repartee.services.openai.shortening import shortened

SHARES = (0.5, 0.5, 0.35, 0.2)
"""The share of a prompt that is kept at each try, where the API does not say how much fits."""

PROMPT_MARGIN_RATIO = 0.9
"""How much of the share that fits is used, since characters only approximate tokens."""

UNSEEN = "[What is shown here could not be looked at: the picture may be damaged. Say so in your answer.]"


class SecondTries:
    """The remedies of one reply, each of which is tried once; a prompt is shortened a few times."""

    def __init__(self) -> None:
        self._shortenings = 0
        self._done: set[str] = set()

    def after(self, failure: ReparteeError, request: ReplyRequest) -> ReplyRequest | None:
        """Returns what is to be tried now, None if nothing helps here."""
        if isinstance(failure, PromptTooLong):
            return self._shorter(failure, request) or self._blind(request)
        if isinstance(failure, OutOfTokens):
            return request.with_less_effort() if self._first("effort") else None
        if isinstance(failure, EmptyReply):
            return request if self._first("empty") else None
        if isinstance(failure, Unavailable):
            return request if not failure.retry_after and self._first("again") else None
        return self._blind(request) if isinstance(failure, InvalidArgument) else None

    def _shorter(self, failure: PromptTooLong, request: ReplyRequest) -> ReplyRequest | None:
        if self._shortenings == len(SHARES):
            return None
        keep = failure.keep * PROMPT_MARGIN_RATIO if failure.keep else SHARES[self._shortenings]
        self._shortenings += 1
        shorter = shortened(request.prompt, keep)
        return request.with_prompt(shorter) if shorter else None

    def _blind(self, request: ReplyRequest) -> ReplyRequest | None:
        """Without pictures that the provider does not take: one that is damaged, or whose link it cannot
        follow."""
        prompt = request.prompt
        if not any(line.images for line in (*prompt.history, *prompt.incoming)) or not self._first("blind"):
            return None
        return request.with_prompt(_without_pictures(prompt))

    def _first(self, remedy: str) -> bool:
        new = remedy not in self._done
        self._done.add(remedy)
        return new


def _without_pictures(prompt: Prompt) -> Prompt:
    """Returns the same without pictures, and with a word about that."""
    history, incoming = (tuple(map(_unseen, lines)) for lines in (prompt.history, prompt.incoming))
    return replace(prompt, history=history, incoming=incoming)


def _unseen(line: PromptMessage) -> PromptMessage:
    return PromptMessage(line.side, f"{line.text}\n\n{UNSEEN}") if line.images else line
