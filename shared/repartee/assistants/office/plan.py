"""What the office assistant gathers for a reply, as one dependency graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from repartee.assistants import attachment_prompts
from repartee.assistants.attachments import (
    AUDIO_TIMEOUT_SECONDS,
    FILE_TIMEOUT_SECONDS,
    IMAGE_TIMEOUT_SECONDS,
    AttachmentContent,
    audio_transcripts,
    file_texts,
    image_links,
)
from repartee.assistants.context_parts import (
    LOOKUP_TIMEOUT_SECONDS,
    NOTHING_FOUND,
    context_sources,
    incoming_with_context,
)
from repartee.assistants.earlier_images import earlier_images, image_tasks
from repartee.assistants.office import commands
from repartee.assistants.office import meetings as minutes
from repartee.assistants.office.commands import ParsedCommand
from repartee.assistants.office.erp import ErpSchema, ErpToolset
from repartee.assistants.office.erp_prompts import erp_prompt_lines, has_several_senders
from repartee.assistants.office.prompts import OfficePromptContext, build_office_prompt
from repartee.assistants.office.redaction import redacted_text, redactor
from repartee.assistants.office.routes import (
    COMMANDS_SOURCE,
    ERP_SOURCE,
    MEETING_SOURCE,
    Route,
    RouteChoice,
    Router,
    RouteVectors,
)
from repartee.assistants.prompt_trimming import trim_contents, trim_context
from repartee.domain.message import Exchange, Message, Side, StoredMessage
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt, Tool
from repartee.domain.proposal import Proposal
from repartee.plan import Graph, Plan, Pool
from repartee.ports import (
    ChatState,
    EarlierImageStore,
    Embedder,
    MeetingStore,
    MessageStore,
    Records,
    SmallModel,
    Vector,
)

REDACTION_TIMEOUT_SECONDS = 3.0
"""Seconds in which a question is masked, where a service does that."""

office_plan = Plan(
    "office",
    inputs=(
        *("turn_id", "incoming", "unpersisted_exchanges", "find_said", "prompt_tokens", "show_typing"),
        *(
            "show_proposal",
            "records",
            "messages",
            "meetings",
            "embedder",
            "small_model",
            "router",
            "redactor_for",
            "erp_toolset",
        ),
        *("attachments", "transcriber", "documents", "media", "earlier_image_store", "pool"),
    ),
    hedge_share=0.045,  # of the steps: two of those that are hedged read nothing in most turns
)

# Who asks, and whether anything may be said


@office_plan.step(timeout=2.0, hedge_after=0.5)
def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
    """Who asks, and whether the assistant must be quiet here. Without knowing that, nothing is said."""
    newest = incoming[-1]
    return records.read_chat_state(newest.room, newest.chat, newest.sender)


@office_plan.step(timeout=2.0, status="prompt")
def typing_indicator(chat_state: ChatState, show_typing: Callable[[ChatState], None]) -> None:
    """Something is visible as soon as it is known that the room may hear it."""
    show_typing(chat_state)


# What is asked, and what came along

office_plan.step(timeout=LOOKUP_TIMEOUT_SECONDS, fallback=NOTHING_FOUND)(context_sources)
office_plan.step()(incoming_with_context)
office_plan.step(timeout=AUDIO_TIMEOUT_SECONDS + 1, fallback=())(audio_transcripts)
office_plan.step(timeout=IMAGE_TIMEOUT_SECONDS + 1, fallback=())(image_links)
office_plan.step(timeout=FILE_TIMEOUT_SECONDS + 1, fallback=())(file_texts)
office_plan.step(timeout=2.0, fallback=())(earlier_images)


@office_plan.step()
def transcribed(
    incoming: tuple[Message, ...], audio_transcripts: Sequence[AttachmentContent]
) -> tuple[Message, ...]:
    """The messages as they are to be understood: with what is said in a recording."""
    return attachment_prompts.apply_transcripts(incoming, audio_transcripts)


@office_plan.step()
def incoming_text(transcribed: tuple[Message, ...]) -> str:
    """What is asked, as one text."""
    return "\n".join(message.text for message in transcribed)


office_plan.step()(redactor)
office_plan.step(timeout=REDACTION_TIMEOUT_SECONDS)(redacted_text)

# Which kind of message it is


@office_plan.step(
    timeout=2.0, fallback=None, hedge_after=0.4, when=lambda redacted_text: bool(redacted_text.strip())
)
def embedding(redacted_text: str, embedder: Embedder) -> Vector:
    """The question's vector, made once for all that need it. Without it, words alone decide."""
    return embedder.embed([redacted_text])[0]


