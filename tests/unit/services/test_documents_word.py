"""A Word document is read as it is shown: numbers, symbols, notes; nothing twice, nothing that is hidden."""

from __future__ import annotations

import pytest

from tests.support.documents import fixture, make_word_document, make_zip, read_here, word_paragraph

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def text_of(body: str, **parts: str) -> str:
    named = {f"word/{name.replace('__', '/')}.xml": content for name, content in parts.items()}
    return read_here(make_word_document(body, **named)).text


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, level: int, number: int = 1) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{numbering}</w:pPr>{run(text)}</w:p>"


def numbering(*levels: tuple[str, str], more: str = "") -> str:
    written = "".join(
        f'<w:lvl w:ilvl="{at}"><w:numFmt w:val="{how}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (how, text) in enumerate(levels)
    )
    return (
        f'<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">{written}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}</w:numbering>'
    )


def test_what_libreoffice_writes_is_read_whole() -> None:
    """Header, numbered headings and clauses, a table, a link, a note, a comment, a footer: in their order."""
    read = read_here(fixture("contract.docx"))

    assert read.text.startswith("[header] Lease no. 2026-114, second draft\n\n# 1. Term\n")
    assert "flat 10-12, phone 21-4402.[^1] It ends as clause 2.1 says.\n" in read.text
    assert "## 2.1 Form\n" in read.text
    assert (
        "a) Parking is included.\n  i. Six spaces in the garage.\n  ii. Two spaces in the yard.\n"
        in read.text
    )
    assert "| 2026–2028 | 14,800 EUR | 101.5 |" in read.text
    assert (
        "[the register](https://example.com/lease_2026). Größe: 412,5 m², Straße, 日本語, हिन्दी." in read.text
    )
    assert "[^1]: Extended once in 2019.\n\n[comment 0] Ben: Ask the landlord about this." in read.text
    assert read.text.endswith("[footer] Confidential, Lisbon office")
    assert "withdrawn" not in read.text
    assert "invisible" not in read.text


def test_clauses_have_the_numbers_that_the_text_refers_to() -> None:
    """Each level counts on its own, and starts anew under the next of the level above."""
    levels = numbering(("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"))
    body = item("Term", 0) + item("Start", 1) + item("first", 2) + item("second", 2)
    body += item("Notice", 0) + item("Form", 1) + item("third", 2)

    assert text_of(body, numbering=levels).splitlines() == [
        "1. Term",
        "  1.1 Start",
        "    (a) first",
        "    (b) second",
        "2. Notice",
        "  2.1 Form",
        "    (a) third",
    ]


@pytest.mark.parametrize(
    "how, text, labels",
    [
        ("upperRoman", "%1.", ["I.", "II.", "III.", "IV."]),
        ("lowerLetter", "%1)", ["a)", "b)", "c)", "d)"]),
        ("decimalZero", "§ %1", ["§ 01", "§ 02", "§ 03", "§ 04"]),
        ("ordinal", "%1", ["1st", "2nd", "3rd", "4th"]),
        ("chineseCounting", "第%1条", ["第一条", "第二条", "第三条", "第四条"]),
        ("bullet", "\uf0b7", ["-", "-", "-", "-"]),
    ],
)
def test_numbers_are_written_as_the_list_says(how: str, text: str, labels: list[str]) -> None:
    """Roman, letters, with zeros, ordinal, Chinese; a bullet is a mark."""
    body = "".join(item(word, 0) for word in "abcd")

    lines = text_of(body, numbering=numbering((how, text))).splitlines()

    assert lines == [f"{label} {word}" for label, word in zip(labels, "abcd", strict=True)]


def test_a_list_that_starts_anew_does_so_once() -> None:
    """Another list of the same kind goes on counting, unless it says at which number it starts."""
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    )
    body = item("a", 0) + item("b", 0, 2) + item("c", 0, 3) + item("d", 0, 3)

    assert text_of(body, numbering=numbering(("decimal", "%1."), more=more)).split() == [
        "1.", "a", "2.", "b", "7.", "c", "8.", "d",
    ]  # fmt: skip


