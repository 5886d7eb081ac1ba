"""*Set-up* of a deployed console: what its function does in the background, as an administrator sees it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest
import urllib3

from repartee.console.access import Role
from repartee.errors import Unavailable
from repartee.operations.job_runner import SILENT_SECONDS
from repartee.ports.operator_jobs import JobOrder
from repartee.stores.dynamodb.operator_jobs import JOBS_KEY
from repartee.wiring import Wiring, operations, process, stores
from repartee.wiring.operator_jobs import job_runner
from tests.support import aws
from tests.support.console_setup import SetupVisit, list_acts, visit_setup
from tests.support.personal_data_world import FixedClients

NOW = 1_790_000_000.0
PERSON, NUMBER = "slack:T1:UADA", "whatsapp:491701234567"
ACTS = ("checks/run", "people/export", "people/forget")
PARTS = ("checks/job", "people/job", "people/download")


class HeldJobs:
    """`ports.JobStarter` that keeps the orders until they are taken, as Lambda keeps events."""

    def __init__(self) -> None:
        self.orders: list[JobOrder] = []
        self.is_away = False

    def start_job(self, order: JobOrder) -> None:
        if self.is_away:
            raise Unavailable("lambda", "it is away")
        self.orders.append(order)


class AwayFiles:
    """`ports.ExportFiles` that cannot be reached."""

    def list_keys(self, person: str) -> list[str]:
        raise Unavailable("s3", "it is away")

    list_workspace_keys = list_keys

    def save(self, person: str, id: str, content: IO[bytes]) -> str:
        raise Unavailable("s3", "it is away")

    def presign_url(self, key: str, name: str) -> str:
        raise Unavailable("s3", "it is away")

    def delete(self, keys: list[str]) -> int:
        raise Unavailable("s3", "it is away")


class Deployment:
    """The console, and the function beside it. `now` is the time of both."""

    def __init__(self, clients: dict[str, Any], **settings: str) -> None:
        self.now, self.held = NOW, HeldJobs()
        self.wiring = Wiring({"PERSON_ID_KEY": "a key for tests", **settings})
        self.wiring.put(process.aws_clients, FixedClients(clients))
        self.wiring.put(process.dynamodb_client, clients["dynamodb"])
        self.wiring.put(process.clock, lambda: self.now)
        self.wiring.put(operations.job_starter, self.held)

    def run(self) -> None:
        """The function takes the newest order."""
        self.wiring.get(job_runner).run(self.held.orders[-1])

    def stored(self) -> str:
        """Returns all that is stored of jobs, as text."""
        table, client = (
            self.wiring.get(process.settings).records_table,
            self.wiring.get(process.dynamodb_client),
        )
        return str([item for item in client.scan(TableName=table)["Items"] if item["pk"]["S"] == JOBS_KEY])


@pytest.fixture
def deployed(dynamodb_local: str, moto: str, tmp_path: Path) -> Deployment:
    clients = {
        "dynamodb": aws.make_client("dynamodb", dynamodb_local),
        "sqs": aws.make_client("sqs", moto),
        "sts": aws.make_client("sts", moto),
        "s3": aws.make_transfer_client(moto),
    }
    made = Deployment(
        clients,
        RECORDS_TABLE=aws.make_table(clients["dynamodb"]),
        ACCOUNTS_TABLE=aws.make_table(clients["dynamodb"]),
        DEAD_LETTERS_QUEUE_URL=aws.make_queue(clients["sqs"]),
        SQLITE_PATH=str(tmp_path / "messages.db"),
        EXPORTS_BUCKET=aws.make_bucket(clients["s3"]),
    )
    made.wiring.get(stores.records).update_profile(PERSON, {"name": "Ada of Lisbon"})
    return made


@pytest.fixture
def admin(deployed: Deployment) -> Iterator[SetupVisit]:
    with visit_setup(deployed.wiring) as visit:
        yield visit


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_jobs_are_for_administrators(deployed: Deployment, role: Role) -> None:
    """Who has a lower role starts nothing, sees nothing of them, and gets no file."""
    with visit_setup(deployed.wiring, role) as visit:
        for act in ACTS:
            assert visit.post(act, person=PERSON, confirmation=PERSON).status_code == 403, act
        for part in PARTS:
            assert visit.client.get(f"/console/setup/{part}").status_code == 403, part
    assert deployed.held.orders == []


def test_a_form_of_another_site_starts_nothing(deployed: Deployment, admin: SetupVisit) -> None:
    """Without the session's token, or with it from elsewhere."""
    for act in ACTS:
        assert admin.post(act, csrf="guessed", person=PERSON, confirmation=PERSON).status_code == 403, act
    admin.client.headers["sec-fetch-site"] = "cross-site"
    assert admin.post("people/forget", person=PERSON, confirmation=PERSON).status_code == 403
    assert deployed.held.orders == []


