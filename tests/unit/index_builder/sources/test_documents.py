"""Word and PDF, where their parsers are installed."""

from __future__ import annotations

import io
import zipfile

import pytest

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx(*paragraphs: tuple[str, str], prolog: str = "") -> bytes:
    """A document of (style, text) paragraphs."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/></w:style>'
        for style, name in (("H1", "heading 1"), ("H2", "heading 2"), ("T", "Title"))
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship '
        f'Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        "word/document.xml": f'{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body>'
        "</w:document>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def pdf(*pages: str, title: str = "") -> bytes:
    """A document of one line a page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>",
            f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        ]
    objects.append(f"<</Title({title})>>")
    out = "%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{each}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>\n"
    return (out + f"startxref\n{start}\n%%EOF").encode("latin-1")


def test_a_word_document_by_its_headings(put, imported):
    """The title is the title; headings become sections."""
    pytest.importorskip("mammoth")
    put(
        "manuals/router.docx",
        docx(("T", "Your router"), ("", "Intro."), ("H1", "Reset"), ("", "Press &lt;both&gt;.")),
    )
    found = imported().entries["router"]
    assert found.title == "Your router"
    assert found.text == "Intro.\n\n## Reset\n\nPress \\<both>."


def test_a_word_document_without_a_title_is_called_like_its_file(put, imported):
    """Several first-level headings are sections, not titles."""
    pytest.importorskip("mammoth")
    put("my-router.docx", docx(("", "Intro."), ("H1", "One"), ("", "a"), ("H1", "Two"), ("", "b")))
    found = imported().entries["my-router"]
    assert found.title == "my router"
    assert found.text == "Intro.\n\n## One\n\na\n\n## Two\n\nb"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (docx(("", "x"))[:-100], "a.docx:1: is damaged or cut off"),
        (b"PK\x03\x04 not a zip", "a.docx:1: is damaged or cut off"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "a.docx:1: is an old .doc or has a password"),
        (
            docx(("", "&a;"), prolog='<!DOCTYPE x [<!ENTITY a "bomb">]>'),
            "a.docx:1: word/document.xml declares XML entities: not read",
        ),
    ],
)
def test_broken_word_documents_have_a_line(put, imported, content, expected):
    """Damaged, old or hostile: nothing is unpacked that was not looked at."""
    path = put("a.docx", content)
    (problem,) = imported(path).problems
    assert problem.startswith(expected)


def test_a_zip_bomb_is_not_unpacked(put, imported):
    """What a document says it unpacks to is read before it is unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 140_000_000)
    path = put("a.docx", file.getvalue())
    assert imported(path).problems == ["a.docx:1: unpacks to more than 134,217,728 bytes"]


def test_a_pdf_by_its_pages(put, imported):
    """Each page is a section with its number; empty pages are none."""
    pytest.importorskip("pypdf")
    put("guide.pdf", pdf("Press the button.", "", "Then *wait*.", title="The guide"))
    found = imported().entries["guide"]
    assert found.title == "The guide"
    assert found.text == "## Page 1\n\nPress the button.\n\n## Page 3\n\nThen \\*wait\\*."


def test_a_scan_is_skipped_and_said(put, imported):
    """A PDF without text needs text recognition first."""
    pytest.importorskip("pypdf")
    put("scan.pdf", pdf(""))
    put("guide.pdf", pdf("Text."))
    outcome = imported()
    assert list(outcome.entries) == ["guide"]
    assert outcome.ledger.skipped[0][2].startswith("no text in it")


@pytest.mark.parametrize("content", [b"%PDF-1.4\n" + b"x" * 50, pdf("Text.")[:120]])
def test_broken_pdfs_have_a_line(put, imported, content):
    """A damaged file is a problem, whatever the parser trips over."""
    pytest.importorskip("pypdf")
    path = put("a.pdf", content)
    (problem,) = imported(path).problems
    assert problem.startswith("a.pdf:1: is damaged or cut off")
