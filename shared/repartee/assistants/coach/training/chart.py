"""Draws progress as a picture: a line of the values by day, with what is needed to read it.

Drawn by resvg, which shapes the scripts of all our languages. Pillow shapes Devanagari only with a system
library that Lambda does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from html import escape
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from repartee.assistants.coach.training.progress import ExerciseProgress
from repartee.domain.reply import Image

WIDTH_PIXELS, HEIGHT_PIXELS = 1_080, 720
"""Three times the width of a phone's chat: text of 36 pixels is read there as 12."""

PLOT_LEFT_PIXELS, PLOT_RIGHT_PIXELS, PLOT_TOP_PIXELS, PLOT_BOTTOM_PIXELS = 150, 1_010, 190, 610
"""Where the values are drawn."""

TITLE_PIXELS, LABEL_PIXELS = 44, 36
MAX_TITLE_CHARACTERS = 36

BACKGROUND, BORDER, GRID, INK, LINE = "#ffffff", "#6e7781", "#d0d7de", "#1f2328", "#0550ae"
"""An opaque card with a border, which is read alike on a light and on a dark screen."""

MAX_DAYS = 60
"""Days with a value that are drawn: the newest."""

MAX_DOTS = 31
"""Days up to which each has a dot of its own."""

MAX_AXIS_TICKS = 4
"""Steps of the scale, about."""

LATIN, DEVANAGARI, HAN = "Noto Sans", "Noto Sans Devanagari", "Droid Sans Fallback"
FONTS = tuple(str(path) for path in sorted((Path(__file__).parent / "fonts").glob("*.ttf")))

Values = tuple[tuple[date, float], ...]


class Scale(NamedTuple):
    """The range of values that is drawn, and the distance of its lines."""

    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        return PLOT_BOTTOM_PIXELS - (value - self.low) / (self.high - self.low) * (
            PLOT_BOTTOM_PIXELS - PLOT_TOP_PIXELS
        )

    def lines(self) -> Iterator[float]:
        return (
            self.low + self.step * number for number in range(round((self.high - self.low) / self.step) + 1)
        )


def draw_chart(progress: ExerciseProgress) -> Image | None:
    """Returns the progress as a picture. None where there are not two days to draw a line between."""
    values = progress.daily_best[-MAX_DAYS:]
    if len(values) < 2:
        return None
    return Image("progress.png", "image/png", _png(_svg(progress, values)), _alt(progress))


def _png(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=list(FONTS)))


def _svg(progress: ExerciseProgress, values: Values) -> str:
    scale = _draw_value_axis([value for _, value in values])
    title = progress.exercise.capitalize()
    if len(title) > MAX_TITLE_CHARACTERS:
        title = f"{title[: MAX_TITLE_CHARACTERS - 1]}…"
    drawn = (
        _card(),
        _text(
            title,
            50,
            74,
            TITLE_PIXELS,
        ),
        _text(f"{progress.measure}, {progress.unit}", 50, 130, LABEL_PIXELS),
        *_lines(scale),
        *_draw_day_axis(values),
        *_draw_curve(values, scale),
    )
    size = f'width="{WIDTH_PIXELS}" height="{HEIGHT_PIXELS}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{LATIN}">{"".join(drawn)}</svg>'


def _card() -> str:
    size = f'width="{WIDTH_PIXELS - 2}" height="{HEIGHT_PIXELS - 2}" rx="24"'
    return f'<rect x="1" y="1" {size} fill="{BACKGROUND}" stroke="{BORDER}" stroke-width="2"/>'


def _lines(scale: Scale) -> Iterator[str]:
    for value in scale.lines():
        y = scale.y(value)
        yield f'<path d="M{PLOT_LEFT_PIXELS} {y:.1f}H{PLOT_RIGHT_PIXELS}" stroke="{GRID}" stroke-width="2"/>'
        yield _text(f"{round(value, 6):g}", PLOT_LEFT_PIXELS - 18, y + LABEL_PIXELS / 3, LABEL_PIXELS, "end")


def _draw_day_axis(values: Values) -> Iterator[str]:
    """Yields the first and the last day, as every language reads them."""
    yield _text(values[0][0].isoformat(), PLOT_LEFT_PIXELS, PLOT_BOTTOM_PIXELS + 62, LABEL_PIXELS)
    yield _text(values[-1][0].isoformat(), PLOT_RIGHT_PIXELS, PLOT_BOTTOM_PIXELS + 62, LABEL_PIXELS, "end")


def _draw_curve(values: Values, scale: Scale) -> Iterator[str]:
    points = [(_x(day, values), scale.y(value)) for day, value in values]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="6" stroke-linejoin="round"/>'
    for x, y in points if len(points) <= MAX_DOTS else points[-1:]:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{LINE}"/>'
    x, y = points[-1]
    above = y - 24 if y > PLOT_TOP_PIXELS + 60 else y + 24 + LABEL_PIXELS
    yield _text(f"{values[-1][1]:g}", x, above, LABEL_PIXELS, "end", LINE)


def _text(text: str, x: float, y: float, pixels: int, anchor: str = "start", colour: str = INK) -> str:
    pieces = (f'<tspan font-family="{family}">{escape(piece)}</tspan>' for family, piece in _runs(text))
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{pixels}" text-anchor="{anchor}" fill="{colour}" '
        f'stroke="{BACKGROUND}" stroke-width="8" paint-order="stroke" xml:space="preserve">'
        f"{''.join(pieces)}</text>"
    )


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Yields the text in pieces of one font each. Spaces and signs go with what stands before them."""
    for family, characters in groupby(
        accumulate(filter(str.isprintable, text), _with_family, initial=("", "")), itemgetter(0)
    ):
        yield family or LATIN, "".join(character for _, character in characters)


def _with_family(before: tuple[str, str], character: str) -> tuple[str, str]:
    if "\u0900" <= character <= "\u097f":
        return DEVANAGARI, character
    if character >= "\u2e80":
        return HAN, character
    return (LATIN if character.isalpha() or not before[0] else before[0]), character


def _x(day: date, values: Values) -> float:
    first, last = values[0][0], values[-1][0]
    return (
        PLOT_LEFT_PIXELS + (day - first).days * (PLOT_RIGHT_PIXELS - PLOT_LEFT_PIXELS) / (last - first).days
    )


def _draw_value_axis(values: list[float]) -> Scale:
    """Returns a scale of round numbers around the values, with room where all are alike."""
    low, high = min(values), max(values)
    if high == low:
        low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
    rough = (high - low) / MAX_AXIS_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step, step)


def _alt(progress: ExerciseProgress) -> str:
    (first, before), (last, now) = progress.daily_best[0], progress.daily_best[-1]
    return (
        f"Line chart of {progress.exercise}, {progress.measure}: "
        f"from {before:g} {progress.unit} on {first} to {now:g} {progress.unit} on {last}"
    )
