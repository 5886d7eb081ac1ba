"""scripts/evaluate with a real model: as the model that answers, and as the judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.judging import make_judge
from evaluation.versions import parse_version, run_version

MODEL = "SmolLM2-135M-Instruct"

CONVERSATION = """\
says: A person asks for a greeting.
channels: [slack]
talk:
  - text: Please say hello in one short sentence.
"""


@pytest.fixture
def environment(llama: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "OPENAI_API_KEY": "no-key",
        "OPENAI_BASE_URL": f"{llama}/v1",
        "MODEL": MODEL,
        "SMALL_MODEL": MODEL,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("environment")
def test_the_real_model_answers_a_conversation(tmp_path: Path) -> None:
    """What it writes is the reply, and its tokens and seconds are counted."""
    path = tmp_path / "office" / "greeting.yaml"
    path.parent.mkdir()
    path.write_text(CONVERSATION)

    (steps,) = run_version(parse_version(""), [path], real_model=True).values()

    assert steps[0]["problem"] == ""
    assert any(steps[0]["reply"])
    assert "Re: " not in steps[0]["reply"][0]
    assert steps[0]["model_calls"] == 1
    assert steps[0]["prompt_tokens"] > 50
    assert steps[0]["tokens"] > 0
    assert steps[0]["seconds"] > 0


@pytest.mark.usefixtures("environment")
def test_a_real_model_judges_two_replies() -> None:
    """It says which is better and why, and neither where it judges otherwise in the other order. A model of
    this size may name none: then the pair is not judged, and nothing else fails."""
    judge = make_judge(MODEL)

    said = judge("What is the capital of Portugal?", ["Lisbon."], ["I do not know, ask somebody else."])

    assert said.startswith(("first (", "second (", "same (", "not judged: judge: it named neither"))
