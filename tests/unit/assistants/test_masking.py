"""No step of a plan hands to a model what is not masked: read off the plans, and off a whole turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from repartee.assistants.coach import plan as coach
from repartee.assistants.office import plan as office
from repartee.domain.redactor import redacting_in
from repartee.errors import SettingError
from repartee.plan import Graph, Plan
from repartee.privacy.redacted_models import RedactingEmbedder, RedactingSmallModel
from repartee.privacy.rules import find_spans
from repartee.wiring import Wiring, services
from repartee.wiring.assistants import assistants
from tests.support.office_assistant import make_office_assistant as office_of
from tests.support.redacting_world import (
    BANK_ACCOUNT,
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    RedactingWorld,
    prompt_texts,
)

MASKS = {"redacted_text", "embedded_text", "early_embedded_text"}
"""The step that redacts, and those that take names out of what it gave: their values may leave."""

VEILED = {"small_model"}
"""Ports that mask what they are given themselves, where they are wired."""

STATED = {"transcriber"}
"""Ports to which something leaves as it is: recordings, as docs/privacy.md says."""

LEAVES = {"embedder", "model"}
"""Ports that hand what they are given to a model."""

STAYS = {
    *(
        "turn_id",
        "incoming",
        "unpersisted_exchanges",
        "find_said",
        "prompt_tokens",
        "show_typing",
        "show_status",
        "show_proposal",
        "pool",
        "redactor_for",
        "clock",
        "local_date",
    ),
    *("records", "messages", "meetings", "earlier_image_store", "media", "attachments", "documents"),
    *("coaching", "knowledge", "memories", "workouts", "proposals", "notice_book"),
    *("thread_reader", "name_directory", "store_messages"),  # the platform's own words, and our stores
    "router",  # compares vectors; all that it embeds are its own examples
    "erp_toolset",  # the ERP: its tools' results are hidden by the turn
}
"""Ports of our own, and of stores. One that is in none of these sets is new: say what it does with text."""

MAY_LEAVE = {"embedding", "early_embedding", "late_embedding", "route_vectors", "route"}
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
    history: set[str] = set(graph.inputs) - LEAVES - VEILED - STATED
    found = {}
    for step in graph.steps:
        effective_route = [name for name in step.data if name in history]
        if LEAVES & set(step.data) and effective_route:
            found[step.name] = ", ".join(effective_route)
        if step.name not in MAY_LEAVE | MASKS:
            history.add(step.name)
    return found


@pytest.mark.parametrize("graph", [office.build_graph(), coach.build_graph()], ids=["office", "coach"])
def test_every_port_is_known_for_what_it_does_with_text(graph: Graph) -> None:
    """Nobody adds a way out without saying so here."""
    assert set(graph.inputs) <= LEAVES | VEILED | STATED | STAYS


def test_no_step_of_the_office_hands_out_what_is_not_masked() -> None:
    """What is embedded is `safe_text`, and nothing else goes to a model from a step."""
    assert unmasked(office.build_graph()) == {}


def test_the_walk_finds_a_step_that_does() -> None:
    """A plan in which the question itself is embedded is seen through."""
    leaking = Plan("leaking", inputs=("incoming", "embedder"))

    @leaking.step()
    def incoming_text(incoming: Sequence[str]) -> str:
        return incoming[0]

    @leaking.step()
    def embedding(incoming_text: str, embedder: object) -> None: ...

    assert unmasked(leaking.build(targets=("embedding",))) == {"embedding": "incoming_text"}


def test_where_details_are_hidden_the_coach_has_veiled_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its plan has no step that masks: what it is given masks by itself."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    wiring = Wiring({**SETTINGS, "ASSISTANT": "coach", "SQLITE_PATH": str(tmp_path / "coach.db")})

    inputs = wiring.get(assistants)["coach"].inputs

    assert isinstance(inputs.small_model, RedactingSmallModel)
    assert isinstance(inputs.embedder, RedactingEmbedder)


def test_a_value_has_one_placeholder_in_a_turn(tmp_path: Path) -> None:
    """What is embedded and what the small model is told, within a turn, is what the prompt has."""
    wiring = Wiring({**SETTINGS, "ASSISTANT": "coach", "SQLITE_PATH": str(tmp_path / "coach.db")})
    given: list[str] = []

    class Recorder:
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            given.extend(texts)
            return [[1.0]] * len(texts)

        def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
            given.append(text)
            return ""

    recorder: Any = Recorder()
    embedder = RedactingEmbedder(recorder, wiring.get(services.redactor_for))
    small = RedactingSmallModel(recorder, wiring.get(services.redactor_for))
    with redacting_in("slack:T1:C1:17.5"):
        embedder.embed([EMAIL_ADDRESS])
        small.write_text("", EMAIL_ADDRESS)

    assert given == [wiring.get(services.redactor_for)("slack:T1:C2").redact(EMAIL_ADDRESS)] * 2
    assert EMAIL_ADDRESS not in given


@pytest.mark.parametrize("given", [{}, {"PII": "off"}])
def test_where_they_are_not_nothing_stands_between(given: Mapping[str, str]) -> None:
    """Masking that is off costs nothing, and needs no key."""
    wiring = Wiring({**SETTINGS, "PII": "", "PII_KEY": "", **given})

    assert not isinstance(wiring.get(services.small_model), RedactingSmallModel)
    assert wiring.get(services.redacting_embedder) is wiring.get(services.embedder)
    assert wiring.get(services.redactor_for)("slack:T1:C1").redact("ada@example.com") == "ada@example.com"


def test_a_whole_turn_of_the_office_lets_no_detail_out() -> None:
    """Whatever it gathers: what was asked, what was said before, what is kept of who asks."""
    world = RedactingWorld()
    world.assistant = lambda ports: office_of({**ports, "redactor_for": world.veils})
    world.records.profiles["slack:T0LOCAL:U0ADA"] = {"name": "Ada", "phone": PHONE_NUMBER}
    world.visible_answer(f"Tell {EMAIL_ADDRESS} about the deposit")

    world.visible_answer(f"It went to {BANK_ACCOUNT}")

    read = [text for prompt in world.prompts for text in prompt_texts(prompt)]
    assert len(world.prompts) == 2
    assert any("[IBAN_" in text for text in read)
    assert not any(find_spans(text) for text in (*read, *world.embedded))
    assert world.visible_texts()[-1] == f"It went to {BANK_ACCOUNT}"


def test_a_wrong_word_and_a_missing_key_stop_the_start() -> None:
    """Nobody believes that details are hidden while they are not, or hidden by a key that everybody knows."""
    with pytest.raises(SettingError, match="'rule' is none of off, rules, comprehend"):
        Wiring({**SETTINGS, "PII": "rule"}).make_parts(services.redactor_for)
    with pytest.raises(SettingError, match="PII_KEY is not set"):
        Wiring({**SETTINGS, "PII_KEY": ""}).make_parts(services.redactor_for)
