"""Least privilege: what the functions do to AWS, from a message to its reply, is allowed; nothing more is.

Each function has parts of its own here, whose every call is noted by a hook of botocore. Lambda's own calls
with a function's role, which no code of ours makes, are named below.
"""

from __future__ import annotations

import html
import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette

from local.lambda_handlers import Handler, LambdaContext, load_handler
from local.queue_poller import QueuePoller
from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from repartee import wiring
from repartee.briefs.click_links import SentPlace
from repartee.channels.slack.receiver import sign_body
from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp
from repartee.console.chat_search import ChatSearch
from repartee.domain.brief import Address, BriefJob, Project, SourceRef, Subscription
from repartee.domain.desk import DeskConfig, DeskWebhook
from repartee.domain.desk_event import DeadEvent, EventLane
from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.meeting import Meeting
from repartee.domain.merging import as_deletion
from repartee.domain.message import Attachment, Exchange
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.domain.schedule import Schedule
from repartee.ports import EarlierImage
from repartee.ports.operator_jobs import JobKind, OperatorJob
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.desk import DynamoDesk
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.outbox import DynamoOutbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.turn.received_wake import ReceivedWake
from repartee.wiring import (
    assistants,
    brief_stores,
    briefs,
    emails,
    functions,
    operations,
    signed_links,
    stores,
)
from repartee.wiring.console import console_sections
from standins.oidc.server import AUDIENCE, OidcStandIn
from standins.slack.posts import BOT_USER_ID, TEAM_ID
from tests.support import aws
from tests.support.console_visit import ConsoleVisit
from tests.support.desk_events import make_batch
from tests.support.iam_rights import ActionOnResource, RecordingWiring, granted_rights
from tests.support.inbox_builders import make_message
from tests.support.live_handlers import FAST_MODEL_PACE
from tests.support.memory_workouts import make_workout
from tests.support.personal_data_world import PNG
from tests.support.stack_template import load_template
from tests.support.web_instances import TIMEOUT_SECONDS, ReplyReading, serve_app

STACK = load_template()

LAMBDAS_OWN = {
    ("sqs:ChangeMessageVisibility", "Wakes"),
    ("sqs:DeleteMessage", "Wakes"),
    ("sqs:GetQueueAttributes", "Wakes"),
    ("sqs:ReceiveMessage", "Wakes"),
    *(
        (f"sqs:{action}", queue)
        for queue in ("Briefs", "Reminders", "BriefEmails", "EmailEvents", "DeskEvents")
        for action in ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    ),
}
"""Calls that Lambda's poller makes in a function's name, and code of ours need not."""

ASSISTANTS = "office,web=coach,whatsapp=desk"
"""The assistants of the channels: WhatsApp has the desk."""

WITH_OPTIONS = {"FindPersonalDetails", "StartTurns"}
"""Statements of policies that a deployment has only with a parameter: nothing here is set up with it."""

EMAIL_SETTINGS = {
    "EMAIL_FROM": "Briefs <briefs@example.com>",
    "EMAIL_LINKS_URL": "https://links.example",
    "EMAIL_LINKS_KEY": "a key for the links of these tests",
    "EMAIL_CONFIGURATION_SET": "EmailConfiguration",
    "BRIEF_CLICKS": "true",
}

FUNCTIONS = (
    *("Webhook", "Turn", "Sweep", "Stream", "Console"),
    *("BriefSchedule", "BriefWrite", "BriefEmail", "Remind", "DeskEventSend", "OperatorJob"),
)


CONSOLE_SETTINGS = {
    "CONSOLE_ISSUER": "https://login.example.com",
    "CONSOLE_CLIENT_ID": "console",
    "CONSOLE_CLIENT_SECRET": "for tests only",
    "CONSOLE_SESSION_KEY": "for tests only, with 32 characters or more",
    "CONSOLE_ROLES": "admin=groups:platform",
}


