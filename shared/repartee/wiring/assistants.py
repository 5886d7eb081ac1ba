"""The assistants that the settings name, and the ports that are offered to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import briefs, channels, desk_events, handovers, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.assistants.ports import AssistantPorts
    from repartee.briefs.orders import NoticeBook
    from repartee.domain.message import Exchange, Message, StoredMessage
    from repartee.domain.redactor import RedactorFactory
    from repartee.plan import Pool
    from repartee.ports import (
        AttachmentDownloader,
        CoachRecords,
        DocumentParser,
        EarlierImageStore,
        Embedder,
        Erp,
        Knowledge,
        MediaStore,
        MeetingStore,
        MemoryStore,
        MessageStore,
        ProposalStore,
        Records,
        SmallModel,
        Transcriber,
        VectorCache,
        WorkoutStore,
    )
    from repartee.ports.channels import ReplySender
    from repartee.ports.desk import DeskKnowledge, DeskRecords
    from repartee.ports.handovers import Handovers
    from repartee.ports.names import NameDirectory
    from repartee.ports.recordings import RecordingStore
    from repartee.ports.threads import ThreadReader
    from repartee.turn.assistant import Assistant
    from repartee.turn.persist import ExchangePersister

ASSISTANTS = ("coach", "desk", "office")
"""The folders of `assistants/`. In each, the module `assistant` has `make_assistant(ports) -> Assistant`."""


@part
def assistants(wiring: Wiring) -> Mapping[str, Assistant]:
    """Those that the settings name. The others are not imported."""
    named = wiring.get(process.settings).assistant.values()
    if unknown := named - set(ASSISTANTS):
        raise Settings.assistant.malformed_error(
            f"there is no {', '.join(sorted(unknown))}; there are {', '.join(ASSISTANTS)}"
        )
    return {name: find_maker(name)(OfferedPorts(wiring)) for name in sorted(named)}


def find_maker(name: str) -> Callable[[AssistantPorts], Assistant]:
    """Returns the function that makes the assistant in this folder."""
    make: Callable[[AssistantPorts], Assistant]
    make = import_module(f"repartee.assistants.{name}.assistant").make_assistant
    return make


def record_exchange(wiring: Wiring, exchange: Exchange) -> None:
    """Keeps what the assistant that took the turn keeps of it in its own way, and that people answer."""
    briefs.note_answer(wiring, exchange)
    assistant = wiring.get(assistants).get(exchange.assistant)
    if assistant and assistant.on_exchange:
        assistant.on_exchange(exchange)


def erase_learnt(wiring: Wiring, exchange: Exchange) -> None:
    """Erases what the assistant that took the turn has learnt from it."""
    assistant = wiring.get(assistants).get(exchange.assistant)
    if assistant and assistant.erase_learnt:
        assistant.erase_learnt(exchange)


def erase_deleted(wiring: Wiring, deletion: Message) -> None:
    """Erases a message that its author has deleted."""
    from repartee.turn.erasure import DeletedMessageEraser

    get = wiring.get
    DeletedMessageEraser(
        get(stores.inbox),
        get(stores.messages),
        get(stores.earlier_image_store),
        lambda: get(stores.media),
        partial(erase_learnt, wiring),
        partial(find_recordings, wiring),
    ).erase(deletion)


def find_recordings(wiring: Wiring) -> RecordingStore | None:
    """Returns the store of recordings, where there is one."""
    settings = wiring.get(process.settings)
    has_both = settings.recordings_table and settings.is_any_set(Settings.recordings_key)
    return wiring.get(stores.recordings) if has_both else None


@part
def exchange_persister(wiring: Wiring) -> ExchangePersister:
    from repartee.turn.persist import ExchangePersister

    get = wiring.get
    return ExchangePersister(
        get(stores.inbox),
        get(stores.messages),
        get(services.embedder),
        get(process.logger),
        partial(record_exchange, wiring),
        get(services.redactor_for),
        store_redacted=get(process.settings).stored_redaction_mode == "masked",
        name_people=get(channels.name_directory).name_exchange,
        list_room_names=lambda room: get(channels.name_directory).names_in(room).values(),
        erase_deleted=partial(erase_deleted, wiring),
        announce_events=partial(desk_events.announce_events, wiring),
    )


def store_messages(wiring: Wiring, messages: Sequence[StoredMessage]) -> None:
    """Stores what was said. The persister, which asks the assistants, is made after them."""
    wiring.get(exchange_persister).store(messages)


class OfferedPorts:
    """`AssistantPorts`, each of which is made when an assistant asks for it."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    @property
    def pool(self) -> Pool:
        return self._wiring.get(process.pool)

    @property
    def records(self) -> Records:
        return self._wiring.get(stores.records)

    @property
    def messages(self) -> MessageStore:
        return self._wiring.get(stores.messages)

    @property
    def meetings(self) -> MeetingStore:
        return self._wiring.get(stores.meetings)

    @property
    def vectors(self) -> VectorCache:
        return self._wiring.get(stores.vectors)

    @property
    def proposals(self) -> ProposalStore:
        return self._wiring.get(stores.proposals)

    @property
    def coaching(self) -> CoachRecords:
        return self._wiring.get(stores.coaching)

    @property
    def desk_records(self) -> DeskRecords:
        return self._wiring.get(stores.desk_records)

    @property
    def desk_knowledge(self) -> DeskKnowledge:
        return self._wiring.get(stores.desk_knowledge)

    @property
    def handovers(self) -> Handovers:
        return self._wiring.get(stores.handovers)

    @property
    def workouts(self) -> WorkoutStore:
        return self._wiring.get(stores.workouts)

    @property
    def knowledge(self) -> Knowledge:
        return self._wiring.get(stores.knowledge)

    @property
    def memories(self) -> MemoryStore:
        return self._wiring.get(stores.memories)

    @property
    def media(self) -> MediaStore:
        return self._wiring.get(stores.media)

    @property
    def earlier_image_store(self) -> EarlierImageStore:
        return self._wiring.get(stores.earlier_image_store)

    @property
    def small_model(self) -> SmallModel:
        return self._wiring.get(services.small_model)

    @property
    def embedder(self) -> Embedder:
        return self._wiring.get(services.embedder)

    @property
    def redacting_embedder(self) -> Embedder:
        return self._wiring.get(services.redacting_embedder)

    @property
    def transcriber(self) -> Transcriber:
        return self._wiring.get(services.transcriber)

    @property
    def documents(self) -> DocumentParser:
        return self._wiring.get(services.documents)

    @property
    def redactor_for(self) -> RedactorFactory:
        return self._wiring.get(services.redactor_for)

    @property
    def attachments(self) -> AttachmentDownloader:
        return self._wiring.get(channels.attachments)

    @property
    def thread_reader(self) -> ThreadReader:
        return self._wiring.get(channels.thread_reader)

    @property
    def name_directory(self) -> NameDirectory:
        return self._wiring.get(channels.name_directory)

    @property
    def store_messages(self) -> Callable[[Sequence[StoredMessage]], None]:
        return partial(store_messages, self._wiring)

    @property
    def reply_senders(self) -> Mapping[str, ReplySender]:
        return self._wiring.get(channels.reply_senders)

    @property
    def notice_book(self) -> NoticeBook:
        return self._wiring.get(briefs.notice_book)

    @property
    def is_of_team(self) -> Callable[[Message], bool]:
        return partial(handovers.is_of_team, self._wiring)

    @property
    def clock(self) -> Callable[[], float]:
        return self._wiring.get(process.clock)

    @property
    def erp(self) -> Erp | None:
        return self._wiring.get(services.erp) if self._wiring.get(process.settings).odoo_url else None

    @property
    def erp_readers(self) -> Sequence[str]:
        named = self._wiring.get(process.settings).erp_readers
        return [process.hash_given_person(self._wiring, entry) for entry in named]

    @property
    def embedding_model(self) -> str:
        return self._wiring.get(process.settings).embedding_model

    @property
    def redact_stored(self) -> Callable[[Sequence[StoredMessage]], Sequence[StoredMessage]]:
        return partial(services.redact_if_stored_redacted, self._wiring)
