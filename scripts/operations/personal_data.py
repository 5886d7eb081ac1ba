"""The commands scripts/person, scripts/room and scripts/workspace: hand out or erase what is kept."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.errors import ReparteeError
from repartee.operations.personal_export import Stores, export_name, export_subject, forget_subject
from repartee.ports.personal_data import Footprint, SubjectKind
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
            export_to_folder(stores, footprint, Path(options.to or export_name(options.id)), print_line)
            return 0
        return 0 if forget_subject(stores, footprint, print_line) else 1
    except (MissingPart, ReparteeError, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/{kind}: {problem}", file=sys.stderr)
        return 1


def export_to_folder(
    stores: Stores, footprint: Footprint, folder: Path, print_line: Callable[[str], None]
) -> None:
    """Writes all that is kept into a new folder, which only its owner reads."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=False)

    def write_private(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)

    export_subject(stores, footprint, write_private, print_line)
    print_line(f"all of it is in {folder}")


def read_environment(options: argparse.Namespace) -> dict[str, str]:
    """Returns the settings: those of the environment, and else those of the stack."""
    if getattr(options, "local", False):
        return {**read_local_settings(), **os.environ}
    stack = deployed_stack.find_stack(options)
    needed = {name: stack.stack_output(output) for name, output in STACK_SETTINGS.items()}
    with suppress(MissingPart):  # a stack of a version before has no such table
        needed["RECORDINGS_TABLE"] = stack.stack_output("RecordingsTable")
    with suppress(MissingPart):  # there is none without a console
        needed["EXPORTS_BUCKET"] = stack.stack_output("ExportsBucket")
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
