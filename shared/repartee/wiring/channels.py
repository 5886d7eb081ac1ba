"""The channels, as far as the settings name them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring.services import Services

if TYPE_CHECKING:
    from repartee.channels.web.hub import Hub
    from repartee.conversation.reply import Replies
    from repartee.conversation.webhook import Receiver
    from repartee.platforms import Platform
    from repartee.ports import Attachments, Medium


class Channels(Services):
    """Where people write, and read what is answered."""

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        from repartee.platforms import PLATFORMS

        return tuple(platform(self) for platform in PLATFORMS)

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """By route. A channel whose secret is not set is not listened to; none at all stops the start."""
        heard = [platform.receivers() for platform in self.platforms if platform.heard]
        if not heard:
            self.settings.need(Settings.slack_signing_secret)
        return {route: receiver for receivers in heard for route, receiver in receivers.items()}

    @cached_property
    def channels(self) -> Mapping[str, Replies]:
        """By name. One whose secrets are not set is left out; none at all stops the start."""
        if not any(self.settings.given(*platform.secrets) for platform in self.platforms):
            self.settings.need(Settings.slack_bot_token)
        return {platform.name: platform.replies() for platform in self.platforms if platform.answered}

    @cached_property
    def attachments(self) -> Attachments:
        """What came with messages, of the channels that hand out files."""
        from repartee.channels.files import ChannelFiles

        opened = [platform for platform in self.platforms if platform.opened]
        return ChannelFiles({platform.name: platform.files() for platform in opened})

    def _keep_medium(self, workspace: str, content: bytes) -> Medium:
        """Keeps a file. The store is connected when there is the first."""
        return self.media.put(workspace, content)

    @cached_property
    def hub(self) -> Hub:
        from repartee.channels.web.hub import Hub

        return Hub(self.clock)
