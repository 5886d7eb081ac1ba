"""No step of a plan hands to a model what is not masked: read off the plans, and off a whole turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from repartee.assistants.coach import plan as coach
from repartee.assistants.office import plan as office
from repartee.conversation.veiled import VeiledEmbedder, VeiledSmallModel
from repartee.errors import SettingError
from repartee.plan import Graph, Plan
from repartee.services.pii.rules import found
from repartee.wiring import Wiring
from tests.support.office import office as office_of
from tests.support.veiled_world import IBAN, MAIL, PHONE, Veiled, texts_of

MASK = "safe_text"
"""The step whose value may leave."""

VEILED = {"small"}
"""Ports that mask what they are given themselves, where they are wired."""

STATED = {"transcriber"}
"""Ports to which something leaves as it is: recordings, as docs/privacy.md says."""

LEAVES = {"embedder", "model"}
"""Ports that hand what they are given to a model."""

STAYS = {
    *("turn", "asked", "recent", "sign", "tell", "propose", "pool", "veils", "clock", "today"),
    *("records", "messages", "meetings", "pictures", "media", "attachments", "documents"),
    *("coaching", "knowledge", "memories", "workouts", "proposals"),
    "router",  # compares vectors; all that it embeds are its own examples
    "clerk",  # the ERP: its tools' results are hidden by the turn
}
"""Ports of our own, and of stores. One that is in none of these sets is new: say what it does with text."""

MAY_LEAVE = {"embedding", "examples", "route"}
"""Steps whose values are no text of anybody: vectors, and what was made of them."""

SETTINGS = {
    "PII": "rules",
    "PII_KEY": "a key for tests",
    "OPENAI_API_KEY": "sk-none",
    "RECORDS_TABLE": "R",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


def unmasked(graph: Graph) -> dict[str, str]:
    """The steps that hand to a model what is not masked, each with what that is. Everything counts as said by
    somebody that is not masked and is no vector: a step's value is what its inputs were."""
    said: set[str] = set(graph.inputs) - LEAVES - VEILED - STATED
    found = {}
    for step in graph.steps:
        taken = [name for name in step.data if name in said]
        if LEAVES & set(step.data) and taken:
            found[step.name] = ", ".join(taken)
        if step.name not in MAY_LEAVE | {MASK}:
            said.add(step.name)
    return found


@pytest.mark.parametrize("graph", [office.build(), coach.build()], ids=["office", "coach"])
def test_every_port_is_known_for_what_it_does_with_text(graph: Graph) -> None:
    """Nobody adds a way out without saying so here."""
    assert set(graph.inputs) <= LEAVES | VEILED | STATED | STAYS


def test_no_step_of_the_office_hands_out_what_is_not_masked() -> None:
    """What is embedded is `safe_text`, and nothing else goes to a model from a step."""
    assert unmasked(office.build()) == {}


def test_the_walk_finds_a_step_that_does() -> None:
    """A plan in which the question itself is embedded is seen through."""
    leaking = Plan("leaking", inputs=("asked", "embedder"))

    @leaking.step()
    def question(asked: Sequence[str]) -> str:
        return asked[0]

    @leaking.step()
    def embedding(question: str, embedder: object) -> None: ...

    assert unmasked(leaking.build(targets=("embedding",))) == {"embedding": "question"}


def test_where_details_are_hidden_the_coach_has_veiled_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its plan has no step that masks: what it is given masks by itself."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    wiring = Wiring({**SETTINGS, "ASSISTANT": "coach", "SQLITE_PATH": str(tmp_path / "coach.db")})

    ports = wiring.assistants["coach"].ports

    assert isinstance(ports["small"], VeiledSmallModel)
    assert isinstance(ports["embedder"], VeiledEmbedder)


@pytest.mark.parametrize("given", [{}, {"PII": "off"}])
def test_where_they_are_not_nothing_stands_between(given: Mapping[str, str]) -> None:
    """Masking that is off costs nothing, and needs no key."""
    wiring = Wiring({**SETTINGS, "PII": "", "PII_KEY": "", **given})

    assert not isinstance(wiring.small, VeiledSmallModel)
    assert wiring.veiled_embedder is wiring.embedder
    assert wiring.veils("slack:T1:C1").hide("ada@example.com") == "ada@example.com"


def test_a_whole_turn_of_the_office_lets_no_detail_out() -> None:
    """Whatever it gathers: what was asked, what was said before, what is kept of who asks."""
    world = Veiled()
    world.assistant = lambda ports: office_of({**ports, "veils": world.veils})
    world.records.profiles["slack:T0LOCAL:U0ADA"] = {"name": "Ada", "phone": PHONE}
    world.told(f"Tell {MAIL} about the deposit")

    world.told(f"It went to {IBAN}")

    read = [text for prompt in world.prompts for text in texts_of(prompt)]
    assert len(world.prompts) == 2
    assert any("[IBAN_" in text for text in read)
    assert not any(found(text) for text in (*read, *world.embedded))
    assert world.visible()[-1] == f"It went to {IBAN}"


def test_a_wrong_word_and_a_missing_key_stop_the_start() -> None:
    """Nobody believes that details are hidden while they are not, or hidden by a key that everybody knows."""
    with pytest.raises(SettingError, match="'rule' is none of off, rules, comprehend"):
        Wiring({**SETTINGS, "PII": "rule"}).make("veils")
    with pytest.raises(SettingError, match="PII_KEY is not set"):
        Wiring({**SETTINGS, "PII_KEY": ""}).make("veils")
