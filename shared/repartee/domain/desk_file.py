"""The configuration of a desk as a file: a sample, and what is kept as it may be set again."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from repartee.domain.desk import DeskConfig

SAMPLE_CONFIG = """\
number = "whatsapp:106540352242922"   # or "telegram", "telegram:-100123", "web", "slack:T1", "slack:T1:C1"
name = "Lumen Lamps"
persona = "You are warm and brief."
languages = ["en", "de"]
answers = "Lamps, orders, delivery and returns."
team = ["slack:T1:C0SUPPORT"]         # where people are called

[hours]
timezone = "Europe/Berlin"
days = { mon = ["09:00-12:00", "13:00-18:00"], fri = ["09:00-17:00"] }

[budget]                              # of a day
max_cost_usd = 5.0
"""


def format_desk_config(config: DeskConfig) -> str:
    """Returns the configuration as a file that may be set again."""
    values = msgspec.to_builtins(config)
    return "\n".join(f"{name} = {_format_value(value)}" for name, value in values.items())


def _format_value(value: Any) -> str:
    """Returns a value in TOML, whose texts and numbers are written as JSON's are."""
    if isinstance(value, dict):
        entries = (f"{json.dumps(name)} = {_format_value(one)}" for name, one in value.items())
        return f"{{ {', '.join(entries)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_format_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
