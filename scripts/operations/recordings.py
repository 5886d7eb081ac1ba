"""The command scripts/recordings: turns the recording of a room on or off, and hands recordings out."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.personal_data import read_environment
from repartee.domain.recording import TurnRecording
from repartee.errors import ReparteeError
from repartee.settings import Settings
from repartee.wiring import Wiring, process, stores

DESCRIPTION = """Turns the recording of a room's turns on or off, and hands recordings out.

  scripts/recordings on slack:T1:C0GENERAL --days 7    for 7 days; then it ends by itself
  scripts/recordings off slack:T1:C0GENERAL            what was recorded stays until it expires
  scripts/recordings show slack:T1:C0GENERAL           whether it is on, and how many turns there are
  scripts/recordings export slack:T1:C0GENERAL --to turns.jsonl    for scripts/evaluate --recordings

The people of a chat are told with the next reply there; the turns after that one are recorded. Recordings are
redacted and encrypted (RECORDINGS_KEY), and expire after RECORDINGS_DAYS. scripts/room and scripts/person
erase them.
"""

DAY_SECONDS = 24 * 3600

DEFAULT_DAYS, MAX_DAYS = 14, 30
"""Days after which recording ends by itself."""


def main(
    arguments: list[str] | None = None,
    print_line: Callable[[str], None] = print,
    clock: Callable[[], float] = time.time,
) -> int:
    """Runs the command; the exit code."""
    options = _make_parser().parse_args(arguments)
    try:
        wiring = Wiring(read_environment(options))
        wiring.get(process.settings).require(Settings.recordings_table, Settings.recordings_key)
        if options.act == "export":
            return export_room(wiring, options.room, Path(options.to), print_line)
        if options.act != "show":
            until = clock() + options.days * DAY_SECONDS if options.act == "on" else 0.0
            wiring.get(stores.records).set_recording(options.room, clock(), until)
        print_line(describe_room(wiring, options.room, clock()))
    except (MissingPart, ReparteeError, ValueError, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/recordings: {problem}", file=sys.stderr)
        return 1
    return 0


def describe_room(wiring: Wiring, room: str, now: float) -> str:
    """Returns whether the room's turns are recorded, and how many recordings there are."""
    control = wiring.get(stores.records).read_control(room, room)
    count = len(read_room(wiring, room))
    until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(control.recorded_until))
    state = f"recorded until {until}" if control.is_recorded(now) else "not recorded"
    return f"{room}: {state}; {count} turns are kept"


def export_room(wiring: Wiring, room: str, path: Path, print_line: Callable[[str], None]) -> int:
    """Writes the room's recordings as JSON lines into a file that the user alone may read."""
    found = read_room(wiring, room)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in found))
    print_line(f"{len(found)} turns are in {path}, redacted and not encrypted: delete it after use")
    return 0


def read_room(wiring: Wiring, room: str) -> list[TurnRecording]:
    """Returns the room's recordings, the oldest first."""
    return list(wiring.get(stores.recordings).list_room(room))


def _make_parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/recordings", DESCRIPTION)
    parser.add_argument("--local", action="store_true", help="in the stack that scripts/serve keeps up")
    parser.add_argument(
        "--days",
        type=int,
        choices=range(1, MAX_DAYS + 1),
        default=DEFAULT_DAYS,
        metavar="DAYS",
        help=f"after how many days it ends by itself, {MAX_DAYS} at the most (%(default)s)",
    )
    parser.add_argument("--to", metavar="FILE", default="recordings.jsonl", help="where to write an export")
    parser.add_argument("act", choices=("on", "off", "show", "export"), help="what to do")
    parser.add_argument("room", metavar="ROOM", help="the room's id, such as slack:T1:C0GENERAL")
    return parser


if __name__ == "__main__":
    sys.exit(main())
