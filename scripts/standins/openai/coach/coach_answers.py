"""Answers the coach's requests by rules; None for other requests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from standins.openai.coach import reply_script
from standins.openai.coach.analysis import AnalysisStandIn

STATUS_MARK = "while their coach is working"
"""A part of the instructions that only requests for a status have."""


def answer_coach_request(request: Mapping[str, Any], items: Sequence[tuple[str, str]]) -> str | None:
    """Returns the text of the answer."""
    instructions = str(request.get("instructions") or "")
    standin, text = AnalysisStandIn(), items[-1][1] if items else ""
    form = (request.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        try:
            return json.dumps(standin.answer(form["name"], text), ensure_ascii=False)
        except KeyError:
            return None
    if STATUS_MARK in instructions:
        return standin.write(text)
    if reply_script.ANSWERING_MARK in instructions:
        return reply_script.script_reply("\n".join(said for role, said in items if role == "developer"))
    return None
