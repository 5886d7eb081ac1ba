"""The thread that the assistant is called into, as steps that any plan can take: what was posted there
before, as words of others, and who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec

from repartee.assistants.attachments import (
    AUDIO_TIMEOUT_SECONDS,
    FILE_TIMEOUT_SECONDS,
    AttachmentContent,
    read_documents,
    read_images,
    read_recordings,
)
from repartee.domain.message import ContextPart, Message, StoredMessage
from repartee.domain.post_reply import PostReplyTask
from repartee.errors import BackendError, PermissionDenied, Throttled
from repartee.plan import Pool
from repartee.ports import AttachmentDownloader, ChatState, DocumentParser, MediaStore, Transcriber
from repartee.ports.names import NameDirectory
from repartee.ports.threads import ThreadPosts, ThreadReader

StoreMessages = Callable[[Sequence[StoredMessage]], None]

THREAD_TIMEOUT_SECONDS = 3.0
"""Seconds for which a reply waits for the thread."""

NAMES_TIMEOUT_SECONDS = 1.5
CONTENTS_TIMEOUT_SECONDS = AUDIO_TIMEOUT_SECONDS + FILE_TIMEOUT_SECONDS

LATE_THREAD = ThreadPosts(problem="they took too long to read")

RATE_LIMITED_PROBLEM = "the platform limits how often they may be read: they can ask you again in a minute"
FORBIDDEN_PROBLEM = "the app may not read them here: an administrator must allow it"
UNREADABLE_PROBLEM = "the platform did not hand them out"

MISSING_POSTS_PROMPT = (
    "They called you into a thread. Not all of its earlier posts are given to you, because {problem}. "
    "Say so in your answer, and answer from what you have."
)


def thread(incoming: tuple[Message, ...], thread_reader: ThreadReader) -> ThreadPosts:
    """Reads what was posted in a thread before the assistant was called into it. Takes
    no time where it takes part already."""
    caller = find_caller(incoming)
    if caller is None:
        return ThreadPosts()
    try:
        return thread_reader.read_thread(caller)
    except Throttled:
        return ThreadPosts(problem=RATE_LIMITED_PROBLEM)
    except PermissionDenied:
        return ThreadPosts(problem=FORBIDDEN_PROBLEM)
    except BackendError:
        return ThreadPosts(problem=UNREADABLE_PROBLEM)


def thread_contents(
    incoming: tuple[Message, ...],
    thread: ThreadPosts,
    attachments: AttachmentDownloader,
    transcriber: Transcriber,
    documents: DocumentParser,
    media: MediaStore,
    pool: Pool,
) -> tuple[AttachmentContent, ...]:
    """Reads the files of the thread."""
    caller = carry_thread_files(incoming, thread)
    if not caller:
        return ()
    return (
        *read_recordings(caller, attachments, transcriber, pool),
        *read_images(caller, attachments, media, pool),
        *read_documents(caller, attachments, documents, media, pool),
    )


def names(
    incoming: tuple[Message, ...], chat_state: ChatState, thread: ThreadPosts, name_directory: NameDirectory
) -> Mapping[str, str]:
    """Returns the names of people, by the platform's ids. They came with the chat's state; who is new is
    looked up."""
    return name_directory.names_for(with_thread(incoming, thread), chat_state.names)


def find_caller(incoming: Sequence[Message]) -> Message | None:
    """The message that calls the assistant into a thread that it has not read, the newest of several."""
    return next((message for message in reversed(incoming) if message.is_thread_unread), None)


def carry_thread_files(incoming: Sequence[Message], thread: ThreadPosts) -> tuple[Message, ...]:
    """The calling message with the thread's files in the place of its own, the newest posts' files first, for
    what reads files. Nothing where there are none."""
    caller = find_caller(incoming)
    files = tuple(file for part in reversed(thread.parts) for file in part.attachments)
    if caller is None or not files:
        return ()
    return (msgspec.structs.replace(caller, text="", attachments=files, context=()),)


def with_thread(
    incoming: tuple[Message, ...], thread: ThreadPosts, history: Iterable[StoredMessage] = ()
) -> tuple[Message, ...]:
    """The messages with the thread's posts as context of the one that calls. What is stored is history,
    and is not told twice."""
    caller = find_caller(incoming)
    if caller is None or not thread.parts:
        return incoming
    known = {one.id for one in history}
    parts = tuple(part for part in thread.parts if not part.message_id or part.message_id not in known)
    told = msgspec.structs.replace(caller, context=(*parts, *caller.context))
    return tuple(told if one.id == caller.id else one for one in incoming)


def missing_posts_line(thread: ThreadPosts) -> str:
    """Returns what the model is told of posts that it is not given, empty where it has all."""
    return MISSING_POSTS_PROMPT.format(problem=thread.problem) if thread.problem else ""


def store_tasks(
    incoming: Sequence[Message], parts: Iterable[ContextPart], store: StoreMessages
) -> tuple[PostReplyTask, ...]:
    """The task that stores the thread's posts as their authors' own words: what follows there goes on from
    them."""
    caller = find_caller(incoming)
    posts = _posts_to_store(caller, parts) if caller else ()
    return (PostReplyTask("store_thread", partial(store, posts), failure_message=""),) if posts else ()


def _posts_to_store(caller: Message, parts: Iterable[ContextPart]) -> tuple[StoredMessage, ...]:
    return tuple(
        StoredMessage(
            id=part.message_id,
            side="user",
            chat=caller.chat,
            room=caller.room,
            sender=part.author.id or f"{caller.channel}:{part.author.name or 'unknown'}",
            sender_name=part.author.name,
            text=part.text,
            sent=part.sent,
        )
        for part in parts
        if part.message_id and part.text and not part.by_assistant
    )
