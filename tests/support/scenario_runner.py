"""Conversations as data: what is said, what each source holds or how it fails, and what must be seen.

Each is a YAML file under tests/conversations/<assistant>/. `Conversation` and what is in it say what may be
written there; an unknown word is an error.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from local import sample_files
from local.latency import SEED_LATENCIES_SECONDS
from local.sample_events import samples
from repartee.domain.http import HttpRequest, HttpResponse
from repartee.domain.message import ContextKind, Side, StoredMessage
from repartee.domain.prompt import Prompt
from repartee.turn.turn import Turn
from repartee.wiring import functions, services, stores
from tests.support import button_presses, coach_scenario, desk_scenario, desk_team, scenario_context
from tests.support.scenario_wiring import SECRETS, STARTED_AT, ScenarioWiring, ScriptedAnswer

CONVERSATIONS_FOLDER = Path(__file__).parents[1] / "conversations"

MAX_CRITICAL_PATH_RATIO = 1.05
"""A turn is ready within so many times its critical path."""


class EarlierMessage(msgspec.Struct, forbid_unknown_fields=True):
    """Something that was said so many `days` or `minutes` ago; by the assistant where nobody is named. `name`
    is what people see of who said it."""

    text: str
    by: str = ""
    name: str = ""
    days: float = 0.0
    minutes: float = 0.0


class ExpectedPrompt(msgspec.Struct, forbid_unknown_fields=True):
    """Texts that a request to the model must hold, and must not hold; patterns stand between slashes.
    `history` and `incoming` are all lines of these, in order; `images` is how many pictures come with the
    messages."""

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    history: tuple[str, ...] | None = None
    incoming: tuple[str, ...] | None = None
    images: int | None = None
    tools: tuple[str, ...] | None = None


class CameAlong(msgspec.Struct, forbid_unknown_fields=True):
    """Words of others that come along: by whom, or `ours`. Of `last_reply` only the id is known. With `files`
    it has the files of the event that is posted, and the message has none."""

    kind: ContextKind
    text: str = ""
    by: str = ""
    minutes: float = 0.0
    ours: bool = False
    last_reply: bool = False
    files: bool = False


class ScenarioStep(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that a person says, what the models then answer, and what must come of it.

    `event` is the sample event as which it is posted, by channel, where that is not a plain message; or it
    is a `press` of a button (approve, decline) of what was proposed last, by Ada or by Ben. What is `down`
    can be reached again `back_after` so many seconds, where that is said. `model`
    is answered in order, `small` by the name of what is asked for (`write`, or a struct's name). `seen` are
    all messages that the assistant shows because of it, in order; `steps` are the outcomes of some of the
    turn's steps; `kept` is what is then found in the messages store, in any order, and
    `unkept` what is found nowhere; `context` is what comes along, `silent` if the person adds no
    word of their own, `name` what they are called; `own` what the assistant
    keeps besides (`coached.After`); `member` is what a member of the desk's team writes below the
    card, instead of a message of the person; `books` what is then in the ERP (`crm.lead/1/name`).
    """

    text: str = ""
    event: dict[str, str] = {}
    press: Literal["", "approve", "decline"] = ""
    by: str = "Ada"
    name: str = ""
    silent: bool = False
    context: tuple[CameAlong, ...] = ()
    after: float = 60.0
    model: tuple[str | ScriptedAnswer, ...] = ()
    small: dict[str, Any] = {}
    down: tuple[str, ...] | None = None
    back_after: float | None = None
    seen: tuple[str, ...] | None = None
    asked: ExpectedPrompt | None = None
    steps: dict[str, str] = {}
    kept: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()
    model_calls: int | None = None
    own: dict[str, Any] = {}
    books: dict[str, Any] = {}
    team: Literal["", "take", "give back", "done", "press take", "two press take"] = ""
    member: str = ""


