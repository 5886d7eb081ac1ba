"""A recorded turn that an administrator runs again: the console, and the function that asks the model."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import Role
from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.domain.prompt import Prompt
from repartee.domain.recording import (
    KeptRecording,
    RecordedCall,
    RecordedEdit,
    RecordedPromptPart,
    RecordedStep,
    TurnRecording,
)
from repartee.domain.turn_record import TurnRecord
from repartee.domain.usage import Usage
from repartee.errors import Unavailable
from repartee.ports import LanguageModel
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.wiring import Wiring, operations, operator_jobs, process, services, stores
from repartee.wiring.console_views import conversation_section
from tests.contract.test_console_jobs import HeldJobs
from tests.support import aws
from tests.support.console_setup import RoleAccess, list_acts
from tests.support.inbox_builders import make_exchange, make_message
from tests.support.memory_stores import MemoryWakes

NOW = 1_790_000_000.0
ROOM, CHAT, TURN = "slack:T1:C1", "slack:T1:C1:1.5", "turn-1"
INSTRUCTIONS = "Answer from what was said."
RECORDING = TurnRecording(
    turn=TURN,
    chat=CHAT,
    room=ROOM,
    assistant="office",
    closed_at=NOW,
    gathered=(RecordedStep("user_history", "ok", 0.25, 2), RecordedStep("passages", "ok", 0.5, 1)),
    prompt=(
        RecordedPromptPart("instructions", 7, INSTRUCTIONS),
        RecordedPromptPart(
            "history",
            12,
            "user: Ben has the keys\nof the archive\nassistant: noted\nassistant: as user: I said",
            (2, 1, 1),
            (RecordedEdit("user_history", 0, 1),),
        ),
        RecordedPromptPart(
            "context",
            20,
            "Today is Monday.\nFrom the library:\n[1] Keys: in the drawer",
            edits=(
                RecordedEdit("passages", 1, 3, ("The library could not be read.",)),
                RecordedEdit("user_history", 1, 1, ("Nobody said anything.",)),
            ),
        ),
        RecordedPromptPart("incoming", 5, "who has\nthe keys?", (2,)),
    ),
    tools=("find_person", "write_note"),
    calls=(
        RecordedCall(0, "find_person", '{"name": "Ben"}', "Ben Miller"),
        RecordedCall(0, "write_note", '{"text": [PHONE_1]}', "noted"),
    ),
    answers=("Let me look.", "Ben has them."),
    reply="Let me look.\n\nBen has them.",
    tokens=900,
)


class NotingModel:
    """`ports.LanguageModel` that says the same each time, and keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[Prompt] = []
        self.is_down = False

    def stream(self, prompt: Prompt, cancel_token: Any) -> Iterator[str | Usage]:
        """Says who has the keys."""
        self.given.append(prompt)
        if self.is_down:
            raise Unavailable("model", "it is down")
        yield "Carol "
        yield "has them."
        yield Usage(120, 5, 0, "gpt-5.1")


