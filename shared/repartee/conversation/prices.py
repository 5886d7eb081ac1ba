"""What calls of models cost, by prices that are data (prices.toml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from repartee.conversation.limits import Spent
from repartee.conversation.prompt import Usage

FILE = Path(__file__).with_name("prices.toml")

MILLION = 1_000_000


class Price(NamedTuple):
    """US dollars for a million tokens: that go in, that go in and were seen before, that come out."""

    input: float
    cached: float
    output: float


class Prices:
    """Prices by model. `more` are added to those that we know, or replace them."""

    def __init__(self, more: Mapping[str, Price] | None = None) -> None:
        known = msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Price])
        self._prices = {**known, **(more or {})}

    def of(self, model: str) -> Price | None:
        """The model's price, or that of which it is a dated version. None for one that nobody priced."""
        names = [name for name in self._prices if model == name or model.startswith(f"{name}-20")]
        return self._prices[max(names, key=len)] if names else None

    def spent(self, calls: Iterable[Usage]) -> Spent:
        """What these calls took together. One whose price is not known counts in tokens alone."""
        used = list(calls)
        return Spent(sum(one.input + one.output for one in used), sum(map(self._cost, used)))

    def _cost(self, used: Usage) -> float:
        price = self.of(used.model)
        if price is None:
            return 0.0
        new = used.input - used.cached
        return (new * price.input + used.cached * price.cached + used.output * price.output) / MILLION