class Scenario(msgspec.Struct, forbid_unknown_fields=True):
    """`says` is the sentence that it proves. `slow` are seconds, by call, beside the design's seed latencies;
    `down` is what cannot be reached, until a `say` changes it."""

    says: str
    talk: tuple[ScenarioStep, ...]
    channels: tuple[str, ...] = ("slack", "telegram")
    settings: dict[str, str] = {}
    profile: dict[str, str] = {}
    before: tuple[EarlierMessage, ...] = ()
    down: tuple[str, ...] = ()
    slow: dict[str, float] = {}
    own: dict[str, Any] = {}


class ScenarioPlace(msgspec.Struct, frozen=True):
    """Where a conversation is held: the sample event of a plain message, its thread, and who speaks there."""

    event: str
    thread: str
    room: str
    chat: str
    person: str


SLACK_THREAD = f"{STARTED_AT - 7200:.6f}"
PLACES = {
    "slack": ScenarioPlace(
        "slack/app_mention",
        SLACK_THREAD,
        "slack:T0BUTLER:C0GENERAL",
        f"slack:T0BUTLER:C0GENERAL:{SLACK_THREAD}",
        "slack:T0BUTLER:U0ADA",
    ),
    "telegram": ScenarioPlace(
        "telegram/private_message", "", "telegram:4200042", "telegram:4200042", "telegram:4200042"
    ),
    "whatsapp": ScenarioPlace(
        "whatsapp/text",
        "",
        desk_scenario.WHATSAPP_CHAT,
        desk_scenario.WHATSAPP_CHAT,
        f"whatsapp:{desk_scenario.WHATSAPP_PERSON}",
    ),
}


WEBHOOK_SECRETS = {
    "slack": "SLACK_SIGNING_SECRET",
    "telegram": "TELEGRAM_WEBHOOK_SECRET",
    "whatsapp": "WHATSAPP_APP_SECRET",
}


def load_scenarios(assistant: str) -> Iterator[Path]:
    """The conversations with an assistant."""
    return iter(sorted((CONVERSATIONS_FOLDER / assistant).glob("*.yaml")))


def read_scenario(path: Path) -> Scenario:
    """Raises `msgspec.ValidationError` for what is no conversation."""
    return msgspec.yaml.decode(path.read_bytes(), type=Scenario)


