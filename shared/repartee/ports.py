"""What the domain asks of the world. Each docstring is a promise that a contract test holds every store to.

Every call raises `BackendError` (errors.py) when it cannot be carried out, honours `plan.deadline`, and
may be made from many threads at once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from repartee.conversation.control import Control
from repartee.conversation.hangup import Hangup
from repartee.conversation.limits import Spent
from repartee.conversation.meeting import Meeting
from repartee.conversation.message import Attachment, Exchange, Message, Said, Side
from repartee.conversation.prompt import Call, Prompt, Usage
from repartee.conversation.proposal import Press, Proposal, Proposed, Verdict
from repartee.conversation.reply import Crowd, Showing, Shown

A = TypeVar("A", bound=msgspec.Struct)
Vector = Sequence[float]


class Kept(msgspec.Struct, frozen=True):
    """What the inbox did with a message: `new` if it was not there, `open` while it waits for its answer."""

    new: bool
    open: bool


class Waiting(msgspec.Struct, frozen=True):
    """What is open in a chat: messages without an answer, and exchanges that are not yet remembered."""

    messages: tuple[Message, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the answer to a message has come: whether it is `open`, which messages it is answered together
    with (by their ids, oldest first, none before that is fixed), what was replied, and why it `failed`."""

    open: bool
    messages: tuple[str, ...] = ()
    reply: str = ""
    failed: str = ""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A chat's lease as it is written: who holds it (`fence`), until when, and how far the turn has come.

    `messages` are the ids that the turn answers, empty before they are fixed; `attempts` counts this one.
    """

    chat: str
    fence: int
    until: float
    turn: str
    messages: tuple[str, ...] = ()
    attempts: int = 1
    phase: str = "gathering"
    shown: Shown = Shown()


class Busy(Exception):
    """Another worker holds the chat's lease until `until` (seconds since the epoch)."""

    def __init__(self, until: float) -> None:
        super().__init__(f"held until {until:.3f}")
        self.until = until


class Inbox(Protocol):
    """Where messages wait for their answer, and who may give it. All reads are consistent."""

    def put(self, message: Message) -> Kept:
        """Keeps the message, open, if its id is not yet in its chat. Otherwise nothing changes."""

    def known(self, chat: str) -> bool:
        """Whether anything was ever kept in the chat: the assistant takes part in it."""

    def progress(self, chat: str, id: str) -> Progress | None:
        """How far the answer to a message has come. None for an unknown message."""

    def waiting(self, chat: str) -> Waiting:
        """What is open in the chat, oldest first. Nothing for an unknown chat."""

    def acquire(self, chat: str, turn: str, now: float, until: float) -> Holding:
        """Takes the chat's lease, with a fence greater than any before. An unfinished turn is handed on
        as it was left (its id, messages, phase, what is shown), with one more attempt; otherwise `turn`
        begins. Raises `Busy` while the lease is held."""

    def write(self, holding: Holding) -> None:
        """Writes how far the turn has come, and until when the lease is held. Raises `LeaseLost` if the
        fence is not the chat's any more."""

    def release(self, holding: Holding) -> None:
        """Ends the lease now. With messages fixed the turn stays unfinished, for the next to take up;
        without, nothing is left of it. Raises `LeaseLost` like `write`."""

    def close(self, holding: Holding, exchange: Exchange, *, failed: str = "") -> None:
        """Ends the turn, all or nothing: its messages are no longer open (and marked with the reason if
        they `failed`), the exchange is kept, open until remembered, the lease ends. Raises `LeaseLost`."""

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        """Messages whose answer failed wait for one again. Gives the ids of those that do; others, which were
        answered or are not there any more, stay as they are."""

    def remembered(self, exchange: Exchange) -> None:
        """The exchange is in the messages store: it is no longer open. Repeating it changes nothing."""

    def forgotten(self, before: float, now: float) -> Iterator[str]:
        """The chats in which something has been open since before then while nobody holds the lease."""


