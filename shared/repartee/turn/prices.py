"""The costs of calls of models, by prices that are data (prices.toml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from repartee.domain.usage import Usage, UsageTotal

PRICES_FILE = Path(__file__).with_name("prices.toml")

TOKENS_PER_PRICE = 1_000_000


class Price(NamedTuple):
    """US dollars for a million tokens: that go in, that go in and were seen before, that come out."""

    input: float
    cached: float
    output: float


class PriceList:
    """Prices by model. `more` are added to those that we know, or replace them."""

    def __init__(self, overrides: Mapping[str, Price] | None = None) -> None:
        known = msgspec.toml.decode(PRICES_FILE.read_bytes(), type=dict[str, Price])
        self._prices = {**known, **(overrides or {})}

    def find_price(self, model: str) -> Price | None:
        """The model's price, or that of which it is a dated version. None for one that nobody priced."""
        names = [name for name in self._prices if model == name or model.startswith(f"{name}-20")]
        return self._prices[max(names, key=len)] if names else None

    def price_usage(self, calls: Iterable[Usage]) -> UsageTotal:
        """Returns the total of these calls. One whose price is not known counts in tokens alone."""
        used = list(calls)
        return UsageTotal(
            sum(one.input_tokens + one.output_tokens for one in used), sum(map(self._cost_usd, used))
        )

    def _cost_usd(self, used: Usage) -> float:
        price = self.find_price(used.model)
        if price is None:
            return 0.0
        new = used.input_tokens - used.cached_tokens
        return (
            new * price.input + used.cached_tokens * price.cached + used.output_tokens * price.output
        ) / TOKENS_PER_PRICE
