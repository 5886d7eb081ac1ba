"""The report of scripts/doctor: one line a fact, with what to do where something is to be done."""

from __future__ import annotations

from collections.abc import Iterable

from repartee.domain.finding import Finding, FindingKind

MARKS: dict[FindingKind, str] = {"ok": "✓", "note": "·", "missing": "-", "wrong": "✗", "unchecked": "?"}


def describe_findings(findings: Iterable[Finding]) -> str:
    """Returns the findings by service, and then what to do next, in order."""
    found = list(findings)
    services = dict.fromkeys(one.service for one in found)
    blocks = [
        "\n".join([service, *(f"  {MARKS[one.kind]} {one.fact}" for one in found if one.service == service)])
        for service in services
    ]
    return "\n\n".join([*blocks, describe_next_steps(found)])


def describe_next_steps(findings: Iterable[Finding]) -> str:
    """Returns what to do, numbered; that nothing is to be done where that is so."""
    found = list(findings)
    steps = list(dict.fromkeys(one.advice for one in found if one.advice))
    unchecked = [one.service for one in found if one.kind == "unchecked"]
    lines = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    if unchecked:
        lines.append(f"  Not checked, as nothing answered: {', '.join(dict.fromkeys(unchecked))}.")
    return "\n".join(["What to do next", *lines]) if lines else "Nothing is to be done."


def has_faults(findings: Iterable[Finding]) -> bool:
    """Returns whether something must be mended."""
    return any(one.kind == "wrong" for one in findings)