@office_plan.step(timeout=5.0, fallback=None)
def route_vectors(router: Router) -> RouteVectors:
    """The vectors of the routes' examples: at hand, but for the first turn of a process."""
    return router.load_vectors()


@office_plan.step()
def route(
    redacted_text: str, embedding: Vector | None, route_vectors: RouteVectors | None, router: Router
) -> RouteChoice:
    """What kind of message it is, and hence what its prompt is given."""
    if embedding is None or route_vectors is None:
        return router.guess_route(redacted_text)
    return router.choose_route(redacted_text, embedding, route_vectors)


# What was said


@office_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def user_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """What people said of late: in this thread, or in the room where no thread was there before."""
    return messages.list_newest(incoming[-1].command_scope, "user", router.max_history_limit)


@office_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def assistant_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """What the assistant answered there."""
    return messages.list_newest(incoming[-1].command_scope, "assistant", router.max_history_limit)


@office_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def user_room_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """What people said in the room, where a thread has just begun."""
    return _load_room_history(incoming[-1], "user", router, messages)


@office_plan.step(timeout=1.5, fallback=(), hedge_after=1.0)
def assistant_room_history(
    incoming: tuple[Message, ...], router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    """What the assistant answered in the room, where a thread has just begun."""
    return _load_room_history(incoming[-1], "assistant", router, messages)


@office_plan.step(timeout=1.5, fallback=(), hedge_after=0.75)
def relevant_user_messages(
    incoming: tuple[Message, ...],
    incoming_text: str,
    embedding: Vector | None,
    router: Router,
    messages: MessageStore,
) -> Sequence[StoredMessage]:
    """What people said in this room about this, however long ago, best first."""
    return messages.search(incoming[-1].room, "user", incoming_text, embedding, router.max_relevant_limit)


@office_plan.step(timeout=1.5, fallback=(), hedge_after=0.75)
def relevant_assistant_messages(
    incoming: tuple[Message, ...],
    incoming_text: str,
    embedding: Vector | None,
    router: Router,
    messages: MessageStore,
) -> Sequence[StoredMessage]:
    """What the assistant answered in this room about this, best first."""
    return messages.search(
        incoming[-1].room, "assistant", incoming_text, embedding, router.max_relevant_limit
    )


# Orders and meetings


@office_plan.step(timeout=4.0, fallback=None, when=lambda route: route.route.uses_source(COMMANDS_SOURCE))
def parsed_command(
    incoming: tuple[Message, ...], chat_state: ChatState, incoming_text: str, small_model: SmallModel
) -> ParsedCommand:
    """What is ordered in plain words. The webhook has carried out plain commands already."""
    situation = commands.build_command_input(incoming[-1], chat_state.profile, incoming_text)
    return small_model.extract(commands.PARSE_COMMAND_PROMPT, situation, ParsedCommand)


@office_plan.step(timeout=2.0, fallback=commands.COMMAND_FAILED_PROMPT, writes=True)
def command_result(
    incoming: tuple[Message, ...],
    route: RouteChoice,
    parsed_command: ParsedCommand | None,
    chat_state: ChatState,
    records: Records,
) -> str:
    """The order carried out, and told in words for the model."""
    return (
        commands.execute_command(parsed_command, incoming[-1], chat_state, records)
        if route.route.uses_source(COMMANDS_SOURCE)
        else ""
    )


@office_plan.step(timeout=2.0, fallback=None, when=lambda route: route.route.uses_source(MEETING_SOURCE))
def meeting_transcript(
    incoming: tuple[Message, ...], chat_state: ChatState, meetings: MeetingStore
) -> Sequence[StoredMessage]:
    """What was said in the room's newest meeting."""
    meeting = chat_state.control.meeting
    return (
        meetings.read_transcript(meeting.id, incoming[-1].room, minutes.MAX_MEETING_MESSAGES)
        if meeting
        else ()
    )


@office_plan.step()
def effective_route(route: RouteChoice, parsed_command: ParsedCommand | None, router: Router) -> Route:
    """The route whose prompt is given: what looked like an order and is none is answered like all else."""
    no_order = parsed_command is None or parsed_command.act == "none"
    orders_alone = route.route.sources == {COMMANDS_SOURCE}
    return router.default_route if orders_alone and no_order else route.route


# The company's ERP


@office_plan.step(
    timeout=2.0,
    fallback=None,
    breaker="erp",
    when=lambda route: route.route.uses_source(ERP_SOURCE),
    speculate=lambda erp_toolset: erp_toolset is not None,
)
def erp_schema(incoming: tuple[Message, ...], erp_toolset: ErpToolset | None, pool: Pool) -> ErpSchema | None:
    """What the person may read in the company's ERP. Nothing where there is none, and where several people
    ask at once: one would be answered with another's rights."""
    return (
        erp_toolset.load_schema(incoming[-1].sender, pool)
        if erp_toolset and not has_several_senders(incoming)
        else None
    )


@office_plan.step()
def tools(
    turn_id: str,
    incoming: tuple[Message, ...],
    transcribed: tuple[Message, ...],
    erp_schema: ErpSchema | None,
    erp_toolset: ErpToolset | None,
    show_proposal: Callable[[Proposal], None],
) -> tuple[Tool, ...]:
    """What the model may do. Whatever would change something is only proposed, and nothing is to somebody who
    says nothing of their own: others' words propose nothing."""
    return (
        erp_toolset.build_tools(
            incoming[-1],
            turn_id,
            erp_schema,
            show_proposal,
            may_propose=any(message.text.strip() for message in transcribed),
        )
        if erp_toolset and erp_schema
        else ()
    )


# What comes of it


@office_plan.step()
def post_reply_tasks(
    incoming: tuple[Message, ...],
    image_links: Sequence[AttachmentContent],
    earlier_image_store: EarlierImageStore,
) -> tuple[PostReplyTask, ...]:
    """What is left to do once the reply has begun."""
    return image_tasks(incoming, image_links, earlier_image_store)


@office_plan.step()
def history(
    unpersisted_exchanges: tuple[Exchange, ...],
    user_history: Sequence[StoredMessage],
    assistant_history: Sequence[StoredMessage],
    user_room_history: Sequence[StoredMessage],
    assistant_room_history: Sequence[StoredMessage],
) -> Sequence[StoredMessage]:
    """All that was said of late, by both sides, in no order."""
    kept = chain(user_history, assistant_history, user_room_history, assistant_room_history)
    return [*kept, *(one for exchange in unpersisted_exchanges for one in exchange.to_stored())]


@office_plan.step()
def prompt(
    transcribed: tuple[Message, ...],
    incoming_with_context: tuple[Message, ...],
    prompt_tokens: int,
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
    earlier_images: Sequence[AttachmentContent],
    effective_route: Route,
    chat_state: ChatState,
    history: Sequence[StoredMessage],
    relevant_user_messages: Sequence[StoredMessage],
    relevant_assistant_messages: Sequence[StoredMessage],
    meeting_transcript: Sequence[StoredMessage] | None,
    erp_schema: ErpSchema | None,
    tools: tuple[Tool, ...],
    command_result: str,
) -> Prompt:
    """What the model is given."""
    budget = effective_route.share_budget(prompt_tokens)
    gathered = OfficePromptContext(
        prompt_tokens=prompt_tokens,
        incoming=transcribed,
        incoming_lines=attachment_prompts.build_prompt_lines(
            trim_context(incoming_with_context, budget.context_tokens),
            audio_transcripts,
            image_links,
            trim_contents(file_texts, budget.file_tokens),
        ),
        route=effective_route,
        chat_state=chat_state,
        history=history,
        relevant_messages=_interleave(relevant_user_messages, relevant_assistant_messages),
        meeting_transcript=meeting_transcript,
        command_result=command_result,
        erp_lines=erp_prompt_lines(effective_route, erp_schema, incoming_with_context),
        tools=tools,
        earlier_image_lines=attachment_prompts.build_earlier_image_lines(earlier_images),
    )
    return build_office_prompt(gathered)


def build_office_graph() -> Graph:
    """The plan, checked."""
    return office_plan.build(targets=("chat_state", "prompt", "transcribed", "post_reply_tasks"))


def _load_room_history(
    message: Message, side: Side, router: Router, messages: MessageStore
) -> Sequence[StoredMessage]:
    return messages.list_newest(message.room, side, router.max_history_limit) if message.thread_is_new else ()


def _interleave(first: Sequence[StoredMessage], second: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """Both, each still with its best first."""
    longest = max(len(first), len(second))
    return [said for at in range(longest) for said in (*first[at : at + 1], *second[at : at + 1])]
