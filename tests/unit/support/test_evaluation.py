"""scripts/evaluate: what two versions make of the same conversations, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.__main__ import main
from evaluation.comparison import compare_versions
from evaluation.judging import judge_by, read_judgement
from evaluation.pages import render_page, render_terminal
from evaluation.versions import InvalidVersion, parse_version, run_version
from repartee.errors import InvalidArgument

ERP_CONVERSATION = Path(__file__).parents[2] / "conversations" / "office" / "erp_opened.yaml"

NAMES = ("before", "after")


def make_step(**changes: Any) -> dict[str, Any]:
    """A step of a conversation that came out as written."""
    step = {
        "text": "Who has the keys?",
        "reply": ["Ben."],
        "problem": "",
        "route": "chat",
        "retrieved": ["Ben: I have the keys"],
        "prompt_tokens": 400,
        "tools": [],
        "called": [],
        "model_calls": 1,
        "gather_seconds": 0.6,
        "seconds": 1.0,
        "tokens": 500,
        "cost_usd": 0.01,
    }
    return {**step, **changes}


def judge_by_length(text: str, one: Sequence[str], other: Sequence[str]) -> str:
    return f"{text} {min((*one, *other), key=len)}"


class WordyJudge:
    """`ports.SmallModel` that fills in no form and always prefers what it reads first, or Lisbon."""

    def __init__(self, *, knows: bool) -> None:
        self._knows = knows

    def extract(self, instructions: str, text: str, answer_type: type[Any]) -> Any:
        raise InvalidArgument("openai", "an analysis that cannot be read")

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        is_first = "First reply:\nLisbon" in text or not self._knows
        return f"{'First' if is_first else 'Second'}: it is the capital."


@pytest.mark.parametrize("knows, said", [(True, "first (First"), (False, "same (First")])
def test_a_pair_is_judged_in_both_orders(knows: bool, said: str) -> None:
    """A model that prefers a place judges nothing; one that fills in no form is read by its first word."""
    judge = judge_by(WordyJudge(knows=knows))

    assert judge("What is the capital of Portugal?", ["Lisbon."], ["Porto."]).startswith(said)


def test_a_judge_that_names_neither_judges_nothing() -> None:
    """The text says so."""
    with pytest.raises(InvalidArgument, match="neither"):
        read_judgement("Both replies are nice.")


def test_what_changed_is_shown_and_what_did_not_is_not() -> None:
    """By conversation, what was said, and field; a judge is asked where replies differ."""
    before = {"a/keys.yaml": [make_step(), make_step()]}
    after = {"a/keys.yaml": [make_step(), make_step(route="general", reply=["I do not know."])]}

    comparison = compare_versions(before, after, judge_by_length)

    (difference,) = comparison.differences
    assert difference.conversation == "keys"
    assert difference.changes == {
        "route": ("chat", "general"),
        "reply": (["Ben."], ["I do not know."]),
    }
    assert difference.judgement == "Who has the keys? Ben."
    assert comparison.sums["cost_usd"] == (0.02, 0.02)
    assert "chat" in render_terminal(comparison, NAMES)


@pytest.mark.parametrize(
    "changes, bar",
    [
        ({"problem": "seen: []"}, "evaluation: steps not as written"),
        ({"prompt_tokens": 60_000}, "evaluation: tokens of the largest prompt"),
        ({"gather_seconds": 9.0}, "evaluation: seconds to gather, p95"),
    ],
)
def test_the_second_version_is_held_to_absolute_bars(changes: dict[str, Any], bar: str) -> None:
    """Also where the first was as bad."""
    bad = {"keys": [make_step(**changes)]}

    missed = [one["name"] for one in compare_versions(bad, bad).bars if not one["met"]]

    assert missed == [bar]
    assert compare_versions(bad, {"keys": [make_step()]}).bars[0]["met"]


def test_the_page_holds_texts_as_texts() -> None:
    """What a person wrote is no markup of the page."""
    after = {"keys": [make_step(reply=["<script>alert(1)</script>"])]}

    page = render_page(compare_versions({"keys": [make_step()]}, after), ("<b>", "after"))

    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_version_is_a_commit_settings_and_files(tmp_path: Path) -> None:
    """In any order, each optional."""
    routes = tmp_path / "routes.toml"
    routes.touch()

    version = parse_version(f"MODEL=other,commit=HEAD,routes={routes}")

    assert (version.commit, version.settings, version.routes_file) == (
        "HEAD",
        {"MODEL": "other"},
        str(routes),
    )


@pytest.mark.parametrize("written", ["HEAD", "SPEED=high", "routes=nowhere.toml"])
def test_a_version_that_is_miswritten_is_refused(written: str) -> None:
    """Before anything is run; the command says why and ends with 2."""
    with pytest.raises(InvalidVersion):
        parse_version(written)
    assert main([written]) == 2


def test_a_conversation_is_run_and_described() -> None:
    """What the model was given and what the person saw, step by step, as it was written."""
    (steps,) = run_version(parse_version(""), [ERP_CONVERSATION], real_model=False).values()

    assert [step["problem"] for step in steps] == ["", ""]
    assert steps[0]["route"] == "chitchat"
    assert steps[0]["tools"] == ["erp_open"]
    assert steps[1]["called"] == ["erp_open", "erp_search"]
    assert steps[1]["prompt_tokens"] > 100