def test_numbers_come_with_styles_too() -> None:
    """A style, and what it is based on, may number its paragraphs; a paragraph may switch that off."""
    styles = (
        '<w:styles xmlns:w="w"><w:style w:styleId="Base"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Clause"><w:name w:val="Clause"/><w:basedOn w:val="Base"/></w:style></w:styles>'
    )
    off = (
        '<w:p><w:pPr><w:pStyle w:val="Clause"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
        + run("c")
        + "</w:p>"
    )

    text = text_of(
        word_paragraph("a", "Base") + word_paragraph("b", "Clause") + off,
        numbering=numbering(("decimal", "%1.")),
        styles=styles,
    )

    assert text.split("\n\n") == ["# 1. a", "# 2. b", "# c"]


def test_moved_text_is_read_once_and_deleted_text_not_at_all() -> None:
    """Moved text stands where it was moved to; rows that were deleted are gone."""
    moved = f"<w:p><w:moveFrom>{run('moved')}</w:moveFrom>{run('before ')}</w:p>"
    moved += f"<w:p><w:moveTo>{run('moved')}</w:moveTo><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
    moved += f"<w:ins>{run(' added')}</w:ins></w:p>"
    rows = (
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + word_paragraph("old row") + "</w:tc></w:tr></w:tbl>"
    )

    assert text_of(moved + rows) == "before\nmoved added"


def test_symbols_are_the_characters_that_they_show() -> None:
    """Ticks, boxes and arrows of Wingdings, Greek of Symbol, also where they are kept as text."""
    body = (
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r><w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>'
        '<w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf0e0</w:t></w:r>'
        f"{run('10')}<w:r><w:noBreakHyphen/></w:r>{run('12 co')}<w:r><w:softHyphen/></w:r>{run('op')}</w:p>"
    )

    assert text_of(body) == "✓☑α→10-12 coop"


def test_hidden_text_is_not_read() -> None:
    """Hidden by its own mark, by its style, or by that of its paragraph; not where the mark is switched off."""
    styles = '<w:styles xmlns:w="w"><w:style w:styleId="Hid"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    body = (
        f"<w:p>{run('shown ')}{run('secret', '<w:vanish/>')}{run('still', '<w:vanish w:val=&quot;0&quot;/>')}"
        f"{run('styled', '<w:rStyle w:val=&quot;Hid&quot;/>')}</w:p>{word_paragraph('whole', 'Hid')}"
    ).replace("&quot;", '"')

    assert text_of(body, styles=styles) == "shown still"


def test_crossed_out_text_says_so() -> None:
    """A price that was crossed out by hand is not the price."""
    body = f"<w:p>{run('rent ')}{run('900', '<w:strike/>')}{run(' 850')}</w:p>"

    assert text_of(body) == "rent ~~900~~ 850"


def test_what_is_raised_is_not_read_as_another_number() -> None:
    """Ten to the sixth is not a hundred and six. An ordinal reads the same either way."""
    raised = '<w:vertAlign w:val="superscript"/>'
    body = f"<w:p>{run('10')}{run('6', raised)}{run(' m')}{run('2', raised)}{run(', the 1')}{run('st', raised)}</w:p>"

    assert text_of(body) == "10^6 m^2, the 1st"


