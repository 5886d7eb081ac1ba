"""The channels, as far as the settings name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import process, stores
from repartee.wiring.container import Wiring, part
from repartee.wiring.platforms import PLATFORMS, Platform, room_names

if TYPE_CHECKING:
    from repartee.ports import AttachmentDownloader
    from repartee.ports.briefs import RoomAccess
    from repartee.ports.channels import Receiver, ReplySender
    from repartee.ports.names import NameDirectory
    from repartee.ports.threads import ThreadReader


@part
def platforms(wiring: Wiring) -> tuple[Platform, ...]:
    return tuple(platform(wiring) for platform in PLATFORMS)


@part
def receivers(wiring: Wiring) -> Mapping[str, Receiver]:
    """By route. A channel whose secret is not set is not listened to. None at all stops the start, and so
    does what one of them lacks."""
    heard = {platform.name: platform for platform in wiring.get(platforms) if platform.receives}
    if not heard:
        wiring.get(process.settings).require(Settings.slack_signing_secret)
    for platform in heard.values():
        wiring.get(process.settings).require(*platform.required_settings)
    return ReceiversByRoute(heard)


class ReceiversByRoute(Mapping[str, "Receiver"]):
    """The receivers of channels. Those of a channel are made when its first request comes, so that a start
    imports what its event needs. A channel's routes begin with its name."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms
        self._made: dict[str, Mapping[str, Receiver]] = {}

    def __getitem__(self, route: str) -> Receiver:
        channel = route[1:].partition("/")[0]
        if channel not in self._platforms:
            raise KeyError(route)
        return self._make(channel)[route]

    def __iter__(self) -> Iterator[str]:
        return (route for channel in self._platforms for route in self._make(channel))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _make(self, channel: str) -> Mapping[str, Receiver]:
        if channel not in self._made:
            self._made[channel] = self._platforms[channel].make_receivers()
        return self._made[channel]


@part
def reply_senders(wiring: Wiring) -> Mapping[str, ReplySender]:
    """By name. One whose secrets are not set is left out; none at all stops the start."""
    settings, known = wiring.get(process.settings), wiring.get(platforms)
    if not any(settings.is_any_set(*platform.required_secrets) for platform in known):
        settings.require(Settings.slack_bot_token)
    return {platform.name: platform.make_replies() for platform in known if platform.sends}


@part
def attachments(wiring: Wiring) -> AttachmentDownloader:
    """Returns the downloader of messages' attachments, of the channels that hand out files."""
    from repartee.channels.downloads import ChannelAttachments

    opened = [platform for platform in wiring.get(platforms) if platform.serves_files]
    return ChannelAttachments({platform.name: platform.make_files() for platform in opened})


@part
def thread_reader(wiring: Wiring) -> ThreadReader:
    """Posts of threads, of the channels that hand them out."""
    from repartee.channels.threads import ChannelThreads

    opened = [platform for platform in wiring.get(platforms) if platform.serves_files]
    made = {platform.name: platform.make_thread_reader() for platform in opened}
    return ChannelThreads({name: reader for name, reader in made.items() if reader})


@part
def room_access(wiring: Wiring) -> RoomAccess:
    """Who is in a room, of the channels that can be asked."""
    from repartee.channels.room_access import ChannelRoomAccess

    opened = [platform for platform in wiring.get(platforms) if platform.serves_files]
    made = {platform.name: platform.make_room_access() for platform in opened}
    return ChannelRoomAccess({name: access for name, access in made.items() if access})


@part
def name_directory(wiring: Wiring) -> NameDirectory:
    """Names of people, of the channels that can be asked, too."""
    from repartee.channels.names import ChannelNames

    opened = [platform for platform in wiring.get(platforms) if platform.serves_files]
    made = {platform.name: platform.make_name_source() for platform in opened}
    sources = {name: source for name, source in made.items() if source}
    get = wiring.get
    return ChannelNames(
        sources,
        get(stores.records),
        get(process.clock),
        get(process.background),
        get(process.pool),
        get(room_names),
    )


@part
def quiet_seconds(wiring: Wiring) -> Mapping[str, float]:
    """Seconds of quiet that a channel's people are given to go on, by the channel's name."""
    return {platform.name: platform.quiet_seconds for platform in PLATFORMS if platform.quiet_seconds}