class Summary(msgspec.Struct, frozen=True):
    """What was said in a chat until then (`upto`, epoch seconds), in short."""

    text: str = ""
    upto: float = 0.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the records say of a place and a person. `profile` is empty for somebody unknown; `summary` is
    what was said in the chat before its newest messages, `room` and `workspace` what was spent today."""

    control: Control = Control()
    profile: dict[str, str] = {}
    summary: Summary = Summary()
    room: Spent = Spent()
    workspace: Spent = Spent()


class Records(Protocol):
    """A DynamoDB item each for rooms, chats and users. Expired items are not seen."""

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        """All that a turn needs of the records, in one round trip, consistent."""

    def control(self, room: str, chat: str) -> Control:
        """What is ordered for the room and the chat together, and their workspace's crowd, consistent."""

    def mute(self, place: str, until: float, ordered: float, by: str = "") -> None:
        """Keeps the assistant quiet in a room or chat until then; 0 ends it. Of two orders the one that was
        `ordered` later stands, in whichever order they arrive. All in seconds since the epoch. `by` is the
        message that orders it, where that is still to be confirmed."""

    def stop(self, chat: str, at: float) -> None:
        """Ends the reply to whatever was said in the chat before then. The latest stop stands."""

    def convene(self, room: str, meeting: Meeting) -> None:
        """Notes the room's newest meeting, or that it is over. What is older than the one that is noted, or
        would open it again, changes nothing."""

    def learn(self, person: str, facts: Mapping[str, str]) -> None:
        """Keeps what is known about a person by these names; what is empty is forgotten."""

    def summarise(self, chat: str, summary: Summary, after: float) -> None:
        """Replaces the chat's summary that ended there (0 where there was none). If another one is there by
        now, nothing changes."""

    def spend(self, turn: str, room: str, spent: Spent) -> None:
        """Counts what a turn took, for its room and its workspace and today. Said again at once, as when an
        answer is lost, it is counted once."""

    def decide(self, subject: str, *, approved: bool, by: str, at: float) -> bool:
        """Keeps what a person decided. The first decision on a subject stands; says whether this is it."""

    def show(self, workspace: str, showing: Showing) -> Crowd:
        """Notes what is being shown in the workspace, in place of what was noted under its key, and gives
        the crowd with it. What has grown to its end and began more than a minute ago is forgotten."""

    def forbid_streams(self, workspace: str, until: float) -> None:
        """Notes that the workspace lets nothing stream; it is tried again after `until`."""


class Coached(Standing, frozen=True, kw_only=True):
    """What the records know of somebody who is coached, beside their standing.

    `coach` is how the workspace wants its coach (persona, expertise, rules), `course` what was agreed with
    the person (plan, goals): as texts by name, empty where nobody set any. `conversation` is what was said in
    the chat of late, oldest first.
    """

    coach: dict[str, str] = {}
    course: dict[str, str] = {}
    conversation: tuple[Said, ...] = ()


class Coaching(Protocol):
    """The records of the coach."""

    def coached(self, room: str, chat: str, sender: str) -> Coached:
        """All that a turn of the coach needs of the records, in one round trip, consistent."""

    def converse(self, exchange: Exchange) -> None:
        """Keeps an exchange as one of the chat's newest; older ones than the newest twelve are dropped, and
        of long texts what goes beyond 4,000 characters. Repeating it changes nothing."""


class Workout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One exercise as a person did it on a day: equal sets of it, or one stretch.

    `id` is unique for the person, and begins with the message in which it was told. `day` is an ISO date,
    `told` is in seconds since the epoch. The load is in kilograms, the distance in metres, the duration in
    seconds, the effort is the RPE from 1 to 10: each 0 where it was not told. The units are those in which
    it was said.
    """

    id: str
    exercise: str
    day: str
    told: float
    sets: int = 0
    reps: int = 0
    load: float = 0.0
    distance: float = 0.0
    duration: float = 0.0
    effort: float = 0.0
    load_unit: str = "kg"
    distance_unit: str = "km"


class Workouts(Protocol):
    """What people did, each apart from all others. All reads are consistent."""

    def of(self, person: str, since: str) -> Sequence[Workout]:
        """The person's workouts of that day (ISO) and later, oldest first: at most the newest 400."""

    def put(self, person: str, workouts: Sequence[Workout], instead_of: Sequence[Workout] = ()) -> None:
        """Keeps the workouts and removes those that they come `instead_of`, all or nothing: at most 50 of
        both. One whose day and id are there is replaced. Repeating it changes nothing."""

    def forget(self, person: str) -> None:
        """Deletes all workouts of the person. Repeating it is no error."""


