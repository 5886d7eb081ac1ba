"""What is kept about a person, a room or a workspace is handed out and erased in every store.

A store, a table, a collection or a kind of item that is not declared fails here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest
import yaml

from local.aws_resources import TEMPLATE, _ResourceTemplateLoader
from repartee.assistants.coach.learnt_erasure import LearntEraser
from repartee.assistants.office.summarising import OfficeExchangeRecorder
from repartee.aws.dead_letters import PersonalDeadLetters
from repartee.domain.merging import as_deletion
from repartee.domain.message import Exchange, Message
from repartee.errors import InvalidArgument
from repartee.stores.dynamodb import personal_items
from repartee.stores.dynamodb.personal_data import DynamoPersonalData
from repartee.stores.weaviate.schema import COLLECTION_PROPERTIES
from repartee.turn.erasure import DeletedMessageEraser
from repartee.turn.persist import ExchangePersister
from repartee.wiring import brief_stores, personal_data, process, stores
from repartee.wiring.container import WiringPart
from tests.support import aws
from tests.support.personal_data_world import PersonalDataWorld

if TYPE_CHECKING:
    from repartee.ports import Embedder, SmallModel

STORES = Path(personal_items.__file__).parents[1]
STATEFUL_RESOURCES = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::RDS::DBInstance")
PARTITION_KEYS = {
    *("proposal#", "vectors#"),
    *personal_items.PARTITION_KINDS,
    *personal_items.MESSAGES_TABLE_KINDS,
}
"""Beginnings of partition keys, which look like those of sort keys."""


@pytest.fixture(params=["embedded", "servers", "messages table"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> PersonalDataWorld:
    get = request.getfixturevalue
    moto, servers = get("moto"), request.param != "embedded"
    dynamodb = aws.make_client("dynamodb", get("dynamodb_local") if servers else moto)
    sqs = aws.make_client("sqs", get("elasticmq") if servers else moto)
    settings = {"RECORDS_TABLE": aws.make_table(dynamodb), "ACCOUNTS_TABLE": aws.make_table(dynamodb)}
    settings["DEAD_LETTERS_QUEUE_URL"] = aws.make_queue(sqs)
    settings["DESK_EVENT_DEAD_LETTERS_QUEUE_URL"] = aws.make_queue(sqs)
    settings["RECORDINGS_TABLE"] = aws.make_table(dynamodb)
    clients: dict[str, Any] = {"dynamodb": dynamodb, "sqs": sqs, "s3": aws.make_transfer_client(moto)}
    settings["EXPORTS_BUCKET"] = aws.make_bucket(clients["s3"])
    settings["SQLITE_PATH"] = str(tmp_path / "messages.db")
    if request.param == "messages table":
        settings["MESSAGES_TABLE"] = aws.make_messages_table(dynamodb)
    elif servers:
        weaviate, bucket = get("weaviate"), aws.make_bucket(clients["s3"])
        settings |= {
            "WEAVIATE_URL": weaviate.url,
            "WEAVIATE_GRPC_PORT": str(weaviate.grpc_port),
            "MEDIA_BUCKET": bucket,
        }
    made = PersonalDataWorld(clients, **settings)
    if request.param == "servers":
        from repartee.stores.pinecone import PineconeMemories

        index, clock = get("pinecone")[1], get("standin_clock")
        made.wiring.replace(stores.memories, lambda _: PineconeMemories(index, clock=clock, sleep=clock.wait))
        made.settle = get("settle")  # type: ignore[attr-defined]
    made.fill()
    return made


def settle(world: PersonalDataWorld) -> None:
    """Waits until a store that shows its writes later has shown them."""
    getattr(world, "settle", lambda: None)()


def test_a_person_is_forgotten_in_every_store(world: PersonalDataWorld) -> None:
    """Nothing that they said or are, and no answer to them, is anywhere. The others' words stay."""
    erased = world.forget("person", world.ada)
    settle(world)

    left = world.dump()
    assert erased.keys() == {one.name for one in personal_data.PERSONAL_DATA_STORES}
    assert all(erased.values())
    assert re.findall(r"\bada-[a-z-]+|answer-to-ada[a-z-]*|UADA", left) == []
    assert "UBEN" in left
    for word in (
        "ben-needs",
        "ben-customer",
        "ben-shared",
        "answer-to-ben",
        "ben-direct",
        "ben-profile",
        "ben-name",
        "ben-likes",
        "ben-project",
        "ben-link",
        "ben-ordered",
        "ben-export",
        "ben-event",
        "ben-exported-file",
    ):
        assert word in left
    assert "file of ben-shared" in left
    assert "file of ben-direct" in left


