"""The platforms: what the settings make of each channel. A new one is a class here, named in `PLATFORMS`.

A channel is imported when it is used, so that a function loads only those whose secrets are set.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from repartee.setting_types import Setting
from repartee.settings import Settings
from repartee.wiring import process, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.channels.downloads import AttachmentFetcher
    from repartee.channels.slack.api import SlackApi
    from repartee.channels.telegram.api import TelegramApi
    from repartee.channels.telegram.moves import MovedChats
    from repartee.channels.web.event_hub import EventHub
    from repartee.channels.whatsapp.api import WhatsAppApi
    from repartee.ports.briefs import RoomAccess
    from repartee.ports.channels import Receiver, ReplySender
    from repartee.ports.handovers import TeamChannel
    from repartee.ports.names import NameSource
    from repartee.ports.threads import ThreadReader


class Platform:
    """A channel, connected. `required_secrets` are the one that proves who posts, and the token that answers.
    With the first it is listened to, with either it is answered: without the token the start stops."""

    name: ClassVar[str]
    required_secrets: ClassVar[tuple[Setting[str], Setting[str]]]

    required_settings: ClassVar[tuple[Setting[str], ...]] = ()
    """Without these, besides, nothing of it can be received."""

    quiet_seconds: ClassVar[float] = 0.0
    """Seconds of quiet that its people are given to go on, before what they wrote is answered."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring, self._settings = wiring, wiring.get(process.settings)
        self._proof, self._token = self.required_secrets

    @property
    def receives(self) -> bool:
        return self._settings.is_any_set(self._proof)

    @property
    def sends(self) -> bool:
        return self._settings.is_any_set(*self.required_secrets)

    @property
    def serves_files(self) -> bool:
        """Whether it hands out files."""
        return self._settings.is_any_set(self._token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        """Its receiving sides, by route: each begins with `/` and the channel's name."""
        raise NotImplementedError

    def make_replies(self) -> ReplySender:
        """Its sending side."""
        raise NotImplementedError

    def make_files(self) -> AttachmentFetcher:
        """Returns the fetcher of its messages' attachments."""
        raise NotImplementedError

    def make_team_channel(self) -> TeamChannel | None:
        """Its side on which a team may sit. None where none can."""
        return None

    def make_thread_reader(self) -> ThreadReader | None:
        """Reads posts of its threads. None where it has none that can be read."""
        return None

    def make_name_source(self) -> NameSource | None:
        """Looks up names. None where its messages tell them."""
        return None

    def make_room_access(self) -> RoomAccess | None:
        """Asks who is in a room. None where each room is one person's own."""
        return None


@part
def room_names(wiring: Wiring) -> dict[str, Mapping[str, str]]:
    """The names of people that this process knows, by their rooms: the name directory fills it."""
    return {}


@part
def slack_api(wiring: Wiring) -> SlackApi:
    from repartee.channels.slack.api import SlackApi

    settings = wiring.get(process.settings)
    settings.require(Settings.slack_bot_token)
    return SlackApi(settings.slack_api_url, lambda: settings.slack_bot_token)


class SlackPlatform(Platform):
    """Events, buttons and commands in; the Web API out."""

    name, required_secrets = "slack", (Settings.slack_signing_secret, Settings.slack_bot_token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.slack.commands import SlackCommandReceiver
        from repartee.channels.slack.events import SlackEventReceiver
        from repartee.channels.slack.interactions import SlackInteractionReceiver

        signed = (
            process.accepted_secrets(self._wiring, self._proof),
            partial(process.refresh_secrets, self._wiring),
        )
        return {
            "/slack/events": SlackEventReceiver(*signed),
            "/slack/interactivity": SlackInteractionReceiver(*signed),
            "/slack/commands": SlackCommandReceiver(*signed),
        }

    def make_replies(self) -> ReplySender:
        from repartee.channels.slack.replies import SlackReplySender

        get = self._wiring.get
        return SlackReplySender(
            get(slack_api),
            get(stores.records),
            get(process.clock),
            get(process.sleep),
            get(process.background),
            names_in=lambda room: get(room_names).get(room, {}),
        )

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.slack.downloads import SlackAttachmentFetcher

        return SlackAttachmentFetcher(self._wiring.get(slack_api))

    def make_team_channel(self) -> TeamChannel:
        from repartee.channels.slack.team import SlackTeamChannel

        get = self._wiring.get
        return SlackTeamChannel(get(slack_api), get(process.clock), get(process.sleep))

    def make_thread_reader(self) -> ThreadReader:
        from repartee.channels.slack.thread_reader import SlackThreadReader

        return SlackThreadReader(self._wiring.get(slack_api))

    def make_room_access(self) -> RoomAccess:
        from repartee.channels.slack.room_access import SlackRoomAccess

        return SlackRoomAccess(self._wiring.get(slack_api))

    def make_name_source(self) -> NameSource:
        from repartee.channels.slack.names import SlackNames

        return SlackNames(self._wiring.get(slack_api), self._wiring.get(process.clock))


@part
def telegram_api(wiring: Wiring) -> TelegramApi:
    from repartee.channels.telegram.api import TelegramApi

    settings = wiring.get(process.settings)
    settings.require(Settings.telegram_bot_token)
    return TelegramApi(
        settings.telegram_api_url,
        lambda: settings.telegram_bot_token,
        on_chat_moved=wiring.get(moved_chats).save,
    )


@part
def moved_chats(wiring: Wiring) -> MovedChats:
    from repartee.channels.telegram.moves import MovedChats

    return MovedChats(partial(wiring.get, stores.chat_moves), wiring.get(process.clock))


class TelegramPlatform(Platform):
    """Updates in, the Bot API out."""

    name, required_secrets = "telegram", (Settings.telegram_webhook_secret, Settings.telegram_bot_token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.telegram.receiver import TelegramReceiver

        updates = TelegramReceiver(
            process.accepted_secrets(self._wiring, self._proof),
            partial(process.refresh_secrets, self._wiring),
            token=lambda: self._settings.look_up(self._token),
            username=self._settings.telegram_bot_username,
            moved_chats=self._wiring.get(moved_chats),
        )
        return {"/telegram/webhook": updates}

    def make_replies(self) -> ReplySender:
        from repartee.channels.telegram.replies import TelegramReplySender

        get = self._wiring.get
        return TelegramReplySender(
            get(telegram_api),
            get(stores.records),
            get(process.clock),
            get(process.sleep),
            get(process.background),
        )

    def make_team_channel(self) -> TeamChannel:
        from repartee.channels.telegram.team import TelegramTeamChannel

        get = self._wiring.get
        return TelegramTeamChannel(get(telegram_api), get(process.clock), get(process.sleep))

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.telegram.downloads import TelegramAttachmentFetcher

        return TelegramAttachmentFetcher(self._wiring.get(telegram_api))

    def make_room_access(self) -> RoomAccess:
        from repartee.channels.telegram.room_access import TelegramRoomAccess

        return TelegramRoomAccess(self._wiring.get(telegram_api))


@part
def whatsapp_api(wiring: Wiring) -> WhatsAppApi:
    from repartee.channels.whatsapp.api import WhatsAppApi

    settings = wiring.get(process.settings)
    settings.require(Settings.whatsapp_access_token)
    return WhatsAppApi(settings.whatsapp_api_url, lambda: settings.whatsapp_access_token)


class WhatsAppPlatform(Platform):
    """The webhook in, the Cloud API out."""

    name, required_secrets = "whatsapp", (Settings.whatsapp_app_secret, Settings.whatsapp_access_token)
    required_settings = (Settings.whatsapp_verify_token, Settings.person_id_key)
    quiet_seconds = 3.0  # people write there in several short messages

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.whatsapp.receiver import WhatsAppReceiver

        webhook = WhatsAppReceiver(
            process.accepted_secrets(self._wiring, self._proof),
            process.accepted_secrets(self._wiring, Settings.whatsapp_verify_token),
            partial(process.refresh_secrets, self._wiring),
            phone_number_id=lambda: self._settings.whatsapp_phone_number_id,
            identifiers=self._wiring.get(process.identifier_hasher),
        )
        return {"/whatsapp/webhook": webhook}

    def make_replies(self) -> ReplySender:
        from repartee.channels.whatsapp.replies import WhatsAppReplySender

        get, template = self._wiring.get, self._settings.whatsapp_template
        return WhatsAppReplySender(
            get(whatsapp_api), get(process.clock), get(process.sleep), get(process.logger), template
        )

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.whatsapp.downloads import WhatsAppAttachmentFetcher

        return WhatsAppAttachmentFetcher(self._wiring.get(whatsapp_api))


@part
def event_hub(wiring: Wiring) -> EventHub:
    from repartee.channels.web.event_hub import EventHub

    return EventHub(wiring.get(process.clock))


class WebPlatform(Platform):
    """The platform of web clients, whose posts come to the stream's own app, never to the webhook. To answer
    them takes no token, so that any worker that is woken for a chat of the web can."""

    name, required_secrets = "web", (Settings.web_jwks_url, Settings.web_jwks_url)
    receives, sends, serves_files = False, True, True

    def make_replies(self) -> ReplySender:
        from repartee.channels.web.replies import WebReplySender

        get = self._wiring.get
        return WebReplySender(get(stores.events), get(event_hub), get(process.clock), get(process.sleep))

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.web.downloads import WebAttachmentFetcher

        return WebAttachmentFetcher(self._wiring.get(stores.media))


PLATFORMS: tuple[type[Platform], ...] = (SlackPlatform, TelegramPlatform, WhatsAppPlatform, WebPlatform)
