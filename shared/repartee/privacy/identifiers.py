"""Keyed hashes in the place of identifiers that say who a person is: telephone numbers and e-mail addresses.

A receiver hashes them while it parses, so no key of a store, queue message, metric or log line has one. The
number stays only in the message that is answered (`Message.platform`), because the platform must be told it.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Collection
from urllib.parse import quote, unquote

HASH_PREFIX = "h-"
HASH_CHARS = 26
"""Characters of a hash, of five bits each: 130 bits."""

HASHED_ID = re.compile(rf"{HASH_PREFIX}[a-z2-7]{{{HASH_CHARS}}}", re.ASCII)
"""The form of a hashed identifier. No telephone number, address or id of a platform has it."""

PHONE_NUMBER = re.compile(r"(?<![\w-])\+?\d(?:[ ().-]{0,2}\d){6,14}(?![\w-])", re.ASCII)
"""A telephone number by E.164: 7 to 15 digits that are no part of a longer id."""

EARLIER_ID = re.compile(r"""(?<![^"#:])(whatsapp:(?:\d+:)?|web:)([\w.~@%-]+)""", re.ASCII)
"""An id of a person, room or chat with the person's own id in it, where an id may begin."""


class IdentifierHasher:
    """Hashes identifiers with HMAC-SHA256. Another key makes strangers of all people who are known."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def hash_id(self, channel: str, id: str) -> str:
        """Returns the hash by which the channel's person is known, always the same under one key."""
        digest = hmac.digest(self._key, f"{channel}:{id}".encode(), "sha256")
        return HASH_PREFIX + base64.b32encode(digest).decode().lower()[:HASH_CHARS]

    def hash_ids_in(self, text: str, workspaces: Collection[str] = ()) -> str:
        """Returns a text with every personal id hashed that an earlier version made: people, rooms and chats
        of WhatsApp and the web. `workspaces` are the ids of businesses' numbers, which nobody is called
        by."""

        def hash_found(found: re.Match[str]) -> str:
            head, person = found.groups()
            if found.group() in workspaces or not is_personal(person):
                return found.group()
            return head + self.hash_id(head.partition(":")[0], person)

        return EARLIER_ID.sub(hash_found, text)

    def hash_given_id(self, id: str) -> str:
        """Returns the id of a person or their room as receivers make it, from one that an operator wrote:
        with the number or the address as it is, or hashed already."""
        head, person = split_person_id(id)
        if HASHED_ID.fullmatch(person):
            return id
        return head + self.hash_personal_id(head.partition(":")[0], person)

    def hash_personal_id(self, channel: str, id: str) -> str:
        """Returns the hash of a telephone number or an address, and any other id as it is. An id in the form
        of a hash is hashed too, so that nobody takes another's place with it."""
        return self.hash_id(channel, id) if is_personal(id) or HASHED_ID.fullmatch(id) else id


def split_person_id(id: str) -> tuple[str, str]:
    """Returns what stands before a person's own id, and that, both as they stand in our ids."""
    channel, mark, person = id.partition(":")
    if channel == "web":
        return f"{channel}{mark}", quote(unquote(person), safe="@")
    head, mark, person = id.rpartition(":")
    return f"{head}{mark}", person.lstrip("+") if channel == "whatsapp" else person


def is_hashed_by_receivers(id: str) -> bool:
    """Returns whether receivers hash the person's own id in this one."""
    return id.startswith(("whatsapp:", "web:")) and is_personal(split_person_id(id)[1])


def is_personal(id: str) -> bool:
    """Returns whether an id is, or holds, a telephone number or an e-mail address."""
    return "@" in id or bool(PHONE_NUMBER.search(id.replace("%2B", "+").replace("%20", " ")))
