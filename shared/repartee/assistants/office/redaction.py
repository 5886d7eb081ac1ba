"""What leaves for a model is masked: the steps of the office assistant's plan that see to it.

A step that asks a model takes `safe_text`, never `question` or `asked`: a test of the plan holds this. The
prompt is covered by the turn (`conversation/veiled.py`), which hides what tools find and shows the reply.
`small` may be given anything: it is veiled where it is wired.
"""

from __future__ import annotations

from repartee.domain.message import Message
from repartee.domain.redactor import Redactor, RedactorFactory


def redactor(incoming: tuple[Message, ...], redactor_for: RedactorFactory) -> Redactor:
    """The turn's veil: what is hidden under it, it can put back."""
    return redactor_for(incoming[-1].room)


def redacted_text(incoming_text: str, redactor: Redactor) -> str:
    """The question as it may leave."""
    return redactor.redact(incoming_text)
