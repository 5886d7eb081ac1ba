"""A recording of a turn: what came in, what was gathered, what the model was given, and what came of it.

Its texts are redacted, and people are pseudonyms in it. It is kept to be replayed (`scripts/evaluate`).
"""

from __future__ import annotations

import msgspec


class RecordedText(msgspec.Struct, frozen=True, omit_defaults=True):
    """A redacted text and the pseudonym of its author; `author` is empty for the assistant's own words.
    `kind` is a message's or a context part's kind, or a side. `sent` is in epoch seconds, and `in_chat` says
    whether it was said in the chat that is answered. `chars` is the length before it was cut."""

    kind: str
    text: str
    author: str = ""
    sent: float = 0.0
    chars: int = 0
    in_chat: bool = True


class RecordedStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step of the plan: how it ended, its seconds, how much it found, and the texts of messages in it."""

    name: str
    status: str
    seconds: float
    found: int = 0
    texts: tuple[RecordedText, ...] = ()


class RecordedEdit(msgspec.Struct, frozen=True, omit_defaults=True):
    """The difference that a source made to a part of the prompt: without it, these units (from `first`, up to
    `last`, which is not one of them) would not be there, and the texts of `instead` would."""

    source: str
    first: int
    last: int
    instead: tuple[str, ...] = ()


class RecordedPromptPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of the prompt, with its estimated size. Its units are messages, of as many lines as `lines`
    says, or else lines. `is_cut`: it had more text. A version before recorded the instructions without text,
    and nothing of units and edits."""

    name: str
    tokens: int
    text: str = ""
    lines: tuple[int, ...] = ()
    edits: tuple[RecordedEdit, ...] = ()
    is_cut: bool = False


class RecordedCall(msgspec.Struct, frozen=True):
    """A call of a tool in one answer of the model (`answer` counts them from 0), with arguments (JSON) and
    result as the model read them."""

    answer: int
    name: str
    arguments: str
    result: str


class TurnRecording(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A turn. `is_private`: it used the rights of one person in a room where others read, so that neither its
    reply nor the results of its tools are in it. Times are seconds, or epoch seconds where they end in
    `_at`."""

    turn: str
    chat: str
    room: str
    assistant: str
    closed_at: float
    incoming: tuple[RecordedText, ...] = ()
    gathered: tuple[RecordedStep, ...] = ()
    route: str = ""
    prompt: tuple[RecordedPromptPart, ...] = ()
    tools: tuple[str, ...] = ()
    calls: tuple[RecordedCall, ...] = ()
    answers: tuple[str, ...] = ()
    reply: str = ""
    failure: str = ""
    is_private: bool = False
    waited_seconds: float = 0.0
    gather_seconds: float = 0.0
    first_text_seconds: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    cost_usd: float = 0.0


class RepetitionChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The change with which a recorded turn is run again: another model, without some sources, or with other
    instructions. What is empty stays as it was."""

    model: str = ""
    left_out: tuple[str, ...] = ()
    instructions: str = ""


class Repetition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recorded turn that was run again. `prompt` has the sizes of its parts and no text; `remarks` say what
    could not be as it was. Times are seconds, `at` is epoch seconds."""

    turn: str
    room: str
    at: float
    change: RepetitionChange = RepetitionChange()
    prompt: tuple[RecordedPromptPart, ...] = ()
    reply: str = ""
    failure: str = ""
    remarks: tuple[str, ...] = ()
    first_text_seconds: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    cost_usd: float = 0.0


class KeptRecording(msgspec.Struct, frozen=True):
    """A recording as it is kept: with the ids of all people whose words are in it, so that it is erased with
    any of them."""

    recording: TurnRecording
    people: frozenset[str]
