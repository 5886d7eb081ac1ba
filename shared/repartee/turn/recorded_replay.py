"""Makes the prompt of a recorded turn again, with something changed: what the steps found and what tools
gave is replayed from the recording."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from repartee.domain.prompt import Prompt, PromptMessage, ToolCall, ToolRound
from repartee.domain.recording import RecordedEdit, RecordedPromptPart, RepetitionChange, TurnRecording
from repartee.domain.tokens import estimate_tokens
from repartee.errors import BackendError
from repartee.privacy.redaction import PLACEHOLDER_PROMPT

TOOL_SOURCE_PREFIX = "tool."
"""Begins the name of a tool as a source that may be left out."""

NOT_RECORDED_RESULT = "What this found is not recorded."

SIDE_PATTERN = re.compile(r"(user|assistant): ")


class RepetitionRefused(BackendError):
    """The turn cannot be run again, for the reason that it says."""

    def __init__(self, reason: str) -> None:
        super().__init__("recordings", reason)


def list_sources(recording: TurnRecording) -> list[str]:
    """Returns the sources without which the turn may be run again: steps, and tools that were called."""
    steps = dict.fromkeys(edit.source for part in recording.prompt for edit in part.edits)
    tools = dict.fromkeys(f"{TOOL_SOURCE_PREFIX}{call.name}" for call in recording.calls)
    return [*steps, *tools]


def list_lacks(recording: TurnRecording) -> Iterator[str]:
    """Yields what the recording lacks that a repetition needs, in words."""
    parts = {part.name: part for part in recording.prompt}
    if not recording.prompt:
        yield "The prompt is not in the recording: it was too large."
    elif not find_instructions(recording):
        yield "It was recorded by an earlier version, without the instructions: they must be given."
        yield "It was recorded by an earlier version: no step can be left out."
    for name, part in parts.items():
        if part.is_cut:
            yield f"Of the part “{name}” of the prompt the beginning alone is recorded."
    if recording.is_private and recording.calls:
        yield "It used the rights of one person: what tools found is not in the recording."


def list_remarks(recording: TurnRecording, change: RepetitionChange) -> Iterator[str]:
    """Yields what of the repetition is not as it was, in words."""
    yield from list_lacks(recording)
    if recording.tools:
        yield "The model had no tools to call: what they gave then is in its prompt."


def find_instructions(recording: TurnRecording) -> str:
    """Returns the instructions of then, empty where they were not recorded."""
    return next((part.text for part in recording.prompt if part.name == "instructions"), "")


def replay_prompt(recording: TurnRecording, change: RepetitionChange) -> Prompt:
    """Returns the prompt of then, as far as it is recorded, with the change. Raises `RepetitionRefused` where
    there is none."""
    instructions = change.instructions or find_instructions(recording)
    if not recording.prompt or not instructions:
        raise RepetitionRefused("the instructions of this turn are not recorded: give them")
    if PLACEHOLDER_PROMPT not in instructions:  # texts of a recording are redacted always
        instructions = f"{instructions}\n{PLACEHOLDER_PROMPT}"
    units = {part.name: _without(part, change.left_out) for part in recording.prompt}
    return Prompt(
        instructions=instructions,
        history=tuple(map(_read_message, units.get("history", ()))),
        context="\n".join(units.get("context", ())),
        incoming=tuple(PromptMessage("user", text) for text in units.get("incoming", ()) if text),
        rounds=tuple(_replay_rounds(recording, change.left_out)),
    )


def describe_parts(prompt: Prompt) -> tuple[RecordedPromptPart, ...]:
    """Returns the sizes of a prompt's parts."""
    texts = {
        "instructions": prompt.instructions,
        "history": "\n".join(line.text for line in prompt.history),
        "context": prompt.context,
        "incoming": "\n".join(line.text for line in prompt.incoming),
        "tools": "\n".join(result for asked in prompt.rounds for result in asked.results),
    }
    return tuple(RecordedPromptPart(name, estimate_tokens(text)) for name, text in texts.items() if text)


def describe_unchanged(recording: TurnRecording, change: RepetitionChange) -> tuple[RecordedPromptPart, ...]:
    """Returns the sizes of the prompt as it is replayed without the change, to be compared with. Where the
    instructions are not recorded, those of the change count."""
    instructions = find_instructions(recording) or change.instructions
    return describe_parts(replay_prompt(recording, RepetitionChange(instructions=instructions)))


def _without(part: RecordedPromptPart, left_out: Sequence[str]) -> list[str]:
    """Returns the units of a part as they would have been without these sources."""
    units = _list_units(part)
    edits = [edit for edit in part.edits if edit.source in left_out]
    removed = {number for edit in edits for number in range(edit.first, edit.last)}
    kept: list[str] = []
    for number, unit in enumerate(units):
        kept += _texts_at(edits, number)
        kept += () if number in removed else (unit,)
    return kept + _texts_at(edits, len(units))


def _texts_at(edits: Iterable[RecordedEdit], number: int) -> list[str]:
    return list(dict.fromkeys(text for edit in edits if edit.first == number for text in edit.instead))


def _list_units(part: RecordedPromptPart) -> list[str]:
    """Returns the units of a part's text. One that was cut has fewer than it had."""
    rows = part.text.split("\n") if part.text else []
    if part.name == "context":
        return rows
    if part.lines:
        ends = [sum(part.lines[: number + 1]) for number in range(len(part.lines))]
        found = ["\n".join(rows[end - count : end]) for end, count in zip(ends, part.lines, strict=True)]
        return found[: sum(end - count < len(rows) for end, count in zip(ends, part.lines, strict=True))]
    if part.name != "history":
        return ["\n".join(rows)] if rows else []
    messages: list[str] = []
    for row in rows:  # as versions before recorded them
        if SIDE_PATTERN.match(row) or not messages:
            messages.append(row)
        else:
            messages[-1] += f"\n{row}"
    return messages


def _read_message(unit: str) -> PromptMessage:
    side, _, text = unit.partition(": ")
    return PromptMessage("assistant", text) if side == "assistant" else PromptMessage("user", text or unit)


def _replay_rounds(recording: TurnRecording, left_out: Sequence[str]) -> Iterator[ToolRound]:
    """Yields the calls of then with what they gave, without those of tools that are left out."""
    kept = [one for one in recording.calls if f"{TOOL_SOURCE_PREFIX}{one.name}" not in left_out]
    for answer in sorted({one.answer for one in kept}):
        asked = [one for one in kept if one.answer == answer]
        calls = (
            ToolCall(f"call-{answer}-{number}", one.name, _as_json(one.arguments))
            for number, one in enumerate(asked)
        )
        said = recording.answers[answer] if answer < len(recording.answers) else ""
        yield ToolRound(said, tuple(calls), tuple(one.result or NOT_RECORDED_RESULT for one in asked))


def _as_json(arguments: str) -> str:
    """Returns the arguments, none where a placeholder stands for a number and they are JSON no more."""
    try:
        return json.dumps(msgspec.json.decode(arguments))
    except msgspec.DecodeError:
        return "{}"
