"""The scopes of Slack's bot, as the manifest asks for them, and what is not done without some of them."""

from __future__ import annotations

NEEDED_SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)
"""The scopes that docs/slack-manifest.yaml asks for, in its order: a test compares them."""

REPLACEABLE_SCOPES = {
    "users:read": "people are called by their ids",
    "usergroups:read": "user groups are called by their ids",
    "channels:history": "threads of channels cannot be read",
    "groups:history": "threads of private channels cannot be read",
    "channels:read": "no brief tells of channels",
    "groups:read": "no brief tells of private channels",
    "im:read": "no brief tells of direct messages",
    "im:write": "slash commands about briefs are not answered",
    "mpim:read": "no brief tells of group messages",
    "reactions:read": "a reaction to a brief does not count as reading it",
    "reactions:write": "a desk's team does not see that a customer has read what a member wrote",
    "files:read": "files are not read",
}
