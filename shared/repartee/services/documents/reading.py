"""Reads one document in this process."""

from __future__ import annotations

from repartee.errors import InvalidPayload, PayloadTooLarge, RequestRejected
from repartee.services.documents.extract import Extract
from repartee.services.documents.kinds import kind_of

EMPTY = "{} without any text in it: send pictures of it, or recognise its text first"
LONG = "{} that is too long to read: send the part that matters"
DAMAGED = "{} that is damaged, or not what it says: open it, save it anew, and send that"
DEEP = "{} whose parts are nested too deeply: save it as PDF"
HEAVY = "{} that takes more memory than there is: send the part that matters, or save it as PDF"


def read_into(content: bytes, name: str, extract: Extract) -> str:
    """Reads the document and returns what it is called. Raises `InvalidPayload` for what cannot be read and
    `PayloadTooLarge` for what unpacks to too much, unless something was read by then."""
    kind = kind_of(content, name)
    try:
        kind.read(content, extract)
    except RequestRejected:
        raise
    except MemoryError:
        _or_what_was_read(extract, PayloadTooLarge(HEAVY.format(kind.name)))
    except RecursionError:
        _or_what_was_read(extract, InvalidPayload(DEEP.format(kind.name)))
    except Exception as error:  # a hostile document makes a library raise whatever it likes
        raise InvalidPayload(DAMAGED.format(kind.name)) from error
    extracted = extract.extracted()
    if not extracted.text and not extracted.pictures:
        raise InvalidPayload((LONG if extracted.cut else EMPTY).format(kind.name))
    return kind.name


def _or_what_was_read(extract: Extract, refusal: RequestRejected) -> None:
    extract.cut_off()
    if not extract.extracted().text:
        raise refusal from None
    extract.add("\n\n[the rest could not be read: it takes too much]\n")
