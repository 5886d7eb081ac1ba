"""Words by which people order briefs and reminders, in ten languages."""

from __future__ import annotations

import re

NOTICE_HINTS = re.compile(
    r"(?<!\w)/?(?:brief|digest|remind|erinner|überblick|tagesbericht|resumen|recuérd|recuerd|recordatorio"
    r"|avísa|résumé|rappel|resumo|lembr|riepilogo|ricord|promemoria|özet|hat[i\u0131]rlat)"
    r"|सारांश|ब्रीफ|याद दिला|रिमाइंड|リマイン|ブリーフ|思い出させ|知らせて|まとめ|提醒|简报|摘要",
    re.IGNORECASE,
)
"""Beginnings of words by which people ask for a brief or a reminder, in ten languages. What only looks like
one is told apart by the small model."""
