"""Progress as a small picture: a line of the values by day, with what is needed to read it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from repartee.assistants.coach.training.canvas import (
    BLUE,
    GREY,
    TEXT_HEIGHT,
    TYPE,
    Canvas,
    text_width,
)
from repartee.assistants.coach.training.progress import Progress
from repartee.conversation.reply import Picture

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 96, 600, 64, 300
"""Where the values are drawn."""

SHOWN = 60
"""Days with a value that are drawn: the newest."""


def chart(progress: Progress) -> Picture | None:
    """The progress as a picture. None where there are not two days to draw a line between."""
    values = progress.values[-SHOWN:]
    if len(values) < 2:
        return None
    canvas = Canvas(WIDTH, HEIGHT)
    title = f"{progress.exercise.capitalize()}: {progress.measure}, {progress.unit}"
    canvas.text((WIDTH - text_width(title)) // 2, 20, title)
    _scale(canvas, values)
    _days(canvas, values[0][0], values[-1][0])
    _curve(canvas, values)
    return Picture("progress.png", TYPE, canvas.png(), _seen(progress))


def _scale(canvas: Canvas, values: tuple[tuple[date, float], ...]) -> None:
    low, high = _range(values)
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        canvas.box(LEFT, y, RIGHT - LEFT, 1, GREY)
        label = f"{value:.1f}"
        canvas.text(LEFT - text_width(label) - 8, y - TEXT_HEIGHT // 2, label)


def _days(canvas: Canvas, first: date, last: date) -> None:
    for day, place in ((first, 0), (last, 1)):
        label = f"{day:%-d %b %Y}"
        canvas.text(LEFT if not place else RIGHT - text_width(label), BOTTOM + 16, label)


def _curve(canvas: Canvas, values: tuple[tuple[date, float], ...]) -> None:
    low, high = _range(values)
    first, days = values[0][0], (values[-1][0] - values[0][0]).days
    points = [
        (LEFT + (day - first).days * (RIGHT - LEFT) // days, _y(value, low, high)) for day, value in values
    ]
    for (x0, y0), (x1, y1) in pairwise(points):
        canvas.line(x0, y0, x1, y1, BLUE)
    for x, y in points:
        canvas.box(x - 4, y - 4, 9, 9, BLUE)


def _range(values: tuple[tuple[date, float], ...]) -> tuple[float, float]:
    """The least and the greatest value that are drawn, with some room where all are alike."""
    low, high = min(value for _, value in values), max(value for _, value in values)
    return (low, high) if high > low else (low * 0.9, high * 1.1 or 1.0)


def _y(value: float, low: float, high: float) -> int:
    return BOTTOM - round((value - low) / (high - low) * (BOTTOM - TOP))


def _seen(progress: Progress) -> str:
    (first, before), (last, now) = progress.values[0], progress.values[-1]
    return (
        f"Line chart of {progress.exercise}, {progress.measure}: "
        f"from {before:g} {progress.unit} on {first} to {now:g} {progress.unit} on {last}"
    )
