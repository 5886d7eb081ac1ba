"""What Slack posts, as structs."""

from __future__ import annotations

import msgspec

from repartee.channels.slack import ids


class SlackAuthorization(msgspec.Struct):
    """The installation for which an event is delivered. `user_id` is the assistant's own."""

    user_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class SlackEventEnvelope(msgspec.Struct):
    """What Slack posts."""

    type: str
    challenge: str | None = None
    team_id: str | None = None
    event_id: str | None = None
    event: msgspec.Raw = msgspec.Raw(b"")
    authorizations: list[SlackAuthorization] | None = None

    @property
    def installation(self) -> SlackAuthorization:
        known = self.authorizations or []
        return next((one for one in known if one.user_id), SlackAuthorization())

    @property
    def bot_user_id(self) -> str:
        return self.installation.user_id or ""

    @property
    def workspace_id(self) -> str:
        installed = self.installation
        return ids.workspace_id(self.team_id, installed.enterprise_id, installed.is_enterprise_install)


class SlackEventType(msgspec.Struct):
    """An event of which only the type is read, whatever else it holds."""

    type: str


class SlackMessageEvent(msgspec.Struct):
    """`app_mention` and `message`. In Slack Connect `user_team` is the sender's own workspace."""

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


class SlackNamedObject(msgspec.Struct):
    """A team, an organisation, a channel or a user, by its id."""

    id: str | None = None


class SlackInteractionUser(msgspec.Struct):
    """Who pressed. In Slack Connect `team_id` is their own workspace."""

    id: str | None = None
    team_id: str | None = None


class SlackButtonMessage(msgspec.Struct):
    """The message that the button is under, which is ours."""

    user: str | None = None


class SlackInteractionContainer(msgspec.Struct):
    """Where the button is."""

    message_ts: str | None = None
    thread_ts: str | None = None


class SlackAction(msgspec.Struct):
    """What was pressed: `value` is what we gave the button."""

    action_id: str | None = None
    value: str | None = None
    action_ts: str | None = None


class SlackInteraction(msgspec.Struct):
    """What Slack posts when a person presses something."""

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
        team, enterprise = self.team or SlackNamedObject(), self.enterprise or SlackNamedObject()
        return ids.workspace_id(team.id, enterprise.id, self.is_enterprise_install)


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
