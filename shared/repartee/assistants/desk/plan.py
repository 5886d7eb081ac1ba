"""The desk's plan: all that is gathered for an answer to a customer, as one dependency graph.

Records and knowledge are read at once. Whether a person is needed is decided here, without a model where
rules and vectors are sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.base import base_plan, transcribed
from repartee.assistants.desk.analysis import MessageAnalysis, list_analysed_reasons
from repartee.assistants.desk.calling import PersonCaller
from repartee.assistants.desk.escalation import EscalationInput, decide_escalation, said_since
from repartee.assistants.desk.escalation_signs import EscalationDetector, EscalationSigns
from repartee.assistants.desk.inputs import DeskInputs
from repartee.assistants.desk.language import choose_desk_language
from repartee.assistants.desk.prompt_builder import (
    DeskPromptContext,
    build_desk_prompt,
    merge_conversation,
)
from repartee.assistants.desk.prompts import ANALYSIS_PROMPT, TEAM_ORDER_PROMPT
from repartee.assistants.desk.reason_classifier import ReasonClassifier
from repartee.assistants.desk.tools import build_tools
from repartee.assistants.notices import hints_at_order, notices_plan
from repartee.assistants.prompt_trimming import build_trimmed_lines
from repartee.briefs.notice import ParsedNotice, is_notice
from repartee.briefs.orders import NoticeBook
from repartee.domain.desk import DeskConfig, RuledReason
from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.prompt import Prompt, Tool
from repartee.domain.prompt_budget import PromptBudget
from repartee.language import desk_texts as texts
from repartee.language.catalogue import translate
from repartee.plan import Graph, Plan
from repartee.ports import Embedder, Passage, SmallModel, Vector
from repartee.ports.desk import DeskKnowledge, DeskRecords, DeskState
from repartee.ports.handovers import Handovers
from repartee.turn.assistant import TurnInputs, build_assistant_graph

MAX_PASSAGES = 5
"""Passages that a prompt is given."""

PROMPT_SHARES = {"history": 0.3, "relevant": 0.0, "context": 0.3, "files": 0.4}
"""How a prompt's tokens are shared out."""

MAX_ANALYSED_MESSAGES = 4
"""Messages before the newest that the small model reads."""


desk_plan = Plan("desk", inputs=DeskInputs, offered=TurnInputs)

# Who asks, who has the conversation, and how the desk is configured


@desk_plan.step(timeout=2.0, hedge_after=0.5)
def chat_state(incoming: tuple[Message, ...], desk_records: DeskRecords) -> DeskState:
    """History, configuration, who has the conversation, profile and budget: in one round trip."""
    newest = incoming[-1]
    return desk_records.read_desk_state(newest.room, newest.chat, newest.sender)


@desk_plan.step(timeout=2.0, fallback=None)
def early_config(incoming: tuple[Message, ...], desk_records: DeskRecords) -> DeskConfig | None:
    """Returns the configuration that this process holds, so that the knowledge is read beside the records."""
    return desk_records.find_config(incoming[-1].room)


desk_plan.include(base_plan)


@desk_plan.step()
def incoming_text(transcribed: tuple[Message, ...]) -> str:
    """Returns the customer's messages as one text."""
    return "\n".join(message.text for message in transcribed)


@desk_plan.step()
def language(incoming: tuple[Message, ...], incoming_text: str, chat_state: DeskState) -> str:
    """Returns the language in which the customer is spoken to."""
    return choose_desk_language(incoming[-1], incoming_text, chat_state)


@desk_plan.step()
def conversation(
    incoming: tuple[Message, ...], unpersisted_exchanges: tuple[Exchange, ...], chat_state: DeskState
) -> Sequence[StoredMessage]:
    """Returns what was said before, by all sides, oldest first."""
    return merge_conversation(incoming, unpersisted_exchanges, chat_state)


# What a member of the team orders; customers order nothing


@desk_plan.step(timeout=2.0, fallback=None, when=hints_at_order)
def notice_book(
    incoming: tuple[Message, ...],
    incoming_text: str,
    team_notice_book: NoticeBook | None,
    is_of_team: Callable[[Message], bool],
) -> NoticeBook | None:
    """Returns what keeps orders for briefs and reminders, where a member of the team writes."""
    return team_notice_book if is_of_team(incoming[-1]) else None


desk_plan.include(notices_plan)


# What is known about it


def has_words(incoming_text: str) -> bool:
    """Whether there is anything to look up."""
    return bool(incoming_text.strip())


def has_knowledge(early_config: DeskConfig | None) -> bool:
    """Whether the desk has documents."""
    return bool(early_config and early_config.knowledge)


@desk_plan.step(timeout=2.0, fallback=None, hedge_after=0.5, when=has_words)
def embedding(incoming_text: str, embedder: Embedder) -> Vector:
    """The messages' vector, made once for all that need it."""
    return embedder.embed([incoming_text])[0]


@desk_plan.step(timeout=1.5, fallback=None, hedge_after=0.5, breaker="knowledge", when=has_knowledge)
def relevant_passages(
    incoming_text: str,
    embedding: Vector | None,
    early_config: DeskConfig | None,
    desk_knowledge: DeskKnowledge,
) -> Sequence[Passage] | None:
    """Returns the passages of the desk's documents about it, best first. None where they cannot be looked
    up."""
    if embedding is None or early_config is None:
        return None
    return desk_knowledge.search(early_config.knowledge, incoming_text, embedding, MAX_PASSAGES)


