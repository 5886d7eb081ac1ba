"""The platforms: what the settings make of each channel. A new one is a class here, named in `PLATFORMS`.

A channel is imported when it is used, so that a function loads only those whose secrets are set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

from aws_lambda_powertools import Logger

from repartee.settings import Setting, Settings

if TYPE_CHECKING:
    from repartee.channels.files import Files
    from repartee.channels.seat import Background
    from repartee.channels.slack.api import SlackApi
    from repartee.channels.telegram.api import TelegramApi
    from repartee.channels.web.hub import Hub
    from repartee.channels.whatsapp.api import WhatsAppApi
    from repartee.conversation.reply import Replies
    from repartee.conversation.webhook import Receiver
    from repartee.ports import Events, Media, Records

Secrets = Callable[[], tuple[str, ...]]


class Parts(Protocol):
    """The parts of a process that channels are connected with. Each is made when it is asked for."""

    settings: Settings
    logger: Logger

    def clock(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def accepted(self, setting: Setting[str]) -> Secrets:
        """The values of a secret that are accepted now. Stops the start if there is none."""

    def refresh(self) -> bool:
        """Reads the secrets again because one was rejected. False if that was done a moment ago."""

    @property
    def background(self) -> Background: ...

    @property
    def records(self) -> Records: ...

    @property
    def events(self) -> Events: ...

    @property
    def hub(self) -> Hub: ...

    @property
    def media(self) -> Media: ...


class Platform:
    """A channel, connected. `secrets` are the one that proves who posts, and the token that answers. With the
    first it is listened to, with either it is answered: without the token the start stops."""

    name: ClassVar[str]
    secrets: ClassVar[tuple[Setting[str], Setting[str]]]

    def __init__(self, parts: Parts) -> None:
        self._parts, self._settings = parts, parts.settings
        self._proof, self._token = self.secrets

    @property
    def heard(self) -> bool:
        return self._settings.given(self._proof)

    @property
    def answered(self) -> bool:
        return self._settings.given(*self.secrets)

    @property
    def opened(self) -> bool:
        """Whether it hands out files."""
        return self._settings.given(self._token)

    def receivers(self) -> Mapping[str, Receiver]:
        """Its receiving sides, by route."""
        raise NotImplementedError

    def replies(self) -> Replies:
        """Its sending side."""
        raise NotImplementedError

    def files(self) -> Files:
        """What came with its messages."""
        raise NotImplementedError


class Slack(Platform):
    """Events, buttons and commands in; the Web API out."""

    name, secrets = "slack", (Settings.slack_signing_secret, Settings.slack_bot_token)

    @cached_property
    def _api(self) -> SlackApi:
        from repartee.channels.slack.api import SlackApi

        self._settings.need(self._token)
        return SlackApi(self._settings.slack_api_url, lambda: self._settings.slack_bot_token)

    def receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.slack.interact import SlackCommands, SlackInteractions
        from repartee.channels.slack.receive import SlackEvents

        signed = self._parts.accepted(self._proof), self._parts.refresh
        return {
            "/slack/events": SlackEvents(*signed),
            "/slack/interactivity": SlackInteractions(*signed),
            "/slack/commands": SlackCommands(*signed),
        }

    def replies(self) -> Replies:
        from repartee.channels.slack.deliver import SlackReplies

        parts = self._parts
        return SlackReplies(self._api, parts.records, parts.clock, parts.sleep, parts.background)

    def files(self) -> Files:
        from repartee.channels.slack.files import SlackFiles

        return SlackFiles(self._api)


class Telegram(Platform):
    """Updates in, the Bot API out."""

    name, secrets = "telegram", (Settings.telegram_webhook_secret, Settings.telegram_bot_token)

    @cached_property
    def _api(self) -> TelegramApi:
        from repartee.channels.telegram.api import TelegramApi

        self._settings.need(self._token)
        return TelegramApi(self._settings.telegram_api_url, lambda: self._settings.telegram_bot_token)

    def receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.telegram.receive import TelegramUpdates

        updates = TelegramUpdates(
            self._parts.accepted(self._proof),
            self._parts.refresh,
            token=lambda: self._settings.look_up(self._token),
            username=self._settings.telegram_bot_username,
        )
        return {"/telegram/webhook": updates}

    def replies(self) -> Replies:
        from repartee.channels.telegram.deliver import TelegramReplies

        parts = self._parts
        return TelegramReplies(self._api, parts.records, parts.clock, parts.sleep, parts.background)

    def files(self) -> Files:
        from repartee.channels.telegram.files import TelegramFiles

        return TelegramFiles(self._api)


class WhatsApp(Platform):
    """The webhook in, the Cloud API out."""

    name, secrets = "whatsapp", (Settings.whatsapp_app_secret, Settings.whatsapp_access_token)

    @cached_property
    def _api(self) -> WhatsAppApi:
        from repartee.channels.whatsapp.api import WhatsAppApi

        self._settings.need(self._token)
        return WhatsAppApi(self._settings.whatsapp_api_url, lambda: self._settings.whatsapp_access_token)

    def receivers(self) -> Mapping[str, Receiver]:
        from repartee.channels.whatsapp.receive import WhatsAppWebhook

        webhook = WhatsAppWebhook(
            self._parts.accepted(self._proof),
            self._parts.accepted(Settings.whatsapp_verify_token),
            self._parts.refresh,
            number=lambda: self._settings.whatsapp_phone_number_id,
        )
        return {"/whatsapp/webhook": webhook}

    def replies(self) -> Replies:
        from repartee.channels.whatsapp.deliver import WhatsAppReplies

        parts, template = self._parts, self._settings.whatsapp_template
        return WhatsAppReplies(self._api, parts.clock, parts.sleep, parts.logger, template)

    def files(self) -> Files:
        from repartee.channels.whatsapp.files import WhatsAppFiles

        return WhatsAppFiles(self._api)


class Web(Platform):
    """What web clients post comes to the stream's own app, never to the webhook. To answer them takes no
    token, so that whoever is woken for a chat of the web can."""

    name, secrets = "web", (Settings.web_jwks_url, Settings.web_jwks_url)
    heard, answered, opened = False, True, True

    def replies(self) -> Replies:
        from repartee.channels.web.deliver import WebReplies

        parts = self._parts
        return WebReplies(parts.events, parts.hub, parts.clock, parts.sleep)

    def files(self) -> Files:
        from repartee.channels.web.files import WebFiles

        return WebFiles(self._parts.media)


PLATFORMS: tuple[type[Platform], ...] = (Slack, Telegram, WhatsApp, Web)