class Deployment:
    """The console, and the function beside it, with a turn that was recorded."""

    def __init__(self, dynamodb: Any, *, has_function: bool = True) -> None:
        keys = {"PERSON_ID_KEY": "a key", "RECORDINGS_KEY": "a key for the recordings of these tests"}
        tables = {name: aws.make_table(dynamodb) for name in ("RECORDS_TABLE", "RECORDINGS_TABLE")}
        self.now, self.held, self.model, self.dynamodb = NOW, HeldJobs(), NotingModel(), dynamodb
        self.wiring = Wiring(keys | tables)
        self.wiring.put(stores.wakes, MemoryWakes(lambda: self.now))
        self.wiring.put(process.dynamodb_client, dynamodb)
        self.wiring.put(process.clock, lambda: self.now)
        self.wiring.put(operations.job_starter, self.held if has_function else None)
        self.wiring.put(services.model, cast("LanguageModel", self.model))
        self._close_turn()

    def record(self, recording: TurnRecording = RECORDING) -> None:
        """Keeps a recording of the turn."""
        kept = KeptRecording(recording, frozenset(("slack:T1:U1",)))
        assert self.wiring.get(stores.recordings).put(kept)

    def run(self) -> None:
        """The function takes the newest order."""
        self.wiring.get(operator_jobs.job_runner).run(self.held.orders[-1])

    def list_items(self) -> list[tuple[str, str]]:
        """Returns the keys and contents of all that is stored, of jobs and the audit log apart."""
        settings = self.wiring.get(process.settings)
        return [
            (item["sk"]["S"], repr(item))
            for table in (settings.records_table, settings.recordings_table)
            for item in self.dynamodb.scan(TableName=table)["Items"]
            if not item["pk"]["S"].startswith(("operator-jobs", "audit#"))
        ]

    def _close_turn(self) -> None:
        inbox = DynamoInbox(self.dynamodb, self.wiring.get(process.settings).records_table)
        message = make_message("who has the keys?", id="9", chat=CHAT, room=ROOM)
        inbox.put(message)
        lease = inbox.acquire_lease(CHAT, TURN, NOW, NOW + 20, message_id=message.id)
        record = TurnRecord(
            turn=TURN,
            chat=CHAT,
            channel="slack",
            assistant="office",
            mode="parallel",
            received_at=NOW - 6,
            started_at=NOW - 5,
            closed_at=NOW,
        )
        inbox.close_turn(lease, make_exchange(TURN, message, at=NOW), turn_record=record)


