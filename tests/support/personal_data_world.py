"""Every store with something of three people in it: what they said together, alone, and elsewhere."""

from __future__ import annotations

import base64
import io
import json
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.aws.calls import AwsClients
from repartee.domain.brief import BriefJob, Project
from repartee.domain.brief_run import BriefSection
from repartee.domain.desk_event import DeadEvent, DeskEvent, EventBatch, EventLane, single_out
from repartee.domain.email import EmailJob
from repartee.domain.feedback import Feedback
from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.meeting import Meeting
from repartee.domain.message import Attachment, ContextPart, Exchange, Message, Person
from repartee.domain.names import KnownName
from repartee.domain.proposal import Proposal
from repartee.domain.recording import KeptRecording, RecordedText, Repetition, TurnRecording
from repartee.domain.reminder import Reminder
from repartee.domain.schedule import Schedule
from repartee.domain.usage import UsageTotal
from repartee.ports import EarlierImage, ErpAccount, Memory, Summary, WebEvent, Workout
from repartee.ports.operations import AuditEntry, OperatorNote
from repartee.ports.operator_jobs import OperatorJob
from repartee.ports.personal_data import Footprint, PersonalDataStore, SubjectKind
from repartee.wiring import Wiring, brief_stores, operations, personal_data, process, stores
from tests.support.memory_briefs import make_subscription
from tests.support.message_builders import VECTOR_DIMENSIONS, make_vector

START_SECONDS = 1_789_041_600.0
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class FixedClients(AwsClients):
    """Clients that a test has made."""

    def __init__(self, clients: Mapping[str, Any]) -> None:
        super().__init__(1)
        self._given = clients

    def get_client(self, service: str) -> Any:
        return self._given[service]


