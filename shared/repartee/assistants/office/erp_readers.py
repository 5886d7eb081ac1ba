"""Who may read the ERP with its shared login. Whoever else finds the assistant is a stranger to it."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import EMAIL_DOMAIN_KEY, Message, workspace_of

OPEN_CHANNELS = ("telegram", "whatsapp")
"""Channels in which everybody may write to the assistant: there a person alone can be named."""


class ErpReaders:
    """The workspaces, channels, domains and people who may read with the shared login; nobody by default.

    - `slack:T0123` is a workspace: its own people, in whichever channel. A guest from Slack Connect has the
      id of another workspace.
    - `slack:T0123:C0456` is a channel, in which the people of that workspace may read.
    - `slack:T0123:U0456`, `telegram:42`, `web:ada` is a person, as receivers call them: a number or an
      address is hashed.
    - `web` are all people whose tokens the issuer has signed; `@example.com` those of them whose subject is
      an address of that domain.
    """

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self._entries = frozenset(entries)

    def admits(self, message: Message) -> bool:
        """Returns whether the sender may read with the shared login where the message was said."""
        if message.sender in self._entries:
            return True
        if message.channel in OPEN_CHANNELS:
            return False
        home = workspace_of(message.sender)
        in_channel = message.room in self._entries and home == workspace_of(message.room)
        return home in self._entries or in_channel or self._is_of_domain(message)

    def _is_of_domain(self, message: Message) -> bool:
        domain = message.platform.get(EMAIL_DOMAIN_KEY, "")
        return message.channel == "web" and bool(domain) and f"@{domain}" in self._entries
