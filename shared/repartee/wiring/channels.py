"""The channels, as far as the settings name them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring.services import ServicesWiring

if TYPE_CHECKING:
    from repartee.channels.web.event_hub import EventHub
    from repartee.ports import AttachmentDownloader, StoredMedia
    from repartee.ports.channels import Receiver, ReplySender
    from repartee.wiring.platforms import Platform


class ChannelsWiring(ServicesWiring):
    """Where people write, and read what is answered."""

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        from repartee.wiring.platforms import PLATFORMS

        return tuple(platform(self) for platform in PLATFORMS)

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """By route. A channel whose secret is not set is not listened to; none at all stops the start."""
        heard = [platform.make_receivers() for platform in self.platforms if platform.receives]
        if not heard:
            self.settings.require(Settings.slack_signing_secret)
        return {route: receiver for receivers in heard for route, receiver in receivers.items()}

    @cached_property
    def reply_senders(self) -> Mapping[str, ReplySender]:
        """By name. One whose secrets are not set is left out; none at all stops the start."""
        if not any(self.settings.is_any_set(*platform.required_secrets) for platform in self.platforms):
            self.settings.require(Settings.slack_bot_token)
        return {platform.name: platform.make_replies() for platform in self.platforms if platform.sends}

    @cached_property
    def attachments(self) -> AttachmentDownloader:
        """What came with messages, of the channels that hand out files."""
        from repartee.channels.attachments import ChannelAttachments

        opened = [platform for platform in self.platforms if platform.serves_files]
        return ChannelAttachments({platform.name: platform.make_files() for platform in opened})

    def _save_medium(self, workspace: str, content: bytes) -> StoredMedia:
        """Keeps a file. The store is connected when there is the first."""
        return self.media.put(workspace, content)

    @cached_property
    def hub(self) -> EventHub:
        from repartee.channels.web.event_hub import EventHub

        return EventHub(self.clock)
