"""The payloads that Slack posts, as structs."""

from __future__ import annotations

from typing import Any

import msgspec

from repartee.channels.slack import ids


class SlackAuthorization(msgspec.Struct):
    """The installation for which an event is delivered. `user_id` is the assistant's own."""

    team_id: str | None = None
    user_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class SlackEventEnvelope(msgspec.Struct):
    """A payload that Slack posts. In a channel that is shared with another company (Slack Connect) `team_id`
    may be the other company's, and differ between two events of one message: the first authorization is
    ours."""

    type: str
    challenge: str | None = None
    team_id: str | None = None
    context_team_id: str | None = None
    event_id: str | None = None
    event: msgspec.Raw = msgspec.Raw(b"")
    authorizations: list[SlackAuthorization] | None = None

    @property
    def installation(self) -> SlackAuthorization:
        return (self.authorizations or [SlackAuthorization()])[0]

    @property
    def installed_team_id(self) -> str | None:
        """The workspace in which the app is installed, not the sender's own."""
        return self.installation.team_id or self.context_team_id or self.team_id

    @property
    def bot_user_id(self) -> str:
        return self.installation.user_id or ""

    @property
    def workspace_id(self) -> str:
        installed = self.installation
        return ids.workspace_id(
            self.installed_team_id, installed.enterprise_id, installed.is_enterprise_install
        )


class SlackEventType(msgspec.Struct):
    """An event of which only the type is read, whatever else it holds."""

    type: str


class SlackMessageEvent(msgspec.Struct):
    """`app_mention` and `message`. In Slack Connect `user_team` is the sender's own workspace. `message` and
    `previous_message` are what a message has become and was, where it was changed or deleted."""

    type: str
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    channel: str | None = None
    team: str | None = None
    user_team: str | None = None
    hidden: bool | None = None
    files: list[SlackFile] | None = None
    blocks: list[Any] | None = None
    attachments: list[Any] | None = None
    user_profile: SlackUserProfile | None = None
    event_ts: str | None = None
    deleted_ts: str | None = None
    edited: SlackEdit | None = None
    message: SlackMessageEvent | None = None
    previous_message: SlackMessageEvent | None = None


class SlackEdit(msgspec.Struct):
    """Who changed a message, and when. A message whose links were unfurled has none."""

    user: str | None = None
    ts: str | None = None


class SlackUserProfile(msgspec.Struct):
    """A person's names, where an event tells them."""

    display_name: str | None = None
    real_name: str | None = None


class SlackAssistantThread(msgspec.Struct):
    """An assistant thread, as it is when a person opens it."""

    user_id: str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None


class SlackThreadStartedEvent(msgspec.Struct):
    """A person opened the assistant beside what they look at."""

    assistant_thread: SlackAssistantThread


class SlackHomeOpenedEvent(msgspec.Struct):
    """A person opened the conversation with the assistant: the agent view has this event alone."""

    user: str | None = None
    channel: str | None = None
    tab: str | None = None


class SlackSessionStoppedEvent(msgspec.Struct):
    """A person pressed the stop button that Slack shows while an agent's session is at work."""

    channel: str | None = None
    thread_ts: str | None = None
    user: str | None = None
    event_ts: str | None = None


class SlackReactionItem(msgspec.Struct):
    """The thing that a person reacted to: a message in a channel, or a file."""

    type: str
    channel: str | None = None


class SlackReactionEvent(msgspec.Struct):
    """A person reacted to something. `item_user` wrote it."""

    item: SlackReactionItem
    user: str | None = None
    item_user: str | None = None
    event_ts: str | None = None


class SlackNamedObject(msgspec.Struct):
    """A team, an organisation, a channel or a user, by its id."""

    id: str | None = None


class SlackInteractionUser(msgspec.Struct):
    """Who pressed. In Slack Connect `team_id` is their own workspace."""

    id: str | None = None
    team_id: str | None = None


class SlackButtonMessage(msgspec.Struct):
    """The message that the button is under, which is ours: `team` is the workspace of our installation."""

    user: str | None = None
    team: str | None = None


class SlackInteractionContainer(msgspec.Struct):
    """Where the button is."""

    message_ts: str | None = None
    thread_ts: str | None = None


class SlackAction(msgspec.Struct):
    """A button that was pressed: `value` is what we gave it."""

    action_id: str | None = None
    value: str | None = None
    action_ts: str | None = None


class SlackInteraction(msgspec.Struct):
    """The payload that Slack posts when a person presses something."""

    type: str
    team: SlackNamedObject | None = None
    enterprise: SlackNamedObject | None = None
    is_enterprise_install: bool | None = None
    channel: SlackNamedObject | None = None
    user: SlackInteractionUser | None = None
    container: SlackInteractionContainer | None = None
    message: SlackButtonMessage | None = None
    actions: list[SlackAction] | None = None

    @property
    def workspace_id(self) -> str:
        """The installation's workspace. `team` may be the other company's in a shared channel: who posted the
        message with the button is ours."""
        team, enterprise = self.team or SlackNamedObject(), self.enterprise or SlackNamedObject()
        posted_by = (self.message or SlackButtonMessage()).team
        return ids.workspace_id(posted_by or team.id, enterprise.id, self.is_enterprise_install)


class SlackFile(msgspec.Struct):
    """A file as an event tells of it. Of a file from another workspace (Slack Connect) there may be the id
    alone: `file_access` is then `check_file_info`."""

    id: str | None = None
    name: str | None = None
    mimetype: str | None = None
    size: int | None = None
    mode: str | None = None
    subtype: str | None = None
    file_access: str | None = None
    is_external: bool | None = None
    url_private: str | None = None
    url_private_download: str | None = None