def test_boxes_and_lists_of_forms_show_what_was_chosen() -> None:
    """Ticked boxes of old forms, and the entry of a list."""
    box = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
    choice = '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="no"/><w:listEntry w:val="yes"/></w:ddList></w:ffData>'

    def field(data: str) -> str:
        return (
            f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
            '<w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    assert text_of(f"<w:p>{field(box)}{run(' parking ')}{field(choice)}</w:p>") == "☒ parking yes"


def test_links_keep_their_address() -> None:
    """Links by relationship and links by field; the instruction of a field is not text."""
    relations = f'<Relationships><Relationship Id="r1" Type="{RELATIONSHIPS}/hyperlink" Target="https://a.example/x_y" TargetMode="External"/></Relationships>'
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://b.example" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("there")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = f'<w:p><w:hyperlink xmlns:r="{RELATIONSHIPS}" r:id="r1">{run("here")}</w:hyperlink>{run(" or ")}{field}</w:p>'

    content = make_word_document(body, **{"word/_rels/document.xml.rels": relations})

    assert read_here(content).text == "[here](https://a.example/x_y) or [there](https://b.example)"


def test_tables_keep_their_columns() -> None:
    """Cells over columns, over rows, and a table within a cell."""
    cell = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>"
    first = cell.format('<w:vMerge w:val="restart"/>', word_paragraph("Berlin")) + cell.format(
        "", word_paragraph("Q1 | 1")
    )
    second = cell.format("<w:vMerge/>", word_paragraph("")) + cell.format("", word_paragraph("Q2"))
    inner = f"<w:tbl><w:tr>{cell.format('', word_paragraph('a'))}{cell.format('', word_paragraph('b'))}</w:tr></w:tbl>"
    wide = cell.format('<w:gridSpan w:val="2"/>', word_paragraph("all") + inner)

    text = text_of(f"<w:tbl><w:tr>{first}</w:tr><w:tr>{second}</w:tr><w:tr>{wide}</w:tr></w:tbl>")

    assert text == "| Berlin | Q1 \\| 1 |\n| --- | --- |\n| Berlin | Q2 |\n| all a / b |  |"


def test_formulas_keep_their_meaning() -> None:
    """A half is 1/2, not 12."""
    half = "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    square = "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"

    assert text_of(f'<w:p><m:oMath xmlns:m="urn:m">{half}{square}</m:oMath></w:p>') == "1/2x^2"


def test_text_boxes_are_read_once_and_pictures_are_said() -> None:
    """A box is drawn in two ways for old and new readers; a picture cannot be read, which the model is told."""
    box = "<w:txbxContent>" + word_paragraph("in the box") + "</w:txbxContent>"
    both = (
        f"<w:p><w:r><mc:AlternateContent xmlns:mc='urn:mc'><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>{run('beside')}</w:p>"
    )
    picture = "<w:p><w:r><w:drawing><wp:docPr xmlns:wp='urn:wp' descr='Plan of the office'/><a:blip xmlns:a='urn:a'/></w:drawing></w:r></w:p>"

    assert text_of(both + picture) == "beside\nin the box\n[picture: Plan of the office]"


def test_headers_notes_and_comments_need_no_relationships() -> None:
    """They are found by their names where a file says nothing of them, each text once."""
    margin = '<w:hdr xmlns:w="w">' + word_paragraph("DRAFT") + "</w:hdr>"
    comments = (
        '<w:comments xmlns:w="w"><w:comment w:id="4" w:author="Ben">'
        + word_paragraph("Why?")
        + "</w:comment></w:comments>"
    )
    notes = (
        '<w:footnotes xmlns:w="w"><w:footnote w:type="separator" w:id="0">'
        + word_paragraph("-")
        + "</w:footnote>"
        '<w:footnote w:id="2">' + word_paragraph("See annex.") + "</w:footnote></w:footnotes>"
    )
    body = f'<w:p>{run("Rent")}<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="4"/></w:r></w:p>'

    text = text_of(body, header1=margin, header2=margin, comments=comments, footnotes=notes)

    assert text == "[header] DRAFT\n\nRent[^1][comment 4]\n\n[^1]: See annex.\n\n[comment 4] Ben: Why?"


def test_the_main_part_may_have_another_name() -> None:
    """The package says which part is the document; some programs call it otherwise."""
    main = '<w:document xmlns:w="w"><w:body>' + word_paragraph("found") + "</w:body></w:document>"
    relations = f'<Relationships><Relationship Id="a" Type="{RELATIONSHIPS}/officeDocument" Target="/word/document2.xml"/></Relationships>'

    assert read_here(make_zip({"_rels/.rels": relations, "word/document2.xml": main})).text == "found"
