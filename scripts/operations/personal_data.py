"""The commands scripts/person, scripts/room and scripts/workspace: hand out or erase what is kept."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.errors import BackendError, ReparteeError
from repartee.ports.personal_data import Footprint, PersonalDataStore, PersonalRecord, SubjectKind
from repartee.wiring import Wiring, personal_data
from support.local_settings import read_local_settings

DESCRIPTIONS: dict[str, str] = {
    "person": """Hands out or erases everything that is kept about a person.

  scripts/person export slack:T1:U0BEN               into the folder export-slack-T1-U0BEN
  scripts/person forget web:ben@example.com          in every store, and says what it did in each
  scripts/person forget whatsapp:491701234567        a number or an address may be given as it is

A person's id is slack:<workspace>:<user>, telegram:<user>, whatsapp:<id or number> or web:<subject>; of an
operator of the console it is console:<the login service's id of them>, as the audit log names them. What
others said in a shared room stays; what the assistant answered to the person goes, and so do summaries that
hold their words. forget may be repeated, also after it was broken off.
""",
    "room": """Hands out or erases everything that was said in a room, with all its threads.

  scripts/room export slack:T1:C0GENERAL
  scripts/room forget telegram:-1001234

What is kept about its people (profiles, memories, workouts) stays: see scripts/person.
""",
    "workspace": """Hands out or erases everything that is kept of a workspace and of its people.

  scripts/workspace export slack:T1
  scripts/workspace forget whatsapp:106540352242922
""",
}

STACK_SETTINGS: Mapping[str, str] = {
    "RECORDS_TABLE": "RecordsTable",
    "ACCOUNTS_TABLE": "AccountsTable",
    "WAKES_QUEUE_URL": "WakesQueueUrl",
    "DEAD_LETTERS_QUEUE_URL": "DeadLettersQueueUrl",
    "MEDIA_BUCKET": "MediaBucket",
    "SECRETS_ID": "SecretsId",
}
"""Settings, and the outputs of the stack that hold them."""

PARAMETER_SETTINGS: Mapping[str, str] = {
    "WEAVIATE_URL": "WeaviateUrl",
    "WEAVIATE_GRPC_PORT": "WeaviateGrpcPort",
    "PINECONE_KNOWLEDGE_HOST": "PineconeKnowledgeHost",
    "PINECONE_MEMORIES_HOST": "PineconeMemoriesHost",
}
"""Settings, and the parameters with which the stack was deployed."""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code: 1 if a store could not be reached."""
    given = sys.argv[1:] if arguments is None else arguments
    kind: SubjectKind = given[0]  # type: ignore[assignment]
    options = _make_parser(kind).parse_args(given[1:])
    try:
        wiring = Wiring(read_environment(options))
        footprint = wiring.get(personal_data.personal_records).trace(
            personal_data.make_subject(wiring, kind, options.id)
        )
        stores = personal_data.make_stores(wiring)
        if options.act == "export":
            return export_subject(stores, footprint, Path(options.to or _folder_name(options.id)), print_line)
        return forget_subject(stores, footprint, print_line)
    except (MissingPart, ReparteeError, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/{kind}: {problem}", file=sys.stderr)
        return 1


def forget_subject(
    stores: Mapping[str, PersonalDataStore | None], footprint: Footprint, print_line: Callable[[str], None]
) -> int:
    """Erases the subject in every store, and says what was done in each. The last store tells where all else
    is: it is left alone while another one cannot be reached."""
    failed: list[str] = []
    *others, last = stores
    for name in others:
        failed += _report_store(name, stores[name], lambda store: store.forget(footprint), print_line)
    if failed:
        print_line(f"{last}: left as it is, because it tells where the rest is. Run it again.")
        return 1
    return len(_report_store(last, stores[last], lambda store: store.forget(footprint), print_line))


def _report_store(
    name: str,
    store: PersonalDataStore | None,
    act: Callable[[PersonalDataStore], int],
    print_line: Callable[[str], None],
) -> list[str]:
    """Says what was done in a store. Returns its name if it failed."""
    if store is None:
        print_line(f"{name}: not in use")
        return []
    try:
        number = act(store)
    except BackendError as failure:
        print_line(f"{name}: not done, {failure}")
        return [name]
    print_line(f"{name}: {number} erased" if number else f"{name}: nothing there")
    return []


def export_subject(
    stores: Mapping[str, PersonalDataStore | None],
    footprint: Footprint,
    folder: Path,
    print_line: Callable[[str], None],
) -> int:
    """Writes all that is kept into a folder: a file of JSON lines for each store, and the files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=False)
    for name, store in stores.items():
        if store is None:
            print_line(f"{name}: not in use")
            continue
        lines = [_write_record(record, folder) for record in store.export(footprint)]
        if lines:
            _write_private(folder / f"{name.replace(' ', '_')}.jsonl", "".join(lines).encode())
        print_line(f"{name}: {len(lines)} written" if lines else f"{name}: nothing there")
    print_line(f"all of it is in {folder}")
    return 0


def _write_record(record: PersonalRecord, folder: Path) -> str:
    """Writes a record's file, if it has one, and returns the record as a line of JSON."""
    line: dict[str, Any] = {"kind": record.kind, "id": record.id, "content": record.content}
    if record.file:
        name = record.id.rpartition("/")[2]
        (folder / "files").mkdir(mode=0o700, exist_ok=True)
        _write_private(folder / "files" / name, record.file)
        line["file"] = f"files/{name}"
    return json.dumps(msgspec.to_builtins(line), ensure_ascii=False) + "\n"


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _folder_name(id: str) -> str:
    return "export-" + "".join(one if one.isalnum() else "-" for one in id)


def read_environment(options: argparse.Namespace) -> dict[str, str]:
    """Returns the settings: those of the environment, and else those of the stack."""
    if getattr(options, "local", False):
        return {**read_local_settings(), **os.environ}
    stack = deployed_stack.find_stack(options)
    needed = {name: stack.stack_output(output) for name, output in STACK_SETTINGS.items()}
    with suppress(MissingPart):  # a stack of a version before has no such table
        needed["RECORDINGS_TABLE"] = stack.stack_output("RecordingsTable")
    with suppress(MissingPart):
        dead = "DESK_EVENT_DEAD_LETTERS_QUEUE_URL"
        needed[dead] = stack.stack_output("DeskEventDeadLettersQueueUrl")
    return {**_parameters(stack), **needed, **os.environ}


def _parameters(stack: DeployedStack) -> dict[str, str]:
    """Returns the addresses with which the stack was deployed, unless the environment names all."""
    if any(os.environ.get(name) for name in ("WEAVIATE_URL", "SQLITE_PATH", "MESSAGES_TABLE")):
        return {}
    found = {name: stack.stack_parameter(parameter) for name, parameter in PARAMETER_SETTINGS.items()}
    if not found["WEAVIATE_URL"]:
        found["MESSAGES_TABLE"] = stack.stack_output("MessagesTable")
    return {name: value for name, value in found.items() if value}


def _make_parser(kind: SubjectKind) -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser(f"scripts/{kind}", DESCRIPTIONS[kind])
    parser.add_argument("--local", action="store_true", help="in the stack that scripts/serve keeps up")
    parser.add_argument("--to", metavar="FOLDER", help="where to write: a folder that is not there yet")
    parser.add_argument("act", choices=("export", "forget"), help="hand out, or erase")
    parser.add_argument("id", metavar="ID", help=f"the {kind}'s id")
    return parser


if __name__ == "__main__":
    sys.exit(main())
