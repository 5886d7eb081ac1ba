"""The ports that an assistant may be made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from repartee.briefs.orders import NoticeBook
from repartee.domain.message import Message, StoredMessage
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
from repartee.ports.threads import ThreadReader


class AssistantPorts(Protocol):
    """The ports that the wiring offers to assistants. Each port is made when it is asked for."""

    @property
    def pool(self) -> Pool: ...

    @property
    def records(self) -> Records: ...

    @property
    def messages(self) -> MessageStore: ...

    @property
    def meetings(self) -> MeetingStore: ...

    @property
    def vectors(self) -> VectorCache: ...

    @property
    def proposals(self) -> ProposalStore: ...

    @property
    def coaching(self) -> CoachRecords: ...

    @property
    def desk_records(self) -> DeskRecords: ...

    @property
    def desk_knowledge(self) -> DeskKnowledge: ...

    @property
    def handovers(self) -> Handovers: ...

    @property
    def workouts(self) -> WorkoutStore: ...

    @property
    def knowledge(self) -> Knowledge: ...

    @property
    def memories(self) -> MemoryStore: ...

    @property
    def media(self) -> MediaStore: ...

    @property
    def earlier_image_store(self) -> EarlierImageStore: ...

    @property
    def small_model(self) -> SmallModel: ...

    @property
    def embedder(self) -> Embedder:
        """Embeds texts as they are: the steps redact them."""

    @property
    def redacting_embedder(self) -> Embedder:
        """Redacts what it embeds, where redaction is on."""

    @property
    def transcriber(self) -> Transcriber: ...

    @property
    def documents(self) -> DocumentParser: ...

    @property
    def redactor_for(self) -> RedactorFactory: ...

    @property
    def attachments(self) -> AttachmentDownloader: ...

    @property
    def reply_senders(self) -> Mapping[str, ReplySender]:
        """The sending sides of the channels, by name."""

    @property
    def thread_reader(self) -> ThreadReader: ...

    @property
    def name_directory(self) -> NameDirectory: ...

    @property
    def store_messages(self) -> Callable[[Sequence[StoredMessage]], None]:
        """Stores what was said, with its vectors."""

    @property
    def notice_book(self) -> NoticeBook:
        """Keeps people's briefs."""

    @property
    def is_of_team(self) -> Callable[[Message], bool]:
        """Returns whether a member of a desk's team writes a message, among the team or alone. Raises
        `BackendError` where nobody can tell."""

    @property
    def clock(self) -> Callable[[], float]: ...

    @property
    def erp(self) -> Erp | None:
        """The company's ERP, where there is one."""

    @property
    def erp_readers(self) -> Sequence[str]:
        """Who may read the ERP with its shared login."""

    @property
    def embedding_model(self) -> str:
        """The name of the model that made the vectors."""

    @property
    def redact_stored(self) -> Callable[[Sequence[StoredMessage]], Sequence[StoredMessage]]:
        """Returns messages as the stores are to keep them."""
