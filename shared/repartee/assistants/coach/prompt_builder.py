"""The prompt of the coach's model for one reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from repartee.assistants.coach.memory_changes import MemoryChanges
from repartee.assistants.coach.prompts import build_instructions
from repartee.assistants.coach.training.progress import ExerciseProgress, format_progress, format_workout
from repartee.assistants.coach.workout_changes import WorkoutChanges
from repartee.assistants.people import display_name
from repartee.assistants.prompt_trimming import trim_history
from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.ports import CoachState, Memory, Passage, Workout

MAX_PROMPT_HISTORY_MESSAGES = 24
"""Messages of the conversation in a prompt, both sides together."""

DEFAULT_HISTORY_TOKENS = 10_000
"""Tokens of them, where nothing else is said."""

ADULT_AGE_YEARS = 18


class CoachPromptContext(msgspec.Struct, frozen=True, kw_only=True):
    """The knowledge that a reply is based on. `unavailable_sources` names those that could not be looked up
    although they were wanted; `notice_result` tells what became of an order for a brief or a reminder."""

    local_date: date
    chat_state: CoachState
    relevant_passages: Sequence[Passage] = ()
    relevant_memories: Sequence[Memory] = ()
    workout_changes: WorkoutChanges | None = None
    memory_changes: MemoryChanges | None = None
    exercise_progress: Sequence[ExerciseProgress] | None = None
    has_chart: bool = False
    unavailable_sources: Sequence[str] = ()
    notice_result: str = ""


def build_coach_prompt(
    incoming: Sequence[Message],
    lines: tuple[PromptMessage, ...],
    unpersisted_exchanges: Iterable[Exchange],
    context: CoachPromptContext,
    max_history_tokens: int = DEFAULT_HISTORY_TOKENS,
) -> Prompt:
    """The request for one reply. `lines` are what is asked, with all that came along."""
    said = merge_conversation(incoming, unpersisted_exchanges, context.chat_state)
    shown = trim_history(said[-MAX_PROMPT_HISTORY_MESSAGES:], max_history_tokens)
    notice = (PromptMessage("user", shown.notice),) if shown.notice else ()
    return Prompt(
        instructions=build_instructions(context.chat_state.coach_config),
        history=(*notice, *(PromptMessage(one.side, one.text) for one in shown.messages)),
        context="\n".join(_context_sections(incoming[-1], context)),
        incoming=lines,
    )


def merge_conversation(
    incoming: Sequence[Message], unpersisted_exchanges: Iterable[Exchange], chat_state: CoachState
) -> list[StoredMessage]:
    """Returns the earlier conversation, oldest first: as it is in the records, and what is not yet there."""
    known = {said.id: said for said in chat_state.history}
    known |= {said.id: said for one in unpersisted_exchanges for said in one.to_stored()}
    for message in incoming:
        known.pop(message.stored_id, None)
    return sorted(known.values(), key=lambda said: (said.sent, said.id))


def _context_sections(newest: Message, context: CoachPromptContext) -> Iterator[str]:
    standing = context.chat_state
    yield from _person_lines(newest, standing, context.local_date)
    yield f"Today is {context.local_date:%A}, {context.local_date.isoformat()}."
    yield from (f"Their {name}: {text}" for name, text in sorted(standing.coaching_plan.items()))
    memories = [f"{memory.text} (told {_date_of(memory.told_at)})" for memory in context.relevant_memories]
    yield from _format_section("Remembered about them", memories)
    passages = [_format_passage(number, one) for number, one in enumerate(context.relevant_passages, 1)]
    yield from _format_section("From the library, to be cited by number", passages, "")
    yield from _workout_change_lines(context.workout_changes or WorkoutChanges())
    yield from _memory_change_lines(context.memory_changes or MemoryChanges())
    yield from _progress_lines(context)
    yield from _format_section("Could not be looked up just now", context.unavailable_sources)
    if context.notice_result:
        yield f"What became of their order for a brief or a reminder: {context.notice_result}"


def _person_lines(newest: Message, chat_state: CoachState, local_date: date) -> Iterator[str]:
    profile = chat_state.profile
    yield f"Who is asking: {profile.get('name') or display_name(newest.sender, newest.sender_name)}"
    yield from (f"{name}: {value}" for name, value in sorted(profile.items()) if name != "name")
    age = _age_years(profile, local_date)
    if age is not None and age < ADULT_AGE_YEARS:
        yield f"They are {age}: a minor. The rules for minors hold."
    private_age = _age_years(chat_state.private_profile, local_date)
    if private_age is not None and private_age < ADULT_AGE_YEARS:
        yield "The rules for minors hold. Do not say why."


def _age_years(profile: Mapping[str, str], local_date: date) -> int | None:
    if profile.get("age", "").isdecimal():
        return int(profile["age"])
    try:
        born = date.fromisoformat(profile.get("born", ""))
    except ValueError:
        return None
    return local_date.year - born.year - ((local_date.month, local_date.day) < (born.month, born.day))


def _workout_change_lines(changes: WorkoutChanges) -> Iterator[str]:
    yield from _format_section("Recorded with this message", map(format_dated_workout, changes.new))
    righted = (
        f"{format_dated_workout(now)}, instead of {format_dated_workout(was)}"
        for was, now in changes.corrected
    )
    yield from _format_section("Put right with this message", righted)
    yield from _format_section("Deleted with this message", map(format_dated_workout, changes.removed))
    doubted = (f"{format_dated_workout(doubt.workout)}: {doubt.reason}" for doubt in changes.uncertain)
    yield from _format_section("Not recorded, because it cannot be right; ask about it", doubted)
    lost = (one.exercise or "an exercise that is not named" for one in changes.unmatched)
    yield from _format_section(
        "To be put right, but nothing like it is recorded; ask which one is meant", lost
    )


def _memory_change_lines(changes: MemoryChanges) -> Iterator[str]:
    yield from _format_section("Remembered with this message", (one.text for one in changes.new))
    changed = (f"{now.text} (until now: {was.text})" for was, now in changes.replaced)
    yield from _format_section("Remembered with this message, instead of what was", changed)
    forgotten = ["all that was remembered about them"] if changes.forget_all else []
    forgotten += [one.text for one in changes.forgotten]
    yield from _format_section("Forgotten with this message", forgotten)
    unknown = "To be forgotten, but nothing like it is remembered"
    yield from _format_section(unknown, () if changes.forget_all else changes.unmatched)
    conflicts = (f"remembered: {one.memory.text} Now told: {one.reported_text}" for one in changes.conflicts)
    yield from _format_section("Does not go together; ask which one holds, nothing was changed", conflicts)


def _progress_lines(context: CoachPromptContext) -> Iterator[str]:
    if context.exercise_progress is None:
        return
    figures = [line for one in context.exercise_progress for line in format_progress(one)]
    yield from _format_section(
        "Progress, computed from the records", figures or ["Nothing is recorded of it."]
    )
    if context.has_chart:
        yield "A chart of it is sent with your reply."


def format_dated_workout(workout: Workout) -> str:
    """A workout as it is confirmed."""
    return f"{format_workout(workout)} ({workout.day})"


def _format_section(title: str, lines: Iterable[str], bullet: str = "- ") -> Iterator[str]:
    told = [f"{bullet}{' '.join(line.split())}" for line in lines]
    if told:
        yield from ("", f"{title}:", *told)


def _format_passage(number: int, passage: Passage) -> str:
    about = passage.heading or passage.document
    return f"[{number}] {about}: {passage.text}"


def _date_of(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
