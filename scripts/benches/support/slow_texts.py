"""Texts made to be slow to read as Markdown, among them those of the test suites of cmark and markdown-it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

SEED = 7

UNITS = [
    *(
        "[",
        "![",
        "[[",
        "]",
        "](",
        "[a](",
        "[a][",
        "[](",
        "[a]()",
        "[a]",
        "[[a](b)",
        "![[]()",
        "[a\\](",
        "[a](<b",
    ),
    *("[a](b) ", "![a](b)", "[x](https://a.b/", "[**a**](b)", "_[a](b)_", "[a]: b\n", "[x][1] ", "[^1]", "("),
    *(
        "*",
        "_",
        "**",
        "***",
        "*_",
        "**_",
        "*_*",
        "**a ",
        "**a** ",
        "a**b",
        "*a**a",
        "*a _b ",
        "_a_",
        "a_ ",
        "a*",
    ),
    *(
        "~",
        "~~",
        "~a~ ",
        "~~a~~",
        "字**字**",
        "“**a**”",
        "**`a`**",
        "**a: **b ",
        "2*3 ",
        "x_y_z",
        "foo_bar_baz_",
    ),
    *("`", "``", "`a` ", "`a", "a`b", "`` a ` ", "*`a", "`\n", "`[a](b)`"),
    *("> ", "\n> ", "> > > ", "> **a\n", "- ", "\n- ", "- a\n", "* ", "1. ", "1. a\n", "- - - ", "- [ ] a\n"),
    *(
        "# a\n",
        "#",
        "a\n=\n",
        "---\n",
        "***\n",
        "a\n",
        "a\n\n",
        "\n",
        "a  \n",
        "\\\n",
        "a\r",
        "\r\n",
        "\u2028",
        "\t",
    ),
    *("|", "||", "|a", "|a|b|\n", "\n| a | b |", "| - ", "```\n", "~~~\n", "\n\n    a", "    a\n"),
    *(
        "<",
        "<a ",
        "<b",
        "<b>",
        "<!--",
        "<!A ",
        "<?",
        "<![CDATA[",
        "<br>",
        "<*",
        "<x:y>",
        "<https://a.b> ",
        "<a@b.c> ",
    ),
    *(
        "<@",
        "<@U1> ",
        "<!channel> ",
        "@a ",
        "@channel ",
        "&",
        "&amp;",
        "&#65;",
        "&lt;b&gt;",
        "\\",
        "\\*",
        "\\[",
    ),
    *("https://x/(", "https://a.b/c_d~f*g ", "://", "http", "www.a.b ", "a@b.c "),
    *("👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "e\u0301", "\u0301", "\u200b", "שלום **עולם** ", "字。"),
]
"""Fragments that are repeated to make a text slow."""


def slow_texts(size: int) -> Iterator[tuple[str, str]]:
    """Yields each text of about this many characters, behind its name."""
    for unit in UNITS:
        yield repr(unit), (unit * size)[:size]
    for name, make in SHAPES.items():
        yield name, make(size)[:size]


def _rising_backticks(size: int) -> str:
    return "".join("e" + "`" * length for length in range(1, int((2 * size) ** 0.5) + 2))


def _deep_list(size: int) -> str:
    return "".join(" " * (2 * depth) + "* a\n" for depth in range(int(size**0.5) + 2))


def _wide_grid(size: int) -> str:
    columns = max(2, int(size**0.5) // 2)
    return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n" + "|\n" * size


def _wide_table(size: int) -> str:
    columns = max(2, size // 30)
    return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n" + ("|" + "a|" * columns + "\n") * 20


def _references(size: int) -> str:
    names = range(max(1, size // 35))
    return (
        "".join(f"[x][{name}] " for name in names)
        + "\n\n"
        + "".join(f"[{name}]: https://a.b\n" for name in names)
    )


def _random_marks(size: int) -> str:
    return "".join(random.Random(SEED).choices("*_~`[]()<>a \n|-#>!\\&", k=size))


def _random_emphasis(size: int) -> str:
    return "".join(random.Random(SEED).choices("*_", k=size))


SHAPES: Mapping[str, Callable[[int], str]] = {
    "nested brackets": lambda size: "[" * (size // 2) + "a" + "]" * (size // 2),
    "nested links": lambda size: "[" * (size // 6) + "a" + "](b)" * (size // 5),
    "nested emphasis": lambda size: "*a **a " * (size // 14) + "b" + " a** a*" * (size // 14),
    "backticks of rising length": _rising_backticks,
    "deep list": _deep_list,
    "deep quotes": lambda size: ("> " * 15 + "a\n") * (size // 32 + 1),
    "quotes and lists": lambda size: ("> " * 10 + "- " * 5 + "a\n") * (size // 32 + 1),
    "grid with short rows": _wide_grid,
    "wide table": _wide_table,
    "links in a table": lambda size: "|a|b|\n|-|-|\n" + "|[x](http://a.b)|**y**|\n" * (size // 20),
    "definitions": lambda size: "".join(f"[{name}]: https://a.b\n" for name in range(size // 18 + 1)),
    "references": _references,
    "one reference often": lambda size: "[a]: /x\n\n" + "[a]" * (size // 3),
    "brackets behind a definition": lambda size: "[x]: /u\n\n" + "[" * size,
    "images behind a definition": lambda size: "[x]: /u\n\n" + "![x" * size,
    "open block of code": lambda size: "```py\n" + "x = 1 # `a` **b** <!here>\n" * (size // 26),
    "open bold words": lambda size: "**" + "word " * (size // 5),
    "long word": lambda size: "a_" * (size // 2),
    "long address": lambda size: "https://a.b/" + "x_y~z*" * (size // 6),
    "brackets in an address": lambda size: "[a](" + "(" * size,
    "title below many lines": lambda size: "a\n" * (size // 2) + "===",
    "random marks": _random_marks,
    "random emphasis": _random_emphasis,
}