def test_forgetting_may_be_repeated(world: PersonalDataWorld) -> None:
    """The second time there is nothing left to erase."""
    world.forget("person", world.ada)
    settle(world)
    before = world.dump()

    again = world.forget("person", world.ada)

    assert set(again.values()) == {0}
    assert world.dump() == before


def test_what_was_broken_off_is_finished_by_the_next_run(world: PersonalDataWorld) -> None:
    """Whichever stores were reached before."""
    footprint = world.trace("person", world.ada)
    for name, store in world.stores().items():
        if name in ("messages", "files"):
            store.forget(footprint)

    world.forget("person", world.ada)
    settle(world)

    assert "ada-" not in world.dump()


def test_an_export_has_everything_that_would_be_forgotten(world: PersonalDataWorld) -> None:
    """Of every store, and nothing of others; a secret key is not handed out."""
    handed_out = world.export("person", world.ada)

    text = "\n".join(line for lines in handed_out.values() for line in lines)
    for word in (
        "ada-shared",
        "ada-direct",
        "ada-quoted",
        "ada-profile",
        "ada-room-profile",
        "ada-login",
        "ada-plan",
        "ada-workout",
        "ada-likes",
        "ada-proposal",
        "ada-name",
        "ada-project",
        "ada-section",
        "ada-reminder",
        "ada-event",
        "answer-to-ada",
        "answer-to-ada-directly",
    ):
        assert word in text
    assert all(handed_out.values())
    assert "ada-secret-key" not in text
    assert [line for line in text.splitlines() if "ben-direct" in line or "ben-profile" in line] == []
    assert len(handed_out["files"]) == 2


def test_a_room_is_forgotten_with_all_its_threads(world: PersonalDataWorld) -> None:
    """And its people keep what is theirs elsewhere."""
    world.forget("room", world.room)
    settle(world)

    left = world.dump()
    assert "ada-shared" not in left
    assert "answer-to-ben'" not in left
    assert "ben-shared" not in left
    assert "ada-summed-up" not in left
    for word in ("ada-direct", "ben-direct", "ada-profile", "ben-likes", "file of ada-direct"):
        assert word in left
    assert "file of ada-shared" not in left


def test_a_workspace_is_forgotten_with_its_people(world: PersonalDataWorld) -> None:
    """Only what is of nobody stays."""
    world.forget("workspace", world.workspace)
    settle(world)

    left = world.dump()
    assert world.workspace not in left
    assert re.findall(r"\b(?:ada|ben)-[a-z-]+", left) == []
    assert "examples" in left
    assert "rollup-chats" not in left


def test_a_dead_letter_of_others_can_still_be_replayed(world: PersonalDataWorld) -> None:
    """It is put back."""
    world.forget("person", world.ada)

    queue = world.stores()["dead letters"]
    assert isinstance(queue, PersonalDeadLetters)
    assert len(list(queue.export(world.trace("person", world.ben)))) == 2


