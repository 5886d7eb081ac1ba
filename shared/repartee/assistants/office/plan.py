"""The office assistant's plan: all that is gathered for a reply, as one dependency graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from repartee.assistants import attachment_prompts, threads
from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.base import base_plan, transcribed
from repartee.assistants.earlier_images import build_image_tasks, find_earlier_images
from repartee.assistants.notices import notices_plan
from repartee.assistants.office import commands, erp_access, history_sources
from repartee.assistants.office import meetings as minutes
from repartee.assistants.office.commands import ParsedCommand
from repartee.assistants.office.erp import ErpSchema, ErpToolset
from repartee.assistants.office.gates import (
    has_erp,
    wants_command,
    wants_erp,
    wants_meeting,
)
from repartee.assistants.office.inputs import OfficeInputs
from repartee.assistants.office.prompts import OfficePromptContext, build_office_prompt
from repartee.assistants.office.question_vector import question_vector_plan
from repartee.assistants.office.route_classifier import (
    ROUTE_CLASSIFIER_TIMEOUT_SECONDS,
    RouteClassifier,
)
from repartee.assistants.office.routes import Route, RouteChoice, Router
from repartee.assistants.office.stored_history import stored_history_plan
from repartee.assistants.prompt_trimming import build_trimmed_lines
from repartee.briefs.notice import ParsedNotice, is_notice
from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.naming import name_messages, name_parts, name_stored
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt, Tool
from repartee.domain.proposal import Proposal
from repartee.domain.redactor import Redactor, RedactorFactory
from repartee.plan import Graph, Plan, Pool
from repartee.ports import (
    ChatState,
    EarlierImageStore,
    MediaStore,
    MeetingStore,
    Records,
    SmallModel,
    Vector,
)
from repartee.ports.threads import ThreadPosts
from repartee.turn.assistant import TurnInputs, build_assistant_graph

REDACTION_TIMEOUT_SECONDS = 3.0
"""Seconds in which a question is redacted, where a service does that."""


office_plan = Plan(
    "office",
    inputs=OfficeInputs,
    offered=TurnInputs,
    hedge_share=0.045,  # of the steps: two of those that are hedged read nothing in most turns
)

# Who asks, and whether anything may be said


@office_plan.step(timeout=2.0, hedge_after=0.5)
def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
    """Who asks, and whether the assistant must be quiet here. Without knowing that, nothing is said."""
    newest = incoming[-1]
    return records.read_chat_state(newest.room, newest.chat, newest.sender)


# What is asked, and what came along

office_plan.include(base_plan)


@office_plan.step(timeout=2.0, fallback=())
def earlier_images(
    incoming: tuple[Message, ...], earlier_image_store: EarlierImageStore, media: MediaStore
) -> tuple[AttachmentContent, ...]:
    """Pictures that were shown before, where the messages speak of them or answer them."""
    return find_earlier_images(incoming, earlier_image_store, media)


@office_plan.step()
def incoming_text(transcribed: tuple[Message, ...]) -> str:
    """Returns the question as one text."""
    return "\n".join(message.text for message in transcribed)


@office_plan.step()
def redactor(incoming: tuple[Message, ...], redactor_for: RedactorFactory) -> Redactor:
    """The turn's redactor: what it hides, it can put back."""
    return redactor_for(incoming[-1].room)


@office_plan.step(timeout=REDACTION_TIMEOUT_SECONDS)
def redacted_text(incoming_text: str, redactor: Redactor) -> str:
    """The question as it may go to a model. A step that asks one takes this, never `incoming_text`."""
    return redactor.redact(incoming_text)


# Which kind of message it is


office_plan.include(question_vector_plan)


@office_plan.step(timeout=ROUTE_CLASSIFIER_TIMEOUT_SECONDS, fallback=None)
def route_classifier(router: Router) -> RouteClassifier | None:
    """Returns the classifier of routes: at hand, but for the first turn of a process. None where it is not
    made yet."""
    return router.load_classifier()


@office_plan.step()
def route(
    redacted_text: str,
    embedding: Vector | None,
    route_classifier: RouteClassifier | None,
    router: Router,
) -> RouteChoice:
    """Returns the kind of the message, and hence what its prompt is given."""
    return router.choose_or_guess(redacted_text, embedding, route_classifier)


# What was said

office_plan.include(stored_history_plan)

# The thread that the assistant is called into, and who the people are

office_plan.step(timeout=threads.THREAD_TIMEOUT_SECONDS, fallback=threads.LATE_THREAD)(threads.thread)
office_plan.step(timeout=threads.CONTENTS_TIMEOUT_SECONDS, fallback=())(threads.thread_contents)
office_plan.step(timeout=threads.NAMES_TIMEOUT_SECONDS, fallback={})(threads.names)

# Orders and meetings

office_plan.include(notices_plan)


@office_plan.step(timeout=4.0, fallback=None, when=wants_command)
def parsed_command(
    incoming: tuple[Message, ...], chat_state: ChatState, incoming_text: str, small_model: SmallModel
) -> ParsedCommand:
    """Returns the order given in plain words. The webhook has carried out plain commands already."""
    situation = commands.build_command_input(incoming[-1], chat_state.profile, incoming_text)
    return small_model.extract(commands.PARSE_COMMAND_PROMPT, situation, ParsedCommand)


