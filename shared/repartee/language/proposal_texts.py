"""Texts about proposals, in every channel alike."""

from __future__ import annotations

from repartee.domain.proposal import PROPOSAL_VALID_SECONDS, Verdict
from repartee.language import texts
from repartee.language.catalogue import translate, translate_count

PROPOSAL_VALID_MINUTES = round(PROPOSAL_VALID_SECONDS / 60)


def terms_text(language: str) -> str:
    """Returns who may decide, and how long."""
    return translate_count(texts.PROPOSAL_TERMS, PROPOSAL_VALID_MINUTES, language)


def validity_text(language: str) -> str:
    """Returns how long it may be decided."""
    return translate_count(texts.PROPOSAL_VALID_FOR, PROPOSAL_VALID_MINUTES, language)


def refusal_text(verdict: Verdict, language: str) -> str:
    """Returns what is said to a press that decides nothing."""
    if verdict == "late":
        return translate_count(texts.PROPOSAL_TOO_LATE, PROPOSAL_VALID_MINUTES, language)
    if verdict == "decided":
        return translate(texts.PROPOSAL_DECIDED, language)
    if verdict == "another's":
        return translate(texts.PROPOSAL_OF_ANOTHER, language)
    return translate(texts.PROPOSAL_UNKNOWN, language)


def decision_label(approved: bool, language: str) -> str:
    """Returns what stands in the place of the buttons."""
    return f"✅ {translate(texts.APPROVED, language)}" if approved else translate(texts.DECLINED, language)
