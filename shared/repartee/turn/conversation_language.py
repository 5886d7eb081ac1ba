"""The language in which a turn speaks to the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from repartee.domain.message import Incoming
from repartee.errors import BackendError
from repartee.language.catalogue import SOURCE_LANGUAGE, translate
from repartee.language.choosing import SPOKEN_LANGUAGE_KEY, choose_language
from repartee.ports import Records


class ConversationLanguage:
    """The language that the person asked for, or else that of the newest of the messages that tell.

    `code` is empty where nothing tells, which is English for `translate`.
    """

    def __init__(self, messages: Sequence[Incoming], records: Records) -> None:
        self._records = records
        self._spoken = next((one.language for one in reversed(messages) if one.language), "")
        self._profile: Mapping[str, str] = {}
        self.code = self._spoken

    def use_profile(self, profile: Mapping[str, str]) -> None:
        """Speaks as the person's profile asks for."""
        self._profile = profile
        self.code = choose_language(profile=profile, platform=self._spoken)

    def translate(self, text: str) -> str:
        """Returns a text of the catalogue in the language, any other as it is."""
        return translate(text, self.code)

    def remember(self, person: str) -> None:
        """Keeps in which language the person wrote, for a message that does not tell. Unknown is English."""
        if self._spoken and self._profile.get(SPOKEN_LANGUAGE_KEY, SOURCE_LANGUAGE) != self._spoken:
            with suppress(BackendError):  # the next message tells it again
                self._records.update_profile(person, {SPOKEN_LANGUAGE_KEY: self._spoken})
