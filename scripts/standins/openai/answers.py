"""Answers a request by the scripts of the assistants, the first that knows it."""

from __future__ import annotations

from standins.openai import reply_script
from standins.openai.arguments import Request
from standins.openai.brief_answers import answer_brief_request as brief_answer
from standins.openai.coach.coach_answers import answer_coach_request as coach_answer
from standins.openai.desk_answers import answer_desk_request as desk_answer
from standins.openai.office_answers import answer_office_request as office_answer


def answer_by_rules(request: Request, items: list[tuple[str, str]]) -> str:
    """Returns the scripted answer where a test has given none."""
    ours = desk_answer(request, items) or coach_answer(request, items)
    ours = ours or brief_answer(request, items) or office_answer(request, items)
    return ours or reply_script.reply(reply_script.given(items))
