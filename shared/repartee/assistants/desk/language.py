"""Chooses the language in which a customer is spoken to: theirs, as far as the desk speaks it."""

from __future__ import annotations

from repartee.domain.message import Message
from repartee.language.catalogue import SOURCE_LANGUAGE
from repartee.language.choosing import choose_language
from repartee.ports.desk import DeskState


def choose_desk_language(newest: Message, text: str, state: DeskState) -> str:
    """Returns the code of the language: the customer's, or the desk's first where it does not speak that."""
    offered = state.config.languages if state.config else ()
    found = choose_language(profile=state.whole_profile, platform=newest.language, text=text)
    default = offered[0] if offered else SOURCE_LANGUAGE
    return found if found and (not offered or found in offered) else default
