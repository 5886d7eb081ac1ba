"""Makes the mean vector that is taken off multilingual-e5-small's: `python -m standins.openai.e5_mean`.

It is made of what people write in ten languages (the part of tests/data/languages.yaml that may be looked
at), each language alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import yaml

from benches.support.labelled_sets import LABELLED_SETS_FOLDER
from standins.openai.e5 import E5, MEAN_FILE, find_model_file


def list_texts() -> Iterator[list[str]]:
    """Yields the texts of one language after the other."""
    sets = yaml.safe_load((LABELLED_SETS_FOLDER / "languages.yaml").read_text())
    yield from (texts for language, texts in sets["look"].items() if language)


def make_mean() -> None:
    """Writes the mean of the languages' means, as 32-bit floats."""
    model = E5(find_model_file())
    means = [np.mean([model.embed(text) for text in texts], axis=0) for texts in list_texts()]
    np.mean(means, axis=0).astype("<f4").tofile(MEAN_FILE)


if __name__ == "__main__":
    make_mean()