def test_without_a_function_there_is_no_such_tab(dynamodb_local: str) -> None:
    """A deployment of a version before has none: the other tabs are there."""
    client = aws.make_client("dynamodb", dynamodb_local)
    wiring = Wiring({"RECORDS_TABLE": aws.make_table(client)})
    wiring.put(process.dynamodb_client, client)
    with visit_setup(wiring) as visit:
        page = visit.open("desk")
    assert "A person's data" not in page
    assert "Checks" not in page


def test_a_person_is_exported_and_the_file_is_loaded(deployed: Deployment, admin: SetupVisit) -> None:
    """The page says that it waits, then what was found in each store, and leads to the file for some minutes.
    Both are in the audit log."""
    assert "waits" in admin.say("people/export", person=PERSON)
    assert admin.client.get("/console/setup/people/job").status_code == 200

    deployed.run()

    told = admin.client.get("/console/setup/people/job")
    assert told.status_code == 286
    assert "inbox and records: 3 written" in told.text  # the profile, the act in the audit log, this job
    assert PERSON in told.text
    (order,) = deployed.held.orders
    deployed.now += 1
    link = admin.client.get(f"/console/setup/people/download?id={order.id}", follow_redirects=False)
    assert link.status_code == 303
    answer = urllib3.request("GET", link.headers["location"])
    assert answer.headers["content-disposition"] == 'attachment; filename="export-slack-T1-UADA.zip"'
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert "Ada of Lisbon" in packed.read("inbox_and_records.jsonl").decode()
    assert "X-Amz-Expires=300" in link.headers["location"]
    acts = [("admin", "download export", PERSON), ("admin", "export person", PERSON)]
    assert list_acts(deployed.wiring, NOW + 2) == acts


def test_a_number_is_kept_nowhere(deployed: Deployment, admin: SetupVisit) -> None:
    """What was typed reaches the function; the job, the file's key and the audit log have the hashed id."""
    admin.say("people/export", person=NUMBER)
    deployed.run()

    assert deployed.held.orders[0].person == NUMBER
    page = admin.open("people")
    assert "done" in page
    assert "491701234567" not in page
    assert "491701234567" not in deployed.stored() + str(list_acts(deployed.wiring, NOW + 1))


def test_a_second_press_starts_nothing(deployed: Deployment, admin: SetupVisit) -> None:
    """While one waits or runs; after it has ended another may be started. The checks have their own place."""
    admin.say("people/export", person=PERSON)

    page = admin.say("people/forget", person=PERSON, confirmation=PERSON)
    assert "another export or erasure is going on" in page
    assert len(deployed.held.orders) == 1
    admin.say("checks/run")
    assert [one.kind for one in deployed.held.orders] == ["export", "checks"]
    assert "being made already" in admin.say("checks/run")

    deployed.held.orders.pop()
    deployed.run()
    admin.say("people/export", person=PERSON)
    assert [one.kind for one in deployed.held.orders] == ["export", "export"]


def test_an_event_that_comes_twice_is_done_once(deployed: Deployment, admin: SetupVisit) -> None:
    """Lambda may bring an event again: what ended does not begin anew."""
    admin.say("people/export", person=PERSON)
    deployed.run()
    before = deployed.stored()
    deployed.now += 5

    deployed.run()

    assert deployed.stored() == before


