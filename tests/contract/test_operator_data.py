"""What is kept about an operator of the console is handed out and erased like all other people's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.message import Person
from repartee.ports.operations import AuditEntry, OperatorNote, OperatorSession
from repartee.wiring import operations, stores
from tests.support import aws
from tests.support.personal_data_world import START_SECONDS, PersonalDataWorld

OLGA = "auth0|olga"
CHAT = "telegram:77:main"


@pytest.fixture
def world(moto: str, tmp_path: Path) -> PersonalDataWorld:
    dynamodb, sqs = aws.make_client("dynamodb", moto), aws.make_client("sqs", moto)
    made = PersonalDataWorld(
        {"dynamodb": dynamodb, "sqs": sqs},
        RECORDS_TABLE=aws.make_table(dynamodb),
        ACCOUNTS_TABLE=aws.make_table(dynamodb),
        RECORDINGS_TABLE=aws.make_table(dynamodb),
        DEAD_LETTERS_QUEUE_URL=aws.make_queue(sqs),
        DESK_EVENT_DEAD_LETTERS_QUEUE_URL=aws.make_queue(sqs),
        SQLITE_PATH=str(tmp_path / "messages.db"),
    )
    get = made.wiring.get
    for operator in (OLGA, "otto"):
        get(operations.audit_log).append(
            AuditEntry(at=START_SECONDS, operator=operator, action="mute", target=CHAT)
        )
        session = OperatorSession(
            id=f"hash-of-{operator}",
            operator=operator,
            name=f"Name of {operator}",
            role=2,
            started_at=START_SECONDS,
            checked_at=START_SECONDS,
            seen_at=START_SECONDS,
        )
        get(operations.operator_sessions).save(session, START_SECONDS + 3600)
        note = OperatorNote(
            at=START_SECONDS,
            author=f"Name of {operator}",
            text=f"calls {operator[-4:]} back",
            author_id=operator,
        )
        get(operations.operator_notes).append(CHAT, note)
    asked = HandoverRequest(
        chat=CHAT, customer=Customer(room=CHAT, channel="telegram"), reason="team", at=START_SECONDS
    )
    member = Person(f"console:{OLGA}", f"Name of {OLGA}")
    assert get(stores.handovers).take(CHAT, member, START_SECONDS, request=asked).applied
    return made


def test_an_operator_is_forgotten(world: PersonalDataWorld) -> None:
    """Their session ends, and acts, notes and the conversation that they have are of nobody; what was done
    stays, and so does all of another operator's."""
    erased = world.forget("person", f"console:{OLGA}")

    left = world.dump()
    assert erased["inbox and records"] == 5
    assert OLGA not in left
    assert left.count("(forgotten)") == 2
    assert "calls olga back" in left
    for word in ("hash-of-otto", "Name of otto", "'operator': 'otto'"):
        assert word in left
    assert world.forget("person", f"console:{OLGA}")["inbox and records"] == 0


def test_an_operator_is_handed_what_is_kept_of_them(world: PersonalDataWorld) -> None:
    """All that would be erased, without what their browser is known by, and nothing of others."""
    handed_out = "\n".join(world.export("person", f"console:{OLGA}")["inbox and records"])

    for word in ("mute", "calls olga back", f"Name of {OLGA}"):
        assert word in handed_out
    assert handed_out.count(OLGA) >= 4
    assert "otto" not in handed_out


def test_a_note_of_an_earlier_version_has_no_author_s_id(world: PersonalDataWorld) -> None:
    """It is read as it is, and is nobody's by the id."""
    world.wiring.get(operations.operator_notes).append(
        CHAT, OperatorNote(at=START_SECONDS + 1, author="Name of old", text="old")
    )
    world.forget("person", f"console:{OLGA}")
    notes = world.wiring.get(operations.operator_notes).list_newest(CHAT, 5)
    assert [one.author for one in notes if one.text == "old"] == ["Name of old"]
