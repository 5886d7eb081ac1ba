"""The console's sections on stores of a test, and operators who are who a request says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from starlette.requests import Request

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp, ConsoleSection
from repartee.console.chat_acts import ChatActs
from repartee.console.chat_list import ChatFinder
from repartee.console.chat_pictures import ChatPictures
from repartee.console.chat_search import ChatSearch
from repartee.console.conversations import ConversationSection
from repartee.console.health import HealthSection
from repartee.console.live_figures import LiveWatch
from repartee.console.operator_relay import OperatorRelay
from repartee.console.setup_jobs import SetupJobs
from repartee.console.turn_pages import TurnPages
from repartee.console.turn_recordings import TurnRecordings
from repartee.domain.budget import Budget
from repartee.ports import MediaStore, MessageStore, StoredMedia, Wakes
from repartee.ports.recordings import RecordingStore
from repartee.stores.dynamodb.audit_log import DynamoAuditLog
from repartee.stores.dynamodb.conversations import DynamoConversations
from repartee.stores.dynamodb.earlier_images import DynamoEarlierImages
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.live_state import DynamoLiveState
from repartee.stores.dynamodb.operator_notes import DynamoOperatorNotes
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.turn_statistics import DynamoTurnStatistics
from tests.support.memory_stores import MemoryWakes

NO_BUDGET = Budget()
OPERATOR_HEADER, ROLE_HEADER = "x-test-operator", "x-test-role"


class NamedOperators:
    """Lets in the operator whom a header names, with the role that another one says."""

    def identify_operator(self, request: Request) -> Operator:
        """Returns the operator of the headers."""
        name = request.headers[OPERATOR_HEADER]
        return Operator(name.lower(), name, Role[request.headers.get(ROLE_HEADER, "AGENT")])


class NoMedia:
    """Keeps no picture."""

    def read(self, media: StoredMedia) -> bytes:
        """Returns nothing."""
        return b""


def health_section(
    app: ConsoleApp, dynamodb: Any, table: str, clock: Callable[[], float], budget: Budget = NO_BUDGET
) -> ConsoleSection:
    """Returns *Health* on a table, with three wakes in the queue."""
    live = LiveWatch(DynamoLiveState(dynamodb, table, clock), lambda: budget, clock)
    return HealthSection(app, DynamoTurnStatistics(dynamodb, table), lambda: 3, live, clock).section()


def conversation_section(
    app: ConsoleApp,
    dynamodb: Any,
    table: str,
    messages: MessageStore,
    clock: Callable[[], float],
    new_id: Callable[[], str],
    wakes: Wakes | None = None,
    media: MediaStore | None = None,
    recordings: RecordingStore | None = None,
    jobs: SetupJobs | None = None,
) -> ConsoleSection:
    """Returns *Conversations* on a table."""
    conversations = DynamoConversations(dynamodb, table, clock)
    handovers = DynamoHandovers(dynamodb, table, clock, new_id)
    notes, audit = (
        DynamoOperatorNotes(dynamodb, table, clock, new_id),
        DynamoAuditLog(dynamodb, table, new_id),
    )
    records = DynamoRecords(dynamodb, table, clock)
    relay = OperatorRelay(handovers, DynamoInbox(dynamodb, table), wakes or MemoryWakes(clock), clock, new_id)
    search = ChatSearch(lambda: messages)
    kept = media or cast("MediaStore", NoMedia())
    pictures = ChatPictures(lambda: DynamoEarlierImages(dynamodb, table, clock), lambda: kept)
    return ConversationSection(
        app,
        ChatFinder(DynamoTurnStatistics(dynamodb, table), conversations, handovers, search, clock),
        conversations,
        records,
        notes,
        pictures,
        ChatActs(conversations, records, relay, notes, audit, clock),
        audit,
        clock,
        TurnPages(app, conversations, TurnRecordings(lambda: recordings), jobs, audit, clock),
    ).section()
