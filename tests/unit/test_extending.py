"""What a new assistant, a new step and a new channel touch, tried with a tiny one of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

import repartee.assistants
from repartee.assistants.office.inputs import OfficeInputs
from repartee.assistants.office.plan import office_plan
from repartee.channels.delivery import ReplyDelivery, SendGate, send_notice
from repartee.channels.pacer import Pacer
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import Incoming, Message, workspace_of
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image, VisibleState
from repartee.errors import Unauthorized
from repartee.plan import Plan
from repartee.plan.edge_types import check_edge_types
from repartee.ports.channels import (
    EnsureMaySend,
    ParsedRequest,
    Receiver,
    RecordVisible,
    ReplySender,
    always_may_send,
)
from repartee.setting_types import secret_setting
from repartee.turn.assistant import TurnInputs
from repartee.wiring import Wiring, assistants, channels, functions, process
from repartee.wiring.platforms import PLATFORMS, Platform
from tests.support.scenario_runner import ExpectedPrompt, Scenario, ScenarioRunner, ScenarioStep
from tests.support.scenario_wiring import ScenarioWiring

TINY_ASSISTANT = '''
"""Answers with the opening hours at hand."""

from __future__ import annotations

from repartee.assistants.base import BaseInputs, base_plan, transcribed
from repartee.assistants.ports import AssistantPorts
from repartee.domain.message import Message
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.plan import Graph, Plan
from repartee.ports import ChatState, Records
from repartee.turn.assistant import Assistant, TurnInputs, build_assistant_graph


class TinyInputs(BaseInputs, frozen=True, kw_only=True):
    """The ports that its steps ask for."""

    records: Records


tiny_plan = Plan("tiny", inputs=TinyInputs, offered=TurnInputs)


@tiny_plan.step(timeout=2.0)
def chat_state(incoming: tuple[Message, ...], records: Records) -> ChatState:
    """Reads whether anything may be said."""
    return records.read_chat_state(incoming[-1].room, incoming[-1].chat, incoming[-1].sender)


tiny_plan.include(base_plan)


@tiny_plan.step()
def prompt(transcribed: tuple[Message, ...]) -> Prompt:
    """Returns what the model is given."""
    asked = tuple(PromptMessage("user", message.text) for message in transcribed)
    return Prompt("You are a front desk.", (), "Open from 9 to 18.", asked)


def build_graph() -> Graph:
    """Builds the plan, and checks it."""
    return build_assistant_graph(tiny_plan, chat_state=chat_state, prompt=prompt, transcribed=transcribed)


def make_assistant(ports: AssistantPorts) -> Assistant:
    """Makes the assistant."""
    inputs = TinyInputs(
        attachments=ports.attachments,
        transcriber=ports.transcriber,
        documents=ports.documents,
        media=ports.media,
        pool=ports.pool,
        records=ports.records,
    )
    return Assistant("tiny", build_graph(), inputs)
'''


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The assistant's folder, and its line in the wiring."""
    folder = tmp_path / "assistants" / "tiny"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""The tiny assistant."""\n')
    (folder / "assistant.py").write_text(TINY_ASSISTANT)
    monkeypatch.setattr(repartee.assistants, "__path__", [*repartee.assistants.__path__, str(folder.parent)])
    monkeypatch.setattr(assistants, "ASSISTANTS", (*assistants.ASSISTANTS, "tiny"))
    yield "tiny"
    for name in ("repartee.assistants.tiny", "repartee.assistants.tiny.assistant"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("channel", ["slack", "telegram"])
def test_a_new_assistant_is_a_folder_and_a_line(tiny: str, channel: str, tmp_path: Path) -> None:
    """It answers, is muted and has its budget kept as every other, in every channel."""
    talk = (
        ScenarioStep(
            text="When do you open?",
            model=("At nine.",),
            seen=("At nine.",),
            asked=ExpectedPrompt(has=("Open from 9 to 18.", "When do you open?")),
        ),
        ScenarioStep(text="mute for 2 hours"),
        ScenarioStep(text="Hello?", event={"slack": "slack/thread_reply"}, seen=(), model_calls=0),
        ScenarioStep(text="unmute"),
        ScenarioStep(text="And on Sundays?", model=("Closed.",), seen=("Closed.",)),
    )

    ScenarioRunner(
        Scenario(says="", talk=talk), channel, tiny, tmp_path / "talk", parallel=True
    ).run_scenario()


topic_plan = Plan("topic", inputs=("messages",), offered=TurnInputs)


@topic_plan.step(timeout=1.0, fallback="")
def room_topic(incoming: tuple[Message, ...]) -> str:
    """Returns what this room is for."""
    return f"the topic of {incoming[-1].room}"


def test_a_new_step_is_a_file_and_a_line() -> None:
    """The file declares it, the line includes it; then any step may name it as a parameter."""
    plan = Plan("office", inputs=OfficeInputs, offered=TurnInputs)
    plan.include(office_plan)
    plan.include(topic_plan)

    @plan.step()
    def greeting(room_topic: str) -> str:
        return f"This is about {room_topic}."

    graph = plan.build(targets=("chat_state", "prompt", "greeting"))

    assert {"room_topic", "greeting"} <= {step.name for step in graph.steps}
    assert check_edge_types(graph) == ()


# A channel: what would be its folder


class PagerPost(msgspec.Struct):
    """What the pager's service posts."""

    id: str
    room: str
    person: str
    text: str


