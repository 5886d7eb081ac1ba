"""Writes replies by a script that shows what the model was given. No intelligence in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from standins.openai import attachments_script

EARLIER = re.compile(
    r"^- (?P<day>\d{4}-\d\d-\d\d)\S* (?:(?:user|assistant) )?(?P<who>[^:]+): (?P<text>.+)$", re.MULTILINE
)
ASKER = re.compile(r"^Who is asking: (?P<who>.+?)\.?$", re.MULTILINE)
PEOPLE = {"U0ADA": "Ada", "U0BEN": "Ben", "U0CARLA": "Carla", "U0DMITRI": "Dmitri", "assistant": "I"}
PEOPLE |= {"4200042": "Ada", "4200044": "Ben", "4200045": "Carla", "4200046": "Dmitri"}
"""The people of the sample history, whom the stand-in knows by name."""
QUOTED = 3


@dataclass(frozen=True)
class Earlier:
    """One line of what was said long ago."""

    day: str
    who: str
    text: str


@dataclass(frozen=True)
class Given:
    """The parts of a request that the script reads."""

    asker: str
    history: int
    earlier: tuple[Earlier, ...]
    asked: str


def cut_continuation(items: list[tuple[str, str]]) -> str:
    """Takes away what asks for an answer to go on, the assistant's own words and the developer's after them.
    Returns what it has begun to say."""
    begun = ""
    while len(items) > 1 and (items[-2][0], items[-1][0]) == ("assistant", "developer"):
        begun = items[-2][1] + begun
        del items[-2:]
    return begun


def given(items: Sequence[tuple[str, str]]) -> Given:
    """Reads a request's (role, text) items: history, then the developer's context, then what is asked."""
    context = [place for place, (role, _) in enumerate(items) if role in ("developer", "system")]
    before, after = items[: max(context, default=0)], items[max(context, default=-1) + 1 :]
    context_text = "\n".join(items[place][1] for place in context)
    who = ASKER.search(context_text)
    return Given(
        asker=_name(who["who"]) if who else "",
        history=sum(role in ("user", "assistant") for role, _ in before),
        earlier=tuple(
            Earlier(m["day"], _name(m["who"]), m["text"].strip()) for m in EARLIER.finditer(context_text)
        ),
        asked=" ".join(text for _, text in after),
    )


def reply(to: Given) -> str:
    """Returns the whole reply, in Markdown."""
    question = to.asked.partition("[")[0]
    posted = list(attachments_script.told(to.asked, lambda lines: _nearest(lines, question)))
    parts = [_greeting(to, bool(posted)), *posted, *_found(to), _remark(to)]
    return "\n\n".join(part for part in parts if part)


def _greeting(to: Given, posted: bool) -> str:
    hello = f"Hi {to.asker}!" if to.asker else "Hi!"
    if posted and not to.earlier:
        return f"{hello} This came with your message."
    if not to.earlier:
        return f"{hello} I looked: nothing was said here about that yet. Tell me, and I will remember it."
    best = next((line for line in to.earlier if not _is_question(line.text)), None)
    if best is None:
        return f"{hello} That was asked before, on {_day(to.earlier[0].day)}, and nobody answered it here."
    return f"{hello} Yes, that came up on {_day(best.day)}. In short: **{_sentence(best.text, to.asked)}**"


def _found(to: Given) -> list[str]:
    if not to.earlier:
        return []
    lines = [f"> {line.who}, {_day(line.day)}: {line.text}" for line in to.earlier[:QUOTED]]
    return ["What was said about it, best first:\n" + "\n".join(lines)]


def _remark(to: Given) -> str:
    more = max(0, len(to.earlier) - QUOTED)
    rest = f" ({more} more not quoted)" if more else ""
    return (
        f"I was given {_many(to.history, 'message')} of this conversation and "
        f"{_many(len(to.earlier), 'relevant one')} from before{rest}. "
        "_This is the scripted stand-in for a model:_ set `OPENAI_API_KEY` _and a real one answers._"
    )


def _sentence(text: str, asked: str) -> str:
    """Returns the sentence that shares the most words with the question."""
    return _nearest(re.split(r"(?<=[.!?])\s+", text), asked)


def _is_question(text: str) -> bool:
    """Whether it asks, or asks the assistant for something: no answer is made of that."""
    return text.rstrip().endswith("?") or text.startswith("@repartee")


def _nearest(sentences: list[str], asked: str) -> str:
    words = set(_words(asked))
    return max(sentences, key=lambda sentence: len(words.intersection(_words(sentence))))


def _words(text: str) -> list[str]:
    return re.findall(r"\w{4,}", text.lower())


def _name(who: str) -> str:
    return PEOPLE.get(who.strip(), who.strip())


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %B}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
