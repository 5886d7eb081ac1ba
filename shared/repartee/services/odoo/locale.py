"""The language and time zone in which Odoo answers a person: names, labels and months are theirs.

Odoo takes both from the `context` of each call, and from nowhere else: without it, names come in the base
language and months are those of UTC. It refuses a language that is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from repartee.errors import BackendError, InvalidArgument, NotFound
from repartee.ports import ErpAccount
from repartee.services.odoo.client import OdooClient
from repartee.services.odoo.schema_cache import TtlCache

ProfileReader = Callable[[str], Mapping[str, str]]
"""Gives what is known of a person, by name: `language` is its English name, `timezone` its IANA name."""

OdooContext = Mapping[str, str]
"""`lang` and `tz`, as far as they are known."""


class PersonContexts:
    """Finds out the context of a person's calls, and keeps it for some minutes. For many threads."""

    def __init__(self, client: OdooClient, read_profile: ProfileReader, clock: Callable[[], float]) -> None:
        self._client, self._read_profile = client, read_profile
        self._contexts: TtlCache[OdooContext] = TtlCache(clock)
        self._languages: TtlCache[Sequence[tuple[str, str]]] = TtlCache(clock)

    def find_context(self, person: str, account: ErpAccount, *, is_own: bool) -> OdooContext:
        """Returns the person's own settings in Odoo; what they lack there, or with an account that is not
        theirs, is taken from their profile."""
        return self._contexts.get_or_make(
            (person, account), lambda: self._make_context(person, account, is_own)
        )

    def _make_context(self, person: str, account: ErpAccount, is_own: bool) -> OdooContext:
        own = self._read_user_settings(account) if is_own else {}
        if own.get("lang") and own.get("tz"):
            return own
        return {**self._read_profile_settings(person, account), **own}

    def _read_user_settings(self, account: ErpAccount) -> OdooContext:
        try:
            told: Mapping[str, Any] = self._client.call_method(account, "res.users", "context_get")
        except (InvalidArgument, NotFound):
            return {}
        return {name: str(told[name]) for name in ("lang", "tz") if told.get(name)}

    def _read_profile_settings(self, person: str, account: ErpAccount) -> OdooContext:
        try:
            profile = self._read_profile(person)
        except BackendError:
            return {}
        language, timezone = profile.get("language", ""), profile.get("timezone", "")
        lang = self._find_language_code(account, language) if language else ""
        return {name: value for name, value in (("lang", lang), ("tz", timezone)) if value}

    def _find_language_code(self, account: ErpAccount, language: str) -> str:
        """Returns the code of the installed language with that English name, such as `Portuguese (BR)`; empty
        where none is installed."""
        asked = language.casefold()
        return next(
            (code for code, name in self._list_languages(account) if name.casefold().startswith(asked)), ""
        )

    def _list_languages(self, account: ErpAccount) -> Sequence[tuple[str, str]]:
        try:
            return self._languages.get_or_make(
                account,
                lambda: [
                    (str(code), str(name))
                    for code, name in self._client.call_method(account, "res.lang", "get_installed")
                ],
            )
        except (InvalidArgument, NotFound):
            return ()
