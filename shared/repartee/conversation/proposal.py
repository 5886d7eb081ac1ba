"""What the assistant would do if somebody approves: how it is proposed, decided, and carried out once.

A person's press is written by the webhook at once and wakes the chat; the turn then carries out what was
approved, and tells. Whoever dies in between leaves a note, so that nothing is ever done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from repartee.conversation.message import Message
from repartee.errors import BackendError, Late, Refused

if TYPE_CHECKING:
    from repartee.conversation.reply import Replies
    from repartee.ports import Proposals

VALID_FOR = 600.0
"""Seconds in which a proposal may be decided on."""

Verdict = Literal["taken", "late", "decided", "another's", "unknown"]
"""What becomes of a press: it decides; it comes too late; something was decided before; it is not this
person's to decide; there is no such proposal."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the assistant would do. `summary` says in words what, in Markdown.

    Only `person` may decide, once, until `until` (epoch seconds). `act` names who carries it out, `order` is
    what that is told, as JSON.
    """

    subject: str
    chat: str
    person: str
    summary: str
    act: str
    order: str
    until: float


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision. `id` is the same however often it is delivered, `at` is in epoch seconds."""

    id: str
    subject: str
    approved: bool
    by: str
    at: float


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal and what has become of it. `press` is the id of the press that decided, `told` what was said
    when it was done."""

    proposal: Proposal
    state: Literal["open", "approved", "declined", "begun", "done"] = "open"
    press: str = ""
    told: str = ""

    def verdict(self, press: Press) -> Verdict:
        """What becomes of a press now. One that is delivered again is told what it was told at first."""
        if self.proposal.person != press.by:
            return "another's"
        if self.press == press.id:
            return "taken"
        if self.state != "open":
            return "decided"
        return "late" if press.at > self.proposal.until else "taken"


class Act(Protocol):
    """Who carries out proposals of one kind."""

    def carry_out(self, proposal: Proposal) -> str:
        """Does it, and says what was done, with a link. Raises `Refused` or `BackendError` if it was not
        done, and `Late` if nobody can tell."""

    def whereabouts(self, proposal: Proposal) -> str:
        """Where people can see for themselves whether it was done, as a link in Markdown."""


REFUSALS: Mapping[Verdict, str] = {
    "late": "This is no longer valid: it was good for ten minutes. Nothing was changed. Ask me again.",
    "decided": "This was decided already. Nothing more was changed.",
    "another's": "Only the person who asked for this may decide on it. Nothing was changed.",
    "unknown": "I do not know this proposal any more. Nothing was changed. Ask me again.",
}
"""What is said to a press that decides nothing."""

DECLINED = "All right, I leave it as it is."
UNSURE = "I was interrupted while I did this, and I cannot tell whether it was done. Please look:"
TAKEN = {True: "✅ Approved", False: "Declined"}
"""What stands in the place of the buttons."""


class Decisions:
    """What turns do about people's decisions. `acts` are by the name that proposals give them, `channels` by
    their own."""

    def __init__(
        self, proposals: Proposals, acts: Mapping[str, Act], channels: Mapping[str, Replies]
    ) -> None:
        self._proposals, self._acts, self._channels = proposals, acts, channels

    def settle(self, message: Message) -> str:
        """Does what was decided by this press (`message.decides`), at most once in the world, and gives the
        words to say. Takes the buttons away. Repeating it gives the same words, and does nothing twice.
        Raises `BackendError` while it cannot be known what was decided: nothing is done then."""
        found = self._proposals.find(message.decides)
        if found is None:
            return REFUSALS["unknown"]
        if (found.press, found.proposal.person) == (message.id, message.sender):
            words, shown = self._settled(found), TAKEN[found.state != "declined"]
        else:
            verdict = _refused(found, message)
            words = REFUSALS[verdict]
            if verdict == "another's":
                return words
            shown = TAKEN[found.state != "declined"] if found.press else "Expired"
        with suppress(BackendError):  # the buttons may stay: they decide nothing any more
            self._channels[message.channel].decided(message, found.proposal, shown)
        return words

    def _settled(self, found: Proposed) -> str:
        if found.state == "declined":
            return DECLINED
        if found.state == "done":
            return found.told
        begun = found.state == "approved" and self._proposals.begin(found.proposal.subject)
        words = self._carried_out(found.proposal) if begun else self._unsure(found.proposal)
        with suppress(BackendError):  # who comes after us would say that they cannot tell
            self._proposals.done(found.proposal.subject, words)
        return words

    def _carried_out(self, proposal: Proposal) -> str:
        act = self._acts.get(proposal.act)
        if act is None:
            return "I cannot do this any more. Nothing was changed."
        try:
            return act.carry_out(proposal)
        except Late:
            return self._unsure(proposal)
        except (Refused, BackendError) as failure:
            reason = getattr(failure, "words", "") or str(failure)
            return f"This could not be done, and nothing was changed: {reason}"

    def _unsure(self, proposal: Proposal) -> str:
        act = self._acts.get(proposal.act)
        return f"{UNSURE} {act.whereabouts(proposal) if act else ''}".rstrip()


def _refused(found: Proposed, message: Message) -> Verdict:
    """Why a press that was kept decided nothing."""
    press = Press(id=message.id, subject=message.decides, approved=False, by=message.sender, at=message.sent)
    verdict = found.verdict(press)
    return "late" if verdict == "taken" else verdict


class Pressed(msgspec.Struct, frozen=True):
    """A press as it came, and the message that wakes its chat. `answer` is how the platform wants to be told
    at once what became of it; where it is none, the turn tells."""

    press: Press
    message: Message
    answer: Callable[[Verdict], str] | None = None
