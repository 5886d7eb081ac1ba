"""The mark of an address to which a turn passes something on: whose words they are."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from repartee.domain.message import Incoming, Message

RELAYED_BY_KEY = "relayed_by"
"""Of `Arrival.platform`: whose words are sent to this address, where they answer no message."""

Relayer = Literal["member", "desk"]
"""A member of the team, or the desk itself: that a person is here, or asks for an opinion."""


def relayed_by(address: Incoming) -> Relayer | None:
    """Returns whose words are sent to the address. None where they are the reply to a message."""
    return cast("Relayer | None", address.platform.get(RELAYED_BY_KEY))


def mark_relayed(address: Message, by: Relayer) -> Message:
    """Returns the address, as one to which these pass something on."""
    return msgspec.structs.replace(address, platform={**address.platform, RELAYED_BY_KEY: by})
