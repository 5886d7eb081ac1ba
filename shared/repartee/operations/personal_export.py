"""Hands out or erases what is kept about a subject, store by store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from repartee.errors import BackendError
from repartee.ports.personal_data import Footprint, PersonalDataStore, PersonalRecord

Stores = Mapping[str, PersonalDataStore | None]
"""The stores by name, in the order in which they are erased. None for one that is not in use."""

PrintLine = Callable[[str], object]
WriteFile = Callable[[str, bytes], object]


def forget_subject(stores: Stores, footprint: Footprint, print_line: PrintLine) -> bool:
    """Erases the subject in every store, and says what was done in each. Returns whether all is done. The
    last store tells where all else is: it is left alone while another one cannot be reached."""
    *others, last = stores
    is_done = True
    for name in others:
        is_done &= _forget_in_store(name, stores[name], footprint, print_line)
    if not is_done:
        print_line(f"{last}: left as it is, because it tells where the rest is. Run it again.")
        return False
    return _forget_in_store(last, stores[last], footprint, print_line)


def _forget_in_store(
    name: str, store: PersonalDataStore | None, footprint: Footprint, print_line: PrintLine
) -> bool:
    """Erases the subject in a store, and says what was done. Returns False if it could not be reached."""
    if store is None:
        print_line(f"{name}: not in use")
        return True
    try:
        number = store.forget(footprint)
    except BackendError as failure:
        print_line(f"{name}: not done, {failure}")
        return False
    print_line(f"{name}: {number} erased" if number else f"{name}: nothing there")
    return True


def export_subject(
    stores: Stores, footprint: Footprint, write_file: WriteFile, print_line: PrintLine
) -> None:
    """Writes all that is kept: a file of JSON lines for each store, and the subject's files."""
    for name, store in stores.items():
        if store is None:
            print_line(f"{name}: not in use")
            continue
        lines = [_write_record(record, write_file) for record in store.export(footprint)]
        if lines:
            write_file(f"{name.replace(' ', '_')}.jsonl", "".join(lines).encode())
        print_line(f"{name}: {len(lines)} written" if lines else f"{name}: nothing there")


def _write_record(record: PersonalRecord, write_file: WriteFile) -> str:
    """Writes a record's file, if it has one, and returns the record as a line of JSON."""
    line: dict[str, Any] = {"kind": record.kind, "id": record.id, "content": record.content}
    if record.file:
        name = f"files/{record.id.rpartition('/')[2]}"
        write_file(name, record.file)
        line["file"] = name
    return json.dumps(msgspec.to_builtins(line), ensure_ascii=False) + "\n"


def export_name(id: str) -> str:
    """Returns the name of what is exported about a subject."""
    return "export-" + "".join(one if one.isascii() and one.isalnum() else "-" for one in id)
