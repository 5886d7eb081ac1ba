"""Texts of the product where a person takes over from the assistant."""

from repartee.language.catalogue import Text

TAKEN_MEANWHILE = Text("A person from the team goes on here.")
