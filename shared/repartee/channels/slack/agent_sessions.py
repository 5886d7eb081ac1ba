"""Where the app is an agent, a thread has a session: while it is `processing`, Slack shows a stop button.

https://docs.slack.dev/ai/agent-sessions. What the button does comes as an event (`agent_session_stopped`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from repartee.channels.slack.api import SlackApi
from repartee.domain.message import Incoming, Message, workspace_of
from repartee.errors import BackendError, InvalidArgument, NotFound, PermissionDenied

MAX_TITLE_CHARS = 60
"""Characters of the question that become the title of its conversation: of the first, which makes it."""

UNSUPPORTED_RETRY_SECONDS = 3600.0
"""Seconds until a workspace in which the app is no agent is asked again whether it is one."""


class SlackAgentSessions:
    """The sessions that this process has begun (False for one whose begin was refused in passing), and the
    workspaces that have none."""

    def __init__(self, api: SlackApi, clock: Callable[[], float]) -> None:
        self._api, self._clock = api, clock
        self._open: dict[tuple[str, str], bool] = {}
        self._none_until: dict[str, float] = {}

    def session_for(self, message: Incoming) -> SlackAgentSession:
        """The session of the message's thread."""
        return SlackAgentSession(self._api, message, self._clock, self._open, self._none_until)


class SlackAgentSession:
    """A thread's session. Where the app is no agent, nobody misses it: nothing raises."""

    def __init__(
        self,
        api: SlackApi,
        message: Incoming,
        clock: Callable[[], float],
        open_threads: dict[tuple[str, str], bool],
        unsupported_until: dict[str, float],
    ) -> None:
        self._api, self._message, self._clock = api, message, clock
        self._open, self._none_until = open_threads, unsupported_until
        self._place = message.platform["channel"], message.platform["thread"]

    @property
    def is_open(self) -> bool:
        """Whether it was begun here, and has not ended."""
        return self._open.get(self._place, False)

    def begin(self) -> None:
        """Shows that the agent is at work."""
        workspace = workspace_of(self._message.room)
        if self._clock() < self._none_until.get(workspace, 0.0):
            return
        text = self._message.text if isinstance(self._message, Message) else ""
        title, asker = text[:MAX_TITLE_CHARS] or None, self._message.platform["user"]
        try:
            self._set_status("processing", title=title, initiator_user_id=asker)
            self._open[self._place] = True
        except (PermissionDenied, NotFound, InvalidArgument):
            self._none_until[workspace] = self._clock() + UNSUPPORTED_RETRY_SECONDS
        except BackendError:
            self._open[self._place] = False  # an earlier attempt may have begun it

    def end(self) -> None:
        """Shows that the agent waits for what is said next, if that is not shown yet."""
        if self._place in self._open:
            self.mark_ended()
            with suppress(BackendError):
                self._set_status("active")

    def mark_ended(self) -> None:
        """Another call has ended it."""
        self._open.pop(self._place, None)

    def _set_status(self, status: str, **more: str | None) -> None:
        channel, thread = self._place
        self._api.call_json(
            "agents.sessions.setStatus", channel_id=channel, thread_ts=thread, status=status, **more
        )
