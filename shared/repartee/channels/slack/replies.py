"""Replies in Slack: what shows that one is on its way, what one may ask, and the reply itself.

https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from weakref import WeakValueDictionary

from repartee.channels.delivery import ReplyDelivery, SendGate, send_notice
from repartee.channels.markdown import MessageSplitter
from repartee.channels.slack import images, proposals
from repartee.channels.slack.agent_sessions import SlackAgentSessions
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.direct_channels import SlackDirectChannels
from repartee.channels.slack.formatting import HEAVY, escape_mentions
from repartee.channels.slack.mentions import MentionLinker
from repartee.channels.slack.surface import SlackSurface
from repartee.channels.slack.thread_titles import SlackThreadTitles
from repartee.channels.stream_slots import (
    LeftSlots,
    RunInBackground,
    StreamSlot,
    StreamSlotRecords,
    run_in_thread,
)
from repartee.domain.message import Incoming, workspace_of
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image, VisibleState
from repartee.errors import BackendError
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.ports.channels import EnsureMaySend, RecordVisible, always_may_send

SUGGESTED_PROMPTS = (
    (texts.SUGGEST_ABILITIES, texts.SUGGEST_ABILITIES_QUESTION),
    (texts.SUGGEST_CATCH_UP, texts.SUGGEST_CATCH_UP_QUESTION),
    (texts.SUGGEST_FIND, texts.SUGGEST_FIND_QUESTION),
)
"""The suggestions to a person who has not asked anything yet: as each is shown, and as it is then said."""

SLOT_SECONDS = 12.0
"""Seconds that a growing message is counted if it is not renewed: one that ends before is not written off."""

MAX_STATUS_CHARS = 100
"""Characters of what goes on: Slack shows it in one line."""


class SlackReplySender:
    """`reply.Replies` for Slack. `names_in` are the names of a room's people. `_open` are the threads that
    a worker replies in now; `_signs` those that show a sign which no message has ended yet."""

    finds_lost_messages = True

    def __init__(
        self,
        api: SlackApi,
        slot_records: StreamSlotRecords,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        run_in_background: RunInBackground = run_in_thread,
        names_in: Callable[[str], Mapping[str, str]] = lambda room: {},
    ) -> None:
        self._names_in = names_in
        self._api, self._crowds, self._clock, self._sleep = api, slot_records, clock, sleep
        self._background = run_in_background
        self._direct_channels = SlackDirectChannels(api)
        self._sessions, self._titles = (
            SlackAgentSessions(api, clock),
            SlackThreadTitles(api, run_in_background),
        )
        self._left_slots = LeftSlots()
        self._open: WeakValueDictionary[tuple[str, str], SlackSurface] = WeakValueDictionary()
        self._signs: set[tuple[str, str]] = set()

    def show_typing(self, message: Incoming, status: str = "") -> None:
        if not message.platform["thread"]:
            return  # only threads have a status
        status = escape_mentions(status[:MAX_STATUS_CHARS])
        thread = self._open.get(_thread_key(message))
        if not (thread and status and thread.show_status(status)):
            self._set_status(
                message, status or translate(texts.THINKING, message.language), [status] if status else None
            )
        if not status:
            self._begin_session(message)

    def _begin_session(self, message: Incoming) -> None:
        """Gives the conversation its session, or at least its title."""
        session = self._sessions.session_for(message)
        session.begin()
        if not session.is_open:
            self._titles.set_title_in_background(message)

    def clear_typing(self, message: Incoming) -> None:
        with suppress(BackendError):
            self._set_status(message, "")
            self._sessions.session_for(message).end()

    def end_typing(self, message: Incoming) -> None:
        """Takes the sign away where it still shows. A new message ends it; a reply that goes on in an earlier
        message, or does not come now, does not."""
        if _thread_key(message) in self._signs:
            self._signs.discard(_thread_key(message))
            with suppress(BackendError):  # it goes out by itself after two minutes
                self._set_status(message, "")

    def show_member_typing(self, message: Incoming) -> None:
        if message.platform.get("thread"):  # only threads have a status
            self._set_status(message, translate(texts.TYPING, message.language))

    def can_write_to(self, message: Incoming) -> bool:
        return True

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        send_notice(self, message, turn, text, sent_since=message.received)

    def greet(self, message: Incoming) -> None:
        with suppress(BackendError):  # the app may not be an assistant there
            self._api.call_json(
                "assistant.threads.setSuggestedPrompts",
                channel_id=message.platform["channel"],
                thread_ts=message.platform["thread"] or None,
                title=translate(texts.YOU_COULD_ASK, message.language),
                prompts=[
                    {
                        "title": translate(title, message.language),
                        "message": translate(question, message.language),
                    }
                    for title, question in SUGGESTED_PROMPTS
                ],
            )

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        return tuple(visible.message_ids.values())

    def send_image(self, message: Incoming, turn: str, image: Image) -> None:
        images.attach_image(self._api, message, turn, image, self._sleep)

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None:
        proposals.send_proposal(self._api, message, proposal, self._sleep)

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None:
        proposals.show_decision(self._api, message, proposal, label, self._sleep)

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> ReplyDelivery:
        address = self._direct_channels.resolve_address(message.platform)
        workspace, session = workspace_of(message.room), self._sessions.session_for(message)
        thread = SlackSurface(
            self._api,
            address,
            turn,
            self._clock,
            self._sleep,
            partial(self._make_slot, workspace),
            session,
            message.language,
            MentionLinker(self._names_in(message.room), message.platform["self"]),
            partial(self._signs.discard, _thread_key(message)),
        )
        self._open[_thread_key(message)] = thread
        ids = visible.message_ids
        if visible.may_have_more or (visible.intent_at and not ids):
            ids = self._find_earlier_messages(thread, visible.intent_at) or ids
        for ts in ids.values():
            thread.adopt_message(ts)
        if not ids:
            thread.acquire_slot()
        return ReplyDelivery(
            thread,
            record_visible,
            self._sleep,
            ids,
            gate=SendGate(ensure_may_send),
            complete_last_message=thread.complete_last_message,
            on_finished=session.end,
            split=MessageSplitter(HEAVY),
        )

    def _make_slot(self, workspace: str, key: str) -> StreamSlot:
        return StreamSlot(
            self._crowds,
            workspace,
            key,
            self._clock,
            self._background,
            lease_seconds=SLOT_SECONDS,
            left_slots=self._left_slots,
        )

    def _find_earlier_messages(self, thread: SlackSurface, since: float) -> dict[str, str]:
        """The ids of what an earlier attempt has begun to show, if it got that far."""
        with suppress(BackendError):  # an empty stub may stay behind: the price of a crash at this point
            return {str(number): ts for number, ts in enumerate(thread.find_lost_messages(since))}
        return {}

    def _set_status(self, message: Incoming, status: str, loading_messages: list[str] | None = None) -> None:
        self._api.call_json(
            "assistant.threads.setStatus",
            channel_id=message.platform["channel"],
            thread_ts=message.platform["thread"],
            status=status,
            loading_messages=loading_messages,
        )
        self._signs.add(_thread_key(message))
        if not status:
            self._signs.discard(_thread_key(message))


def _thread_key(message: Incoming) -> tuple[str, str]:
    return message.platform["channel"], message.platform["thread"]