def test_a_function_that_died_is_told_and_replaced(deployed: Deployment, admin: SetupVisit) -> None:
    """A minute after the last that was heard of it the page says so, and it may be started again; what the
    first writes after that changes nothing."""
    admin.say("people/forget", person=PERSON, confirmation=PERSON)
    jobs = deployed.wiring.get(operations.operator_jobs)
    first = jobs.find("person")
    assert first is not None
    running = msgspec.structs.replace(
        first, state="running", due_at=NOW + SILENT_SECONDS, lines=("messages: 3 erased",)
    )
    assert jobs.save(running, after="waiting")
    assert "runs" in admin.open("people")

    deployed.now += SILENT_SECONDS + 1
    page = admin.open("people")
    assert "broken off" in page
    assert "messages: 3 erased" in page
    admin.say("people/forget", person=PERSON, confirmation=PERSON)
    deployed.run()

    assert not jobs.save(running, after="running")
    page = admin.open("people")
    assert "done" in page
    assert "messages: 3 erased" not in page


def test_a_person_is_forgotten_when_the_id_was_typed_twice(deployed: Deployment, admin: SetupVisit) -> None:
    """Otherwise nothing is started. Afterwards neither the job nor the audit log names them, and no file
    about them is left."""
    assert "Nothing was erased" in admin.say("people/forget", person=PERSON, confirmation="slack:T1:UBEN")
    assert deployed.held.orders == []
    admin.say("people/export", person=PERSON)
    deployed.run()
    exported = deployed.wiring.get(operations.operator_jobs).find("person")
    assert exported is not None

    admin.say("people/forget", person=PERSON, confirmation=PERSON)
    deployed.run()

    page = admin.open("people")
    assert "exports: 1 erased" in page
    assert "UADA" not in deployed.stored()
    assert "UADA" not in str(list_acts(deployed.wiring, NOW + 1))
    assert deployed.wiring.get(operations.export_files).list_keys(PERSON) == []
    assert admin.client.get(f"/console/setup/people/download?id={exported.id}").status_code == 404


def test_a_store_that_is_away_is_told(deployed: Deployment, admin: SetupVisit) -> None:
    """What could be done is done, the page says what is missing, and that it is to be started again."""
    deployed.wiring.put(operations.export_files, AwayFiles())

    admin.say("people/forget", person=PERSON, confirmation=PERSON)
    deployed.run()

    page = admin.open("people")
    assert "failed" in page
    assert "exports: not done, s3: it is away" in page
    assert "inbox and records: left as it is" in page
    assert "Not all of it is done: start it again." in page
    assert "UADA" in deployed.stored()


def test_a_function_that_is_not_there_is_told(deployed: Deployment, admin: SetupVisit) -> None:
    """The page says that nothing was started, and the next press may start it."""
    deployed.held.is_away = True
    assert "could not be started" in admin.say("people/export", person=PERSON)
    deployed.held.is_away = False
    admin.say("people/export", person=PERSON)
    assert len(deployed.held.orders) == 1


def test_the_checks_are_shown_with_their_advice(deployed: Deployment, admin: SetupVisit) -> None:
    """What is set and what answers, of this deployment; it stays on the page for the next who opens it."""
    admin.say("checks/run")
    deployed.run()

    page = admin.open("checks")
    assert "done" in page
    assert "the table answers" in page
    assert "OPENAI_API_KEY is not set" in page
    assert "Connect a chat" in page
    assert list_acts(deployed.wiring, NOW + 1) == [("admin", "check services", "")]


def test_a_mistake_of_ours_is_told_without_its_words(deployed: Deployment, admin: SetupVisit) -> None:
    """They may hold anything. The function fails too, so that the alarm tells."""
    deployed.wiring.replace(operations.export_files, _raise_mistake)
    admin.say("people/export", person=PERSON)

    with pytest.raises(ValueError, match="secret words"):
        deployed.run()

    page = admin.open("people")
    assert "It failed: ValueError" in page
    assert "secret words" not in page


def _raise_mistake(wiring: Wiring) -> Any:
    raise ValueError("secret words")
