"""Messages, files and rates as WhatsApp's stand-in keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from standins.whatsapp.arguments import WhatsAppContent


@dataclass
class WhatsAppPost:
    """A message as the chat keeps it."""

    id: str
    person: str
    written: WhatsAppContent
    bot: bool
    at: float
    files: tuple[str, ...] = ()
    reaction: str = ""
    edited: bool = False


@dataclass
class PairRate:
    """The messages sent to one person: when the last burst began, and how many messages it had."""

    began: float = -math.inf
    sent: int = 0


@dataclass(frozen=True)
class StoredMedia:
    """A file, by whose id it can be had for some days."""

    type: str
    content: bytes
    since: float