@dataclass
class Deployed:
    """The functions on a stack, each with parts of its own."""

    stack: LocalStack
    issuer: OidcStandIn
    parts: dict[str, RecordingWiring]

    def __post_init__(self) -> None:
        self._handlers = {name: self._loaded(name) for name in FUNCTIONS if name != "Stream"}
        self._queue = self.stack.settings["WAKES_QUEUE_URL"]
        poll = aws.make_client("sqs", self.stack.moto)
        self._poller = QueuePoller(poll, self._queue, lambda event, _: self.call("Turn", event))

    def _loaded(self, name: str) -> Handler:
        wiring.set_wiring(self.parts[name])
        return load_handler(re.sub(r"\B([A-Z])", r"_\1", name).lower())

    def call(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        wiring.set_wiring(self.parts[name])
        answer: dict[str, Any] = self._handlers[name](event, LambdaContext(name.lower()))
        return answer

    def post(self, name: str, say: str = "") -> str:
        """A person says it in Slack. Gives the chat."""
        at = time.time()
        posted = samples.build_request(
            samples.find_event(name), at, SIGNING_SECRET, lambda: uuid.uuid4().hex, say
        )
        said = samples.extract_said(posted.body)
        self.stack.show_person_message(said)
        assert self.call("Webhook", posted.as_lambda_event(at, str(uuid.uuid4())))["statusCode"] == 200
        return f"slack:{TEAM_ID}:{said['channel']}:{said['ts']}"

    def post_unreadable(self) -> None:
        """Slack posts what nobody can read."""
        now, body = time.time(), b"{"
        headers = {
            "x-slack-request-timestamp": str(int(now)),
            "x-slack-signature": sign_body(SIGNING_SECRET, str(int(now)), body),
        }
        posted = samples.PostedRequest("/slack/events", headers, body)
        assert self.call("Webhook", posted.as_lambda_event(now, str(uuid.uuid4())))["statusCode"] == 200

    def follow(
        self, path: str, token: str, method: str = "POST", headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """A mail client posts to a link, or a browser follows one."""
        context = {"http": {"method": method}, "requestId": str(uuid.uuid4())}
        event = {"requestContext": context, "rawPath": path, "queryStringParameters": {"token": token}}
        return self.call("Webhook", event | {"headers": headers or {}})

    def take_jobs(self, queue: str, function: str) -> None:
        """The function takes what is in its queue."""
        poll = aws.make_client("sqs", self.stack.moto)
        poller = QueuePoller(poll, self.stack.settings[queue], lambda event, _: self.call(function, event))
        while poller.poll_queue(wait=0):
            pass

    def work(self) -> None:
        """The turn takes what is in the queue."""
        while self._poller.poll_queue(wait=0):
            pass

    def chat(self, text: str) -> None:
        """A web client says it, and reads the reply."""
        headers = {"Authorization": f"Bearer {self.issuer.issue_token()}"}
        with (
            serve_app(self.parts["Stream"].get(functions.stream_app)) as url,
            httpx2.stream(
                "POST", f"{url}/chat", json={"text": text}, headers=headers, timeout=TIMEOUT_SECONDS
            ) as reply,
        ):
            done = ReplyReading(reply).read_until_event("done")
            again = httpx2.get(f"{url}/chat/{done['turn']}/events", headers=headers, timeout=TIMEOUT_SECONDS)
            assert again.status_code == 200

    @property
    def done(self) -> set[tuple[str, ActionOnResource]]:
        """What each role was seen to need."""
        return {
            (f"{name}Role", right)
            for name, parts in self.parts.items()
            for right in parts.clients.recorded_rights
        }


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """The functions, after all that people may do to them."""
    before, installed = dict(os.environ), wiring._current_wiring[:]
    issuer = OidcStandIn(time.time)
    try:
        with serve_app(Starlette(routes=issuer.routes())) as login, LocalStack({}, FAST_MODEL_PACE) as stack:
            os.environ.update(stack.settings)
            stack.wait_until_ready()
            stack.create_resources(
                *(aws.make_client(name, stack.moto) for name in ("dynamodb", "sqs", "secretsmanager"))
            )
            for bucket in ("media", "exports"):
                aws.make_client("s3", stack.moto).create_bucket(
                    Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
                )
            web = {"WEB_JWKS_URL": f"{login}/issuer/jwks.json", "WEB_AUDIENCE": AUDIENCE}
            settings = stack.settings | web | {"MEDIA_BUCKET": "media", "ASSISTANT": ASSISTANTS}
            settings |= {"OPERATOR_JOB_FUNCTION": "OperatorJob.Alias", "EXPORTS_BUCKET": "exports"}
            settings |= {"MESSAGES_TABLE": "Messages"} | CONSOLE_SETTINGS | EMAIL_SETTINGS
            ses = aws.make_client("sesv2", stack.moto)
            ses.create_email_identity(EmailIdentity="briefs@example.com")
            ses.create_configuration_set(ConfigurationSetName="EmailConfiguration")
            os.environ.update(settings)
            running = Deployed(stack, issuer, {name: RecordingWiring(os.environ) for name in FUNCTIONS})
            live(running)
            yield running
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._current_wiring[:] = installed


def live(deployed: Deployed) -> None:
    """What people do, and what goes wrong."""
    asked = deployed.post("app_mention", "when does the Lisbon office open?")
    deployed.work()
    deployed.post("voice_and_picture")
    deployed.post("direct_message", "mute for 2 hours")
    deployed.post("direct_message", "unmute")
    deployed.post("channel_message")
    deployed.post_unreadable()
    deployed.work()
    record_turns(deployed)
    deployed.chat("what should I train today?")
    deployed.chat("and tomorrow?")
    first, second = make_workout("2026-11-20"), make_workout("2026-11-21")
    deployed.parts["Stream"].get(stores.workouts).put("web:ada", [first])
    deployed.parts["Stream"].get(stores.workouts).put(
        "web:ada", [second], replacing=[first]
    )  # it is put right
    a_person_is_briefed(deployed)
    a_person_gets_mail(deployed)
    a_person_clicks(deployed)
    a_person_is_reminded(deployed)
    an_account_is_moved(deployed)
    a_message_is_deleted(deployed)
    tells_more_while_it_waits(deployed, "Webhook")
    tells_more_while_it_waits(deployed, "Stream")
    fails(deployed)
    deployed.post("app_mention", "is somebody there?")
    a_customer_waits(deployed)
    a_receiver_is_sent_events(deployed)
    deployed.parts["Sweep"].shift_seconds = 1000.0
    deployed.call("Sweep", {})
    operate_console(deployed, asked)
    a_recorded_turn_is_run_again(deployed)
    operators_jobs_are_done(deployed)


def a_customer_waits(deployed: Deployed) -> None:
    """A customer of a desk waits for a person, and the team is to be reminded."""
    client, room = aws.make_client("dynamodb", deployed.stack.moto), "whatsapp:100:eva"
    desks = DynamoDesk(client, "Records", time.time)
    desks.save_config(DeskConfig(number="whatsapp:100", name="Parcels", team=(f"slack:{TEAM_ID}:C0GENERAL",)))
    handovers = DynamoHandovers(client, "Records", time.time, lambda: "h1")
    customer = Customer(room=room, channel="whatsapp")
    now = time.time()
    handovers.open(
        HandoverRequest(chat=room, customer=customer, reason="asked", at=now - 600, due_at=now - 60)
    )


def operate_console(deployed: Deployed, asked: str) -> None:
    """An administrator looks at everything, finds the chat where the office was asked about, and steps in."""
    console = ConsoleVisit(deployed.parts["Console"], lambda event: deployed.call("Console", event))
    console.sign_in(Operator("s1", "Ada", Role.ADMIN))
    chat = deployed.post("app_mention", "is there a printer?")
    deployed.work()
    search = ChatSearch(lambda: deployed.parts["Console"].get(stores.messages))
    assert search.begin("lisbon", may_read_private=False).find(asked), "what was said is not found"
    for page in ("conversations", "health", "health/rooms", "audit", f"conversations/one?chat={quote(chat)}"):
        assert console.get(page)["statusCode"] == 200, page
    for page in ("state=open", "state=person", "text=printer&search=slack"):
        assert console.get(f"conversations?{page}")["statusCode"] == 200, page
    link = re.search(
        r'href="/console/(conversations/one/turn[^"]+)"',
        console.text(console.get(f"conversations/one?chat={quote(chat)}")),
    )
    assert link
    assert console.get(html.unescape(link[1]))["statusCode"] == 200
    change_set_up(console)
    for action in ("mute", "unmute", "stop", "take", "answer", "note", "give-back"):
        assert console.post(f"conversations/one/{action}", chat=chat, text="hi")["statusCode"] == 303
    see_picture(deployed, console)
    deployed.parts["Turn"].get(stores.wakes).dead_letter(chat, ("1",), "the console's own")
    letters = deployed.parts["Console"].get(operations.failed_answers)
    (id,) = [one.id for one in letters.list_failed() if one.chat == chat]
    assert chat in console.text(console.get("health/dead-letters"))
    assert console.post("health/dead-letters/replay", id=id)["statusCode"] == 303
    console.pass_minutes(2)
    assert console.post("sign-out")["statusCode"] in (303, 503)  # its login service is not there


def operators_jobs_are_done(deployed: Deployed) -> None:
    """What an administrator has started: everything is looked at, Ada's data is handed out, then erased."""
    get, ada, chat = deployed.parts["OperatorJob"].get, f"slack:{TEAM_ID}:U0ADA", f"slack:{TEAM_ID}:D0ADA"
    letter = DeadEvent(chat, "e1", "000000000001#000", "1", "taken", "HTTP 500")
    aws.make_client("sqs", deployed.stack.moto).send_message(
        QueueUrl=deployed.stack.settings["DESK_EVENT_DEAD_LETTERS_QUEUE_URL"],
        MessageBody=msgspec.json.encode(letter).decode(),
    )
    console = ConsoleVisit(deployed.parts["Console"], lambda event: deployed.call("Console", event))
    console.sign_in(Operator("s1", "Ada", Role.ADMIN))
    kinds: tuple[JobKind, ...] = ("checks", "export", "forget")
    for kind in kinds:
        now = time.time()
        job = OperatorJob(id=kind, kind=kind, operator="s1", person=ada, started_at=now, due_at=now + 60)
        assert get(operations.operator_jobs).start(job)
        deployed.call("OperatorJob", {"job": {"id": kind, "kind": kind, "person": ada}})
        done = get(operations.operator_jobs).find(job.slot)
        assert done is not None
        assert done.state == "done", done
        loaded = console.get(f"setup/people/download?id={kind}")
        assert loaded["statusCode"] == (303 if kind == "export" else 404)


def a_recorded_turn_is_run_again(deployed: Deployed) -> None:
    """An administrator has a turn run again that was recorded; the function asks the model, and keeps it."""
    get = deployed.parts["OperatorJob"].get
    (item, *_) = [
        one
        for one in aws.make_client("dynamodb", deployed.stack.moto).scan(TableName="Recordings")["Items"]
        if one["sk"]["S"].startswith("recording#") and one["pk"]["S"].startswith("slack:")
    ]
    room, turn, chat = item["pk"]["S"], item["sk"]["S"].removeprefix("recording#"), item["chat"]["S"]
    console = ConsoleVisit(deployed.parts["Console"], lambda event: deployed.call("Console", event))
    console.sign_in(Operator("s1", "Ada", Role.ADMIN))
    console.post("conversations/one/turn/again", chat=chat, turn=turn)  # it is not carried out by itself here
    now = time.time()
    job = OperatorJob(
        id="again", kind="again", operator="s1", turn=turn, started_at=now + 400, due_at=now + 460
    )
    assert get(operations.operator_jobs).start(job)
    deployed.call("OperatorJob", {"job": {"id": "again", "kind": "again", "room": room, "turn": turn}})
    done = get(operations.operator_jobs).find("again")
    assert done is not None
    assert done.state == "done", done
    page = console.text(console.get(f"conversations/one/turn?chat={quote(chat)}&turn={quote(turn)}"))
    assert "It is kept for a day" in page


def change_set_up(console: ConsoleVisit) -> None:
    """The administrator looks at every tab, sets a desk and removes it, and stops a brief."""
    for tab in ("desk", "routes", "switch", "briefs", f"briefs&person=slack:{TEAM_ID}:U0ADA"):
        assert console.get(f"setup?tab={tab}")["statusCode"] == 200, tab
    number, hook = "whatsapp:201", '[[webhooks]]\nurl = "https://hooks.example.com/a"\nsecret = "desk-hook"'
    toml = f'number = "{number}"\nname = "Lamps"\n{hook}'
    assert "is kept" in console.text(console.post("setup/desk/set", toml=toml))
    assert console.get(f"setup?tab=desk&number={number}")["statusCode"] == 200
    assert console.post("setup/desk/remove", number=number, confirmation=number)["statusCode"] == 303
    page = console.text(console.post("setup/routes/try", text="which invoices are overdue?"))
    assert "Takes the route" in page or "it takes the route" in page
    assert console.post("setup/switch/turn", percent="100")["statusCode"] == 303
    for tab in ("checks", "people"):
        assert console.get(f"setup?tab={tab}")["statusCode"] == 200, tab
    console.post("setup/checks/run")
    console.post("setup/people/export", person=f"slack:{TEAM_ID}:U0ADA")
    assert console.post("setup/briefs/stop", person=f"slack:{TEAM_ID}:U0ADA", id="s1")["statusCode"] == 303


def a_receiver_is_sent_events(deployed: Deployed) -> None:
    """Of a customer's conversation: one event is given up, for another the receiver is not there any more. A
    lane is left, which the sweep finds."""
    client, now = aws.make_client("dynamodb", deployed.stack.moto), time.time()
    outbox, queue = DynamoOutbox(client, "Records", time.time), "DESK_EVENTS_QUEUE_URL"
    webhook = DeskWebhook(url="https://127.0.0.1/hook", secret="desk-hook", texts=True)
    DynamoDesk(client, "Records", time.time).save_config(
        DeskConfig(number="whatsapp:200", name="Lamps", webhooks=(webhook,))
    )
    for function, number, at in (("Turn", "200", now - 90_000), ("Stream", "201", now), ("Turn", "200", now)):
        room = f"whatsapp:{number}:eva"
        batch = make_batch("1", chat=room, endpoint=webhook.endpoint_id, number=f"whatsapp:{number}", at=at)
        parts, turn = deployed.parts[function], uuid.uuid4().hex
        lease = parts.get(stores.inbox).acquire_lease(room, turn, now, now + 20)
        exchange = Exchange(
            turn=turn,
            chat=room,
            room=room,
            assistant="desk",
            messages=(),
            reply="",
            answered_at=now,
            endpoints=(batch.endpoint,),
        )
        parts.get(stores.inbox).close_turn(lease, exchange, events=[batch])
        parts.get(assistants.exchange_persister).persist(exchange)
        deployed.take_jobs(queue, "DeskEventSend")
    outbox.end_endpoint("whatsapp:200", webhook.endpoint_id, now)
    deployed.parts["DeskEventSend"].get(stores.event_outbox).end_endpoint("whatsapp:202", "e", now)
    outbox.acquire_lane(EventLane("whatsapp:200:ann", webhook.endpoint_id), "gone", now - 600, now - 500)


def see_picture(deployed: Deployed, console: ConsoleVisit) -> None:
    """The administrator looks at a picture of a conversation."""
    turn, chat = deployed.parts["Turn"], "slack:T1:C1"
    media = turn.get(stores.media).put("slack:T1", PNG)
    shown = EarlierImage(id="78", message_id="78", chat=chat, name="b.png", sent=time.time(), media=media)
    turn.get(stores.earlier_image_store).put(chat, [shown])
    answer = console.get(f"conversations/one/picture?chat={chat}&id=78")
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "image/png")


def record_turns(deployed: Deployed) -> None:
    """The operator has turns recorded, on Slack and on the web, whose people are told by the first reply."""
    records = DynamoRecords(aws.make_client("dynamodb", deployed.stack.moto), "Records", time.time)
    chat = deployed.post("app_mention", "where is the office in Lisbon?")
    for room in (chat.rpartition(":")[0], "web:ada"):
        records.set_recording(room, time.time() - 1, time.time() + 1000)
    records.note_recording_told(chat, time.time())
    deployed.work()


def a_person_is_briefed(deployed: Deployed) -> None:
    """Ada has subscribed to what is new in a channel, in the ERP, in her training and among proposals."""
    room, ada = f"slack:{TEAM_ID}:C0GENERAL", f"slack:{TEAM_ID}:U0ADA"
    kinds = ("erp", "leads"), ("workouts",), ("proposals",), ("minutes", room), ("escalations",)
    refs = (SourceRef("room", room), *(SourceRef(*kind) for kind in kinds))
    address, now = make_direct_address(), time.time()
    records = DynamoRecords(aws.make_client("dynamodb", deployed.stack.moto), "Records", time.time)
    records.save_meeting(room, Meeting.start(room, now - 3600).end(now - 60))
    due = datetime.fromtimestamp(time.time() - 120, UTC)
    store = DynamoBriefs(aws.make_client("dynamodb", deployed.stack.moto), "Records", time.time)
    store.put_subscription(
        Subscription(
            id="s1",
            person=ada,
            address=address,
            schedule=Schedule(at=f"{due:%H:%M}"),
            timezone="UTC",
            projects=(Project("All of it", refs),),
            created_at=1.0,
        )
    )
    preview = deployed.call("BriefWrite", {"preview": {"person": ada, "subscription_id": "s1"}})
    assert "**All of it**" in preview["text"]
    deployed.call("BriefSchedule", {})
    deployed.parts["BriefSchedule"].get(brief_stores.briefs).save_cursor({})
    deployed.take_jobs("BRIEFS_QUEUE_URL", "BriefWrite")
    moves = deployed.parts["BriefWrite"].get(stores.chat_moves)  # a group that a reminder is for has moved
    moves.save("telegram:-1", "telegram:-1001")
    written = store.find_subscription(ada, "s1")
    assert written is not None
    assert written.last_day == f"{due:%Y-%m-%d}"


def a_person_gets_mail(deployed: Deployed) -> None:
    """Ada confirms her address, has her brief by e-mail too, and then ends that by the link in it."""
    ada, turn = f"slack:{TEAM_ID}:U0ADA", deployed.parts["Turn"]
    subscription = turn.get(brief_stores.briefs).list_subscriptions(ada)[0]
    asked = make_message("also by e-mail to ada@example.com", id="90", chat=f"slack:{TEAM_ID}:D0ADA")
    asked = msgspec.structs.replace(asked, sender=ada, language="en")
    assert "ada@example.com" in emails.make_email_orders(turn).carry_out("on", subscription, asked)
    deployed.take_jobs("BRIEF_EMAILS_QUEUE_URL", "BriefEmail")
    contact = turn.get(brief_stores.email_contacts).find(ada)
    assert contact is not None
    signer = deployed.parts["Webhook"].get(signed_links.link_signer)()
    confirm = signer.sign("confirm", ada, contact.pending_nonce, "en", until=time.time() + 60)
    assert deployed.follow("/email/confirm", confirm)["statusCode"] == 200
    due = datetime.fromtimestamp(time.time() - 60, UTC)
    tomorrow = f"{due + timedelta(days=1):%Y-%m-%d}"
    body = msgspec.json.encode(BriefJob(ada, subscription.id, tomorrow)).decode()
    records = [{"messageId": "b1", "body": body, "attributes": {}}]
    assert deployed.call("BriefWrite", {"Records": records}) == {"batchItemFailures": []}
    deployed.take_jobs("BRIEF_EMAILS_QUEUE_URL", "BriefEmail")
    event = (samples.EVENTS_FOLDER / "ses" / "send.json").read_text()
    assert deployed.call("BriefEmail", {"Records": [{"messageId": "e1", "body": event}]})
    unsubscribe = signer.sign("unsubscribe", ada, contact.pending_nonce, "en")
    assert deployed.follow("/email/unsubscribe", unsubscribe)["statusCode"] == 200
    ended = turn.get(brief_stores.email_contacts).find(ada)
    assert ended is not None
    assert ended.ended == "unsubscribed"


def a_person_clicks(deployed: Deployed) -> None:
    """Ada follows a link of her brief in a browser, a minute after it came: from the chat, and from the
    mail."""
    job = BriefJob(f"slack:{TEAM_ID}:U0ADA", "s1", f"{datetime.now(UTC):%Y-%m-%d}")
    lease, webhook = "https://acme.slack.com/archives/C1/p1", deployed.parts["Webhook"]
    places: tuple[tuple[str, SentPlace], ...] = (("BriefWrite", "chat"), ("BriefEmail", "mail"))
    for function, place in places:
        parts = deployed.parts[function]
        signed = signed_links.make_link_signing(parts, place)(f"- Signed. [↗]({lease})", job)
        token = signed.partition("token=")[2].removesuffix(")")
        webhook.shift_seconds = 60.0
        answer = deployed.follow("/brief/message", token, "GET", {"user-agent": "Mozilla/5.0 (X11)"})
        webhook.shift_seconds = 0.0
        assert answer["headers"]["location"] == lease
        id = parts.get(signed_links.link_signer)().make_id("click", job.key, place)
        clicked = webhook.get(brief_stores.brief_links).find_links(id)
        assert clicked is not None
        assert clicked.clicked_at


def a_person_is_reminded(deployed: Deployed) -> None:
    """Of one thing once, of another every day; a third wake comes too early."""
    get, now, address = deployed.parts["Turn"].get, time.time(), make_direct_address()
    store = get(brief_stores.reminders)
    for id, schedule in (("once", Schedule(period="once", day="2026-01-01")), ("daily", Schedule())):
        made = Reminder(
            id=id,
            person=f"slack:{TEAM_ID}:U0ADA",
            address=address,
            schedule=schedule,
            timezone="UTC",
            text="call the landlord",
            created_at=now,
            due_at=now - 5,
        )
        store.put_reminder(made)
    early = msgspec.structs.replace(made, id="early", due_at=now + 100)
    store.put_reminder(early)
    get(briefs.reminder_queue).send_wakes([ReminderWake(early.person, "early", early.due_at)], now + 100)
    deployed.call("BriefSchedule", {})
    deployed.take_jobs("REMINDERS_QUEUE_URL", "Remind")
    assert store.find_reminder(made.person, "once") is None
    daily = store.find_reminder(made.person, "daily")
    assert daily is not None
    assert daily.due_at > now
    deployed.parts["Remind"].get(stores.chat_moves).save("telegram:-2", "telegram:-1002")


def make_direct_address() -> Address:
    """Ada's direct conversation."""
    return Address(
        channel="slack",
        chat=f"slack:{TEAM_ID}:D0ADA",
        room=f"slack:{TEAM_ID}:D0ADA",
        platform={"channel": "D0ADA", "thread": "1789000000.000100", "user": "U0ADA"}
        | {"team": TEAM_ID, "self": BOT_USER_ID},
    )


def an_account_is_moved(deployed: Deployed) -> None:
    """A person's account in the ERP is where an earlier version kept it, and is read."""
    former = {"pk": {"S": "slack:T1:U1"}, "sk": {"S": "account"}, "login": {"S": "ada"}, "key": {"S": "key"}}
    aws.make_client("dynamodb", deployed.stack.moto).put_item(TableName="Records", Item=former)
    assert deployed.parts["Turn"].get(stores.accounts).find("slack:T1:U1") is not None


def a_message_is_deleted(deployed: Deployed) -> None:
    """Its author takes back a message with a picture, which was answered."""
    turn, asked = deployed.parts["Turn"], make_message("look", id="77", chat="slack:T1:C1", sent=time.time())
    medium = turn.get(stores.media).put("slack:T1", PNG)
    shown = EarlierImage(
        id="77", message_id=asked.id, chat=asked.chat, name="a.png", sent=asked.sent, media=medium
    )
    turn.get(stores.earlier_image_store).put(asked.room, [shown])
    assistants.erase_deleted(turn, as_deletion(asked, "deletion"))


def tells_more_while_it_waits(deployed: Deployed, function: str) -> None:
    """A message that waits for its turn is told of again, with a file, and is then deleted by its author."""
    inbox, id = deployed.parts[function].get(stores.inbox), str(time.time())
    file = Attachment(kind="file", id="F1", mime="text/plain")
    inbox.put(make_message("please look", id=id, chat=f"waits:{function}"))
    inbox.put(make_message("please look", id=id, chat=f"waits:{function}", attachments=(file,)))
    deletion = make_message("", id=f"{id}1", chat=f"waits:{function}", revises=id, is_deletion=True)
    assert inbox.revise(deletion) == "waiting"


def fails(deployed: Deployed) -> None:
    """A turn fails three times, and another worker holds its chat the next time."""
    deployed.stack.call_standins("faults", at="model:responses", kind="error", status=400, times=-1)
    chat = deployed.post("app_mention", "who has the keys?")
    turn, now = deployed.parts["Turn"], time.time()
    order = ReceivedWake(chat, "", now + 270)
    for _ in range(3):
        turn.get(functions.chat_worker).answer_all([order])
    turn.get(stores.inbox).acquire_lease(chat, "another", now, now + 20)
    turn.get(functions.chat_worker).answer_all([order])
    httpx2.delete(f"{deployed.stack.standins}/standin/faults").raise_for_status()  # what follows is answered


def test_what_is_done_is_allowed(deployed: Deployed) -> None:
    """Every call of every function is one that its role may make."""
    allowed = {(role, right) for role, _, right in granted_rights(STACK)}

    assert deployed.done - allowed == set()


def test_what_is_allowed_is_done(deployed: Deployed) -> None:
    """Every right of every statement is used, by one of the roles at least that have the statement."""
    idle = {
        (sid, right)
        for role, sid, right in granted_rights(STACK)
        if right not in LAMBDAS_OWN and not right[0].startswith("logs:") and sid not in WITH_OPTIONS
    }

    used = {(sid, right) for role, sid, right in granted_rights(STACK) if (role, right) in deployed.done}

    assert idle - used == set()


def test_each_route_of_the_console_is_closed_to_lower_roles(deployed: Deployed) -> None:
    """Whatever the console can do, who has a lower role than the route declares is refused, and who has not
    signed in is sent to the login service. What changes something needs an agent, what reaches everybody an
    administrator."""
    console = ConsoleVisit(deployed.parts["Console"], lambda event: deployed.call("Console", event))
    sections = console_sections(deployed.parts["Console"], cast("ConsoleApp", None))
    routes = [route for section in sections for route in section.routes]
    assert len(routes) > 10
    for route in routes:
        page, method = re.sub(r"\{\w+\}", "x", route.path).lstrip("/"), route.methods[0]
        if method != "GET":
            assert route.role >= Role.AGENT, route.path
        if re.search("audit|replay|switch|export|forget|setup", route.path):
            assert route.role is Role.ADMIN, route.path
        console.sign_out_here()
        assert console.send(method, page)["statusCode"] == 303, route.path
        for role in (one for one in Role if one < route.role):
            console.sign_in(Operator("s1", "Ada", role))
            assert console.send(method, page)["statusCode"] == 403, (route.path, role)