class Messages(Protocol):
    """The long memory of what was said, of both sides. A tenant per workspace."""

    def newest(self, place: str, side: Side, limit: int) -> Sequence[Said]:
        """The side's newest in the chat, or in all chats of the room, at most `limit`, oldest first. Empty
        for an unknown place."""

    def relevant(self, room: str, side: Side, text: str, vector: Vector | None, limit: int) -> Sequence[Said]:
        """What the side said in the room about this, best first: words and vector together, by words alone
        where there is no vector. Empty for an unknown room, and when nothing was said about it."""

    def put(self, said: Sequence[tuple[Said, Vector | None]]) -> None:
        """Keeps what was said. Visible to every read that begins afterwards. Repeating it changes nothing;
        what is written again under its id with other words replaces the earlier."""

    def forget(self, place: str, sender: str = "") -> int:
        """Deletes what was said in a workspace, room or chat, by everybody or by one sender alone, and says
        how many messages that were. What others answered to the sender stays. Repeating it is no error."""


class Meetings(Protocol):
    """What was said in meetings. It is forgotten together with the messages (`Messages.forget`)."""

    def file(self, meeting: str, said: Sequence[Said]) -> None:
        """Keeps what was said under the meeting. Visible to every read that begins afterwards. Repeating it
        changes nothing."""

    def of(self, meeting: str, room: str, limit: int) -> Sequence[Said]:
        """What was said in the meeting, the newest `limit` of it, oldest first. Empty for an unknown one."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a document in the coach's library. `heading` says where in it, `topic` what it is about.

    An `id` here and in a memory is ASCII, of at most 512 characters.
    """

    id: str
    document: str
    text: str
    heading: str = ""
    topic: str = ""