class TurnVisit:
    """An operator's browser at a turn."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def open(self, path: str = "turn") -> str:
        """Returns the page of the turn, as it is read."""
        answer = self.client.get(f"{PREFIX}/conversations/one/{path}", params={"chat": CHAT, "turn": TURN})
        assert answer.status_code in (200, 286), answer.text
        return html.unescape(answer.text)

    def press(self, csrf: str = "", turn: str = TURN, **fields: Any) -> Any:
        """Sends the form. Returns the answer, after where it leads."""
        page = self.client.get(f"{PREFIX}/conversations/one", params={"chat": CHAT}).text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        token = csrf or (found[1] if found else "none")
        data = {"csrf": token, "chat": CHAT, "turn": turn, **fields}
        return self.client.post(f"{PREFIX}/conversations/one/turn/again", data=data)


@pytest.fixture
def deployed(dynamodb_local: str) -> Deployment:
    made = Deployment(aws.make_client("dynamodb", dynamodb_local))
    made.record()
    return made


@contextmanager
def visit(deployed: Deployment, role: Role = Role.ADMIN) -> Iterator[TurnVisit]:
    """Yields the browser of an operator with the role."""
    app = ConsoleApp(RoleAccess(role), "for-tests-only", Pages(), secure_cookies=False)
    section = conversation_section(deployed.wiring, app)
    mounted = Starlette(routes=[Mount(PREFIX, app.make_asgi_app([section]))])
    with TestClient(mounted, base_url="http://localhost") as client:
        yield TurnVisit(client)


@pytest.fixture
def admin(deployed: Deployment) -> Iterator[TurnVisit]:
    with visit(deployed) as opened:
        yield opened


def test_the_model_is_given_the_recorded_prompt(deployed: Deployment, admin: TurnVisit) -> None:
    """Message by message, with what tools gave then, and without any tool: it can do nothing but answer."""
    assert "waits" in admin.press().text
    deployed.run()

    (given,) = deployed.model.given
    assert given.instructions.startswith(INSTRUCTIONS)
    assert [(one.side, one.text) for one in given.history] == [
        ("user", "Ben has the keys\nof the archive"),
        ("assistant", "noted"),
        ("assistant", "as user: I said"),
    ]
    assert given.context == "Today is Monday.\nFrom the library:\n[1] Keys: in the drawer"
    assert [one.text for one in given.incoming] == ["who has\nthe keys?"]
    assert given.tools == ()
    (asked,) = given.rounds
    assert asked.text == "Let me look."
    assert [(one.name, one.arguments) for one in asked.calls] == [
        ("find_person", '{"name": "Ben"}'),
        ("write_note", "{}"),
    ]
    assert asked.results == ("Ben Miller", "noted")


def test_what_came_of_it_is_shown_beside_the_reply(deployed: Deployment, admin: TurnVisit) -> None:
    """Both replies with what is different, tokens and cost, both waterfalls and the prompts' sizes; who has
    opened it sees it for a day. Both acts are in the audit log."""
    admin.press(without="passages")
    deployed.run()

    page = admin.open()
    for words in ("without passages", "As it was", "Now", "Ben has them", "Carol has them", "125 tokens"):
        assert words in page, words
    for words in ("model, first token", "tokens less than it had", "The model had no tools to call", "900"):
        assert words in page, words
    assert re.search(r"<del>\s*Ben\s*</del>\s*<ins>\s*Carol\s*</ins>", page)
    assert "done" in admin.open("turn/repetition")
    acts = [act for _, act, target in list_acts(deployed.wiring, NOW + 1) if target == CHAT]
    assert "run again" in acts

    deployed.now += 86_400 + 60
    assert "Carol has them" not in admin.open()


@pytest.mark.parametrize(
    "left_out, context",
    [
        (["passages"], "Today is Monday.\nThe library could not be read."),
        (
            ["user_history"],
            "Today is Monday.\nNobody said anything.\nFrom the library:\n[1] Keys: in the drawer",
        ),
        (
            ["passages", "user_history"],
            "Today is Monday.\nThe library could not be read.\nNobody said anything.",
        ),
    ],
)
def test_a_source_is_left_out(
    deployed: Deployment, admin: TurnVisit, left_out: list[str], context: str
) -> None:
    """The model is given what the plan would have made of the fallback."""
    admin.press(without=left_out)
    deployed.run()

    given = deployed.model.given[-1]
    assert given.context == context
    assert len(given.history) == (2 if "user_history" in left_out else 3)


def test_a_tool_is_left_out(deployed: Deployment, admin: TurnVisit) -> None:
    """With what it gave; without the last there is no sign of tools."""
    admin.press(without=["tool.find_person"])
    deployed.run()
    admin.press(without=["tool.find_person", "tool.write_note"])
    deployed.run()

    first, second = deployed.model.given
    assert [call.name for call in first.rounds[0].calls] == ["write_note"]
    assert second.rounds == ()


def test_instructions_and_model_are_changed(deployed: Deployment, admin: TurnVisit) -> None:
    """The instructions stand in the place of those of then; the model is made by its name."""
    other, made = NotingModel(), []

    def make_model(name: str) -> LanguageModel:
        made.append(name)
        return cast("LanguageModel", other)

    repeater = operator_jobs.make_repeater(deployed.wiring, make_model)
    deployed.wiring.put(operator_jobs.turn_repeater, repeater)
    admin.press(instructions="Answer in verse.", model="gpt-5.1-mini")
    deployed.run()

    assert made == ["gpt-5.1-mini"]
    assert other.given[0].instructions.startswith("Answer in verse.")
    assert deployed.model.given == []
    page = admin.open()
    assert "by gpt-5.1-mini" in page
    assert "with other instructions" in page


def test_nothing_is_written_or_delivered(deployed: Deployment, admin: TurnVisit) -> None:
    """Neither in the records nor in the recording: what came of it stands beside that, and nothing else is
    new."""
    before = dict(deployed.list_items())
    admin.press()
    deployed.run()

    after = dict(deployed.list_items())
    assert after.keys() - before.keys() == {f"repetition#{TURN}"}
    assert {key: after[key] for key in before} == before
    assert "Carol" not in repr(after)  # it is encrypted
    jobs = deployed.wiring.get(operations.operator_jobs).find("again")
    assert jobs is not None
    assert not re.search("Carol|Ben|keys", repr(jobs))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_it_is_for_administrators(deployed: Deployment, role: Role) -> None:
    """Others have no button, and neither its address nor what came of it."""
    with visit(deployed, role) as other:
        assert "Run it again" not in other.open()
        assert other.press().status_code == 403
        address = f"{PREFIX}/conversations/one/turn/repetition"
        assert other.client.get(address, params={"chat": CHAT, "turn": TURN}).status_code == 403
    assert deployed.held.orders == []


def test_a_form_of_another_site_starts_nothing(deployed: Deployment, admin: TurnVisit) -> None:
    """Without the session's token."""
    assert admin.press(csrf="guessed").status_code == 403
    assert deployed.held.orders == []


