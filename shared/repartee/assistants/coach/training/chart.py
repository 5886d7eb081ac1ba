"""Progress as a small picture: a line of the values by day, with what is needed to read it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from repartee.assistants.coach.training.canvas import (
    BLUE,
    GREY,
    PNG_MEDIA_TYPE,
    TEXT_HEIGHT_PIXELS,
    Canvas,
    text_width_pixels,
)
from repartee.assistants.coach.training.progress import ExerciseProgress
from repartee.domain.reply import Image

CHART_WIDTH_PIXELS, CHART_HEIGHT_PIXELS = 640, 360
PLOT_LEFT_PIXELS, PLOT_RIGHT_PIXELS, PLOT_TOP_PIXELS, PLOT_BOTTOM_PIXELS = 96, 600, 64, 300
"""Where the values are drawn."""

MAX_CHART_DAYS = 60
"""Days with a value that are drawn: the newest."""


def draw_chart(progress: ExerciseProgress) -> Image | None:
    """The progress as a picture. None where there are not two days to draw a line between."""
    values = progress.daily_best[-MAX_CHART_DAYS:]
    if len(values) < 2:
        return None
    canvas = Canvas(CHART_WIDTH_PIXELS, CHART_HEIGHT_PIXELS)
    title = f"{progress.exercise.capitalize()}: {progress.measure}, {progress.unit}"
    canvas.draw_text((CHART_WIDTH_PIXELS - text_width_pixels(title)) // 2, 20, title)
    _draw_value_axis(canvas, values)
    _draw_day_axis(canvas, values[0][0], values[-1][0])
    _draw_curve(canvas, values)
    return Image("progress.png", PNG_MEDIA_TYPE, canvas.encode_png(), _alt_text(progress))


def _draw_value_axis(canvas: Canvas, values: tuple[tuple[date, float], ...]) -> None:
    low, high = _value_range(values)
    for value in (low, (low + high) / 2, high):
        y = _y_pixels(value, low, high)
        canvas.fill_box(PLOT_LEFT_PIXELS, y, PLOT_RIGHT_PIXELS - PLOT_LEFT_PIXELS, 1, GREY)
        label = f"{value:.1f}"
        canvas.draw_text(PLOT_LEFT_PIXELS - text_width_pixels(label) - 8, y - TEXT_HEIGHT_PIXELS // 2, label)


def _draw_day_axis(canvas: Canvas, first: date, last: date) -> None:
    for day, place in ((first, 0), (last, 1)):
        label = f"{day:%-d %b %Y}"
        canvas.draw_text(
            PLOT_LEFT_PIXELS if not place else PLOT_RIGHT_PIXELS - text_width_pixels(label),
            PLOT_BOTTOM_PIXELS + 16,
            label,
        )


def _draw_curve(canvas: Canvas, values: tuple[tuple[date, float], ...]) -> None:
    low, high = _value_range(values)
    first, days = values[0][0], (values[-1][0] - values[0][0]).days
    points = [
        (
            PLOT_LEFT_PIXELS + (day - first).days * (PLOT_RIGHT_PIXELS - PLOT_LEFT_PIXELS) // days,
            _y_pixels(value, low, high),
        )
        for day, value in values
    ]
    for (x0, y0), (x1, y1) in pairwise(points):
        canvas.draw_line(x0, y0, x1, y1, BLUE)
    for x, y in points:
        canvas.fill_box(x - 4, y - 4, 9, 9, BLUE)


def _value_range(values: tuple[tuple[date, float], ...]) -> tuple[float, float]:
    """The least and the greatest value that are drawn, with some room where all are alike."""
    low, high = min(value for _, value in values), max(value for _, value in values)
    return (low, high) if high > low else (low * 0.9, high * 1.1 or 1.0)


def _y_pixels(value: float, low: float, high: float) -> int:
    return PLOT_BOTTOM_PIXELS - round((value - low) / (high - low) * (PLOT_BOTTOM_PIXELS - PLOT_TOP_PIXELS))


def _alt_text(progress: ExerciseProgress) -> str:
    (first, before), (last, now) = progress.daily_best[0], progress.daily_best[-1]
    return (
        f"Line chart of {progress.exercise}, {progress.measure}: "
        f"from {before:g} {progress.unit} on {first} to {now:g} {progress.unit} on {last}"
    )
