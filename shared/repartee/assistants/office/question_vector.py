"""The question's vector, as steps.

What is embedded is without the names of people, as what it is compared with is. The names of the room come
with the chat's state: nothing waits for it but a question that has a name which is not known before.
"""

from __future__ import annotations

from repartee.assistants.office.gates import has_other_names, has_words
from repartee.assistants.people import list_names
from repartee.domain.message import Message
from repartee.language.person_names import remove_names
from repartee.plan import Plan
from repartee.ports import ChatState, Embedder, Vector
from repartee.ports.names import NameDirectory
from repartee.turn.assistant import TurnInputs

question_vector_plan = Plan("question vector", inputs=("embedder", "name_directory"), offered=TurnInputs)


@question_vector_plan.step()
def embedded_text(redacted_text: str, incoming: tuple[Message, ...], chat_state: ChatState) -> str:
    """The redacted question without the names of people: what it is compared with has none either."""
    return remove_names(redacted_text, list_names(incoming, chat_state.names))


@question_vector_plan.step()
def early_embedded_text(
    redacted_text: str, incoming: tuple[Message, ...], name_directory: NameDirectory
) -> str:
    """The same without the names that this process holds: nothing waits for the chat's state to be read."""
    held = name_directory.names_in(incoming[-1].room).values()
    return remove_names(redacted_text, sorted({*list_names(incoming, {}), *held}))


@question_vector_plan.step(timeout=2.0, fallback=None, hedge_after=0.4, when=has_words)
def early_embedding(early_embedded_text: str, embedder: Embedder) -> Vector:
    """The question's vector, made beside the reading of the chat's state."""
    return embedder.embed([early_embedded_text])[0]


@question_vector_plan.step(timeout=2.0, fallback=None, when=has_other_names)
def late_embedding(embedded_text: str, embedder: Embedder) -> Vector:
    """The vector of a question that has names which only the chat's state told."""
    return embedder.embed([embedded_text])[0]


@question_vector_plan.step()
def embedding(early_embedding: Vector | None, late_embedding: Vector | None) -> Vector | None:
    """The question's vector, for all that need it. Without it, words alone decide."""
    return early_embedding if late_embedding is None else late_embedding