# Whether a person is needed


@desk_plan.step(timeout=0.25, fallback=None)
def escalation_classifier(detector: EscalationDetector) -> ReasonClassifier | None:
    """Returns the classifier: at hand, but for the first turn of a process."""
    return detector.load_classifier()


@desk_plan.step()
def signs(
    transcribed: tuple[Message, ...],
    incoming_text: str,
    embedding: Vector | None,
    escalation_classifier: ReasonClassifier | None,
    detector: EscalationDetector,
) -> EscalationSigns:
    """Returns the reasons for a person that the customer's words give."""
    texts = [incoming_text, *(message.text for message in transcribed)]
    return detector.find_signs(texts, embedding, escalation_classifier)


def is_unsure(signs: EscalationSigns) -> bool:
    """Whether rules and vectors leave it open."""
    return signs.is_unsure


@desk_plan.step(timeout=2.5, fallback=None, breaker="small_model", when=is_unsure)
def message_analysis(
    incoming_text: str, conversation: Sequence[StoredMessage], small_model: SmallModel
) -> MessageAnalysis:
    """Asks the small model about a message of which rules and vectors are unsure."""
    before = [f"{one.side}: {one.text}" for one in conversation[-MAX_ANALYSED_MESSAGES:]]
    given = "\n".join((*before, f"newest message:\n{incoming_text}"))
    return small_model.extract(ANALYSIS_PROMPT, given, MessageAnalysis)


@desk_plan.step()
def escalation(
    transcribed: tuple[Message, ...],
    chat_state: DeskState,
    conversation: Sequence[StoredMessage],
    signs: EscalationSigns,
    message_analysis: MessageAnalysis | None,
    parsed_notice: ParsedNotice | None,
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
) -> RuledReason | None:
    """Returns why a person is called before anything is answered. None where none is, as for an order of the
    team's own."""
    if chat_state.config is None or is_notice(parsed_notice):
        return None
    analysed = list_analysed_reasons(message_analysis)
    given = EscalationInput(
        incoming=transcribed,
        signs=EscalationSigns(signs.reasons | analysed),
        said=said_since(conversation, chat_state.control.handover.ended_at),
        contents=(*audio_transcripts, *image_links, *file_texts),
        state=chat_state,
    )
    return decide_escalation(chat_state.config, given)


@desk_plan.step(timeout=4.0, writes=True)
def person_caller(
    transcribed: tuple[Message, ...],
    chat_state: DeskState,
    language: str,
    escalation: RuledReason | None,
    handovers: Handovers,
    clock: Callable[[], float],
) -> PersonCaller:
    """Returns what calls a person in this turn, and has done so where a rule wants one. A turn in which none
    could be called fails and is tried again: the customer is told of one only when there is one."""
    config = chat_state.config or DeskConfig(number="", name="")
    caller = PersonCaller(handovers, config, transcribed, language, clock)
    if escalation:
        caller.call(escalation)
    return caller


# What comes of it


@desk_plan.step()
def tools(chat_state: DeskState, person_caller: PersonCaller) -> tuple[Tool, ...]:
    """Returns the tools that the model may call."""
    return build_tools(chat_state.config, person_caller)


@desk_plan.step()
def prompt(
    incoming_with_context: tuple[Message, ...],
    prompt_tokens: int,
    chat_state: DeskState,
    language: str,
    conversation: Sequence[StoredMessage],
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
    relevant_passages: Sequence[Passage] | None,
    escalation: RuledReason | None,
    person_caller: PersonCaller,
    tools: tuple[Tool, ...],
    notice_result: str,
    clock: Callable[[], float],
) -> Prompt:
    """Returns the model's prompt; where a rule has called a person, the sentence that says so."""
    budget = PromptBudget.share_out(prompt_tokens, **PROMPT_SHARES)
    lines = build_trimmed_lines(incoming_with_context, audio_transcripts, image_links, file_texts, budget)
    if notice_result:
        return Prompt(instructions=TEAM_ORDER_PROMPT, history=(), context=notice_result, incoming=lines)
    if chat_state.config is None:
        return make_ready_prompt(translate(texts.DESK_NOT_OPEN, language))
    if escalation and person_caller.sentence:
        return make_ready_prompt(person_caller.sentence)
    context = DeskPromptContext(
        config=chat_state.config,
        language=language,
        now=clock(),
        said=conversation,
        lines=lines,
        passages=relevant_passages if chat_state.config.knowledge else (),
        tools=tools,
        caller=person_caller,
        history_tokens=budget.history_tokens,
    )
    return build_desk_prompt(context)


def make_ready_prompt(text: str) -> Prompt:
    """Returns a prompt that needs no model."""
    return Prompt(instructions="", history=(), context="", incoming=(), ready_reply=text)


def build_graph() -> Graph:
    """Builds the plan, and checks it."""
    return build_assistant_graph(desk_plan, chat_state=chat_state, prompt=prompt, transcribed=transcribed)
