"""Of documents that other programs wrote, all is recovered that a person sees in them."""

from __future__ import annotations

import pytest

from benches.recovered import Truth, recovered, truths
from tests.support.documents import read_here


@pytest.mark.parametrize("truth", truths(), ids=lambda truth: truth.path.name)
def test_all_that_a_person_sees_is_recovered(truth: Truth) -> None:
    """Words, numbers, order and tables, and nothing that is hidden or deleted."""
    text = read_here(truth.path.read_bytes(), truth.path.name).text

    assert recovered(truth, text) == {name: float(name != "unwanted") for name in recovered(truth, text)}


def test_what_is_missing_is_noticed() -> None:
    """The measure itself falls when a word, a number, a row or the order is lost, or hidden text is shown."""
    truth = next(one for one in truths() if one.path.name == "contract.docx")
    text = read_here(truth.path.read_bytes()).text

    worse = {
        "words": text.replace("Parking is included.", ""),
        "numbers": text.replace("21-4402", "214402"),
        "tables": text.replace("| 15,250 EUR |", "15,250 EUR"),
        "order": text.replace("# 2. Notice", "").replace("# 1. Term", "# 2. Notice\n# 1. Term"),
        "unwanted": f"{text}\ninvisible ink",
    }

    whole = recovered(truth, text)
    assert {name for name, one in worse.items() if recovered(truth, one)[name] == whole[name]} == set()
