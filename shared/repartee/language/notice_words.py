"""Words by which people order briefs and reminders, in ten languages."""

from __future__ import annotations

import re

REGULARLY = (
    r"\b(?:daily|weekly|monthly|every|each|täglich\w*|wöchentlich\w*|monatlich\w*|jede[mnrs]?|morgens|abends"
    r"|werktags|(?:mon|diens|donners|frei|sams|sonn)tags|diari[oa]|semanal|mensual|cada)\b"
)
SUMMARY = r"\b(?:summar(?:y|ies)|overview|update|report|zusammenfassung|übersicht|bericht|informe)"
NO_MORE = r"\b(?:no more|stop|without|unsubscribe|keine?|nicht mehr|ya no|no [\w ]{0,20}más|plus d[e\u2019'])"
MAIL = r"\b(?:e-?mails?|correos?|courriels?)\b"

NOTICE_HINTS = re.compile(
    r"(?<!\w)/?(?:brief|digest|remind|erinner|überblick|tagesbericht|resumen|resúmen|recuérd|recuerd"
    r"|recordatorio|avísa|résumé|rappel|resumo|lembr|riepilog|ricord|promemoria|özet|hat[i\u0131]rlat)"
    r"|सारांश|ब्रीफ|याद दिला|रिमाइंड|リマイン|ブリーフ|思い出させ|知らせて|まとめ|提醒|简报|摘要"
    rf"|{REGULARLY}.{{0,60}}{SUMMARY}|{SUMMARY}.{{0,60}}{REGULARLY}|{NO_MORE}.{{0,30}}{MAIL}"
    r"|\b(?:ping|nudge|alert|wake|notify) (?:me|us)\b|\b(?:let me|lass mich) \w* ?(?:forget|vergessen)"
    r"|\bset (?:an? )?alarm\b|\bweck(?:e|t)? (?:mich|uns)\b|\b(?:sag|gib)\b.{0,40}\bbescheid\b",
    re.IGNORECASE,
)
"""Words by which people ask for a brief or a reminder, or end one, in ten languages: beginnings of words, and
words that only together hint at one. What only looks like one is told apart by the small model."""
