"""The manifest of the Slack app asks for what the code needs, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from repartee.channels import slack
from repartee.channels.slack.events import EVENT_PARSERS

ROOT = Path(__file__).parents[3]
HISTORY_SCOPES = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
ROOM_SCOPES = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})

METHOD_SCOPES: dict[str, frozenset[str]] = {
    "agents.sessions.setStatus": frozenset({"chat:write"}),
    "assistant.threads.setStatus": frozenset({"assistant:write"}),
    "assistant.threads.setSuggestedPrompts": frozenset({"assistant:write"}),
    "assistant.threads.setTitle": frozenset({"assistant:write"}),
    "bots.info": frozenset({"users:read"}),
    "chat.appendStream": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.startStream": frozenset({"chat:write"}),
    "chat.stopStream": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": HISTORY_SCOPES,
    "conversations.members": ROOM_SCOPES,
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": HISTORY_SCOPES,
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "reactions.add": frozenset({"reactions:write"}),
    "usergroups.list": frozenset({"usergroups:read"}),
    "users.conversations": ROOM_SCOPES,
    "users.info": frozenset({"users:read"}),
}
"""Each method of Slack that the code calls, with its scopes (docs.slack.dev/reference/methods)."""

EVENT_SCOPES: dict[str, frozenset[str]] = {
    "agent_session_stopped": frozenset(),
    "app_home_opened": frozenset(),
    "app_mention": frozenset({"app_mentions:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "message.mpim": frozenset({"mpim:history"}),
    "reaction_added": frozenset({"reactions:read"}),
}
"""The events of a new app, with the scopes that they need (docs.slack.dev/reference/events)."""

ASSISTANT_VIEW_EVENTS = frozenset({"assistant_thread_started"})
"""Handled for apps that still have `assistant_view`. In the agent messaging experience `app_home_opened`
replaces it (docs.slack.dev/ai/migrating-to-agent-messaging)."""

CALLED_METHOD = re.compile(
    r'"((?:agents|assistant|bots|chat|conversations|files|reactions|usergroups|users)\.[a-zA-Z.]+)"'
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docs/slack-manifest.yaml").read_text())
    return read


def test_each_called_method_has_known_scopes() -> None:
    """The table of methods and scopes names each method that the code calls, and no other."""
    folder = Path(str(slack.__file__)).parent
    called = {name for path in folder.glob("*.py") for name in CALLED_METHOD.findall(path.read_text())}

    assert called == set(METHOD_SCOPES)


def test_the_scopes_are_those_that_methods_and_events_need(manifest: dict[str, Any]) -> None:
    """The bot's scopes cover each method and event, and the slash command; none is asked for in vain."""
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    needed = frozenset({"commands"}).union(*METHOD_SCOPES.values(), *EVENT_SCOPES.values())

    assert scopes == sorted(needed)


def test_the_events_are_those_that_the_channel_handles(manifest: dict[str, Any]) -> None:
    """The app subscribes to each event that is handled for an agent, and to no other."""
    events = manifest["settings"]["event_subscriptions"]["bot_events"]

    assert events == sorted(EVENT_SCOPES)
    assert {event.partition(".")[0] for event in events} == set(EVENT_PARSERS) - ASSISTANT_VIEW_EVENTS


def test_a_new_app_is_an_agent(manifest: dict[str, Any]) -> None:
    """Slack refuses `assistant_view` in new apps; the description is within its 300 characters."""
    assert "assistant_view" not in manifest["features"]
    assert 0 < len(manifest["features"]["agent_view"]["agent_description"]) <= 300
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_each_address_is_a_route_of_the_webhook(manifest: dict[str, Any]) -> None:
    """What Slack posts to is what the template routes to the webhook."""
    template = (ROOT / "template.yaml").read_text()
    urls = re.findall(r"https://YOUR-HOST(/\S+?)['\"},\]]", str(manifest))

    assert sorted(urls) == ["/slack/commands", "/slack/events", "/slack/interactivity"]
    assert all(f"Path: {url}\n" in template for url in urls)


def test_there_is_one_manifest() -> None:
    """Pages link to the file and hold no copy of it that would grow old."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]

    assert [page.name for page in pages if "display_information" in page.read_text()] == []
