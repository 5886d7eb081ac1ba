"""Definitions of models and of their fields, as Odoo describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True)
class FieldDefinition:
    """A field: its type, its label, where it leads to, and by which field it is found from there."""

    type: str
    string: str
    relation: str = ""
    inverse: str = ""
    selection: tuple[tuple[str, str], ...] = ()
    required: bool = False
    readonly: bool = False
    store: bool = True
    groups: str = ""


@dataclass(frozen=True)
class ModelDefinition:
    """A model: what people call it, its fields, and whether one can write messages on its records."""

    label: str
    fields: dict[str, FieldDefinition]
    name: str = "name"
    order: str = "id"
    has_chatter: bool = False
    defaults: Values = field(default_factory=dict)


def char_field(string: str, **more: Any) -> FieldDefinition:
    """Returns the definition of a field that holds a text."""
    return FieldDefinition("char", string, **more)


def many2one_field(string: str, relation: str, **more: Any) -> FieldDefinition:
    """Returns the definition of a field that holds a link to one record."""
    return FieldDefinition("many2one", string, relation, **more)


def one2many_field(string: str, relation: str, inverse: str) -> FieldDefinition:
    """Returns the definition of a field that holds the records that link here."""
    return FieldDefinition("one2many", string, relation, inverse)


def selection_field(string: str, *options: str, **more: Any) -> FieldDefinition:
    """Returns the definition of a field that holds one of these options."""
    return FieldDefinition("selection", string, selection=tuple((o.lower(), o) for o in options), **more)


def monetary_field(string: str, **more: Any) -> FieldDefinition:
    """Returns the definition of a field that holds an amount of money."""
    return FieldDefinition("monetary", string, **more)


def date_field(string: str, **more: Any) -> FieldDefinition:
    """Returns the definition of a field that holds a day."""
    return FieldDefinition("date", string, **more)
