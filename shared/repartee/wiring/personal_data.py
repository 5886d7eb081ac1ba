"""Declares every store that holds what belongs to people, so that none is left out when they ask.

A new store is one line here: the parts of `wiring/stores.py` that it is behind, the places in which it keeps
something, and how it hands out and erases what belongs to a person, a room or a workspace. A part or a place
that holds nothing of people says why, in `HOLDS_NOTHING`. `tests/contract/test_personal_data.py` fails for
whatever is in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from repartee.ports.personal_data import Subject
from repartee.setting_types import Setting
from repartee.settings import Settings
from repartee.wiring import brief_stores, operations, process, stores
from repartee.wiring.container import Wiring, WiringPart, part

if TYPE_CHECKING:
    from repartee.ports.personal_data import PersonalDataStore, SubjectKind
    from repartee.stores.dynamodb.personal_data import DynamoPersonalData
    from repartee.stores.dynamodb.recordings import DynamoRecordings
    from repartee.stores.personal_memories import DeletableMedia, ListableMemories
    from repartee.stores.personal_messages import ListableMessages


class StoreDeclaration(NamedTuple):
    """A store: its name, its parts, what holds its data (tables, collections, resources of the template), and
    how its personal data is reached."""

    name: str
    parts: tuple[WiringPart[Any], ...]
    places: tuple[str, ...]
    make: Callable[[Wiring], PersonalDataStore]
    needs: tuple[Setting[Any], ...] = ()
    """Settings of which one says that the store is in use; always, where none is named."""


@part
def personal_records(wiring: Wiring) -> DynamoPersonalData:
    """The tables of records and accounts, which also tell what the other stores have to look for."""
    from repartee.stores.dynamodb.personal_data import DynamoPersonalData

    settings = wiring.get(process.settings)
    return DynamoPersonalData(
        wiring.get(process.dynamodb_client), settings.accounts_table, settings.records_table
    )


def _make_messages(wiring: Wiring) -> PersonalDataStore:
    from repartee.stores.personal_messages import PersonalMessages

    return PersonalMessages(cast("ListableMessages", wiring.get(stores.messages)))


def _make_memories(wiring: Wiring) -> PersonalDataStore:
    from repartee.stores.personal_memories import PersonalMemories

    return PersonalMemories(cast("ListableMemories", wiring.get(stores.memories)))


def _make_media(wiring: Wiring) -> PersonalDataStore:
    from repartee.stores.personal_memories import PersonalMedia

    return PersonalMedia(cast("DeletableMedia", wiring.get(stores.media)))


def _make_dead_letters(wiring: Wiring) -> PersonalDataStore:
    from repartee.aws.dead_letters import PersonalDeadLetters

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return PersonalDeadLetters(sqs, wiring.get(process.settings).dead_letters_queue_url)


def _make_event_dead_letters(wiring: Wiring) -> PersonalDataStore:
    from repartee.aws.dead_letters import PersonalDeadLetters

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return PersonalDeadLetters(sqs, wiring.get(process.settings).desk_event_dead_letters_queue_url)


def _make_recordings(wiring: Wiring) -> PersonalDataStore:
    from repartee.stores.dynamodb.personal_recordings import PersonalRecordings

    settings, client = wiring.get(process.settings), wiring.get(process.dynamodb_client)

    def read_recordings() -> DynamoRecordings | None:
        has_key = settings.is_any_set(Settings.recordings_key)
        return cast("DynamoRecordings", wiring.get(stores.recordings)) if has_key else None

    return PersonalRecordings(client, settings.recordings_table, read_recordings)


def _make_exports(wiring: Wiring) -> PersonalDataStore:
    from repartee.stores.personal_exports import PersonalExports

    return PersonalExports(wiring.get(operations.export_files))


PERSONAL_DATA_STORES: tuple[StoreDeclaration, ...] = (
    StoreDeclaration(
        "messages",
        (stores.messages, stores.meetings),
        (
            *("UserMessage", "AssistantMessage", "Meeting", "Messages"),
            *("said", "filed", "vectors", "words", "bigrams"),
        ),
        _make_messages,
    ),
    StoreDeclaration(
        "memories",
        (stores.memories,),
        ("memories",),
        _make_memories,
        (Settings.pinecone_memories_host, Settings.sqlite_path),
    ),
    StoreDeclaration("files", (stores.media,), ("media", "Media"), _make_media),
    StoreDeclaration("dead letters", (), ("DeadLetters",), _make_dead_letters),
    StoreDeclaration(
        "dead letters of events",
        (),
        ("DeskEventDeadLetters",),
        _make_event_dead_letters,
        (Settings.desk_event_dead_letters_queue_url,),
    ),
    StoreDeclaration(
        "recordings",
        (stores.recordings,),
        ("Recordings",),
        _make_recordings,
        (Settings.recordings_table,),
    ),
    StoreDeclaration(
        "exports",
        (operations.export_files,),
        ("Exports",),
        _make_exports,
        (Settings.exports_bucket,),
    ),
    StoreDeclaration(
        "inbox and records",
        (
            stores.inbox,
            stores.records,
            stores.turn_records,
            stores.proposals,
            stores.accounts,
            stores.coaching,
            stores.workouts,
            stores.earlier_image_store,
            stores.events,
            stores.rates,
            stores.stream_slots,
            stores.chat_moves,
            brief_stores.briefs,
            brief_stores.brief_runs,
            brief_stores.brief_texts,
            brief_stores.brief_links,
            brief_stores.order_log,
            brief_stores.reminders,
            brief_stores.email_contacts,
            brief_stores.email_runs,
            stores.desk_records,
            stores.handovers,
            stores.event_outbox,
        ),
        ("Records", "Accounts"),
        lambda wiring: wiring.get(personal_records),
    ),
)
"""In the order in which they are erased. The table is the last, because it tells what is in the others."""

HOLDS_NOTHING: Mapping[WiringPart[Any] | str, str] = {
    stores.wakes: "a wake names a chat, by an id in which numbers and addresses are hashed, for four days",
    stores.active_messages: "turns that show something now, by ids of turns, and failures of backends",
    "Wakes": "the queue of wakes",
    "Briefs": "a job names a person by their id and a day, for four days",
    "Reminders": "a wake names a person and a reminder by their ids, for a quarter of an hour",
    "BriefDeadLetters": "the same jobs, for two weeks",
    "DeskEvents": "a message names a chat and a receiver by their ids, for four days",
    "BriefEmails": "a job names a person and a day or a nonce, and no address, for four days",
    "BriefEmailDeadLetters": "the same jobs, for two weeks",
    "EmailEvents": "SES's events of mails, which name the address, for a day at the most",
    stores.vectors: "the vectors of the assistants' own example sentences",
    stores.knowledge: "the coach's library, which the operator brings in",
    "passages": "the library's table",
    stores.desk_knowledge: "a business's own documents, which the operator brings in",
    stores.weaviate_connection: "a connection",
}
"""Parts and places without anything of people, and why."""


def make_stores(wiring: Wiring) -> dict[str, PersonalDataStore | None]:
    """Returns every store by its name, in the order in which they are erased. None for one that this
    deployment does not use."""
    settings = wiring.get(process.settings)
    return {
        one.name: one.make(wiring) if not one.needs or settings.is_any_set(*one.needs) else None
        for one in PERSONAL_DATA_STORES
    }


def make_subject(wiring: Wiring, kind: SubjectKind, id: str) -> Subject:
    """Returns the subject under all of its ids: the given one, the one in which a number or an address is
    hashed, and the one under which versions before knew it."""
    if kind == "workspace":
        return Subject(kind, frozenset((id,)))
    from repartee.privacy.identifiers import split_person_id

    earlier = "".join(split_person_id(id))
    return Subject(kind, frozenset((id, earlier, process.hash_given_person(wiring, id))))
