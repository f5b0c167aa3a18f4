"""Tables, pictures, page, Markdown and Word document of a design."""

import io
import re

import docx
import pytest

from debulk.core.errors import InputError
from debulk.reports.design.charts import design_charts
from debulk.reports.design.document import write_document
from debulk.reports.design.markdown import markdown_of
from debulk.reports.design.page import render_design_page
from debulk.reports.design.pictures import picture_bytes, write_picture
from debulk.reports.design.tables import tables_of

NASTY = "</script><script>alert(1)</script> & *bold* | \x07 é 生存"


def test_every_row_has_the_columns_of_its_head(answer, single):
    for each in (answer, single):
        for table in tables_of(each):
            assert all(len(row) == len(table.head) for row in table.rows), table.title


def test_the_tables_show_the_numbers(answer):
    titles = [table.title for table in tables_of(answer)]
    assert titles[1:] == ["Analyses", "Boundaries", "If there is no effect"]
    bounds = tables_of(answer)[2]
    assert bounds.rows[0] == (
        "interim 1", "2.9600", "0.5500", "0.0015", "0.1000", "0.9800", "\u22122.1000", "1.4000",
    )  # fmt: skip
    assert bounds.rows[1][4] == "\u2013"
    stops = tables_of(answer)[3]
    assert stops.rows[-1] == ("Total", "2.50 %", "50.00 %", "2.10 %")


def test_the_charts_there_are(answer, single):
    assert list(design_charts(answer)) == ["power", "boundaries", "calendar"]
    assert design_charts(single) == {}
    with pytest.raises(InputError, match="no picture"):
        picture_bytes(single, "svg")


def test_axes_have_units_and_no_text_is_cut(answer):
    svg = picture_bytes(answer, "svg").decode()
    for words in ("true hazard ratio", "events", "calendar months from the first patient",
                  "Z (above 0: benefit)", "planned: 80.1 %", "HR 0.55"):  # fmt: skip
        assert words in svg
    assert "\u2026" not in svg


def test_pictures_of_each_kind(answer, tmp_path):
    starts = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG"}
    for kind, start in starts.items():
        write_picture(answer, tmp_path / f"x.{kind}")
        assert (tmp_path / f"x.{kind}").read_bytes().startswith(start)


def test_a_two_sided_design_shows_both_sides(answer):
    answer["sided"] = 2
    rows = design_charts(answer)["boundaries"].to_dict()
    sides = {row["side"] for row in rows["layer"][1]["data"]["values"]}
    assert sides == {"upper", "lower"}


def test_the_page_carries_everything_and_asks_for_nothing(answer):
    page = render_design_page(answer)
    assert not re.search(r"(src|href)=\"https?:", page)
    for words in ("200 events in 300 patients", 'id="chart-boundaries"', "To make it again",
                  "prefers-color-scheme: dark", "Without an effect"):  # fmt: skip
        assert words in page


def test_a_page_without_charts(single):
    page = render_design_page(single)
    assert "chart-" not in page
    assert "<script" not in page


def test_what_a_user_types_stays_text(answer, tmp_path):
    answer["endpoint"] = NASTY
    answer["command"] = NASTY
    answer["paragraphs"][0]["text"] = NASTY
    page = render_design_page(answer)
    assert "<script>alert(1)" not in page
    assert "\\*bold\\*" in markdown_of(answer)
    write_document(tmp_path / "x.docx", answer, None)
    texts = [each.text for each in docx.Document(str(tmp_path / "x.docx")).paragraphs]
    assert any("é 生存" in text for text in texts)


def test_markdown_has_tables_that_fit(answer):
    text = markdown_of(answer)
    assert text.startswith("# Two-arm survival trial")
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        counts = {line.count("|") for line in block.splitlines()}
        assert len(counts) == 1
    assert "```sh\ndebulk trial design" in text


def test_the_document(answer, tmp_path):
    path = tmp_path / "x.docx"
    write_document(path, answer, picture_bytes(answer, "png"))
    document = docx.Document(str(path))
    texts = [each.text for each in document.paragraphs]
    assert texts[0].startswith("Two-arm survival trial")
    assert any(text.startswith("Hypotheses and sample size. The primary") for text in texts)
    assert answer["command"] in texts
    assert len(document.tables) == 4
    assert document.tables[1].rows[1].cells[0].text == "interim 1"
    assert len(document.inline_shapes) == 1
    first = path.read_bytes()
    write_document(path, answer, picture_bytes(answer, "png"))
    assert docx.Document(io.BytesIO(first)).core_properties.created.year == 2000


def test_a_file_that_cannot_be_written(answer, tmp_path):
    with pytest.raises(InputError):
        write_document(tmp_path / "no" / "x.docx", answer, None)
    with pytest.raises(InputError):
        write_picture(answer, tmp_path / "no" / "x.svg")
