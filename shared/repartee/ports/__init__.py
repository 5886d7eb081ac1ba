"""What the domain asks of the world. Each docstring is a promise that a contract test holds every store to.

Every call raises `BackendError` (errors.py) when it cannot be carried out, honours `plan.deadline`, and
may be made from many threads at once.
"""

from repartee.ports.coaching import Coached, Coaching, Knowledge, Memories, Memory, Passage, Workout, Workouts
from repartee.ports.erp import Account, Accounts, Erp, ErpField, ErpGrouping, ErpModel, ErpQuery
from repartee.ports.inbox import Busy, Holding, Inbox, Kept, Progress, Waiting, Wakes
from repartee.ports.media import (
    Attachments,
    Document,
    Documents,
    EarlierPicture,
    Media,
    Medium,
    Pictures,
    Transcriber,
)
from repartee.ports.messages import Meetings, Messages
from repartee.ports.models import A, Embedder, Masker, Model, SmallModel, Span, Vector, Vectors
from repartee.ports.records import Proposals, Records, Standing, Summary
from repartee.ports.web import Event, EventKind, Events, Rates

__all__ = [
    "A",
    "Account",
    "Accounts",
    "Attachments",
    "Busy",
    "Coached",
    "Coaching",
    "Document",
    "Documents",
    "EarlierPicture",
    "Embedder",
    "Erp",
    "ErpField",
    "ErpGrouping",
    "ErpModel",
    "ErpQuery",
    "Event",
    "EventKind",
    "Events",
    "Holding",
    "Inbox",
    "Kept",
    "Knowledge",
    "Masker",
    "Media",
    "Medium",
    "Meetings",
    "Memories",
    "Memory",
    "Messages",
    "Model",
    "Passage",
    "Pictures",
    "Progress",
    "Proposals",
    "Rates",
    "Records",
    "SmallModel",
    "Span",
    "Standing",
    "Summary",
    "Transcriber",
    "Vector",
    "Vectors",
    "Waiting",
    "Wakes",
    "Workout",
    "Workouts",
]
