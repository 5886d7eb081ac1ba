"""Writes the coach's replies by a script that shows what the model was given."""

from __future__ import annotations

import re
from collections.abc import Iterator

SECTION_HEADING = re.compile(
    r"^(?P<title>[A-Z][^\n:]+(?:: [^\n:]+)?):\n(?P<lines>(?:(?:- |\[\d+\] ).+\n?)+)", re.MULTILINE
)
ASKER_LINE = re.compile(r"^Who is asking: (?P<who>.+)$", re.MULTILINE)
PASSAGE_LINE = re.compile(r"^\[(\d+)\] ([^:]+(?:: [A-Z][^:]+)?): (.+)$")
ANSWERING_MARK = "How you answer"
"""A part of the instructions that only the coach's replies have."""

OPENINGS = {
    "Recorded with this message": "I have written down",
    "Put right with this message": "I have put right",
    "Deleted with this message": "I have deleted",
    "Not recorded, because it cannot be right; ask about it": "I have not written this down. Is it right?",
    "To be put right, but nothing like it is recorded; ask which one is meant": "I find no such record.",
    "Remembered with this message": "I will remember",
    "Remembered with this message, instead of what was": "I will remember from now on",
    "Forgotten with this message": "I have forgotten",
    "Does not go together; ask which one holds, nothing was changed": "This does not fit. Which one holds?",
    "Remembered about them": "I remember",
    "Progress, computed from the records": "From your records",
    "Could not be looked up just now": "I could not look up",
}
STANDIN_REMARK = "_This is the scripted stand-in for a model:_ set `OPENAI_API_KEY` _and a real one answers._"


def script_reply(context: str) -> str:
    """Returns the whole reply, in Markdown, to the developer's context of the request."""
    who = ASKER_LINE.search(context)
    parts = [f"Hi {who['who']}!" if who else "Hi!", *_section_sentences(context), STANDIN_REMARK]
    return "\n\n".join(parts)


def _section_sentences(context: str) -> Iterator[str]:
    for section in SECTION_HEADING.finditer(context + "\n"):
        lines = section["lines"].strip().splitlines()
        if section["title"].startswith("From the library"):
            yield "My library says:\n" + "\n".join(f"> {_cite_passage(line)}" for line in lines[:2])
        elif opening := OPENINGS.get(section["title"]):
            yield f"**{opening}**\n" + "\n".join(lines)
    if "A chart of it is sent" in context:
        yield "Here is a chart of it."


def _cite_passage(line: str) -> str:
    found = PASSAGE_LINE.match(line)
    if not found:
        return line
    sentence = re.split(r"(?<=[.!?])\s", found[3])[0]
    return f"{sentence} [{found[1]}] ({found[2]})"