def test_a_turn_that_was_not_recorded_has_no_button(dynamodb_local: str) -> None:
    """Nor can it be started by its address; nor where there is no function, though it was recorded."""
    deployed = Deployment(aws.make_client("dynamodb", dynamodb_local))
    with visit(deployed) as admin:
        assert "Run it again" not in admin.open()
        assert admin.press().status_code == 404
    assert deployed.held.orders == []

    without = Deployment(aws.make_client("dynamodb", dynamodb_local), has_function=False)
    without.record()
    with visit(without) as admin:
        page = admin.open()
        assert "This room is recorded" in page
        assert "Run it again with two versions" in page
        assert 'name="without"' not in page


def test_a_recording_of_an_earlier_version_says_what_it_lacks(dynamodb_local: str) -> None:
    """Without instructions nothing is started; with some it is run, and messages are told apart by their
    sides. No step can be left out of it."""
    deployed = Deployment(aws.make_client("dynamodb", dynamodb_local))
    parts = tuple(
        RecordedPromptPart(one.name, one.tokens, "" if one.name == "instructions" else one.text)
        for one in RECORDING.prompt
    )
    deployed.record(msgspec.structs.replace(RECORDING, prompt=parts, calls=()))
    with visit(deployed) as admin:
        assert "recorded by an earlier version, without the instructions" in admin.open()
        assert "instructions of this turn are not recorded. Give them." in admin.press().text
        assert deployed.held.orders == []
        assert admin.press(without="passages", instructions="Answer.").status_code == 400
        admin.press(instructions="Answer.")
        deployed.run()
        assert "no step can be left out" in admin.open("turn/repetition")

    (given,) = deployed.model.given
    assert [one.text for one in given.history] == [
        "Ben has the keys\nof the archive",
        "noted",
        "as user: I said",
    ]


def test_what_tools_found_by_one_persons_rights_is_told_to_be_missing(dynamodb_local: str) -> None:
    """The model is told so too, and does not take it for an empty result."""
    deployed = Deployment(aws.make_client("dynamodb", dynamodb_local))
    calls = (RecordedCall(0, "find_person", "{}", ""),)
    deployed.record(msgspec.structs.replace(RECORDING, calls=calls, answers=(), reply="", is_private=True))
    with visit(deployed) as admin:
        assert "what tools found is not in the recording" in admin.open()
        admin.press()
        deployed.run()
        assert "Carol has them" in admin.open()
    assert deployed.model.given[0].rounds[0].results == ("What this found is not recorded.",)


def test_a_model_that_is_down_is_told(deployed: Deployment, admin: TurnVisit) -> None:
    """The page says so, in the place of the reply."""
    deployed.model.is_down = True
    admin.press()
    deployed.run()

    assert "it is down" in admin.open()


def test_a_recording_that_is_erased_meanwhile_leaves_nothing(deployed: Deployment, admin: TurnVisit) -> None:
    """The job says so; what came of it is not kept."""
    admin.press()
    deployed.wiring.get(stores.recordings).erase_turn(ROOM, TURN)
    deployed.run()

    job = deployed.wiring.get(operations.operator_jobs).find("again")
    assert job is not None
    assert job.state == "failed"
    assert "not recorded any more" in job.lines[-1]
    assert deployed.model.given == []


def test_one_turn_at_a_time_is_run_again(deployed: Deployment, admin: TurnVisit) -> None:
    """The next is told to wait; a function that is not there is told too, and the next press may start it."""
    admin.press()
    assert "another turn is being run again" in admin.press().text
    assert len(deployed.held.orders) == 1
    deployed.run()

    deployed.held.is_away = True
    assert "could not be started" in admin.press().text
    deployed.held.is_away = False
    admin.press()
    assert len(deployed.held.orders) == 2
