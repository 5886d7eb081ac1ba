"""What leaves for a model is masked: these are the steps of the plan that see to it.

    office.step()(veil)
    office.step(timeout=3.0)(safe_text)      # no fallback: what could not be masked does not leave

A step that asks a model takes `safe_text`, never `question` or `asked`; the step that makes the prompt ends
with `covered(compose(…), veil)`, after which it is the turn that hides what tools find and shows what the model
writes. A test of the plan holds this. `small` may be given anything: it is veiled where it is wired.
"""

from __future__ import annotations

from repartee.conversation.message import Message
from repartee.conversation.prompt import Veil
from repartee.conversation.veil import Veils
from repartee.conversation.veiled import covered

__all__ = ["covered", "safe_text", "veil"]


def veil(asked: tuple[Message, ...], veils: Veils) -> Veil:
    """The turn's veil: what is hidden under it, it can put back."""
    return veils(asked[-1].room)


def safe_text(question: str, veil: Veil) -> str:
    """The question as it may leave."""
    return veil.hide(question)
