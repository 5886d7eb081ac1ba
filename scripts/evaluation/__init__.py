"""Runs conversations against two versions of Repartee and shows what changed."""
