"""The stores: on AWS, Weaviate and Pinecone, or embedded where no address is set."""

from __future__ import annotations

import tempfile
from functools import partial
from typing import TYPE_CHECKING

from repartee.errors import SettingError
from repartee.settings import Settings
from repartee.wiring import process
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from repartee.ports import (
        ChatMoves,
        CoachRecords,
        EarlierImageStore,
        ErpAccountStore,
        Inbox,
        Knowledge,
        MediaStore,
        MeetingStore,
        MemoryStore,
        MessageStore,
        ProposalStore,
        RateLimiter,
        Records,
        StreamSlots,
        TurnRecords,
        VectorCache,
        Wakes,
        WebEventLog,
        WorkoutStore,
    )
    from repartee.ports.desk import DeskKnowledge, DeskRecords
    from repartee.ports.handovers import Handovers
    from repartee.ports.outbox import EventOutbox
    from repartee.ports.recordings import RecordingStore
    from repartee.stores.dynamodb.active_messages import ActiveMessageItems
    from repartee.stores.weaviate import WeaviateConnection


def _records_place(wiring: Wiring) -> tuple[DynamoDBClient, str, Callable[[], float]]:
    """Returns what every store in the table of records is made of: client, table, clock."""
    get = wiring.get
    return get(process.dynamodb_client), get(process.settings).records_table, get(process.clock)


@part
def inbox(wiring: Wiring) -> Inbox:
    from repartee.stores.dynamodb.inbox import DynamoInbox

    settings = wiring.get(process.settings)
    return DynamoInbox(wiring.get(process.dynamodb_client), settings.records_table, settings.turn_record_days)


