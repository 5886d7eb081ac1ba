"""Protocols of everything outside the domain. Contract tests hold every implementation to each docstring.

Every call raises `BackendError` (errors.py) when it cannot be carried out, honours `plan.deadline`, and
may be made from many threads at once.
"""

from repartee.ports.coaching import (
    CoachRecords,
    CoachState,
    Knowledge,
    Memory,
    MemoryStore,
    Passage,
    Workout,
    WorkoutStore,
)
from repartee.ports.erp import Erp, ErpAccount, ErpAccountStore, ErpField, ErpGrouping, ErpModel, ErpQuery
from repartee.ports.inbox import (
    AnswerStatus,
    Inbox,
    OpenItems,
    PutResult,
    Revised,
    TurnRecords,
    TurnStarter,
    Wakes,
)
from repartee.ports.leases import JoinedWake, LeaseHeld, LeaseRecord, OutageState
from repartee.ports.media import (
    AttachmentDownloader,
    Document,
    DocumentParser,
    EarlierImage,
    EarlierImageStore,
    MediaStore,
    StoredMedia,
    Transcriber,
)
from repartee.ports.messages import MeetingStore, MessageStore
from repartee.ports.models import (
    AnswerT,
    Embedder,
    LanguageModel,
    PiiDetector,
    PiiSpan,
    SmallModel,
    Vector,
    VectorCache,
)
from repartee.ports.records import ChatMoves, ChatState, ProposalStore, Records, Summary
from repartee.ports.web import RateLimiter, StreamSlots, WebEvent, WebEventKind, WebEventLog

__all__ = [
    "AnswerStatus",
    "AnswerT",
    "AttachmentDownloader",
    "ChatMoves",
    "ChatState",
    "CoachRecords",
    "CoachState",
    "Document",
    "DocumentParser",
    "EarlierImage",
    "EarlierImageStore",
    "Embedder",
    "Erp",
    "ErpAccount",
    "ErpAccountStore",
    "ErpField",
    "ErpGrouping",
    "ErpModel",
    "ErpQuery",
    "Inbox",
    "JoinedWake",
    "Knowledge",
    "LanguageModel",
    "LeaseHeld",
    "LeaseRecord",
    "MediaStore",
    "MeetingStore",
    "Memory",
    "MemoryStore",
    "MessageStore",
    "OpenItems",
    "OutageState",
    "Passage",
    "PiiDetector",
    "PiiSpan",
    "ProposalStore",
    "PutResult",
    "RateLimiter",
    "Records",
    "Revised",
    "SmallModel",
    "StoredMedia",
    "StreamSlots",
    "Summary",
    "Transcriber",
    "TurnRecords",
    "TurnStarter",
    "Vector",
    "VectorCache",
    "Wakes",
    "WebEvent",
    "WebEventKind",
    "WebEventLog",
    "Workout",
    "WorkoutStore",
]
