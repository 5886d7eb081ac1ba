"""The ports that the office assistant's plan asks for."""

from __future__ import annotations

from repartee.assistants import threads
from repartee.assistants.base import BaseInputs
from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.routes import Router
from repartee.briefs.orders import NoticeBook
from repartee.domain.redactor import RedactorFactory
from repartee.ports import (
    EarlierImageStore,
    Embedder,
    MeetingStore,
    MessageStore,
    Records,
    SmallModel,
)
from repartee.ports.names import NameDirectory
from repartee.ports.threads import ThreadReader


class OfficeInputs(BaseInputs, frozen=True, kw_only=True):
    """The ports that the office assistant's steps ask for, beside what a turn offers."""

    records: Records
    messages: MessageStore
    meetings: MeetingStore
    embedder: Embedder
    small_model: SmallModel
    router: Router
    redactor_for: RedactorFactory
    erp_toolset: ErpToolset | None
    earlier_image_store: EarlierImageStore
    thread_reader: ThreadReader
    name_directory: NameDirectory
    store_messages: threads.StoreMessages
    notice_book: NoticeBook | None = None
