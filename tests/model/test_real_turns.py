"""Whole turns with a real model: from a message in Slack to the reply that a person reads."""

from __future__ import annotations

import openai
import pytest

from repartee.language.texts import APOLOGY
from repartee.services.openai.model import OpenAIModel
from tests.support.model_world import ModelWorld


@pytest.fixture
def world(client: openai.OpenAI) -> ModelWorld:
    return ModelWorld(OpenAIModel(client, "SmolLM2-135M-Instruct", "none"))


def letters(text: str) -> str:
    """Letters and digits alone: what formatting for Slack leaves as it is."""
    return "".join(filter(str.isalnum, text))


def test_people_read_what_the_model_wrote(world: ModelWorld) -> None:
    """Streamed, in two turns of one thread; the second model call has the first exchange."""
    world.ask_question("Please say hello in one short sentence.", "1")
    world.run_until_quiet()
    world.ask_question("Thanks. And goodbye, in one short sentence?", "1")
    world.run_until_quiet()

    assert len(world.written) == 2
    assert [letters(text) for text in world.visible_texts()] == [letters(text) for text in world.written]
    assert all(letters(text) for text in world.written)
    said = [line.text for line in world.prompts[1].history]
    assert any("say hello" in text for text in said)
    assert all(turn.usages for turn in world.turns)


def test_a_conversation_that_has_grown_too_long_is_answered(world: ModelWorld) -> None:
    """The model's window is small: what is oldest is left out, nobody is told to ask again."""
    for number in range(4):
        world.ask_question(f"Note {number}: " + "bread, butter, milk and eggs, " * 60, "1")
    world.run_until_quiet()

    assert world.visible_texts()
    assert APOLOGY not in " ".join(world.visible_texts())
    assert letters(world.visible_texts()[-1]) == letters(world.written[-1])
