"""The prompt of the desk's model for one reply, and what its reply is checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from repartee.assistants.desk.calling import PersonCaller
from repartee.assistants.desk.grounding import Evidence
from repartee.assistants.desk.prompts import build_instructions, describe_hours
from repartee.assistants.desk.reply_screen import ReplyScreen, ReplyTexts
from repartee.assistants.prompt_trimming import trim_history
from repartee.domain.desk import DeskConfig
from repartee.domain.message import Exchange, Message, StoredMessage
from repartee.domain.prompt import Prompt, PromptMessage, Tool
from repartee.language import desk_texts as texts
from repartee.language.catalogue import all_translations
from repartee.ports import Passage
from repartee.ports.desk import DeskState

MAX_PROMPT_HISTORY_MESSAGES = 24
"""Messages of the conversation in a prompt, both sides together."""


class DeskPromptContext(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that a reply is made from. `passages` are None where the knowledge could not be looked up."""

    config: DeskConfig
    language: str
    now: float
    said: Sequence[StoredMessage]
    lines: tuple[PromptMessage, ...]
    passages: Sequence[Passage] | None
    tools: tuple[Tool, ...]
    caller: PersonCaller
    history_tokens: int


def build_desk_prompt(context: DeskPromptContext) -> Prompt:
    """Returns the request for one reply, whose text is screened sentence by sentence."""
    shown = trim_history(context.said[-MAX_PROMPT_HISTORY_MESSAGES:], context.history_tokens)
    notice = (PromptMessage("user", shown.notice),) if shown.notice else ()
    history = [PromptMessage(one.side, remove_fixed_texts(one.text)) for one in shown.messages]
    told = "\n".join(_context_sections(context))
    return Prompt(
        instructions=build_instructions(context.config),
        history=(*notice, *(line for line in history if line.text)),
        context=told,
        incoming=context.lines,
        tools=context.tools,
        screen=make_screen(context, told).screen,
    )


def make_screen(context: DeskPromptContext, told: str) -> ReplyScreen:
    """Returns what screens the reply. Its evidence is all that the model was told."""
    said = [*(one.text for one in context.said), *(line.text for line in context.lines)]
    evidence = Evidence([told, context.config.answers, *said]) if context.config.checks else None
    fixed = ReplyTexts.in_language(context.language, has_team=bool(context.config.team))
    return ReplyScreen(
        evidence,
        fixed,
        lambda: context.caller.call("model"),
        lambda: context.caller.sentence,
        [passage.heading or passage.document for passage in context.passages or ()],
    )


def merge_conversation(
    incoming: Sequence[Message], unpersisted_exchanges: Iterable[Exchange], state: DeskState
) -> list[StoredMessage]:
    """Returns the earlier conversation, oldest first: as it is in the records, and what is not yet there."""
    known = {said.id: said for said in state.history}
    known |= {said.id: said for one in unpersisted_exchanges for said in one.to_stored()}
    for message in incoming:
        known.pop(message.stored_id, None)
    return sorted(known.values(), key=lambda said: (said.sent, said.id))


def remove_fixed_texts(text: str) -> str:
    """Returns what was said without the sentence that a person was called: a model that reads it would say it
    again, or be silent."""
    for fixed in (texts.DESK_CALLED, texts.DESK_CALLED_WITHOUT_TIME):
        for translated in all_translations(fixed):
            text = text.replace(translated, "")
    for translated in all_translations(texts.DESK_CALLED_CLOSED):
        before, _, after = translated.partition("{when}")
        start = text.find(before)
        end = text.find(after, start)
        if start >= 0 and end >= 0:
            text = text[:start] + text[end + len(after) :]
    return text.strip()


def _context_sections(context: DeskPromptContext) -> Iterator[str]:
    yield from describe_hours(context.config, context.now)
    if context.passages is None:
        yield "The sources could not be looked up just now."
        return
    yield "Sources, to be cited by number:" if context.passages else "There are no sources about this."
    for number, passage in enumerate(context.passages, 1):
        yield f"[{number}] {passage.heading or passage.document}: {passage.text}"
