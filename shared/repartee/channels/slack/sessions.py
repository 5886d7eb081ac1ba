"""Where the app is an agent, a thread has a session: while it is `processing`, Slack shows a stop button.

https://docs.slack.dev/ai/agent-sessions. What the button does comes as an event (`agent_session_stopped`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from repartee.channels.slack.api import SlackApi
from repartee.conversation.message import Message, workspace_of
from repartee.errors import BackendError, Denied, NotFound, Rejected

TITLE = 60
"""Characters of the question that become the title of its conversation: of the first, which makes it."""

NONE_FOR = 3600.0
"""Seconds until a workspace in which the app is no agent is asked again whether it is one."""


class Sessions:
    """The sessions that this process has begun, and the workspaces that have none."""

    def __init__(self, api: SlackApi, clock: Callable[[], float]) -> None:
        self._api, self._clock = api, clock
        self._open: set[tuple[str, str]] = set()
        self._none_until: dict[str, float] = {}

    def of(self, message: Message) -> Session:
        """The session of the message's thread."""
        return Session(self._api, message, self._clock, self._open, self._none_until)


class Session:
    """A thread's session. Where the app is no agent, nobody misses it: nothing raises."""

    def __init__(
        self,
        api: SlackApi,
        message: Message,
        clock: Callable[[], float],
        all_open: set[tuple[str, str]],
        none_until: dict[str, float],
    ) -> None:
        self._api, self._message, self._clock = api, message, clock
        self._open, self._none_until = all_open, none_until
        self._place = message.platform["channel"], message.platform["thread"]

    @property
    def open(self) -> bool:
        """Whether it was begun here, and has not ended."""
        return self._place in self._open

    def begin(self) -> None:
        """Shows that the agent is at work."""
        workspace = workspace_of(self._message.room)
        if self._clock() < self._none_until.get(workspace, 0.0):
            return
        title, asker = self._message.text[:TITLE] or None, self._message.platform["user"]
        try:
            self._set("processing", title=title, initiator_user_id=asker)
            self._open.add(self._place)
        except (Denied, NotFound, Rejected):
            self._none_until[workspace] = self._clock() + NONE_FOR
        except BackendError:
            pass  # the next message asks again

    def end(self) -> None:
        """Shows that the agent waits for what is said next, if that is not shown yet."""
        if self.open:
            self.over()
            with suppress(BackendError):
                self._set("active")

    def over(self) -> None:
        """Another call has ended it."""
        self._open.discard(self._place)

    def _set(self, status: str, **more: str | None) -> None:
        channel, thread = self._place
        self._api.call(
            "agents.sessions.setStatus", channel_id=channel, thread_ts=thread, status=status, **more
        )
