"""Measures the rules for personal data in ten languages: found, missed, false alarms, and cost.

The bars hold for tests/data/pii_unseen.yaml: its texts were written before the rules were, are only run, and
are not printed. The texts of tests/data/pii.yaml may be looked at; what the rules miss there is printed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import is_held_out, load_labelled_set
from benches.support.tables import render_table as drawn
from repartee.ports import PiiSpan
from repartee.privacy.rules import find_spans

LABEL_MARK = re.compile(r"⟦(?P<kind>[A-Z]+) (?P<value>[^⟧]+)⟧")

TIMING_ROUNDS = 5

MIN_RECALL, MIN_PRECISION, MAX_MILLISECONDS_PER_MESSAGE = 0.95, 0.98, 1.0

ORDINARY_TEXT_FOLDER = Path(__file__).parents[2] / "docs"
"""Prose with hardly a personal detail in it, as most messages are."""


class LabelledSentence(NamedTuple):
    """A sentence without its marks, and what was marked."""

    language: str
    text: str
    details: tuple[PiiSpan, ...]
    unseen: bool


class PiiTally(NamedTuple):
    """How a kind fared: the details that there are, those of which nothing is left to read, those of which
    a part is left, those found with their kind and borders; the spans that were found, and those in which
    nothing is personal."""

    details: int
    hidden: int
    partly_hidden: int
    exact: int
    found: int
    wrong: int

    @property
    def recall(self) -> float:
        return self.hidden / self.details if self.details else 1.0

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.found if self.found else 1.0


def load_sentences(name: str = "pii") -> list[LabelledSentence]:
    """Returns the labelled set of that name."""
    return [
        _parse_marked_sentence(language, marked)
        for language, texts in load_labelled_set(name).items()
        for marked in texts
    ]


def tally_findings(
    among: Iterable[LabelledSentence], find: Callable[[str], Sequence[PiiSpan]] = find_spans
) -> dict[str, PiiTally]:
    """By kind, and for all together, what is found in these sentences."""
    judged = [(one.details, find(one.text)) for one in among]
    kinds = sorted({span.kind for details, spans in judged for span in (*details, *spans)})
    return {kind: _tally_kinds(judged, {kind}) for kind in kinds} | {"all": _tally_kinds(judged, set(kinds))}


def measure() -> dict[str, Any]:
    """Returns all figures; some seconds."""
    unseen, seen = load_sentences("pii_unseen"), load_sentences()
    found, cost = tally_findings(unseen), _milliseconds_per_message([one.text for one in unseen])
    return {
        "sentences": len(unseen),
        "languages": sorted({one.language for one in unseen}),
        "unseen": {kind: _tally_figures(tally) for kind, tally in found.items()},
        "recall_by_language": _recall_by_language(unseen),
        "looked_at": {kind: _tally_figures(tally) for kind, tally in tally_findings(seen).items()},
        "missed": [_mark_spans(one) for one in seen if not _is_hidden(one.details, find_spans(one.text))],
        "taken": [one.text for one in seen if _wrong_spans(one.details, find_spans(one.text))],
        "ms_per_message": round(cost, 3),
        "ms_per_1000_characters_of_prose": _milliseconds_per_1000_chars(_ordinary_texts()),
        "bars": _check_bars(found["all"], cost),
    }


def table(result: dict[str, Any]) -> str:
    """Returns the figures as text."""
    figures = ("details", "hidden", "partly_hidden", "recall", "exact", "found", "precision")
    rows = [(kind, *(tally[name] for name in figures)) for kind, tally in result["unseen"].items()]
    seen = result["looked_at"]["all"]
    cost, prose = result["ms_per_message"], result["ms_per_1000_characters_of_prose"]
    parts = [
        f"{result['sentences']} sentences in {', '.join(result['languages'])}, which are only run:",
        drawn(("kind", *figures), rows),
        "recall by language: "
        + ", ".join(f"{name} {r:.2f}" for name, r in result["recall_by_language"].items()),
        f"the set that may be looked at: recall {seen['recall']:.3f}, precision {seen['precision']:.3f}",
        f"a message takes {cost:g} ms, 1,000 characters of prose {prose:g} ms",
        drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        *(f"not hidden: {text}" for text in result["missed"]),
        *(f"hidden without need: {text}" for text in result["taken"]),
    ]
    return "\n\n".join(parts)


def _check_bars(found: PiiTally, milliseconds: float) -> list[dict[str, Any]]:
    return [
        check_bar("pii: share of details that are missed", 1 - found.recall, 1 - MIN_RECALL),
        check_bar("pii: share of findings that are none", 1 - found.precision, 1 - MIN_PRECISION),
        check_bar("pii: details that are partly hidden", found.partly_hidden, 0),
        check_bar("pii: ms a message", milliseconds, MAX_MILLISECONDS_PER_MESSAGE),
    ]


def _recall_by_language(sentences: Iterable[LabelledSentence]) -> dict[str, float]:
    by_language: dict[str, list[LabelledSentence]] = {}
    for one in sentences:
        by_language.setdefault(one.language, []).append(one)
    return {language: tally_findings(own)["all"].recall for language, own in by_language.items()}


def _ordinary_texts() -> list[str]:
    pages = sorted(ORDINARY_TEXT_FOLDER.glob("*.md"))
    return [block for page in pages for block in page.read_text().split("\n\n")]


def _parse_marked_sentence(language: str, marked: str) -> LabelledSentence:
    text, details, end = "", [], 0
    for mark in LABEL_MARK.finditer(marked):
        text += marked[end : mark.start()]
        details.append(PiiSpan(mark["kind"], len(text), len(text) + len(mark["value"])))
        text, end = text + mark["value"], mark.end()
    return LabelledSentence(language, text + marked[end:], tuple(details), is_held_out(marked))


def _mark_spans(sentence: LabelledSentence) -> str:
    return f"{sentence.text}  ({', '.join(span.kind for span in sentence.details)})"


def _tally_kinds(judged: Sequence[tuple[Sequence[PiiSpan], Sequence[PiiSpan]]], kinds: set[str]) -> PiiTally:
    counted = [
        (
            [detail for detail in details if detail.kind in kinds],
            [span for span in spans if span.kind in kinds],
            details,
            spans,
        )
        for details, spans in judged
    ]
    return PiiTally(
        details=sum(len(own) for own, *_ in counted),
        hidden=sum(_is_hidden([detail], spans) for own, _, _, spans in counted for detail in own),
        partly_hidden=sum(_is_partly_hidden(detail, spans) for own, _, _, spans in counted for detail in own),
        exact=sum(detail in spans for own, _, _, spans in counted for detail in own),
        found=sum(len(spans) for _, spans, *_ in counted),
        wrong=sum(len(_wrong_spans(details, spans)) for _, spans, details, _ in counted),
    )


def _is_hidden(details: Iterable[PiiSpan], spans: Sequence[PiiSpan]) -> bool:
    """Returns whether every character of the details is in a span."""
    places = {place for span in spans for place in range(span.start, span.end)}
    return all(place in places for detail in details for place in range(detail.start, detail.end))


def _is_partly_hidden(detail: PiiSpan, spans: Sequence[PiiSpan]) -> bool:
    """Returns whether some characters of the detail are in a span, and others are in none."""
    touched = any(span.start < detail.end and detail.start < span.end for span in spans)
    return touched and not _is_hidden([detail], spans)


def _wrong_spans(details: Sequence[PiiSpan], spans: Sequence[PiiSpan]) -> list[PiiSpan]:
    """Returns the spans in which there is no detail."""
    return [
        span for span in spans if not any(span.start < one.end and one.start < span.end for one in details)
    ]


def _tally_figures(tally: PiiTally) -> dict[str, float]:
    return {
        **tally._asdict(),
        "recall": round(tally.recall, 3),
        "precision": round(tally.precision, 3),
    }


def _milliseconds_per_message(texts: Sequence[str]) -> float:
    return min(_timing_rounds(texts)) / len(texts) * 1000


def _milliseconds_per_1000_chars(texts: Sequence[str]) -> float:
    """Milliseconds for 1,000 characters, of the quickest round."""
    return round(min(_timing_rounds(texts)) / sum(map(len, texts)) * 1e6, 2)


def _timing_rounds(texts: Sequence[str]) -> Iterator[float]:
    for _ in range(TIMING_ROUNDS):
        began = time.perf_counter()
        for text in texts:
            find_spans(text)
        yield time.perf_counter() - began
