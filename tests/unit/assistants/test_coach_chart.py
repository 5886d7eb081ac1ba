"""The coach's chart: whole, readable on a phone, in the scripts of all our languages."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from repartee.assistants.coach.training import chart as chart_module
from repartee.assistants.coach.training.chart import draw_chart
from repartee.assistants.coach.training.progress import ExerciseProgress, compute_progress
from repartee.domain.reply import Image
from tests.support.memory_workouts import make_workout


def test_a_chart_is_a_whole_picture() -> None:
    """A PNG that says what it is, large enough for a phone; none of a single day."""
    log = [make_workout(f"2026-09-0{day}", id=f"m{day}:0", load=90.0 + day) for day in range(1, 9)]
    found, single = compute_progress(log), compute_progress(log[:1])
    assert found is not None
    assert single is not None

    picture = draw_chart(found)

    assert picture is not None
    assert (picture.content_type, drawn(picture).size) == ("image/png", (1_080, 720))
    assert "from 106.17 kg on 2026-09-01 to 114.33 kg on 2026-09-08" in picture.alt_text
    assert draw_chart(single) is None


def test_a_chart_is_readable_on_a_light_and_on_a_dark_screen() -> None:
    """Text and line stand out from a background that is the chart's own, and letters are large on a phone."""
    found = compute_progress(
        [make_workout(f"2026-09-0{day}", id=f"m{day}:0", load=90.0 + day) for day in range(1, 9)]
    )
    assert found is not None
    picture = draw_chart(found)
    assert picture is not None

    image = drawn(picture)
    colours = {colour for _, colour in image.getcolors(1 << 20) or () if colour[3] == 255}

    assert image.getpixel((image.width // 2, 12)) == (255, 255, 255, 255)
    assert contrast(chart_module.INK, chart_module.BACKGROUND) > 7
    assert contrast(chart_module.LINE, chart_module.BACKGROUND) > 4.5
    assert {rgb(chart_module.INK), rgb(chart_module.LINE)} <= {colour[:3] for colour in colours}
    assert chart_module.LABEL_PIXELS * 360 / image.width >= 12


@pytest.mark.parametrize(
    "exercise",
    [
        "squat",
        "Rückenübung für Füße",
        "sentadilla búlgara",
        "développé couché",
        "agachamento e remada",
        "affondo però",
        "çömelme ağırlığı",
        "स्क्वाट प्रशिक्षण",
        "スクワット 懸垂 腕立て伏せ",
        "深蹲 卧推 引体向上",
    ],
)
def test_a_chart_is_written_in_each_of_our_languages(exercise: str) -> None:
    """Each letter of an exercise's name has its own shape: none is the box that stands for an unknown one."""
    from PIL import ImageFont

    fonts = [ImageFont.truetype(path, 40) for path in chart_module.FONTS]

    def known(letter: str) -> bool:
        return any(bytes(font.getmask(letter)) != bytes(font.getmask("\U0010ffff")) for font in fonts)

    assert [letter for letter in exercise if letter.isalpha() and not known(letter)] == []


def test_letters_of_hindi_are_joined() -> None:
    """A conjunct is drawn as one sign, narrower than its letters one by one."""
    found = compute_progress([make_workout(f"2026-09-0{day}", id=f"m{day}:0") for day in range(1, 4)])
    assert found is not None

    joined, apart = (
        title_width(msgspec.structs.replace(found, exercise=name)) for name in ("क्षक्षक्ष", "क् षक् षक् ष")
    )

    assert 0 < joined < 0.8 * apart


def drawn(picture: Image) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(picture.content)).convert("RGBA")


def title_width(found: ExerciseProgress) -> int:
    picture = draw_chart(found)
    assert picture is not None
    title = drawn(picture).convert("L").crop((20, 30, 1_060, 92))
    left, _, right, _ = title.point(lambda shade: 255 if shade < 128 else 0).getbbox()
    return int(right - left)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""

    def luminance(colour: str) -> float:
        parts = [part / 255 for part in rgb(colour)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_chart_of_the_same_every_day() -> None:
    """All alike is a line, too."""
    found = compute_progress([make_workout(f"2026-09-0{day}", id=f"m{day}:0") for day in range(1, 4)])

    assert found is not None
    assert draw_chart(found) is not None
