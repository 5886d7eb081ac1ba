"""What the coach's model is given for one reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from repartee.assistants.coach.booking import Booking
from repartee.assistants.coach.learning import Learning
from repartee.assistants.coach.prompts import instructions
from repartee.assistants.coach.training.progress import Progress, described, told
from repartee.conversation.message import Exchange, Message, Said
from repartee.conversation.prompt import Line, Prompt
from repartee.ports import Coached, Memory, Passage, Workout

SHOWN = 24
"""Messages of the conversation in a prompt, both sides together."""

ADULT = 18


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What is known for a reply. `missing` names what could not be looked up although it was wanted."""

    today: date
    standing: Coached
    passages: Sequence[Passage] = ()
    recalled: Sequence[Memory] = ()
    booking: Booking | None = None
    learning: Learning | None = None
    progress: Sequence[Progress] | None = None
    pictured: bool = False
    missing: Sequence[str] = ()


def compose(
    asked: Sequence[Message], lines: tuple[Line, ...], recent: Iterable[Exchange], gathered: Gathered
) -> Prompt:
    """The request for one reply. `lines` are what is asked, with all that came along."""
    said = conversation(asked, recent, gathered.standing)
    return Prompt(
        instructions=instructions(gathered.standing.coach),
        history=tuple(Line(one.side, one.text) for one in said[-SHOWN:]),
        context="\n".join(_context(asked[-1], gathered)),
        asked=lines,
    )


def conversation(asked: Sequence[Message], recent: Iterable[Exchange], standing: Coached) -> list[Said]:
    """What was said before, oldest first: as it is in the records, and what is not yet there."""
    known = {said.id: said for said in standing.conversation}
    known |= {said.id: said for one in recent for said in one.said()}
    for message in asked:
        known.pop(message.said().id, None)
    return sorted(known.values(), key=lambda said: (said.sent, said.id))


def _context(newest: Message, gathered: Gathered) -> Iterator[str]:
    standing = gathered.standing
    yield from _person(newest, standing.profile, gathered.today)
    yield f"Today is {gathered.today:%A}, {gathered.today.isoformat()}."
    yield from (f"Their {name}: {text}" for name, text in sorted(standing.course.items()))
    memories = [f"{memory.text} (told {_day(memory.told)})" for memory in gathered.recalled]
    yield from _section("Remembered about them", memories)
    passages = [_cited(number, one) for number, one in enumerate(gathered.passages, 1)]
    yield from _section("From the library, to be cited by number", passages, "")
    yield from _booked(gathered.booking or Booking())
    yield from _learned(gathered.learning or Learning())
    yield from _progress(gathered)
    yield from _section("Could not be looked up just now", gathered.missing)


def _person(newest: Message, profile: Mapping[str, str], today: date) -> Iterator[str]:
    yield f"Who is asking: {profile.get('name', newest.sender.rpartition(':')[2])}"
    yield from (f"{name}: {value}" for name, value in sorted(profile.items()) if name != "name")
    age = _age(profile, today)
    if age is not None and age < ADULT:
        yield f"They are {age}: a minor. The rules for minors hold."


def _age(profile: Mapping[str, str], today: date) -> int | None:
    if profile.get("age", "").isdecimal():
        return int(profile["age"])
    try:
        born = date.fromisoformat(profile.get("born", ""))
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _booked(booking: Booking) -> Iterator[str]:
    yield from _section("Recorded with this message", map(dated, booking.new))
    righted = (f"{dated(now)}, instead of {dated(was)}" for was, now in booking.righted)
    yield from _section("Put right with this message", righted)
    yield from _section("Deleted with this message", map(dated, booking.removed))
    doubted = (f"{dated(doubt.workout)}: {doubt.why}" for doubt in booking.doubts)
    yield from _section("Not recorded, because it cannot be right; ask about it", doubted)
    lost = (one.exercise or "an exercise that is not named" for one in booking.lost)
    yield from _section("To be put right, but nothing like it is recorded; ask which one is meant", lost)


def _learned(learning: Learning) -> Iterator[str]:
    yield from _section("Remembered with this message", (one.text for one in learning.new))
    changed = (f"{now.text} (until now: {was.text})" for was, now in learning.changed)
    yield from _section("Remembered with this message, instead of what was", changed)
    forgotten = ["all that was remembered about them"] if learning.forget_all else []
    forgotten += [one.text for one in learning.forgotten]
    yield from _section("Forgotten with this message", forgotten)
    unknown = "To be forgotten, but nothing like it is remembered"
    yield from _section(unknown, () if learning.forget_all else learning.unknown)
    conflicts = (f"remembered: {one.known.text} Now told: {one.told}" for one in learning.conflicts)
    yield from _section("Does not go together; ask which one holds, nothing was changed", conflicts)


def _progress(gathered: Gathered) -> Iterator[str]:
    if gathered.progress is None:
        return
    figures = [line for one in gathered.progress for line in told(one)]
    yield from _section("Progress, computed from the records", figures or ["Nothing is recorded of it."])
    if gathered.pictured:
        yield "A chart of it is sent with your reply."


def dated(workout: Workout) -> str:
    """A workout as it is confirmed."""
    return f"{described(workout)} ({workout.day})"


def _section(title: str, lines: Iterable[str], bullet: str = "- ") -> Iterator[str]:
    told = [f"{bullet}{' '.join(line.split())}" for line in lines]
    if told:
        yield from ("", f"{title}:", *told)


def _cited(number: int, passage: Passage) -> str:
    about = passage.heading or passage.document
    return f"[{number}] {about}: {passage.text}"


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
