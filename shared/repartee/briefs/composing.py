"""Puts the sections of a brief together: each once, in the order of the projects, with fixed words around
them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from repartee.domain.brief import Project, SourceRef, Subscription
from repartee.domain.brief_run import BriefSection
from repartee.language import texts
from repartee.language.catalogue import translate


def deduplicate_sources(projects: tuple[Project, ...]) -> tuple[Project, ...]:
    """Returns the projects, each source in the first that has it: nothing is gathered twice."""
    seen: set[SourceRef] = set()
    result = []
    for project in projects:
        own = [
            ref
            for ref in dict.fromkeys(project.sources)
            if (ref.kind, ref.id) not in {(s.kind, s.id) for s in seen}
        ]
        seen.update(own)
        result.append(Project(project.name, tuple(own)))
    return tuple(result)


def drop_repeated(sections: Mapping[int, BriefSection]) -> list[BriefSection]:
    """Returns the sections in order, without those that tell only what an earlier one has told."""
    told: set[str] = set()
    kept = []
    for _, section in sorted(sections.items()):
        if section.status == "written" and section.keys and told.issuperset(section.keys):
            continue
        told.update(section.keys)
        kept.append(section)
    return kept


def compose_brief(
    subscription: Subscription, day: str, sections: Mapping[int, BriefSection], language: str
) -> str:
    """Returns the whole brief in Markdown. Empty where nothing is new and the person wants no brief then."""
    kept = drop_repeated(sections)
    told = [section for section in kept if section.status != "empty"]
    heading = format_heading(day, language)
    if not told:
        if not subscription.is_short_if_empty:
            return ""
        return f"{heading}\n\n{translate(texts.BRIEF_NOTHING_NEW, language)}"
    parts = [heading, *(_format_section(section, language) for section in told)]
    quiet = [section.name for section in kept if section.status == "empty"]
    if any(section.is_over_budget for section in told):
        parts.append(f"_{translate(texts.BRIEF_OVER_BUDGET, language)}_")
    if quiet:
        parts.append(f"_{translate(texts.BRIEF_QUIET, language, projects=', '.join(quiet))}_")
    return "\n\n".join(parts)


def format_heading(day: str, language: str) -> str:
    """Returns the brief's first line, with its day."""
    moment = date.fromisoformat(day)
    return (
        "**"
        + translate(
            texts.BRIEF_HEADING,
            language,
            weekday=translate(texts.WEEKDAYS[moment.weekday()], language),
            day=moment.day,
            month=translate(texts.MONTHS[moment.month - 1], language),
        )
        + "**"
    )


def _format_section(section: BriefSection, language: str) -> str:
    lines = [f"**{section.name}**"]
    if section.text:
        lines.append(section.text)
    if section.missing or section.status == "failed":
        names = ", ".join(section.missing) or section.name
        lines.append(f"_{translate(texts.BRIEF_MISSING, language, sources=names)}_")
    return "\n".join(lines)
