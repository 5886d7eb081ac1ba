"""Decides whether a person is called for a customer, by rules that docs/desk.md lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.desk.escalation_signs import EscalationSigns
from repartee.domain.desk import RULED_REASONS, DeskConfig, EscalationRules, RuledReason
from repartee.domain.message import Message, StoredMessage
from repartee.language import desk_texts as texts
from repartee.language.catalogue import all_translations
from repartee.language.folding import fold, fold_line
from repartee.ports.desk import DeskState

YES_WORDS = frozenset(
    [
        "yes",
        "yes please",
        "yeah",
        "yep",
        "sure",
        "please",
        "please do",
        "ok",
        "okay",
        "that would be great",
        "do that",
        "ja",
        "ja bitte",
        "gern",
        "gerne",
        "ja gern",
        "ja gerne",
        "bitte",
        "unbedingt",
        "si",
        "si por favor",
        "claro",
        "por favor",
        "vale",
        "dale",
        "de acuerdo",
        "sim",
        "sim por favor",
        "pode ser",
        "quero",
        "quero sim",
        "com certeza",
        "oui",
        "oui s'il vous plait",
        "oui merci",
        "volontiers",
        "d'accord",
        "avec plaisir",
        "si grazie",
        "si per favore",
        "volentieri",
        "va bene",
        "certo",
        "evet",
        "evet lutfen",
        "lutfen",
        "olur",
        "tamam",
        "हां",
        "हाँ",
        "जी हां",
        "जी",
        "ठीक है",
        "कृपया",
        "はい",
        "お願いします",
        "はいお願いします",
        "好",
        "好的",
        "是",
        "是的",
        "可以",
        "要",
        "请",
    ]
)
"""Short answers by which a customer accepts an offer, folded."""

MAX_YES_CHARS = 40

MIN_REPEATED_CHARS = 12
"""Characters from which on a message that is written again is a question that is asked again."""

MIN_REPEATED_SHARE = 0.9
"""Share of the words of two messages that both have, of which the second asks the same again."""

WORDS = re.compile(r"\w+")


class EscalationInput(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a decision is made from: the new messages, what they give as reasons, and what was
    said since the conversation was the assistant's own again."""

    incoming: Sequence[Message]
    signs: EscalationSigns
    said: Sequence[StoredMessage]
    contents: Sequence[AttachmentContent]
    state: DeskState


def decide_escalation(config: DeskConfig, given: EscalationInput) -> RuledReason | None:
    """Returns the most urgent reason for which a person is called. None where none is needed, and where there
    is no team."""
    if not config.team:
        return None
    found = set(_find_reasons(config, given))
    return next((one for one in RULED_REASONS if one in found and one in config.escalation.reasons), None)


def said_since(history: Iterable[StoredMessage], ended_at: float) -> list[StoredMessage]:
    """Returns what was said since a person gave the conversation back: what led to the last hand-over is no
    reason for the next."""
    return [one for one in history if one.sent > ended_at]


def _find_reasons(config: DeskConfig, given: EscalationInput) -> Iterable[RuledReason]:
    rules = config.escalation
    yield from (one for one in RULED_REASONS if one in given.signs.reasons and one != "no_help")
    if _accepts_offer(given):
        yield "asked"
    if _was_not_helped(rules, given):
        yield "no_help"
    if any(_names_topic(rules, message.text) for message in given.incoming):
        yield "topic"
    if config.budget.is_reached(given.state.workspace_usage):
        yield "budget"
    if any(content.problem for content in given.contents):
        yield "unreadable_file"


def _was_not_helped(rules: EscalationRules, given: EscalationInput) -> bool:
    """Whether so many answers were given and the customer says that they do not help, or asks the same again;
    or so many answers in a row said that the assistant does not know."""
    answers = [one.text for one in given.said if one.side == "assistant"]
    if len(answers) < rules.unhelped_answers:
        return False
    if "no_help" in given.signs.reasons or _asks_again(given):
        return True
    return all(map(says_unknown, answers[-rules.unhelped_answers :]))


def _asks_again(given: EscalationInput) -> bool:
    """Whether the newest message asks what the customer has asked before."""
    newest = given.incoming[-1].text
    if len(newest) < MIN_REPEATED_CHARS:
        return False
    words = _words_of(newest)
    earlier = (_words_of(one.text) for one in given.said if one.side == "user")
    return any(len(words & one) >= MIN_REPEATED_SHARE * len(words | one) for one in earlier)


def _words_of(text: str) -> set[str]:
    return set(WORDS.findall(fold(text)))


def _accepts_offer(given: EscalationInput) -> bool:
    """Whether a person was offered with the last answer, and the customer says yes."""
    last = next((one.text for one in reversed(given.said) if one.side == "assistant"), "")
    return offers_person(last) and any(_is_yes(message.text) for message in given.incoming)


def says_unknown(answer: str) -> bool:
    """Returns whether an answer says that the assistant does not know."""
    return any(text in answer for text in all_translations(texts.DESK_UNKNOWN))


def offers_person(answer: str) -> bool:
    """Returns whether an answer offers a person."""
    return any(text in answer for text in all_translations(texts.DESK_OFFER))


def _is_yes(text: str) -> bool:
    return len(text) <= MAX_YES_CHARS and fold_line(text) in YES_WORDS


def _names_topic(rules: EscalationRules, text: str) -> bool:
    """Whether the text has a word of a topic: as a word, or the beginning of one."""
    folded = fold(text)
    words = (fold(word) for topic in rules.topics.values() for word in topic)
    return any(re.search(rf"(?<!\w){re.escape(word)}", folded) for word in words)