class PersonalDataWorld:
    """The stores of one deployment. Ada and Ben share a room of the workspace; each has a direct one too."""

    def __init__(self, clients: Mapping[str, Any], **settings: str) -> None:
        keys = {
            "PERSON_ID_KEY": "a key for tests",
            "RECORDINGS_KEY": "a key for the recordings of these tests",
        }
        self.wiring = Wiring({**keys, **settings})
        self.wiring.put(process.aws_clients, FixedClients(clients))
        self.wiring.put(process.dynamodb_client, clients["dynamodb"])
        self.wiring.put(process.clock, lambda: START_SECONDS)
        self.workspace = f"slack:T{uuid.uuid4().hex[:16].upper()}"
        self.room = f"{self.workspace}:C1"
        self.ada, self.ben = f"{self.workspace}:UADA", f"{self.workspace}:UBEN"
        self.first_chat = f"{self.room}:1789000000.000100"
        self._turns = 0

    def fill(self) -> None:
        """Ada and Ben speak in the shared room, to the assistant and in each other's threads, and alone."""
        thread = self.first_chat
        self._say(thread, self.room, self.ada, "ada-shared", "answer-to-ada")
        self._say(thread, self.room, self.ben, "ben-shared", "answer-to-ben", quotes=self.ada)
        for name, person in (("ada", self.ada), ("ben", self.ben)):
            direct = f"{self.workspace}:D{name.upper()}"
            self._say(direct, direct, person, f"{name}-direct", f"answer-to-{name}-directly")
            self._keep_of_person(name, person)
        self._keep_of_rooms(thread)
        self._keep_handovers()
        self._keep_events()
        for name, person in (("ada", self.ada), ("ben", self.ben)):
            key = self.wiring.get(operations.export_files).save(person, "j1", io.BytesIO(b"PK"))
            job = OperatorJob(
                id="j1",
                kind="export",
                operator="carol",
                person=person,
                started_at=START_SECONDS,
                due_at=START_SECONDS + (60 if name == "ben" else -60),
                lines=(f"{name}-found",),
                file=key,
            )
            assert self.wiring.get(operations.operator_jobs).start(job)

    def _say(self, chat: str, room: str, sender: str, text: str, reply: str, quotes: str = "") -> None:
        self._turns += 1
        get, sent = self.wiring.get, START_SECONDS + self._turns
        medium = get(stores.media).put(self.workspace, PNG + text.encode())
        message = Message(
            id=f"{self._turns}",
            chat=chat,
            room=room,
            channel="slack",
            sender=sender,
            text=text,
            sent=sent,
            received=sent,
            attachments=(
                Attachment(kind="image", id=medium.key, name=f"{text}.png", download_ref={"key": medium.key}),
            ),
            context=(ContextPart(kind="quoted", author=Person(quotes), text="ada-quoted"),) if quotes else (),
            platform={"channel": room},
        )
        exchange = Exchange(
            turn=f"turn-{self._turns}",
            chat=chat,
            room=room,
            assistant="office",
            messages=(message.without_address(),),
            reply=reply,
            answered_at=sent + 0.5,
        )
        inbox = get(stores.inbox)
        inbox.put(message)
        lease = inbox.acquire_lease(chat, exchange.turn, sent, sent + 20)
        inbox.close_turn(msgspec.structs.replace(lease, messages=(message.id,)), exchange)
        inbox.mark_persisted(exchange)
        get(stores.messages).put([(one, make_vector(1)) for one in exchange.to_stored()])
        get(stores.meetings).put(f"{room}#1", exchange.to_stored())
        get(stores.coaching).append_history(exchange)
        inbox.save_feedback(
            Feedback(chat=chat, turn=exchange.turn, person=sender, helpful=True, given_at=sent)
        )
        image = EarlierImage(
            id=message.id, message_id=message.id, chat=chat, name=f"{text}.png", sent=sent, media=medium
        )
        get(stores.earlier_image_store).put(room, [image])
        self._record(exchange, sender)
        get(stores.events).append(f"{chat}#{message.id}", [WebEvent(id="1", kind="delta", text=reply)])
        body = {"chat": chat, "messages": [message.id], "reason": "the model is down"}
        get(process.aws_clients).get_client("sqs").send_message(
            QueueUrl=get(process.settings).dead_letters_queue_url, MessageBody=json.dumps(body)
        )

    def _record(self, exchange: Exchange, sender: str) -> None:
        """Keeps a recording of the turn, with the words of both sides."""
        said = tuple(
            RecordedText("message", one.text) for one in exchange.messages if isinstance(one, Message)
        )
        recording = TurnRecording(
            turn=exchange.turn,
            chat=exchange.chat,
            room=exchange.room,
            assistant="office",
            closed_at=exchange.answered_at,
            incoming=said,
            reply=exchange.reply,
        )
        store = self.wiring.get(stores.recordings)
        assert store.put(KeptRecording(recording, frozenset((sender,))))
        again = Repetition(
            turn=exchange.turn, room=exchange.room, at=self.wiring.get(process.clock)(), reply=exchange.reply
        )
        assert store.save_repetition(again)

    def _keep_of_person(self, name: str, person: str) -> None:
        get, table = self.wiring.get, self.wiring.get(process.settings).records_table
        get(stores.records).update_profile(person, {"name": f"{name}-profile"})
        get(stores.records).update_profile(person, {"role": f"{name}-room-profile"}, self.room)
        get(stores.stream_slots).acquire(person, 1, 60.0)
        get(stores.accounts).link(person, ErpAccount(f"{name}-login", f"{name}-secret-key"))
        get(stores.workouts).put(
            person, [Workout(id=f"{name}-workout", exercise="squat", day="2026-09-10", told_at=1.0)]
        )
        get(stores.memories).put(
            person,
            [
                (
                    Memory(id=f"{name}-memory", text=f"{name}-likes", told_at=1.0, room=self.room),
                    make_vector(2),
                )
            ],
        )
        for counted in ("", "#told", "#kilobytes"):
            get(stores.rates).admit(f"{person}{counted}", 5, 60.0)
        get(process.dynamodb_client).put_item(
            TableName=table,
            Item={"pk": {"S": person}, "sk": {"S": "course"}, "plan": {"S": f"{name}-plan"}},
        )
        self._keep_briefs(name, person)
        get(stores.proposals).put(
            Proposal(
                id=f"{person}-proposal",
                chat=f"{self.workspace}:D{name.upper()}",
                approver=person,
                summary=f"{name}-proposal",
                action="act",
                payload="{}",
                expires_at=START_SECONDS + 600,
            )
        )

    def _keep_briefs(self, name: str, person: str) -> None:
        """Keeps a subscription, and a run of it with a section."""
        get, job = self.wiring.get, BriefJob(person, "s1", "2026-09-10")
        projects = (Project(f"{name}-project"),)
        get(brief_stores.briefs).put_subscription(make_subscription(person, projects=projects))
        address = make_subscription(person).address
        get(brief_stores.reminders).put_reminder(
            Reminder(
                id="r1",
                person=person,
                address=address,
                schedule=Schedule(),
                timezone="UTC",
                text=f"{name}-reminder",
                created_at=1.0,
                due_at=START_SECONDS,
            )
        )
        get(brief_stores.briefs).note_delivered(person, job.day)
        get(brief_stores.briefs).save_cursor({1: ""})
        get(brief_stores.brief_runs).note_queued([job])
        run = get(brief_stores.brief_runs).claim(job, START_SECONDS, START_SECONDS + 60)
        assert run is not None
        contacts = get(brief_stores.email_contacts)
        contacts.trust(person, "s1", f"{name}@example.com", "n1", "en")
        contacts.ask(person, "s1", f"{name}-new@example.com", "n2", START_SECONDS + 60, "en")
        get(brief_stores.email_runs).claim(EmailJob(person, "s1", job.day), START_SECONDS, START_SECONDS + 60)
        get(brief_stores.order_log).keep_result(person, f"{name}-order", f"{name}-ordered")
        get(brief_stores.brief_links).put_links(
            f"{name}-brief", person, [f"https://a.example/{name}-link"], START_SECONDS, START_SECONDS + 60
        )
        get(brief_stores.brief_runs).save_section(run, 0, BriefSection("Lisbon", text=f"{name}-section"))

    def _keep_of_rooms(self, thread: str) -> None:
        get, records = self.wiring.get, self.wiring.get(stores.records)
        records.save_summary(thread, Summary("ada-summed-up", START_SECONDS), after=0.0)
        records.save_names(
            self.room,
            {"UADA": KnownName("ada-name", START_SECONDS), "UBEN": KnownName("ben-name", START_SECONDS)},
        )
        records.mute(self.room, START_SECONDS + 60, START_SECONDS)
        records.set_answers(self.room, "all", START_SECONDS)
        records.save_meeting(self.room, Meeting.start(self.room, START_SECONDS))
        records.add_usage("turn-1", self.room, UsageTotal(5, 0.1))
        records.disable_streaming(self.workspace, START_SECONDS + 60)
        records.report_failure("openai", self.room, START_SECONDS + 60)
        self._put_item("turns#2026-09-10T08#1", "1#turn-1", chat=thread)
        self._put_item("rollup", "watermark", until=f"{START_SECONDS:.0f}")
        self._put_item("rollup#20000", f"workspace#480000#{self.workspace}", payload="sums")
        self._put_item("rollup-chats#480000", f"chat#{thread}", payload="sums")
        for name, person in (("ada", self.ada), ("ben", self.ben)):
            entry = AuditEntry(
                at=START_SECONDS, operator="carol", action="export", target=person, detail=f"{name}-export"
            )
            get(operations.audit_log).append(entry)
        note = OperatorNote(at=START_SECONDS, author="carol", text="ada called twice")
        get(operations.operator_notes).append(thread, note)
        get(stores.inbox).save_feedback(
            Feedback(chat=thread, turn="turn-2", person=self.ada, helpful=False, given_at=START_SECONDS)
        )
        get(stores.chat_moves).save(f"{self.workspace}:C0", self.room)
        get(stores.vectors).write("examples", [[0.5] * VECTOR_DIMENSIONS])
        get(process.dynamodb_client).put_item(
            TableName=get(process.settings).records_table,
            Item={"pk": {"S": self.workspace}, "sk": {"S": "coach"}, "persona": {"S": "kind"}},
        )

    def _keep_handovers(self) -> None:
        """Ada waits for a person, and has Ben's conversation as a member of the team."""
        for name, person in (("ada", self.ada), ("ben", self.ben)):
            chat = f"{self.workspace}:D{name.upper()}"
            customer = Customer(room=chat, channel="slack", person=Person(person, f"{name}-customer"))
            opened = self.wiring.get(stores.handovers).open(
                HandoverRequest(
                    chat=chat, customer=customer, reason="asked", at=START_SECONDS, summary=f"{name}-needs"
                )
            )
            self.wiring.get(stores.handovers).link(f"{self.workspace}:CTEAM:{name}-card", chat, START_SECONDS)
            assert opened.applied
        member = Person(self.ada, "ada-member")
        self.wiring.get(stores.handovers).take(f"{self.workspace}:DBEN", member, START_SECONDS + 1)

    def _keep_events(self) -> None:
        """Events of Ada's and of Ben's conversations wait for a receiver; Ada acted in Ben's. One of each was
        given up."""
        get = self.wiring.get
        outbox = get(stores.event_outbox)
        for name, person in (("ada", self.ada), ("ben", self.ben)):
            chat, turn = f"{self.workspace}:D{name.upper()}", f"{name}-events-turn"
            event = DeskEvent(
                id=f"{name}-event", kind="taken", at=START_SECONDS, customer=person, member=self.ada
            )
            batch = EventBatch(
                number=self.workspace,
                endpoint="e1",
                chat=chat,
                channel="slack",
                turn=turn,
                at=START_SECONDS,
                events=(event,),
            )
            lease = get(stores.inbox).acquire_lease(chat, turn, START_SECONDS, START_SECONDS + 20)
            exchange = Exchange(
                turn=turn, chat=chat, room=chat, assistant="desk", messages=(), reply="", answered_at=1.0
            )
            get(stores.inbox).close_turn(lease, exchange, events=[batch])
            lane = EventLane(chat, "e1")
            state = outbox.acquire_lane(lane, "worker", START_SECONDS, START_SECONDS + 45)
            assert state is not None
            outbox.bury_event(state.miss(event.id), single_out(outbox.list_batches(lane, 1)[0], 0))
            letter = DeadEvent(chat, "e1", "000000000001#000", event.id, event.kind, "HTTP 500")
            get(process.aws_clients).get_client("sqs").send_message(
                QueueUrl=get(process.settings).desk_event_dead_letters_queue_url,
                MessageBody=msgspec.json.encode(letter).decode(),
            )
        outbox.end_endpoint(self.workspace, "e1", START_SECONDS)

    def _put_item(self, pk: str, sk: str, **attributes: str) -> None:
        item = {name: {"S": value} for name, value in {"pk": pk, "sk": sk, **attributes}.items()}
        table = self.wiring.get(process.settings).records_table
        self.wiring.get(process.dynamodb_client).put_item(TableName=table, Item=item)

    def trace(self, kind: SubjectKind, id: str) -> Footprint:
        subject = personal_data.make_subject(self.wiring, kind, id)
        return self.wiring.get(personal_data.personal_records).trace(subject)

    def stores(self) -> dict[str, PersonalDataStore]:
        made = personal_data.make_stores(self.wiring)
        return {name: store for name, store in made.items() if store is not None}

    def export(self, kind: SubjectKind, id: str) -> dict[str, list[str]]:
        """Returns what every store hands out, as text."""
        footprint = self.trace(kind, id)
        return {
            name: [
                f"{one.id} {json.dumps(msgspec.to_builtins(one.content))}" for one in store.export(footprint)
            ]
            for name, store in self.stores().items()
        }

    def forget(self, kind: SubjectKind, id: str) -> dict[str, int]:
        footprint = self.trace(kind, id)
        return {name: store.forget(footprint) for name, store in self.stores().items()}

    def learn_from(self, exchange: Exchange, name: str) -> None:
        """Keeps a memory and a workout that the coach has learnt from an exchange."""
        message = exchange.messages[0]
        learnt = Memory(id="fact:learnt", text=f"{name}-learnt", told_at=message.sent)
        self.wiring.get(stores.memories).put(message.sender, [(learnt, make_vector(3))])
        workout = Workout(
            id=f"{message.stored_id}:0", exercise=f"{name}-squat", day="2026-09-10", told_at=message.sent
        )
        self.wiring.get(stores.workouts).put(message.sender, [workout])

    def dump(self, *, with_web_events: bool = True) -> str:
        """All that any store holds, as text: as an operator would hand out everything there is. On the web
        nobody can delete a message."""
        items = [one for one in self._items() if with_web_events or not one["pk"].startswith("events#")]
        found = [repr(sorted(items, key=repr))]
        found += [repr(one) for one in self._list_messages()]
        for person in (self.ada, self.ben):
            found += [repr(one) for one in self.wiring.get(stores.memories).list_all(person)]
        has_exports = self.wiring.get(process.settings).exports_bucket
        for name, person in (("ada", self.ada), ("ben", self.ben)) if has_exports else ():
            kept = self.wiring.get(operations.export_files).list_keys(person)
            found += [f"{name}-exported-file" for _ in kept]
        rooms = (self.room, f"{self.workspace}:DADA", f"{self.workspace}:DBEN")
        found += [repr(one) for room in rooms for one in self.wiring.get(stores.recordings).list_room(room)]
        found += [repr(one) for one in self._list_repetitions()]
        for text in ("ada-shared", "ada-direct", "ben-shared", "ben-direct"):
            found += [f"file of {text}"] if self._has_file(text) else []
        return "\n".join(found)

    def _list_repetitions(self) -> list[Any]:
        """Returns what is kept of recorded turns that were run again."""
        client, store = self.wiring.get(process.dynamodb_client), self.wiring.get(stores.recordings)
        items = client.scan(TableName=self.wiring.get(process.settings).recordings_table)["Items"]
        kept = [one for one in items if one["sk"]["S"].startswith("repetition#")]
        return [store.find_repetition(one["pk"]["S"], one["sk"]["S"].partition("#")[2]) for one in kept]

    def _items(self) -> list[Any]:
        from repartee.stores.dynamodb.item_rules import readable_item

        pages = self.wiring.get(process.dynamodb_client).get_paginator("scan")
        settings = self.wiring.get(process.settings)
        tables = (settings.records_table, settings.accounts_table, settings.messages_table)
        return [
            readable_item(item)
            for table in filter(None, tables)
            for page in pages.paginate(TableName=table)
            for item in page["Items"]
        ]

    def _list_messages(self) -> list[Any]:
        return list(self.wiring.get(stores.messages).list_all(self.workspace))  # type: ignore[attr-defined]

    def _has_file(self, text: str) -> bool:
        import hashlib

        from repartee.errors import NotFound
        from repartee.ports import StoredMedia

        key = f"{self.workspace}/{hashlib.sha256(PNG + text.encode()).hexdigest()}"
        try:
            self.wiring.get(stores.media).read(StoredMedia(key=key, content_type="", size=0))
        except NotFound:
            return False
        return True