@office_plan.step(timeout=2.0, fallback=commands.COMMAND_FAILED_PROMPT, writes=True)
def command_result(
    incoming: tuple[Message, ...],
    route: RouteChoice,
    parsed_command: ParsedCommand | None,
    parsed_notice: ParsedNotice | None,
    chat_state: ChatState,
    records: Records,
) -> str:
    """The command carried out, and told in words for the model."""
    is_wanted = wants_command(route) and not is_notice(parsed_notice)
    return commands.execute_command(parsed_command, incoming[-1], chat_state, records) if is_wanted else ""


@office_plan.step(timeout=2.0, fallback=None, when=wants_meeting)
def meeting_transcript(
    incoming: tuple[Message, ...], chat_state: ChatState, meetings: MeetingStore
) -> Sequence[StoredMessage]:
    """Returns the transcript of the room's newest meeting."""
    return minutes.read_newest_transcript(chat_state, incoming[-1].room, meetings)


@office_plan.step()
def effective_route(
    route: RouteChoice,
    parsed_command: ParsedCommand | None,
    parsed_notice: ParsedNotice | None,
    router: Router,
) -> Route:
    """The route whose prompt is given: what looked like an order and is none is answered like all else."""
    is_command = commands.is_command(parsed_command) or is_notice(parsed_notice)
    return router.route_for_command(route.route, is_command=is_command)


# The company's ERP


@office_plan.step(
    timeout=2.0,
    fallback=None,
    breaker="erp",
    when=wants_erp,
    speculate=has_erp,
)
def erp_schema(incoming: tuple[Message, ...], erp_toolset: ErpToolset | None, pool: Pool) -> ErpSchema | None:
    """Returns the part of the company's ERP that the person may read."""
    return erp_access.load_erp_schema(incoming, erp_toolset, pool)


@office_plan.step()
def tools(
    turn_id: str,
    incoming: tuple[Message, ...],
    transcribed: tuple[Message, ...],
    route: RouteChoice,
    erp_schema: ErpSchema | None,
    erp_toolset: ErpToolset | None,
    show_proposal: Callable[[Proposal], None],
    pool: Pool,
) -> tuple[Tool, ...]:
    """Returns the tools that the model may use. Whatever would change something is only proposed."""
    access = erp_access.ErpAccess(erp_toolset, turn_id, incoming, transcribed, show_proposal, pool)
    return access.build_tools(erp_schema) if wants_erp(route) else access.build_opening_tool()


# What comes of it


@office_plan.step()
def post_reply_tasks(
    incoming: tuple[Message, ...],
    image_links: Sequence[AttachmentContent],
    earlier_image_store: EarlierImageStore,
    thread: ThreadPosts,
    names: Mapping[str, str],
    store_messages: threads.StoreMessages,
) -> tuple[PostReplyTask, ...]:
    """Returns the tasks left to do once the reply has begun."""
    return (
        *build_image_tasks(incoming, image_links, earlier_image_store),
        *threads.store_tasks(incoming, name_parts(thread.parts, names), store_messages),
    )


@office_plan.step()
def history(
    unpersisted_exchanges: tuple[Exchange, ...],
    user_history: Sequence[StoredMessage],
    assistant_history: Sequence[StoredMessage],
    user_room_history: Sequence[StoredMessage],
    assistant_room_history: Sequence[StoredMessage],
) -> Sequence[StoredMessage]:
    """All that was said of late, by both sides, in no order."""
    stored = (user_history, assistant_history, user_room_history, assistant_room_history)
    return history_sources.merge_history(stored, unpersisted_exchanges)


@office_plan.step()
def prompt(
    transcribed: tuple[Message, ...],
    incoming_with_context: tuple[Message, ...],
    prompt_tokens: int,
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
    thread: ThreadPosts,
    thread_contents: Sequence[AttachmentContent],
    names: Mapping[str, str],
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
    notice_result: str,
) -> Prompt:
    """Returns the model's prompt."""
    budget = effective_route.share_budget(prompt_tokens)
    asked = name_messages(threads.with_thread(incoming_with_context, thread, history), names)
    contents = (*file_texts, *thread_contents)
    relevant = history_sources.interleave(relevant_user_messages, relevant_assistant_messages)
    gathered = OfficePromptContext(
        prompt_tokens=prompt_tokens,
        incoming=name_messages(transcribed, names),
        incoming_lines=build_trimmed_lines(asked, audio_transcripts, image_links, contents, budget),
        route=effective_route,
        chat_state=chat_state,
        history=name_stored(history, names),
        relevant_messages=name_stored(relevant, names),
        meeting_transcript=None if meeting_transcript is None else name_stored(meeting_transcript, names),
        missing_posts=threads.missing_posts_line(thread),
        command_result=notice_result or command_result,
        erp_lines=erp_access.erp_prompt_lines(effective_route, erp_schema, incoming_with_context),
        tools=tools,
        earlier_image_lines=attachment_prompts.build_earlier_image_lines(earlier_images),
    )
    return build_office_prompt(gathered)


def build_graph() -> Graph:
    """Builds the plan, and checks it."""
    return build_assistant_graph(
        office_plan,
        chat_state=chat_state,
        prompt=prompt,
        transcribed=transcribed,
        post_reply_tasks=post_reply_tasks,
    )
