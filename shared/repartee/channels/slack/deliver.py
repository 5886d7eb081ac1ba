"""Replies in Slack: what shows that one is on its way, what one may ask, and the reply itself.

https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from weakref import WeakValueDictionary

from repartee.channels.delivery import Delivery
from repartee.channels.markdown import parts
from repartee.channels.seat import Background, Crowds, Seat, in_a_thread
from repartee.channels.slack import pictures, proposals
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.sessions import Sessions
from repartee.channels.slack.text import HEAVY, harmless
from repartee.channels.slack.thread import SlackThread
from repartee.channels.slack.titles import Titles
from repartee.conversation.message import Message, workspace_of
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Keep, Picture, Shown
from repartee.errors import BackendError

PROMPTS = (
    ("What can you do?", "What can you help me with?"),
    ("Catch me up", "What did we talk about last week?"),
    ("Find it again", "What did we decide about …?"),
)
"""What is suggested to somebody who has not asked anything yet: as it is shown, and as it is then said."""

THINKING = "is thinking…"

STATUS = 100
"""Characters of what goes on: Slack shows it in one line."""


class SlackReplies:
    """`reply.Replies` for Slack. `_open` are the threads that somebody replies in now."""

    def __init__(
        self,
        api: SlackApi,
        crowds: Crowds,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        background: Background = in_a_thread,
    ) -> None:
        self._api, self._crowds, self._clock, self._sleep = api, crowds, clock, sleep
        self._background = background
        self._sessions, self._titles = Sessions(api, clock), Titles(api, background)
        self._open: WeakValueDictionary[tuple[str, str], SlackThread] = WeakValueDictionary()

    def sign(self, message: Message, status: str = "") -> None:
        status = harmless(status[:STATUS])
        thread = self._open.get(_place(message))
        if not (thread and status and thread.tell(status)):
            self._status(message, status or THINKING, [status] if status else None)
        if not status:
            self._begin(message)

    def _begin(self, message: Message) -> None:
        """Gives the conversation its session, or at least its title."""
        session = self._sessions.of(message)
        session.begin()
        if not session.open:
            self._titles.give(message)

    def unsign(self, message: Message) -> None:
        with suppress(BackendError):
            self._status(message, "")
            self._sessions.of(message).end()

    def welcome(self, message: Message) -> None:
        with suppress(BackendError):  # the app may not be an assistant there
            self._api.call(
                "assistant.threads.setSuggestedPrompts",
                channel_id=message.platform["channel"],
                thread_ts=message.platform["thread"] or None,
                title="You could ask",
                prompts=[{"title": title, "message": said} for title, said in PROMPTS],
            )

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        pictures.attach(self._api, message, turn, picture, self._sleep)

    def propose(self, message: Message, proposal: Proposal) -> None:
        proposals.propose(self._api, message, proposal, self._sleep)

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        proposals.decided(self._api, message, proposal, word, self._sleep)

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        workspace, session = workspace_of(message.room), self._sessions.of(message)
        thread = SlackThread(
            self._api,
            message.platform,
            turn,
            self._clock,
            self._sleep,
            lambda key: Seat(self._crowds, workspace, key, self._clock, self._background),
            session,
        )
        self._open[_place(message)] = thread
        ids = shown.ids or (self._left(thread, shown.since) if shown.since else {})
        for ts in ids.values():
            thread.take_up(ts)
        if not ids:
            thread.make_ready()
        return Delivery(
            thread,
            keep,
            self._sleep,
            ids,
            close=thread.close,
            over=session.end,
            split=partial(parts, heavy=HEAVY),
        )

    def _left(self, thread: SlackThread, since: float) -> dict[str, str]:
        """The ids of what an earlier attempt has begun to show, if it got that far."""
        with suppress(BackendError):  # an empty stub may stay behind: the price of a crash at this point
            return {str(number): ts for number, ts in enumerate(thread.unknown(since))}
        return {}

    def _status(self, message: Message, status: str, rotating: list[str] | None = None) -> None:
        self._api.call(
            "assistant.threads.setStatus",
            channel_id=message.platform["channel"],
            thread_ts=message.platform["thread"],
            status=status,
            loading_messages=rotating,
        )


def _place(message: Message) -> tuple[str, str]:
    return message.platform["channel"], message.platform["thread"]
