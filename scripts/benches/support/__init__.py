"""Helpers of the benches."""
