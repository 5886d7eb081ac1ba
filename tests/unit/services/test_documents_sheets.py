"""Tables are read as they are shown: number formats, dates, merged and hidden cells, formulas without values."""

from __future__ import annotations

import pytest

from repartee.services.documents.excel.formats import shown
from tests.support.documents import fixture, read_here, sheet


def cell(place: str, value: str, more: str = "") -> str:
    return f'<c r="{place}" {more}><v>{value}</v></c>'


def words(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str, more: str = "") -> str:
    return f'<row r="{number}" {more}>{"".join(cells)}</row>'


@pytest.mark.parametrize("name", ["costs.xlsx", "costs.ods"])
def test_what_libreoffice_writes_is_read_as_it_shows_it(name: str) -> None:
    """Units, percentages and dates as the cells show them; computed formulas by their value; a hidden sheet said."""
    text = read_here(fixture(name)).text

    assert "| 2026-09-03 | Chairs | 7 | 3,150.50 EUR | 23.0% |" in text
    assert "| Sum |  |  | 8,450.40 EUR |  |" in text
    assert "[sheet Rates (hidden)]\n| Secret rate |" in text


@pytest.mark.parametrize(
    "raw, code, said",
    [
        ("1234.5", "#,##0.00", "1,234.50"),
        ("0.125", "0.0%", "12.5%"),
        ("7", "00000", "00007"),
        ("-5", "0.00;(0.00)", "(5.00)"),
        ("-5", "#,##0 \\€;[Red]-#,##0 \\€", "-5 €"),
        ("1250", '#,##0.00\\ "EUR"', "1,250.00 EUR"),
        ("1250", "[$$-409]#,##0.00", "$1,250.00"),
        ("1250", "#,##0.00\\ [$€-407]", "1,250.00 €"),
        ("1250", '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "1,250.00 €"),
        ("0", '#,##0;-#,##0;"none"', "none"),
        ("1234567", '#,##0.0,,"M"', "1.2M"),
        ("441234567", "+00 000 0000", "+441234567"),
        ("5", '0" kg"', "5 kg"),
        ("12345678", "0.00E+00", "1.23E+7"),
        ("3", '[<5]"low "0;"high "0', "low 3"),
        ("0.30000000000000004", "General", "0.3"),
        ("12345678901234", "General", "12345678901234"),
        ("1E-3", "General", "0.001"),
        ("46000", "dd.mm.yyyy", "2025-12-09"),
        ("46000.5", "dd.mm.yyyy hh:mm", "2025-12-09 12:00"),
        ("46000", "[$-407]d. mmmm yyyy", "2025-12-09"),
        ("0.75", "h:mm AM/PM", "18:00"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("1e9", "yyyy-mm-dd", "1000000000"),
        ("text", "0.00", "text"),
    ],
)
def test_numbers_are_shown_by_their_format(raw: str, code: str, said: str) -> None:
    """Decimals, thousands, units, signs, conditions; dates as ISO 8601 writes them."""
    assert shown(raw, code) == said


def test_dates_may_count_from_1904() -> None:
    """Workbooks of old Macs count from another day."""
    assert shown("44538", "yyyy-mm-dd", from_1904=True) == "2025-12-09"


def test_formulas_without_values_are_said() -> None:
    """A formula that was never computed is shown as such; one whose value is an empty text is empty."""
    total = '<c r="B1"><f>A1*2</f><v/></c>'
    computed = '<c r="B2"><f>A2*2</f><v>8</v></c>'
    empty = '<c r="C2" t="str"><f>IF(A2,"","")</f><v></v></c>'
    read = read_here(sheet(row(1, cell("A1", "3"), total) + row(2, cell("A2", "4"), computed, empty)))

    assert read.text == (
        "[sheet Costs]\n| 3 | =A1*2 |\n| --- | --- |\n| 4 | 8 |\n\n"
        "[not computed: the file holds no values for the formulas in B1, which are shown as formulas]"
    )


def test_merged_cells_say_their_value_in_each_row() -> None:
    """Over rows in each of them, over columns where the row says more; a title over all stands once."""
    rows = (
        row(1, words("A1", "Plan"))
        + row(2, words("A2", "Berlin"), words("B2", "Q1"), cell("C2", "1"))
        + row(3, words("B3", "Q2"), cell("C3", "2"))
        + row(4, words("A4", "both"), cell("C4", "3"))
    )
    merged = (
        '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:A3"/><mergeCell ref="A4:B4"/></mergeCells>'
    )

    assert read_here(sheet(rows, after=merged)).text.splitlines()[1:] == [
        "| Plan |  |  |",
        "| --- | --- | --- |",
        "| Berlin | Q1 | 1 |",
        "| Berlin | Q2 | 2 |",
        "| both | both | 3 |",
    ]


def test_what_is_hidden_is_said() -> None:
    """A hidden sheet and hidden rows are read, and named as hidden."""
    read = read_here(
        sheet(row(1, cell("A1", "1")) + row(2, cell("A2", "2"), more='hidden="1"'), state="veryHidden")
    )

    assert read.text.startswith("[sheet Costs (hidden)]\n| 1 |\n")
    assert read.text.endswith("[hidden rows, shown here: 2]")


def test_errors_truths_and_rich_texts_are_read() -> None:
    """What a cell may hold besides numbers; readings above Japanese are not part of its text."""
    rich = '<c r="C1" t="inlineStr"><is><r><t>東</t></r><r><t>京</t></r><rPh><t>トウキョウ</t></rPh></is></c>'
    read = read_here(sheet(row(1, cell("A1", "1", 't="b"'), cell("B1", "#DIV/0!", 't="e"'), rich)))

    assert "| TRUE | #DIV/0! | 東京 |" in read.text


ENCODED = {
    "utf-8": "Name;Größe\nZoé;1,72\n",
    "utf-8-sig": "Name;Größe\nZoé;1,72\n",
    "utf-16": "Name;Größe\nZoé;1,72\n",
    "utf-16-le": "Name;Größe\nZoé;1,72\n",
    "cp1252": "Nom;Prénom;Ville\nLefèvre;Zoé;Besançon\n",
    "cp1254": "İsim;Şehir\nAyşe;Iğdır\nÇağla;Muğla\n",
    "cp1250": "Imię;Miasto\nŁukasz;Gdańsk\nŻaneta;Łódź\n",
    "iso8859_2": "Jméno;Město\nJiří;Plzeň\nŽofie;Třebíč\n",
    "cp1251": "Имя;Город\nАнна;Москва\nИван;Тверь\n",
    "koi8_r": "Имя;Город\nАнна;Москва\nИван;Тверь\n",
    "cp1253": "Όνομα;Πόλη\nΕλένη;Αθήνα\n",
    "cp932": "名前;都市\n田中;東京\n佐藤;大阪\n",
    "euc_jp": "なまえ;とし\n田中さん;東京\n佐藤さん;大阪\n",
    "gb18030": "姓名;城市\n王伟;北京\n李娜;上海\n",
    "big5": "姓名;城市\n王偉;臺北\n李娜;高雄\n",
    "cp949": "이름;도시\n김철수;서울\n이영희;부산\n",
    "cp850": "Name;Größe\nMüller;40\n",
    "mac_roman": "Réunion;Été\nBesançon;Forêt\n",
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_tables_of_values_are_read_in_any_encoding(encoding: str) -> None:
    """A few short lines are enough to tell the encoding by."""
    text = ENCODED[encoding]

    read = read_here(text.encode(encoding), "people.csv")

    lines = text.split()
    assert read.text.splitlines()[0] == f"| {lines[0].replace(';', ' | ')} |"
    assert read.text.splitlines()[-1] == f"| {lines[-1].replace(';', ' | ')} |"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_of_values_are_read_with_any_separator(separator: str) -> None:
    """Commas, semicolons, tabs, bars; with quotes around what holds one, and with line ends within quotes."""
    text = separator.join(("Name", "Price")) + "\n" + separator.join(('"Desk, oak; new\tor|old"', "1")) + "\n"
    text += separator.join(('"two\nlines"', "2")) + "\n"

    assert read_here(text.encode(), "a.csv").text.splitlines()[2:] == [
        "| Desk, oak; new or\\|old | 1 |",
        "| two lines | 2 |",
    ]


def test_decimal_commas_are_no_separators() -> None:
    """German tables separate by semicolons and write numbers with commas; Excel may say so in a first line."""
    text = "sep=;\nA;B\n1,5;2,5\n3,5;4,5\n"

    assert read_here(text.encode(), "a.csv").text == "| A | B |\n| --- | --- |\n| 1,5 | 2,5 |\n| 3,5 | 4,5 |"
    assert read_here(text[6:].encode(), "a.csv").text.startswith("| A | B |\n")


def test_rows_far_below_are_read() -> None:
    """A table that begins far below is a table; of one with very many rows the first are read, and that is said."""
    far = read_here(sheet(row(70_000, cell("A70000", "5"), cell("B70000", "6"))))
    many = read_here(sheet("".join(row(number, cell(f"A{number}", "1")) for number in range(1, 2_200))))

    assert "| 5 | 6 |" in far.text
    assert not far.truncated
    assert many.text.endswith("[rows from 2001 on are not read]")
    assert many.truncated