class ScenarioRunner:
    """A conversation while it is held in a channel."""

    def __init__(
        self, conversation: Scenario, channel: str, assistant: str, folder: Path, *, parallel: bool
    ) -> None:
        self.conversation, self.channel, self.place = conversation, channel, PLACES[channel]
        settings = {"ASSISTANT": assistant, **conversation.settings}
        slow = {**SEED_LATENCIES_SECONDS, **conversation.slow}
        self.parts = ScenarioWiring(folder, slow, parallel, **settings)
        self.parts.backends.down.update(conversation.down)
        told_here = self.parts.stored_records.told_in_rooms
        told_here[self.place.person, self.place.room] = dict(conversation.profile)
        self.parts.stored_records.profiles[self.place.person] = dict(conversation.profile)
        self.parts.slack_standin.add_person_message(
            "C0GENERAL", "U0ADA", "(the thread begins)", ts=SLACK_THREAD, subtype="tombstone"
        )
        self._store_earlier_messages(conversation.before)
        self._assistant = assistant
        if conversation.own:
            set_up = {"coach": coach_scenario.set_up_coach, "desk": desk_scenario.set_up_desk}[assistant]
            set_up(self, conversation.own)
        self._channel = "C0GENERAL"
        self.team_looked = 0
        self._looked = len(self.visible_text())

    def run_scenario(self) -> list[list[str]]:
        """Says everything, and gives what was seen after each. Raises `AssertionError` where that, or what is
        behind it, is not what was written."""
        return [self._run_step(say) for say in self.conversation.talk]

    def visible_text(self) -> list[str]:
        """All that the assistant shows now."""
        if self.channel == "slack":
            shown = self.parts.slack_standin.visible_channel(self._channel)["messages"]
            return [one["text"] for one in shown if one["user"] == "U0REPARTEE"]
        if self.channel == "whatsapp":
            return desk_scenario.list_whatsapp_texts(self)
        return [
            str(one["text"])
            for one in self.parts.telegram_standin.visible_chat(int(self.place.chat.rpartition(":")[2]))[
                "messages"
            ]
            if one["bot"]
        ]

    def _run_step(self, say: ScenarioStep) -> list[str]:
        models, began = self.parts.models, len(self.parts.models.given)
        models.script.extend(ScriptedAnswer(one) if isinstance(one, str) else one for one in say.model)
        models.small = dict(say.small)
        if say.down is not None:
            self.parts.backends.down.clear()
            self.parts.backends.down.update(say.down)
        turns = len(self.parts.turns)
        self.parts.time.sleep(say.after)
        if say.team:
            desk_scenario.act_as_team(self, say.team)
        if say.member:
            desk_team.write_as_member(self, say.member)
        else:
            self._post_step(say)
            scenario_context.add_to_newest(self, say)
        self.parts.answer_all_wakes(self._make_repair(say))
        shown = self.visible_text()
        seen, self._looked = shown[self._looked :], len(shown)
        self._check_step(say, seen, models.given[began:], self.parts.turns[turns:])
        return seen

    def _make_repair(self, say: ScenarioStep) -> Callable[[], None]:
        """Returns what lets the backends be reached again, once it is time for that."""
        said_at = self.parts.clock()

        def repair() -> None:
            if say.back_after is not None and self.parts.clock() - said_at >= say.back_after:
                self.parts.backends.down.clear()

        return repair

    def _post_step(self, say: ScenarioStep) -> None:
        name = say.event.get(self.channel, self.place.event)
        secret = SECRETS[WEBHOOK_SECRETS[self.channel]]
        at = self.parts.clock()
        if say.press:
            posted = button_presses.build_press(self, say.press, say.by, secret, at)
        else:
            posted = samples.build_request(
                samples.find_event(name), at, secret, lambda: uuid.uuid4().hex, say.text, self.place.thread
            )
            self._show_person_message(samples.extract_said(posted.body))
        self.post(posted)

    def post(self, posted: samples.PostedRequest) -> None:
        """Posts a request to the webhook, which must take it."""
        answer = self._answer_webhook(posted, self.parts.clock())
        assert answer.status == 200, f"the webhook answered {answer.status} {answer.body}"

    def _answer_webhook(self, posted: samples.PostedRequest, at: float) -> HttpResponse:
        headers = {name.lower(): value for name, value in posted.headers.items()}
        request = HttpRequest("POST", posted.path, headers, posted.body, at, f"request-{at}")
        return self.parts.get(functions.webhook).handle_request(request)

    def _show_person_message(self, event: Mapping[str, Any]) -> None:
        """Adds a person's message to the platform's stand-in."""
        if self.channel == "slack" and (event.get("text") or event.get("files")):
            self._channel = event["channel"]
            told = {name: event[name] for name in ("channel", "user", "text", "ts", "thread_ts")}
            self.parts.slack_standin.add_person_message(**told, files=sample_files.slack_files(event))
        elif self.channel == "telegram" and "message_id" in event:
            from local.sample_events import telegram

            self.parts.telegram_standin.add_person_message(**telegram.to_standin_message(event))
        for heard in event.get("heard", ()):
            self.parts.whatsapp_standin.add_person_message(
                *(heard[name] for name in ("id", "wa_id", "user_id", "text"))
            )

    def _store_earlier_messages(self, before: Sequence[EarlierMessage]) -> None:
        kept = [self._stored_message(number, told) for number, told in enumerate(before)]
        if not kept:
            return
        vectors = self.parts.get(services.embedder).embed([said.text for said in kept])
        self.parts.get(stores.messages).put(list(zip(kept, vectors, strict=True)))

    def _stored_message(self, number: int, told: EarlierMessage) -> StoredMessage:
        return StoredMessage(
            id=f"{self.place.chat}#before-{number}",
            side="user" if told.by else "assistant",
            chat=self.place.chat if not told.days else f"{self.place.room}:before",
            room=self.place.room,
            sender=f"{self.place.person.rpartition(':')[0]}:{told.by}" if told.by else "office",
            text=told.text,
            sender_name=told.name,
            sent=STARTED_AT - told.days * 86400 - told.minutes * 60,
        )

    def _check_step(
        self, say: ScenarioStep, seen: list[str], prompts: list[Prompt], turns: list[Turn]
    ) -> None:
        if say.seen is not None:
            assert len(seen) == len(say.seen), f"seen: {seen}"
            for text, wanted in zip(seen, say.seen, strict=True):
                assert _text_matches(wanted, text, whole=True), f"seen: {text!r}, wanted: {wanted!r}"
        if say.model_calls is not None:
            assert len(prompts) == say.model_calls, f"the model was asked {len(prompts)} times"
        if say.asked:
            _check_prompt(say.asked, prompts[-1])
        kinds = {outcome.name: outcome.status for turn in turns for outcome in turn.outcomes}
        for step, kind in say.steps.items():
            assert kinds.get(step) == kind, f"{step} ended as {kinds.get(step)}"
        if say.own:
            check = {"coach": coach_scenario.check_coach, "desk": desk_scenario.check_desk}[self._assistant]
            check(self, say.own)
        self._check_books(say.books)
        self._check_kept(say)

    def _check_kept(self, say: ScenarioStep) -> None:
        for text in say.unkept:
            assert not scenario_context.find_kept(self, text), f"kept: {text!r}"
        for text in say.kept:
            assert text in self._kept_exchanges(), f"not kept: {text!r} in {self._kept_exchanges()}"

    def _check_books(self, books: Mapping[str, Any]) -> None:
        for entry, value in books.items():
            model, id, name = entry.split("/")
            found = self.parts.odoo.records.raw_value(model, int(id), name)
            assert found == value, f"{entry} is {found!r} in the books"

    def _kept_exchanges(self) -> list[str]:
        sides: tuple[Side, ...] = ("user", "assistant")
        newest = (
            said
            for side in sides
            for said in self.parts.get(stores.messages).list_newest(self.place.chat, side, 50)
        )
        return [said.text for said in newest]


