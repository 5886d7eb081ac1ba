"""The contract of `ports.Masker`, by rules alone and with the stand-in for Amazon Comprehend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local.server_processes import ServerProcess
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    PermissionDenied,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline
from repartee.ports import PiiDetector
from repartee.privacy.rules import RuleDetector
from repartee.services.comprehend import MAX_CALL_BYTES, ComprehendDetector
from tests.support import aws


class Calls:
    """A client for Comprehend, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.client = aws.make_client("comprehend", url)
        self.asked: list[dict[str, Any]] = []
        self.client.meta.events.register("provide-client-params.comprehend.*", self._note)

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.asked.append(params)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log: Path = tmp_path_factory.mktemp("moto") / "moto.log"
    with ServerProcess("local.moto_server", (), log) as serving:
        _answered(ComprehendDetector(aws.make_client("comprehend", serving.url), RuleDetector()))
        yield serving.url


def _answered(comprehend: ComprehendDetector) -> None:
    """Comes back once the server has answered: it loads the service with the first call."""
    for _ in range(20):
        with suppress(DeadlineExceeded, Unavailable):
            comprehend.detect(["Is somebody there?"])
            return
    raise AssertionError("moto does not answer")


@pytest.fixture(scope="module")
def client(url: str) -> Calls:
    return Calls(url)


@pytest.fixture
def calls(client: Calls) -> Calls:
    client.asked.clear()
    return client


@pytest.fixture
def comprehend(calls: Calls) -> ComprehendDetector:
    return ComprehendDetector(calls.client, RuleDetector())


@pytest.fixture(params=["rules", "comprehend"])
def masker(request: pytest.FixtureRequest) -> PiiDetector:
    if request.param == "rules":
        return RuleDetector()
    found: PiiDetector = request.getfixturevalue("comprehend")
    return found


def values(masker: PiiDetector, *texts: str) -> list[list[tuple[str, str]]]:
    found = masker.detect(texts)
    return [
        [(span.kind, text[span.start : span.end]) for span in spans]
        for text, spans in zip(texts, found, strict=True)
    ]


def test_each_text_has_its_own(masker: PiiDetector) -> None:
    """One answer a text, in order, also where the same text comes twice, says nothing or is empty."""
    texts = ("mail ada@example.com", "", "nothing at all", " \n", "mail ada@example.com")

    mail = [("EMAIL", "ada@example.com")]
    assert values(masker, *texts) == [mail, [], [], [], mail]


def test_in_order_and_apart(masker: PiiDetector) -> None:
    """No detail lies within another, whoever found it."""
    text = "Ada <ada@example.com>, +49 30 1234567, DE89 3704 0044 0532 0130 00, é🙂 +44 20 7946 0958"

    (spans,) = masker.detect([text])

    assert {"EMAIL", "PHONE", "IBAN"} <= {span.kind for span in spans}
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert text[spans[-1].start : spans[-1].end] == "+44 20 7946 0958"


def test_a_kind_is_a_word_in_capitals(masker: PiiDetector) -> None:
    """It stands in placeholders."""
    text = "Ada, Rua Augusta 27, QQ123456C, +49 30 1234567, ada@example.com"

    kinds = {span.kind for span in masker.detect([text])[0]}

    assert all(kind.isalpha() and kind.isupper() and len(kind) <= 10 for kind in kinds)


def test_comprehend_knows_names_and_places(comprehend: ComprehendDetector) -> None:
    """What has no form is found by it; what has one, by the rules as well."""
    assert values(comprehend, "Ada Lovelace moved to Rua Augusta 27, IBAN DE89370400440532013000") == [
        [("NAME", "Ada Lovelace"), ("ADDRESS", "Rua Augusta 27"), ("IBAN", "DE89370400440532013000")]
    ]


def test_days_and_guesses_are_left(comprehend: ComprehendDetector) -> None:
    """A day is nobody's, and what Comprehend itself is not sure of is not hidden."""
    assert values(comprehend, "on Monday, 2026-11-12, see some_table") == [[]]


def test_many_texts_are_one_call_and_known_ones_none(comprehend: ComprehendDetector, calls: Calls) -> None:
    """A prompt's texts go together; in the next turn only what is new."""
    comprehend.detect(["Ada", "Ben and Carla", "Ada"])
    again = values(comprehend, "Ben and Carla", "Ada", "David")

    assert again == [[("NAME", "Ben"), ("NAME", "Carla")], [("NAME", "Ada")], [("NAME", "David")]]
    assert [asked["Text"] for asked in calls.asked] == ["Ada\n\nBen and Carla", "David"]


def test_no_call_is_longer_than_it_may_be(comprehend: ComprehendDetector, calls: Calls) -> None:
    """The limit is in bytes: a long text goes in pieces, and what stands where they meet is found whole."""
    long = ("é🙂 " * 3_550 + "Ada Lovelace ") * 8

    found = values(comprehend, long, "Ben", "x" * 60_000)

    assert found[0] == [("NAME", "Ada Lovelace")] * 8
    assert found[1:] == [[("NAME", "Ben")], []]
    assert all(len(asked["Text"].encode()) <= MAX_CALL_BYTES for asked in calls.asked)


def test_spanish_is_read_as_spanish(comprehend: ComprehendDetector, calls: Calls) -> None:
    """Comprehend reads two languages; what is neither goes as English, because too much hidden is better."""
    for text in ("¿Puedes llamar a Lucía por la tarde?", "Call Ada", "Ruf bitte Ada an"):
        comprehend.detect([text])

    assert [asked["LanguageCode"] for asked in calls.asked] == ["es", "en", "en"]


def test_a_character_that_is_none_is_no_obstacle(comprehend: ComprehendDetector) -> None:
    """Half of a surrogate pair cannot be sent; it is asked about with something else in its place."""
    assert values(comprehend, "\ud83d Ada") == [[("NAME", "Ada")]]


@pytest.mark.parametrize(
    "code, error",
    [
        ("ThrottlingException", Throttled),
        ("TooManyRequestsException", Throttled),
        ("AccessDeniedException", PermissionDenied),
        ("InternalServerException", Unavailable),
        ("InvalidRequestException", InvalidArgument),
    ],
)
def test_its_errors_are_ours(comprehend: ComprehendDetector, code: str, error: type[BackendError]) -> None:
    """And none of them lets a text through as if nothing were in it."""
    with pytest.raises(error, match=f"comprehend: {code}"):
        comprehend.detect([f"standin:{code}"])


def test_no_call_without_time(comprehend: ComprehendDetector, calls: Calls) -> None:
    """A step whose time is over asks nobody."""
    with deadline.limited_to(0.0), pytest.raises(DeadlineExceeded):
        comprehend.detect(["Ada"])

    assert calls.asked == []
