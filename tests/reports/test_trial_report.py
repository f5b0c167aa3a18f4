"""The report's HTML: whole, self-contained, escaped, and with everything in it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.reports import render_trial_report, write_trial_report

VOID = {"meta", "br", "link", "img", "input", "hr"}
LARGEST_BYTES = 2_000_000  # a file that can be sent by mail


class Walk(HTMLParser):
    """Follows the tags: what is open, which ids there are, what is fetched, what is read."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "srcset", "data") or (name == "href" and tag != "a"):
                self.fetched.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_tags_balance_ids_are_unique_and_nothing_is_fetched(result: dict[str, Any]) -> None:
    page = render_trial_report(result)
    walk = Walk(page)
    assert walk.open == []
    assert len(set(walk.ids)) == len(walk.ids)
    assert walk.fetched == []
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "sourceMappingURL" not in page
    assert len(page.encode()) < LARGEST_BYTES


def test_every_step_parameter_and_assumption_is_there(result: dict[str, Any]) -> None:
    text = Walk(render_trial_report(result)).text
    for step in result["funnel"]:
        assert step["text"] in text
    for parameter in result["provenance"]["parameters"]:
        assert f"{parameter['name']} " in text
    assert "What we assume without a source" in text
    assert "X6, no other cancer: 123 patients per trial" in text
    assert "ab" * 32 in text


def test_the_answer_comes_first_with_the_null_world_beside(result: dict[str, Any]) -> None:
    text = Walk(render_trial_report(result)).text
    answer = text.index("In this model")
    assert answer < text.index("one set of parameters in this run")
    assert answer < text.index("From all patients")
    assert "If it does nothing: the null world" in text
    assert "not used in any way to make the simulation" in text
    assert "not a medical device" in text


def test_what_is_missing_says_so(result: dict[str, Any]) -> None:
    text = Walk(render_trial_report({**result, "published": None})).text
    assert "25.0 to not reached" in text
    assert "At least 80 % of lesions treated none 79 %" in text
    assert "Published result: none is known for this protocol." in text


def test_a_run_without_any_hazard_ratio_still_has_a_report(result: dict[str, Any]) -> None:
    nothing = {"median": None, "lower": None, "upper": None}
    bare = {
        **result,
        "trials": 1,
        "trial_hazard_ratios": [None],
        "trial_hazard_ratios_null": [None],
        "effect": {
            **result["effect"],
            "hazard_ratio": nothing,
            "rmst_difference_months": {**nothing, "tau_months": 60.0},
        },
        "truth": {
            **result["truth"],
            "monte_carlo_error": {"hazard_ratio": None, "rmst_difference_months": None},
        },
    }
    walk = Walk(render_trial_report(bare))
    assert "chart-spread" not in walk.ids
    assert "0.91" in walk.text


def test_the_run_record_is_told(result: dict[str, Any]) -> None:
    run = {"command": ["debulk", "trial"], "finished": "2026-11-01T00:00:00+00:00", "seconds": 20.2}
    assert "Run debulk trial , finished 2026-11-01" in Walk(render_trial_report(result, run)).text


def test_the_file_is_the_text(result: dict[str, Any], tmp_path: Any) -> None:
    write_trial_report(tmp_path / "report.html", result)
    assert (tmp_path / "report.html").read_text("utf-8") == render_trial_report(result)
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


@pytest.fixture(scope="module")
def plain_scripts(result_maker: Any) -> int:
    """Scripts of a report without hostile text."""
    return Walk(render_trial_report(result_maker())).tags.count("script")


@settings(max_examples=12)
@given(inner=st.text(alphabet="<>&\"'/ab{}%\u2028", max_size=12))
def test_property_hostile_text_stays_text(
    inner: str, result_maker: Any, plain_scripts: int
) -> None:
    hostile = f"</script><script>alert(1)</script><!--{inner}"
    made = result_maker(title=hostile, protocol=hostile)
    made["funnel"][0]["text"] = hostile
    made["provenance"]["parameters"][0]["note"] = hostile
    arms = {hostile if name == "debulking" else name: arm for name, arm in made["arms"].items()}
    made["arms"] = arms
    for curves in made["truth"]["curves"].values():
        curves[hostile] = curves.pop("debulking")
    page = render_trial_report(made)
    walk = Walk(page)
    assert walk.open == []
    assert walk.tags.count("script") == plain_scripts
    assert "alert(1)</script" not in page
    # Comparison without white space, which HTML does not keep.
    assert re.sub(r"\s", "", hostile) in re.sub(r"\s", "", html.unescape(walk.text))
