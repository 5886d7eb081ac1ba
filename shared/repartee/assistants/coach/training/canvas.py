"""A picture of a few colours, and how it is written as PNG (https://www.w3.org/TR/png-3/)."""

from __future__ import annotations

import struct
import zlib

from repartee.assistants.coach.training.glyphs import GLYPH_ADVANCE_COLUMNS, GLYPH_ROWS, text_dots

WHITE, GREY, BLUE, INK = range(4)
PALETTE = bytes.fromhex("FFFFFF D8DCE2 1F6FEB 24292F")
PNG_MEDIA_TYPE = "image/png"

PIXELS_PER_DOT = 2
"""Dots of the picture a dot of the face."""

TEXT_HEIGHT_PIXELS = GLYPH_ROWS * PIXELS_PER_DOT


def text_width_pixels(text: str) -> int:
    """How wide a text is drawn."""
    return len(text) * GLYPH_ADVANCE_COLUMNS * PIXELS_PER_DOT


class Canvas:
    """A white picture to draw on. What lies outside of it is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._rows = [bytearray(width) for _ in range(height)]

    def fill_box(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fills a rectangle, whose upper left is at x and y."""
        left, right = max(x, 0), min(x + width, self._width)
        if right > left:
            for row in self._rows[max(y, 0) : max(y + height, 0)]:
                row[left:right] = bytes([colour]) * (right - left)

    def draw_line(self, x0: int, y0: int, x1: int, y1: int, colour: int, thickness: int = 3) -> None:
        """Draws a straight line."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps
            self.fill_box(x - thickness // 2, y - thickness // 2, thickness, thickness, colour)

    def draw_text(self, x: int, y: int, text: str, colour: int = INK) -> None:
        """Writes a text, whose upper left is at x and y."""
        for column, row in text_dots(text):
            self.fill_box(
                x + column * PIXELS_PER_DOT, y + row * PIXELS_PER_DOT, PIXELS_PER_DOT, PIXELS_PER_DOT, colour
            )

    def encode_png(self) -> bytes:
        """The picture, with eight bits a dot that name a colour of the palette."""
        header = struct.pack(">IIBBBBB", self._width, self._height, 8, 3, 0, 0, 0)
        dots_ = b"".join(b"\0" + row for row in self._rows)
        chunks = ((b"IHDR", header), (b"PLTE", PALETTE), (b"IDAT", zlib.compress(dots_)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, content) for name, content in chunks)


def _png_chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
