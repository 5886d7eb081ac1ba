"""Threads of the agent view: their sessions, titles, suggested prompts, and the status below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standins.slack import arguments as slack
from standins.slack.limits import STATUS_SECONDS
from standins.slack.methods import Arguments, SlackError


class AgentThreads:
    """The state that an app shows beside the messages of its threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._statuses: dict[tuple[str, str], tuple[str, float]] = {}
        self._sessions: dict[tuple[str, str], str] = {}
        self._titles: dict[tuple[str, str], str] = {}
        self._prompts: dict[str, list[dict[str, str]]] = {}

    def _agents_sessions_setStatus(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments.get("thread_ts") or "")
        status = slack.parse_session_status(arguments)
        self._sessions[place] = status
        return {"status": status, "agent_status": status, "title": str(arguments.get("title") or "")}

    def _assistant_threads_setSuggestedPrompts(self, arguments: Arguments) -> dict[str, Any]:
        self._prompts[slack.parse_channel(arguments)] = slack.parse_prompts(arguments)
        return {}

    def _assistant_threads_setTitle(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments["thread_ts"])
        if not place[0].startswith("D"):
            raise SlackError("invalid_thread_ts")
        self._titles[place] = str(arguments["title"])
        return {}

    def _assistant_threads_setStatus(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments["thread_ts"])
        rotating = slack.parse_loading_messages(arguments)
        self._statuses[place] = rotating[0] if rotating else str(arguments["status"]), self._clock()
        return {}

    def _visible_threads(self, channel: str) -> dict[str, Any]:
        """Returns what a person sees beside a channel's messages."""
        now = self._clock()
        statuses = {
            thread: status
            for (place, thread), (status, since) in self._statuses.items()
            if place == channel and status and now - since < STATUS_SECONDS
        }
        sessions = {thread: status for (place, thread), status in self._sessions.items() if place == channel}
        titles = {thread: title for (place, thread), title in self._titles.items() if place == channel}
        prompts = self._prompts.get(channel, [])
        return {"statuses": statuses, "prompts": prompts, "sessions": sessions, "titles": titles}
