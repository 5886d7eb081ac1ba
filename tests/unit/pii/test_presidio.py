"""PII=local: names are hidden by a model in this process, beside what the rules hide."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from repartee.errors import SettingError
from repartee.ports import PiiSpan
from repartee.privacy.redaction import make_redactor_factory
from repartee.privacy.rules import RuleDetector
from repartee.services.presidio import MAX_ANALYSED_CHARS, FindEntities, PresidioDetector, load_presidio
from repartee.wiring import Wiring, services


class NamesOfAda:
    """Finds one name. `asked` are the texts that it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> Iterator[PiiSpan]:
        self.asked.append(text)
        yield from (PiiSpan("NAME", *found.span()) for found in re.finditer("Ada(?: Lovelace)?", text))


def test_names_and_numbers_are_hidden_and_put_back() -> None:
    """The model finds the name, the rules the address; the reply has both again."""
    redactor = make_redactor_factory(PresidioDetector(NamesOfAda(), RuleDetector()), "key")("room")
    text = "Write to Ada Lovelace, ada@example.com"

    hidden = redactor.redact(text)

    assert "Ada" not in hidden
    assert "example.com" not in hidden
    assert "".join(redactor.restore_stream(iter([hidden]))) == text


def test_a_text_is_read_once() -> None:
    """History comes again in the next turn, and costs nothing then."""
    names = NamesOfAda()
    detector = PresidioDetector(names, RuleDetector())

    first, second = detector.detect(["Ada"]), detector.detect(["Ada", "Ada", ""])

    assert names.asked == ["Ada"]
    assert list(second) == [first[0], first[0], ()]


@pytest.mark.parametrize("before", [MAX_ANALYSED_CHARS - 5, MAX_ANALYSED_CHARS - 100, 3 * MAX_ANALYSED_CHARS])
def test_a_name_in_a_long_text_is_hidden_whole(before: int) -> None:
    """Also where a piece ends in it."""
    (spans,) = PresidioDetector(NamesOfAda(), RuleDetector()).detect([" " * before + "Ada Lovelace"])

    assert spans == (PiiSpan("NAME", before, before + len("Ada Lovelace")),)


def test_without_its_packages_the_start_stops() -> None:
    """The operator is told what to install."""
    if _is_installed():
        pytest.skip(reason="the packages of requirements/pii.txt are installed here")
    with pytest.raises(SettingError, match=r"PII is local, and a package of requirements/pii\.txt"):
        Wiring({"PII": "local", "PII_KEY": "key"}).get(services.redactor_for)


@pytest.fixture(scope="module")
def presidio() -> FindEntities:
    if not _is_installed():
        pytest.skip(reason="the packages of requirements/pii.txt are not installed, see docs/privacy.md")
    return load_presidio()


@pytest.mark.parametrize(
    "text, kinds",
    [
        ("Please call Margaret Thornton in London tomorrow", ["NAME", "ADDRESS"]),
        ("John Smith works for Acme Corp", ["NAME", "ORGANISATION"]),
        ("What is 17 percent of 2,340 by Friday?", []),
    ],
)
def test_the_model_finds_people_places_and_organisations(
    text: str, kinds: list[str], presidio: FindEntities
) -> None:
    """Days, amounts and numbers stay."""
    (spans,) = PresidioDetector(presidio, RuleDetector()).detect([text])

    assert [span.kind for span in spans] == kinds


def _is_installed() -> bool:
    try:
        load_presidio()
    except SettingError:
        return False
    return True
