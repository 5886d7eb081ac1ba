"""The pictures of the console in the documents."""

from __future__ import annotations

import pytest

from local.console_pictures import PICTURES, PICTURES_FOLDER

DOCS = PICTURES_FOLDER.parents[1]
MAX_PICTURE_BYTES = 120_000


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_shown(name: str) -> None:
    """Each is WebP of at most 120 KB, and stands in the page of the console with words for it."""
    content = (PICTURES_FOLDER / f"{name}.webp").read_bytes()

    assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
    assert len(content) <= MAX_PICTURE_BYTES
    assert f"](images/console/{name}.webp)" in (DOCS / "console.md").read_text()


def test_no_picture_is_left_over() -> None:
    """The folder has those that the command takes, and no other."""
    assert {path.name for path in PICTURES_FOLDER.iterdir()} == {f"{name}.webp" for name in PICTURES}