class PagerReceiver:
    """`Receiver` of the pager."""

    def __init__(self, accepted: Any) -> None:
        self._accepted = accepted

    def verify(self, request: HttpRequest) -> None:
        if request.headers.get("x-pager-secret") not in self._accepted():
            raise Unauthorized("the secret is another")

    def parse(self, request: HttpRequest) -> ParsedRequest:
        posted = decode_json(request.body, PagerPost)
        room = f"pager.acme:{posted.room}"
        message = Message(
            id=posted.id,
            chat=room,
            room=room,
            channel="pager",
            sender=f"pager.acme:{posted.person}",
            text=posted.text,
            sent=request.received_at,
            received=request.received_at,
        )
        return ParsedRequest(messages=(message,))


class PagerSurface:
    """`Surface` of the pager: a message is shown once, when it is complete."""

    max_chars = 200
    can_extend = False

    def __init__(self, shown: list[str], clock: Any) -> None:
        self._shown = shown
        self.pacer = Pacer(0.0, clock)

    def begin_message(self, text: str) -> str:
        self._shown.append(text)
        return str(len(self._shown))

    def post_whole_message(self, text: str, is_last: bool) -> None:
        """There is no such way."""

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        """Nothing grows here."""

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        self._shown[int(id) - 1] = text


class PagerReplies:
    """`ReplySender` of the pager."""

    finds_lost_messages = False

    def __init__(self, shown: list[str], clock: Any, sleep: Any) -> None:
        self._shown, self._clock, self._sleep = shown, clock, sleep

    def show_typing(self, message: Incoming, status: str = "") -> None: ...

    def clear_typing(self, message: Incoming) -> None: ...

    def end_typing(self, message: Incoming) -> None:
        """A pager shows nobody typing."""

    def show_member_typing(self, message: Incoming) -> None: ...

    def can_write_to(self, message: Incoming) -> bool:
        return True

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        send_notice(self, message, turn, text)

    def greet(self, message: Incoming) -> None: ...

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        return ()

    def send_image(self, message: Incoming, turn: str, image: Image) -> None: ...

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None: ...

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None: ...

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> ReplyDelivery:
        surface = PagerSurface(self._shown, self._clock)
        return ReplyDelivery(
            surface, record_visible, self._sleep, visible.message_ids, gate=SendGate(ensure_may_send)
        )


# Its settings, and its class


PAGER_SECRET = secret_setting("PAGER_SECRET", "proves that a post comes from the pager")
PAGER_TOKEN = secret_setting("PAGER_TOKEN", "lets the assistant write to pagers")
SHOWN: list[str] = []


class PagerPlatform(Platform):
    """Posts in, pages out."""

    name, required_secrets = "pager", (PAGER_SECRET, PAGER_TOKEN)
    serves_files = False
    quiet_seconds = 5.0

    def make_receivers(self) -> Mapping[str, Receiver]:
        return {"/pager/webhook": PagerReceiver(process.accepted_secrets(self._wiring, PAGER_SECRET))}

    def make_replies(self) -> ReplySender:
        return PagerReplies(SHOWN, self._wiring.get(process.clock), self._wiring.get(process.sleep))


def post(parts: ScenarioWiring, id: str, text: str, secret: str = "s3cret") -> int:
    """The status of the answer to what a pager posts."""
    body = msgspec.json.encode(PagerPost(id, "night", "ada", text))
    headers = {"x-pager-secret": secret}
    request = HttpRequest("POST", "/pager/webhook", headers, body, parts.clock(), f"request-{id}")
    return parts.get(functions.webhook).handle_request(request).status


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScenarioWiring:
    """A process with the channel in the line of platforms, and its settings."""
    monkeypatch.setattr(channels, "PLATFORMS", (*PLATFORMS, PagerPlatform))
    SHOWN.clear()
    return ScenarioWiring(tmp_path / "pager", {}, True, PAGER_SECRET="s3cret", PAGER_TOKEN="t")


def test_a_new_channel_is_answered(pager: ScenarioWiring) -> None:
    """Its receiver is verified, and the reply reaches it."""
    assert post(pager, "1", "Who has the keys?", secret="wrong") == 401
    assert post(pager, "1", "Who has the keys?") == 200

    pager.answer_all_wakes()

    assert SHOWN == ["Re: Who has the keys?"]


def test_a_new_channel_has_its_time_of_quiet(pager: ScenarioWiring) -> None:
    """What people write there in several messages is answered once."""
    for id, text in (("1", "hello"), ("2", "who has"), ("3", "the keys")):
        assert post(pager, id, text) == 200
        pager.time.sleep(1.0)

    pager.answer_all_wakes()

    assert SHOWN == ["Re: hello who has the keys"]


def test_a_new_channel_has_workspaces() -> None:
    """What stands before the first colon, so that no list of channels knows of it."""
    assert workspace_of("pager.acme:night") == "pager.acme"
    assert workspace_of("slack:T1:C1:1700000000.0001") == "slack:T1"
    assert workspace_of("telegram:42") == "telegram"


def test_a_channel_whose_secrets_are_not_set_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that serves others starts without it."""
    monkeypatch.setattr(channels, "PLATFORMS", (*PLATFORMS, PagerPlatform))

    listened = Wiring({"SLACK_SIGNING_SECRET": "s"}).get(channels.receivers)

    assert not any("pager" in route for route in listened)