def prompt_text(prompt: Prompt) -> str:
    """All that the model is told, as one text."""
    lines = [*prompt.history, *prompt.incoming]
    results = [result for one in prompt.rounds for result in one.results]
    return "\n".join([prompt.instructions, prompt.context, *(line.text for line in lines), *results])


def _check_prompt(asked: ExpectedPrompt, prompt: Prompt) -> None:
    text = prompt_text(prompt)
    for wanted in asked.has:
        assert _text_matches(wanted, text), f"the model is not told {wanted!r} in:\n{text}"
    for unwanted in asked.lacks:
        assert not _text_matches(unwanted, text), f"the model is told {unwanted!r} in:\n{text}"
    for expected, lines in ((asked.history, prompt.history), (asked.incoming, prompt.incoming)):
        if expected is not None:
            assert [line.text for line in lines] == [one.strip() for one in expected]
    if asked.images is not None:
        assert sum(len(line.images) for line in prompt.incoming) == asked.images
    if asked.tools is not None:
        assert [tool.name for tool in prompt.tools] == list(asked.tools)


def _text_matches(wanted: str, text: str, *, whole: bool = False) -> bool:
    if len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/"):
        return bool(re.search(wanted[1:-1], text, re.DOTALL))
    return wanted.strip() == text.strip() if whole else wanted in text


def critical_path(turn: Turn, alone: Mapping[str, float]) -> float:
    """Seconds that the turn's gathering takes at the least, if each step takes what it took alone."""
    return turn.assistant.graph.critical_path(alone).seconds
