"""The embeddings are those of multilingual-e5-small, and alike in all languages."""

from __future__ import annotations

import numpy as np
import pytest

from standins.openai.e5 import E5, find_model_file, load_installed_model

PACKAGE_NUMBERS = {
    "Where is the coffee machine?": (0.04777427, -0.03517499, -0.06480943, -0.04772413),
    "咖啡机在哪里": (0.04058787, -0.01655914, -0.06217378, -0.0424714),
}
"""The first numbers that the package's own program gives: it rounds between the layers, and ours does not."""

COFFEE = (
    "Where is the coffee machine?",
    "Wo steht die Kaffeemaschine?",
    "¿Dónde está la cafetera?",
    "Où est la machine à café ?",
    "Onde está a máquina de café?",
    "Dov'è la macchina del caffè?",
    "Kahve makinesi nerede?",
    "कॉफ़ी मशीन कहाँ है?",
    "コーヒーメーカーはどこですか",
    "咖啡机在哪里",
)


@pytest.mark.parametrize("text", PACKAGE_NUMBERS)
def test_numbers_are_those_of_the_package(text: str) -> None:
    """Tokenizer, weights and layers give what the package's own program gives, but for its rounding."""
    vector = E5(find_model_file()).embed(text)

    assert vector[:4] == pytest.approx(PACKAGE_NUMBERS[text], abs=0.003)
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_the_same_is_close_in_ten_languages() -> None:
    """A question is closer to itself in every other language than to another one in its own."""
    model = load_installed_model()
    first, *others = model.embed_all(COFFEE)
    stranger = model.embed("The invoice was paid on Friday.")

    assert min(float(first @ other) for other in others) > float(first @ stranger) + 0.2


def test_texts_together_are_as_alone() -> None:
    """What is embedded with others has the same vector; nothing is embedded is nothing."""
    model = load_installed_model()

    together = model.embed_all([*COFFEE, "", "a long story " * 500])

    assert np.abs(together[3] - model.embed(COFFEE[3])).max() < 1e-5
    assert all(np.isfinite(vector).all() and len(vector) == 384 for vector in together)
    assert model.embed_all([]) == []