@part
def turn_records(wiring: Wiring) -> TurnRecords:
    from repartee.stores.dynamodb.turn_records import DynamoTurnRecords

    return DynamoTurnRecords(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def wakes(wiring: Wiring) -> Wakes:
    from repartee.aws.queue import SqsWakes

    settings = wiring.get(process.settings)
    buried = settings.look_up(Settings.dead_letters_queue_url)  # the sweep has none
    return SqsWakes(wiring.get(process.aws_clients).get_client("sqs"), settings.wakes_queue_url, buried)


@part
def active_messages(wiring: Wiring) -> ActiveMessageItems:
    """Keeps what workers share, for all who read a chat's state."""
    from repartee.stores.dynamodb.active_messages import ActiveMessageItems

    return ActiveMessageItems(*_records_place(wiring))


@part
def records(wiring: Wiring) -> Records:
    from repartee.stores.dynamodb.records import DynamoRecords

    return DynamoRecords(*_records_place(wiring), wiring.get(active_messages))


@part
def chat_moves(wiring: Wiring) -> ChatMoves:
    from repartee.stores.dynamodb.chat_moves import DynamoChatMoves

    return DynamoChatMoves(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def proposals(wiring: Wiring) -> ProposalStore:
    from repartee.stores.dynamodb.proposals import DynamoProposals

    return DynamoProposals(*_records_place(wiring))


@part
def accounts(wiring: Wiring) -> ErpAccountStore:
    from repartee.stores.dynamodb.accounts import DynamoErpAccounts

    settings = wiring.get(process.settings)
    return DynamoErpAccounts(
        wiring.get(process.dynamodb_client), settings.accounts_table, settings.records_table
    )


@part
def coaching(wiring: Wiring) -> CoachRecords:
    from repartee.stores.dynamodb.coaching import DynamoCoaching

    return DynamoCoaching(*_records_place(wiring), wiring.get(active_messages))


@part
def desk_records(wiring: Wiring) -> DeskRecords:
    from repartee.stores.dynamodb.desk import DynamoDesk

    return DynamoDesk(*_records_place(wiring), wiring.get(active_messages))


@part
def event_outbox(wiring: Wiring) -> EventOutbox:
    from repartee.stores.dynamodb.outbox import DynamoOutbox

    return DynamoOutbox(*_records_place(wiring))


@part
def handovers(wiring: Wiring) -> Handovers:
    from repartee.stores.dynamodb.handovers import DynamoHandovers

    return DynamoHandovers(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
        wiring.get(process.new_id),
    )


@part
def workouts(wiring: Wiring) -> WorkoutStore:
    from repartee.stores.dynamodb.workouts import DynamoWorkouts

    return DynamoWorkouts(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def knowledge(wiring: Wiring) -> Knowledge:
    return open_library(wiring, "")


@part
def desk_knowledge(wiring: Wiring) -> DeskKnowledge:
    from repartee.stores.desk_knowledge import NamespacedKnowledge

    return NamespacedKnowledge(partial(open_library, wiring))


def open_library(wiring: Wiring, namespace: str) -> Knowledge:
    """Returns the library of a desk; without a namespace, the coach's."""
    settings = wiring.get(process.settings)
    if settings.pinecone_knowledge_host:
        from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge

        index = PineconeIndex(settings.pinecone_knowledge_host, settings.pinecone_api_key)
        return PineconeKnowledge(index, namespace=namespace)
    if not settings.is_any_set(Settings.sqlite_path):
        raise SettingError(Settings.pinecone_knowledge_host.name, Settings.pinecone_knowledge_host.purpose)
    from repartee.stores.sqlite.knowledge import SqliteKnowledge

    return SqliteKnowledge("-".join(filter(None, (f"{settings.sqlite_path}-knowledge", namespace))))


@part
def memories(wiring: Wiring) -> MemoryStore:
    settings = wiring.get(process.settings)
    if settings.pinecone_memories_host:
        from repartee.stores.pinecone import PineconeIndex, PineconeMemories

        return PineconeMemories(PineconeIndex(settings.pinecone_memories_host, settings.pinecone_api_key))
    if not settings.is_any_set(Settings.sqlite_path):
        raise SettingError(Settings.pinecone_memories_host.name, Settings.pinecone_memories_host.purpose)
    from repartee.stores.sqlite.memories import SqliteMemories

    return SqliteMemories(f"{settings.sqlite_path}-memories")


@part
def messages(wiring: Wiring) -> MessageStore:
    settings = wiring.get(process.settings)
    if not settings.weaviate_url and settings.messages_table:
        from repartee.stores.dynamodb.messages import DynamoMessages

        return DynamoMessages(wiring.get(process.dynamodb_client), settings.messages_table)
    if not settings.weaviate_url:
        from repartee.stores.sqlite.messages import SqliteMessages

        return SqliteMessages(settings.sqlite_path)
    from repartee.stores.weaviate import WeaviateMessages

    return WeaviateMessages(wiring.get(weaviate_connection))


@part
def meetings(wiring: Wiring) -> MeetingStore:
    settings = wiring.get(process.settings)
    if not settings.weaviate_url and settings.messages_table:
        from repartee.stores.dynamodb.meetings import DynamoMeetings

        return DynamoMeetings(wiring.get(process.dynamodb_client), settings.messages_table)
    if not settings.weaviate_url:
        from repartee.stores.sqlite.meetings import SqliteMeetings

        return SqliteMeetings(settings.sqlite_path)
    from repartee.stores.weaviate import WeaviateMeetings

    return WeaviateMeetings(wiring.get(weaviate_connection))


@part
def weaviate_connection(wiring: Wiring) -> WeaviateConnection:
    from repartee.stores.weaviate import WeaviateConnection

    settings = wiring.get(process.settings)
    return WeaviateConnection(settings.weaviate_url, settings.weaviate_grpc_port, settings.weaviate_api_key)


@part
def vectors(wiring: Wiring) -> VectorCache:
    from repartee.stores.dynamodb.vectors import DynamoVectors

    return DynamoVectors(*_records_place(wiring))


@part
def media(wiring: Wiring) -> MediaStore:
    settings = wiring.get(process.settings)
    if settings.media_bucket:
        from repartee.stores.s3 import S3Media

        return S3Media(wiring.get(process.aws_clients).get_client("s3"), settings.media_bucket)
    from repartee.stores.sqlite.media import SqliteMedia

    beside = settings.look_up(Settings.sqlite_path) or f"{tempfile.gettempdir()}/repartee"
    return SqliteMedia(f"{beside}-media")


@part
def earlier_image_store(wiring: Wiring) -> EarlierImageStore:
    from repartee.stores.dynamodb.earlier_images import DynamoEarlierImages

    return DynamoEarlierImages(*_records_place(wiring))


@part
def events(wiring: Wiring) -> WebEventLog:
    from repartee.stores.dynamodb.events import DynamoEvents

    return DynamoEvents(*_records_place(wiring))


@part
def recordings(wiring: Wiring) -> RecordingStore:
    from repartee.stores.dynamodb.recordings import DynamoRecordings
    from repartee.stores.recording_cipher import RecordingCipher

    settings = wiring.get(process.settings)
    return DynamoRecordings(
        wiring.get(process.dynamodb_client),
        settings.recordings_table,
        RecordingCipher(settings.recordings_key),
        wiring.get(process.clock),
        settings.recordings_days,
    )


@part
def stream_slots(wiring: Wiring) -> StreamSlots:
    from repartee.stores.dynamodb.stream_slots import DynamoStreamSlots

    return DynamoStreamSlots(*_records_place(wiring))


@part
def rates(wiring: Wiring) -> RateLimiter:
    from repartee.stores.dynamodb.rates import DynamoRates

    return DynamoRates(*_records_place(wiring))