class Knowledge(Protocol):
    """The coach's library, in passages. What is written or removed is seen by readers within seconds."""

    def relevant(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        """The passages about this, best first, of the topics where some are named. Empty if nothing is."""

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        """Keeps the passages. One whose id is there is replaced."""

    def ids(self) -> Iterator[str]:
        """The id of every passage, in no order."""

    def remove(self, ids: Iterable[str]) -> None:
        """Deletes passages. Those that are not there are no error."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about a person, kept across chats. `told` is when, in seconds since the epoch."""

    id: str
    text: str
    told: float


class Memories(Protocol):
    """What is known about people, each apart from all others."""

    def relevant(self, person: str, vector: Vector, limit: int) -> Sequence[Memory]:
        """What is known about the person and this, best first. Empty for somebody unknown."""

    def put(self, person: str, memories: Sequence[tuple[Memory, Vector]]) -> None:
        """Keeps the memories; one whose id is there is replaced. Visible to every read that begins
        afterwards, for which a store may have to wait: raises `Late` where it cannot be sure in time."""

    def remove(self, person: str, ids: Iterable[str]) -> None:
        """Deletes single memories. Those that are not there are no error. Seen by readers within seconds."""

    def forget(self, person: str) -> None:
        """Deletes all that is known about the person. Seen by readers within seconds."""


class Medium(msgspec.Struct, frozen=True, kw_only=True):
    """An image or file as it is kept. `type` is what its bytes say that it is, `size` is in bytes."""

    key: str
    type: str
    size: int


class Media(Protocol):
    """Images and files that people sent, by the hash of their content. Nothing of it is public."""

    def put(self, workspace: str, content: bytes) -> Medium:
        """Keeps the content, once. Raises `TooLarge` past the limit, and `Malformed` for what is neither an
        image nor a document that we know."""

    def link(self, medium: Medium) -> str:
        """A link by which the model may read it for some minutes."""

    def read(self, medium: Medium) -> bytes:
        """The content. Raises `NotFound` when it is not there any more."""

    def forget(self, workspace: str) -> int:
        """Deletes all that was kept for the workspace, and says how many it were."""


class EarlierPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was shown in a room: where it is kept, and which message of which chat brought it. `id` is
    unique in the room, `sent` is in seconds since the epoch."""

    id: str
    message: str
    chat: str
    name: str
    sent: float
    medium: Medium


class Pictures(Protocol):
    """Which pictures were shown in rooms of late, for thirty days. All reads are consistent."""

    def keep(self, room: str, pictures: Sequence[EarlierPicture]) -> None:
        """Notes the pictures. Repeating it changes nothing."""

    def newest(self, room: str, limit: int) -> Sequence[EarlierPicture]:
        """The pictures that were shown last, newest first."""


class Attachments(Protocol):
    """What came with messages, fetched from the platforms on which they were sent."""

    def fetch(self, message: Message, attachment: Attachment) -> bytes:
        """The content. Raises `Malformed` for a type that nobody reads, `TooLarge` past what the platform or
        we hand on, `NotFound` when it is gone or kept elsewhere, `Denied` when we may not read it."""


class Transcriber(Protocol):
    """Writes down what is said in recordings."""

    def transcribe(self, audio: bytes, language: str = "") -> str:
        """What is said, empty if nothing is. `language` (ISO 639-1) helps where it is known. Raises
        `TooLarge` past the service's limit, and `Malformed` for what is no recording that it knows. What it
        takes is counted (`conversation/spending.py`)."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a document, as text. `kind` is what it is ("PDF"), `parts` what it has ("12 pages"), where
    that can be told, and `cut` says that the text is only its beginning."""

    kind: str
    text: str
    parts: str = ""
    cut: bool = False


class Documents(Protocol):
    """Reads documents that nobody vouches for, within bounds."""

    def read(self, content: bytes, name: str = "") -> Document:
        """What is in it, in memory and time that its size bounds. Raises `Malformed` for what cannot be read
        and `TooLarge` for what unpacks to too much: what is wrong, and what the sender can do."""


class Span(msgspec.Struct, frozen=True):
    """A personal detail in a text: what it is (`EMAIL`, `PHONE`; capitals alone), from which character, and up
    to which, not included."""

    kind: str
    start: int
    end: int


class Masker(Protocol):
    """Finds what is personal."""

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """The personal details of each text, in order, none of them within another."""


class Embedder(Protocol):
    """Turns text into vectors for relevance."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector a text, in order, of one length each."""


class Vectors(Protocol):
    """Vectors of texts that do not change, kept so that no new process pays for them again. What is lost is
    made anew."""

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        """What is kept under these names, as far as it is."""

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        """Keeps the vectors, as 32-bit numbers."""


class Model(Protocol):
    """The language model."""

    def stream(
        self, prompt: Prompt, hangup: Hangup | None = None
    ) -> Generator[str | Call | Usage, None, None]:
        """The reply's text as it is written, in pieces; then the tools that it asks for; and at the end what
        it took, where the model says. Raises `ReplyBroken` if it ends incomplete. Closing the generator ends
        the call, and so does `hangup` from another thread, at once: that raises `BackendError`."""


class SmallModel(Protocol):
    """A model that is quick and cheap, for what is asked beside the reply. What it takes is counted
    (`conversation/spending.py`)."""

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        """A short text, of `limit` tokens at the most. Raises `Rejected` if the model says nothing."""

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        """What the instructions ask about the text, as the struct. Raises `Rejected` when the model's answer
        is none."""


class Wakes(Protocol):
    """The queue that says "look at this chat". A wake may be lost, doubled, late or out of order."""

    def send(self, chat: str, delay: float = 0.0, correlation: str = "") -> None:
        """Wakes the chat, after `delay` seconds (at most 900)."""

    def hide(self, receipt: str, seconds: float) -> None:
        """Keeps a received wake invisible to others for so long from now."""

    def bury(self, chat: str, messages: Iterable[str], reason: str) -> None:
        """Leaves a dead letter that names the chat and the messages that got no answer."""


EventKind = Literal["status", "delta", "replaced", "picture", "proposal"]


class Event(msgspec.Struct, frozen=True, array_like=True):
    """Something that a web client is told of a reply. Ids are of one length, and sort as the events came;
    a text has at most 50,000 characters."""

    id: str
    kind: EventKind
    text: str


class Events(Protocol):
    """What web clients are told of replies, kept for an hour, so that they can read on wherever they are."""

    def append(self, log: str, events: Sequence[Event]) -> None:
        """Keeps events, which are later than those before. Visible to every read that begins afterwards.
        Repeating it, alone or together with later ones, changes nothing."""

    def after(self, log: str, id: str) -> Sequence[Event]:
        """The log's events after this one, in order and each once; all of them if it is empty. Nothing for
        an unknown log."""


class Rates(Protocol):
    """How often who did something, counted over all processes."""

    def admit(self, who: str, limit: int, seconds: float) -> float:
        """Counts one more, if there were fewer than `limit` in this stretch of so many seconds, and gives 0;
        otherwise how many seconds it is until the next stretch."""


class Account(msgspec.Struct, frozen=True):
    """A person's account in the ERP: their login, and a key that stands for their password. Never logged."""

    login: str
    key: str

    def __repr__(self) -> str:
        return f"Account({self.login!r})"


class Accounts(Protocol):
    """Whose accounts are whose: kept apart from profiles, because those are read by the model."""

    def of(self, person: str) -> Account | None:
        """The person's account. None if nobody has linked one."""

    def link(self, person: str, account: Account) -> None:
        """Keeps it in place of any before."""

    def unlink(self, person: str) -> None:
        """Forgets it. Repeating it is no error."""


class ErpModel(msgspec.Struct, frozen=True):
    """A kind of records (`crm.lead`), and what people call it."""

    name: str
    label: str


class ErpField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a model's records. `relation` is the model that it leads to, `options` are the values that
    it can have with what people call them. What is not `stored` can be read, and neither searched nor summed.
    """

    name: str
    label: str
    type: str
    relation: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    readonly: bool = False
    stored: bool = True


class ErpQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records, and what of them. The domain is Odoo's: conditions in prefix notation."""

    model: str
    domain: Sequence[Any] = ()
    fields: Sequence[str] = ("display_name",)
    order: str = ""
    limit: int = 20


class ErpGrouping(msgspec.Struct, frozen=True, kw_only=True):
    """Records counted and summed by the values of fields (`stage_id`, `date_order:month`). What is computed
    is given as `field:sum` (or avg, min, max, count_distinct)."""

    model: str
    domain: Sequence[Any] = ()
    by: Sequence[str] = ()
    computed: Sequence[str] = ()
    order: str = ""
    limit: int = 50


class Erp(Protocol):
    """The company's ERP, as one person may read and change it: every call is made with that person's account.

    Where somebody has none, a shared one may stand in for reading, never for changing. Raises `Denied` where
    the person may not, `NotFound` for what is not there, `Rejected` for what makes no sense to the ERP: with
    its own `words`. What changes something raises `Late` if nobody can tell whether it was done.
    """

    def reads_as(self, person: str) -> Literal["self", "shared", "nobody"]:
        """With whose account the person reads."""

    def models(self, person: str) -> Sequence[ErpModel]:
        """What the person may read, by name. As it was some minutes ago at the most."""

    def fields(self, person: str, model: str) -> Sequence[ErpField]:
        """What the records of the model have, as the person sees them, by name. As recent as `models`."""

    def search(self, person: str, query: ErpQuery) -> Sequence[Mapping[str, Any]]:
        """The records, each with its `id` and the fields asked for: a link to another as its id and name."""

    def count(self, person: str, model: str, domain: Sequence[Any]) -> int:
        """How many records there are."""

    def group(self, person: str, grouping: ErpGrouping) -> Sequence[Mapping[str, Any]]:
        """A row a group: what it is grouped by in words, what was computed, and `__count`."""

    def create(self, person: str, model: str, values: Mapping[str, Any]) -> int:
        """Makes a record, and gives its id."""

    def update(self, person: str, model: str, id: int, values: Mapping[str, Any]) -> None:
        """Changes a record."""

    def post(self, person: str, model: str, id: int, text: str) -> None:
        """Writes a note on a record, which is seen inside the company. The text is plain."""

    def link(self, model: str, id: int) -> str:
        """Where people see the record."""


class Proposals(Protocol):
    """What was proposed to people, and what they decided. All reads are consistent."""

    def keep(self, proposal: Proposal) -> None:
        """Keeps a proposal, open. If its subject is there already nothing changes."""

    def find(self, subject: str) -> Proposed | None:
        """The proposal and what has become of it. None for an unknown one."""

    def decide(self, press: Press) -> Verdict:
        """Keeps the first decision by the right person in time; any other changes nothing. A press that comes
        again (the same id) is told the same again."""

    def begin(self, subject: str) -> bool:
        """Notes that what was approved is about to be done. True for one caller alone, ever."""

    def done(self, subject: str, told: str) -> None:
        """Notes that it is over, and what was said about it."""
