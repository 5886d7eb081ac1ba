"""The steps that find a message's subject: by its words, by what was said before, and by a small model.

The coach's plan includes these steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from repartee.assistants import attachment_prompts
from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.coach.analysis_input import build_analysis_input, local_date_of
from repartee.assistants.coach.keyword_hints import KeywordHints, find_hints, find_hints_in_conversation
from repartee.assistants.coach.prompt_builder import merge_conversation
from repartee.assistants.coach.prompts import ROUTER_PROMPT
from repartee.assistants.coach.schemas import MessageNeeds
from repartee.domain.message import Exchange, Message
from repartee.errors import Unavailable
from repartee.plan import Plan
from repartee.ports import CoachState, SmallModel, Vector
from repartee.turn.assistant import TurnInputs

analysis_plan = Plan("coach analysis", inputs=("small_model",), offered=TurnInputs)


@analysis_plan.step()
def local_date(incoming: tuple[Message, ...], chat_state: CoachState) -> date:
    """The day on which it was said, where the person is."""
    return local_date_of(incoming[-1], chat_state.profile)


@analysis_plan.step()
def analysis_input(
    incoming: tuple[Message, ...],
    unpersisted_exchanges: tuple[Exchange, ...],
    chat_state: CoachState,
    incoming_text: str,
    local_date: date,
) -> str:
    """The message with what helps to understand it, for the small model."""
    before = merge_conversation(incoming, unpersisted_exchanges, chat_state)
    return build_analysis_input(incoming_text, before, chat_state.profile, local_date)


@analysis_plan.step()
def own_words(incoming: tuple[Message, ...], audio_transcripts: Sequence[AttachmentContent]) -> str:
    """Returns the words of the person who wrote last, typed or spoken: nothing else is ever recorded as
    theirs."""
    own = [message for message in incoming if message.sender == incoming[-1].sender]
    return attachment_prompts.join_own_words(own, audio_transcripts)


@analysis_plan.step()
def keyword_hints(incoming_text: str) -> KeywordHints:
    """Returns hints at the message's subject, by its words alone."""
    return find_hints(incoming_text)


@analysis_plan.step()
def contextual_hints(
    incoming_text: str,
    own_words: str,
    incoming: tuple[Message, ...],
    unpersisted_exchanges: tuple[Exchange, ...],
    chat_state: CoachState,
) -> KeywordHints:
    """The same, knowing what was said before."""
    before = merge_conversation(incoming, unpersisted_exchanges, chat_state)
    return find_hints_in_conversation(incoming_text, before if own_words else ())


@analysis_plan.step(timeout=2.5, fallback=None, breaker="small_model")
def router(analysis_input: str, small_model: SmallModel) -> MessageNeeds:
    """Returns the needs of the message. Where the model is late or answers nonsense, the look at its words
    decides."""
    return small_model.extract(ROUTER_PROMPT, analysis_input, MessageNeeds)


def require_vector(embedding: Vector | None) -> Vector:
    """Returns the message's vector. Raises `Unavailable` where there is none."""
    if embedding is None:
        raise Unavailable("embeddings", "the message has no vector")
    return embedding