def test_a_message_that_its_author_deletes_is_deleted_everywhere(world: PersonalDataWorld) -> None:
    """Of its words, its file, what was learnt of it and the answer to it nothing is left in any store. What
    others said stays, and so does what the person said elsewhere."""
    get, thread = world.wiring.get, world.first_chat
    exchange = get(stores.inbox).find_exchange_of(thread, "1")
    assert exchange is not None
    world.learn_from(exchange, "ada")
    asked = exchange.messages[0]
    assert isinstance(asked, Message)
    deletion = as_deletion(asked, "1-deleted")
    recorder = OfficeExchangeRecorder(
        get(stores.records), get(stores.messages), get(stores.meetings), cast("SmallModel", None)
    )

    def record(later: Exchange) -> None:
        get(stores.coaching).append_history(later)
        recorder.record_exchange(later)

    eraser = DeletedMessageEraser(
        get(stores.inbox),
        get(stores.messages),
        get(stores.earlier_image_store),
        lambda: get(stores.media),
        LearntEraser(get(stores.workouts), get(stores.memories)).erase,
        lambda: get(stores.recordings),
    )
    persister = ExchangePersister(
        get(stores.inbox),
        get(stores.messages),
        cast("Embedder", None),
        get(process.logger),
        record,
        erase_deleted=eraser.erase,
    )
    before = world.dump()
    for _ in range(2):  # a worker may die on the way
        persister.persist(msgspec.structs.replace(exchange, turn="turn-9", messages=(deletion,), reply=""))
        settle(world)

    left = world.dump(with_web_events=False)
    for word in ("ada-shared", "answer-to-ada'", "ada-learnt", "ada-squat", "ada-summed-up"):
        assert word in before
        assert word not in left
    for word in ("ben-shared", "answer-to-ben", "file of ben-shared", "ada-direct", "ada-likes"):
        assert word in left


def test_an_item_of_an_undeclared_kind_is_refused(world: PersonalDataWorld) -> None:
    """So that nobody believes that all was erased."""
    table = world.wiring.get(process.settings).records_table
    world.wiring.get(process.dynamodb_client).put_item(
        TableName=table, Item={"pk": {"S": world.ada}, "sk": {"S": "diary"}}
    )

    records = world.wiring.get(personal_data.personal_records)
    assert isinstance(records, DynamoPersonalData)
    with pytest.raises(InvalidArgument, match="diary"):
        records.forget(world.trace("person", world.ada))


def test_every_part_that_is_a_store_is_declared() -> None:
    """In the registry, or as one that holds nothing, with a reason."""
    known_parts = vars(stores) | vars(brief_stores)
    parts = {name for name, value in known_parts.items() if isinstance(value, WiringPart)}
    declared = {part for one in personal_data.PERSONAL_DATA_STORES for part in one.parts}
    known = declared | {part for part in personal_data.HOLDS_NOTHING if isinstance(part, WiringPart)}

    assert {name for name in parts if known_parts[name] not in known} == set()


def test_every_table_and_collection_is_declared() -> None:
    """Those of SQLite, Weaviate and the template."""
    sql = "\n".join(path.read_text() for path in (STORES / "sqlite").glob("*.py"))
    tables = set(re.findall(r"CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)", sql))
    resources = yaml.load(TEMPLATE.read_text(), _ResourceTemplateLoader)["Resources"]
    kept = {name for name, one in resources.items() if one["Type"] in STATEFUL_RESOURCES}
    declared = {place for one in personal_data.PERSONAL_DATA_STORES for place in one.places}
    nothing = {place for place in personal_data.HOLDS_NOTHING if isinstance(place, str)}

    assert (tables | kept | COLLECTION_PROPERTIES.keys()) - declared - nothing == set()


def test_every_kind_of_item_is_declared() -> None:
    """A sort key that the package writes is in `ITEM_KINDS`, or in the table of messages."""
    written = {
        key for path in (STORES / "dynamodb").glob("*.py") for key in _sort_keys(ast.parse(path.read_text()))
    }

    assert {"message#", "turn", "profile", "profile#", "workout#", "stream#", "picture#"} <= written
    assert written - personal_items.ITEM_KINDS.keys() - PARTITION_KEYS == set()


def _sort_keys(module: ast.Module) -> Iterator[str]:
    """The literal sort keys, or their literal beginnings, that a module makes primary keys of."""
    constants = {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "primary_key":
            yield from _literal_beginning(node.args[1], constants)
        elif isinstance(node, ast.Constant) and re.match("[a-z]+#", str(node.value)):
            yield from _literal_beginning(node, constants)


def _literal_beginning(node: ast.expr, constants: dict[str, Any]) -> Iterator[str]:
    if isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr):
        first = node.values[0]
        node = first.value if isinstance(first, ast.FormattedValue) else first
    value = node.value if isinstance(node, ast.Constant) else constants.get(getattr(node, "id", ""))
    if isinstance(value, str) and value:
        name, mark, _ = value.partition("#")
        yield name + mark
