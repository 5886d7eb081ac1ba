"""The stores: on AWS, Weaviate and Pinecone, or embedded where no address is set."""

from __future__ import annotations

import tempfile
from functools import cached_property
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring.process import ProcessWiring

if TYPE_CHECKING:
    from repartee.ports import (
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
        VectorCache,
        Wakes,
        WebEventLog,
        WorkoutStore,
    )
    from repartee.stores.weaviate import WeaviateConnection


class StoresWiring(ProcessWiring):
    """Where everything is kept."""

    @cached_property
    def inbox(self) -> Inbox:
        from repartee.stores.dynamodb.inbox import DynamoInbox

        return DynamoInbox(self.dynamodb_client, self.settings.records_table)

    @cached_property
    def wakes(self) -> Wakes:
        from repartee.aws.queue import SqsWakes

        settings = self.settings
        buried = settings.look_up(Settings.dead_letters_queue_url)  # only a turn buries
        return SqsWakes(self.aws_clients.get_client("sqs"), settings.wakes_queue_url, buried)

    @cached_property
    def records(self) -> Records:
        from repartee.stores.dynamodb.records import DynamoRecords

        return DynamoRecords(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def proposals(self) -> ProposalStore:
        from repartee.stores.dynamodb.proposals import DynamoProposals

        return DynamoProposals(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def accounts(self) -> ErpAccountStore:
        from repartee.stores.dynamodb.accounts import DynamoErpAccounts

        return DynamoErpAccounts(self.dynamodb_client, self.settings.records_table)

    @cached_property
    def coaching(self) -> CoachRecords:
        from repartee.stores.dynamodb.coaching import DynamoCoaching

        return DynamoCoaching(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def workouts(self) -> WorkoutStore:
        from repartee.stores.dynamodb.workouts import DynamoWorkouts

        return DynamoWorkouts(self.dynamodb_client, self.settings.records_table)

    @cached_property
    def knowledge(self) -> Knowledge:
        settings = self.settings
        if settings.pinecone_knowledge_host:
            from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge

            return PineconeKnowledge(
                PineconeIndex(settings.pinecone_knowledge_host, settings.pinecone_api_key)
            )
        from repartee.stores.sqlite.knowledge import SqliteKnowledge

        return SqliteKnowledge(f"{settings.sqlite_path}-knowledge")

    @cached_property
    def memories(self) -> MemoryStore:
        settings = self.settings
        if settings.pinecone_memories_host:
            from repartee.stores.pinecone import PineconeIndex, PineconeMemories

            return PineconeMemories(PineconeIndex(settings.pinecone_memories_host, settings.pinecone_api_key))
        from repartee.stores.sqlite.memories import SqliteMemories

        return SqliteMemories(f"{settings.sqlite_path}-memories")

    @cached_property
    def messages(self) -> MessageStore:
        settings = self.settings
        if not settings.weaviate_url:
            from repartee.stores.sqlite.messages import SqliteMessages

            return SqliteMessages(settings.sqlite_path)
        from repartee.stores.weaviate import WeaviateMessages

        return WeaviateMessages(self.weaviate_connection)

    @cached_property
    def meetings(self) -> MeetingStore:
        if not self.settings.weaviate_url:
            from repartee.stores.sqlite.meetings import SqliteMeetings

            return SqliteMeetings(self.settings.sqlite_path)
        from repartee.stores.weaviate import WeaviateMeetings

        return WeaviateMeetings(self.weaviate_connection)

    @cached_property
    def weaviate_connection(self) -> WeaviateConnection:
        from repartee.stores.weaviate import WeaviateConnection

        settings = self.settings
        return WeaviateConnection(
            settings.weaviate_url, settings.weaviate_grpc_port, settings.weaviate_api_key
        )

    @cached_property
    def vectors(self) -> VectorCache:
        from repartee.stores.dynamodb.vectors import DynamoVectors

        return DynamoVectors(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def media(self) -> MediaStore:
        settings = self.settings
        if settings.media_bucket:
            from repartee.stores.s3 import S3Media

            return S3Media(self.aws_clients.get_client("s3"), settings.media_bucket)
        from repartee.stores.sqlite.media import SqliteMedia

        beside = settings.look_up(Settings.sqlite_path) or f"{tempfile.gettempdir()}/repartee"
        return SqliteMedia(f"{beside}-media")

    @cached_property
    def earlier_image_store(self) -> EarlierImageStore:
        from repartee.stores.dynamodb.earlier_images import DynamoEarlierImages

        return DynamoEarlierImages(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def events(self) -> WebEventLog:
        from repartee.stores.dynamodb.events import DynamoEvents

        return DynamoEvents(self.dynamodb_client, self.settings.records_table, self.clock)

    @cached_property
    def rates(self) -> RateLimiter:
        from repartee.stores.dynamodb.rates import DynamoRates

        return DynamoRates(self.dynamodb_client, self.settings.records_table, self.clock)
