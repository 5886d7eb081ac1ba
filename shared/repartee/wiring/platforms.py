"""The platforms: what the settings make of each channel. A new one is a class here, named in `PLATFORMS`.

A channel is imported when it is used, so that a function loads only those whose secrets are set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

from aws_lambda_powertools import Logger

from repartee.setting_types import Setting
from repartee.settings import Settings

if TYPE_CHECKING:
    from repartee.channels.downloads import AttachmentFetcher
    from repartee.channels.slack.api import SlackApi
    from repartee.channels.stream_slots import RunInBackground
    from repartee.channels.telegram.api import TelegramApi
    from repartee.channels.web.event_hub import EventHub
    from repartee.channels.whatsapp.api import WhatsAppApi
    from repartee.ports import MediaStore, Records, WebEventLog
    from repartee.ports.channels import Receiver, ReplySender

SecretValues = Callable[[], tuple[str, ...]]


class PlatformDependencies(Protocol):
    """The parts of a process that channels are connected with. Each is made when it is asked for."""

    settings: Settings
    logger: Logger

    def clock(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def accepted_secrets(self, setting: Setting[str]) -> SecretValues:
        """The values of a secret that are accepted now. Stops the start if there is none."""

    def refresh_secrets(self) -> bool:
        """Reads the secrets again because one was rejected. False if that was done a moment ago."""

    @property
    def background(self) -> RunInBackground: ...

    @property
    def records(self) -> Records: ...

    @property
    def events(self) -> WebEventLog: ...

    @property
    def hub(self) -> EventHub: ...

    @property
    def media(self) -> MediaStore: ...


class Platform:
    """A channel, connected. `secrets` are the one that proves who posts, and the token that answers. With the
    first it is listened to, with either it is answered: without the token the start stops."""

    name: ClassVar[str]
    required_secrets: ClassVar[tuple[Setting[str], Setting[str]]]

    def __init__(self, dependencies: PlatformDependencies) -> None:
        self._parts, self._settings = dependencies, dependencies.settings
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
        """Its receiving sides, by route."""
        raise NotImplementedError

    def make_replies(self) -> ReplySender:
        """Its sending side."""
        raise NotImplementedError

    def make_files(self) -> AttachmentFetcher:
        """What came with its messages."""
        raise NotImplementedError


class SlackPlatform(Platform):
    """Events, buttons and commands in; the Web API out."""

    name, required_secrets = "slack", (Settings.slack_signing_secret, Settings.slack_bot_token)

    @cached_property
    def _api(self) -> SlackApi:
        from repartee.channels.slack.api import SlackApi

        self._settings.require(self._token)
        return SlackApi(self._settings.slack_api_url, lambda: self._settings.slack_bot_token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.slack.commands import SlackCommandReceiver
        from repartee.channels.slack.events import SlackEventReceiver
        from repartee.channels.slack.interactions import SlackInteractionReceiver

        signed = self._parts.accepted_secrets(self._proof), self._parts.refresh_secrets
        return {
            "/slack/events": SlackEventReceiver(*signed),
            "/slack/interactivity": SlackInteractionReceiver(*signed),
            "/slack/commands": SlackCommandReceiver(*signed),
        }

    def make_replies(self) -> ReplySender:
        from repartee.channels.slack.replies import SlackReplySender

        parts = self._parts
        return SlackReplySender(self._api, parts.records, parts.clock, parts.sleep, parts.background)

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.slack.downloads import SlackAttachmentFetcher

        return SlackAttachmentFetcher(self._api)


class TelegramPlatform(Platform):
    """Updates in, the Bot API out."""

    name, required_secrets = "telegram", (Settings.telegram_webhook_secret, Settings.telegram_bot_token)

    @cached_property
    def _api(self) -> TelegramApi:
        from repartee.channels.telegram.api import TelegramApi

        self._settings.require(self._token)
        return TelegramApi(self._settings.telegram_api_url, lambda: self._settings.telegram_bot_token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.telegram.receiver import TelegramReceiver

        updates = TelegramReceiver(
            self._parts.accepted_secrets(self._proof),
            self._parts.refresh_secrets,
            token=lambda: self._settings.look_up(self._token),
            username=self._settings.telegram_bot_username,
        )
        return {"/telegram/webhook": updates}

    def make_replies(self) -> ReplySender:
        from repartee.channels.telegram.replies import TelegramReplySender

        parts = self._parts
        return TelegramReplySender(self._api, parts.records, parts.clock, parts.sleep, parts.background)

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.telegram.downloads import TelegramAttachmentFetcher

        return TelegramAttachmentFetcher(self._api)


class WhatsAppPlatform(Platform):
    """The webhook in, the Cloud API out."""

    name, required_secrets = "whatsapp", (Settings.whatsapp_app_secret, Settings.whatsapp_access_token)

    @cached_property
    def _api(self) -> WhatsAppApi:
        from repartee.channels.whatsapp.api import WhatsAppApi

        self._settings.require(self._token)
        return WhatsAppApi(self._settings.whatsapp_api_url, lambda: self._settings.whatsapp_access_token)

    def make_receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.whatsapp.receiver import WhatsAppReceiver

        webhook = WhatsAppReceiver(
            self._parts.accepted_secrets(self._proof),
            self._parts.accepted_secrets(Settings.whatsapp_verify_token),
            self._parts.refresh_secrets,
            phone_number_id=lambda: self._settings.whatsapp_phone_number_id,
        )
        return {"/whatsapp/webhook": webhook}

    def make_replies(self) -> ReplySender:
        from repartee.channels.whatsapp.replies import WhatsAppReplySender

        parts, template = self._parts, self._settings.whatsapp_template
        return WhatsAppReplySender(self._api, parts.clock, parts.sleep, parts.logger, template)

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.whatsapp.downloads import WhatsAppAttachmentFetcher

        return WhatsAppAttachmentFetcher(self._api)


class WebPlatform(Platform):
    """What web clients post comes to the stream's own app, never to the webhook. To answer them takes no
    token, so that whoever is woken for a chat of the web can."""

    name, required_secrets = "web", (Settings.web_jwks_url, Settings.web_jwks_url)
    receives, sends, serves_files = False, True, True

    def make_replies(self) -> ReplySender:
        from repartee.channels.web.replies import WebReplySender

        parts = self._parts
        return WebReplySender(parts.events, parts.hub, parts.clock, parts.sleep)

    def make_files(self) -> AttachmentFetcher:
        from repartee.channels.web.downloads import WebAttachmentFetcher

        return WebAttachmentFetcher(self._parts.media)


PLATFORMS: tuple[type[Platform], ...] = (SlackPlatform, TelegramPlatform, WhatsAppPlatform, WebPlatform)
