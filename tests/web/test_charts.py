"""Every chart of every page: its numbers in a table, in words, and at the address of the twin."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

PAGES = {
    "/disease": ["continuum", "dumbbells"],
    "/disease/patient": ["lesions", "therapy"],
    "/disease/patient?seed=3&option=systemic&month=48": ["lesions", "therapy"],
    "/retrodiction": ["forest", "calibration"],
    "/laboratory": ["by-size", "every"],
    "/laboratory?measure=coverage&unmeasured=none": ["by-size", "every"],
    "/laboratory?measure=rejected&scenario=benefit-in-few": ["every"],
    "/trials/design": ["power", "calendar", "funnel"],
    "/trials/orchestra": ["funnel"],
    "/evidence": ["trials", "compared", "followed", "map"],
    "/evidence/pool": ["forest", "leave_one_out", "cumulative", "small_study"],
    "/evidence/fong": ["curve"],
}


def figures(page: str) -> dict[str, str]:
    found = re.findall(r'<figure class="chart" id="figure-([\w-]+)">(.*?)</figure>', page, re.S)
    return dict(found)


@pytest.mark.parametrize("path", PAGES)
def test_property_every_chart_has_rows_a_description_with_a_number_and_a_link(
    client: Any, path: str
) -> None:
    page = client.get(path)
    assert page.status_code == 200
    shown = figures(page.text)
    assert list(shown) == PAGES[path]
    for name, figure in shown.items():
        described = re.search(r'role="img" aria-label="([^"]*)"', figure)
        assert described is not None, name
        assert re.search(r"\d", described[1]), name
        assert re.search(r"<tbody>\s*<tr><th scope=\"row\">", figure), name
        address = re.search(r'class="chart-data"><a href="([^"]+)"', figure)
        assert address is not None, name
        twin = client.get(html.unescape(address[1]))
        assert twin.status_code == 200
        assert "application/json" in twin.headers["content-type"], name


def test_every_page_has_one_status_line(client: Any) -> None:
    for path in (*PAGES, "/scores/fong", "/", "/help"):
        assert client.get(path).text.count('role="status"') == 1, path
    points = client.post("/scores/fong", data={"n_positive": "2"})
    assert points.text.count('role="status"') == 1
    said = re.search(r'<p id="status".*?</p>', points.text, re.S)
    assert said is not None
    assert "of 5 points" in said[0]


def test_what_draws_charts_is_kept_by_its_version(client: Any) -> None:
    addresses = re.findall(r'<script src="(/charts/[^"]+)"', client.get("/laboratory").text)
    assert len(addresses) == 4
    for each in addresses:
        assert "immutable" in client.get(each).headers["cache-control"], each


@pytest.mark.parametrize("measure", ["bias", "coverage", "rejected"])
def test_the_finding_of_a_heat_map_is_about_what_it_colours(client: Any, measure: str) -> None:
    query = f"measure={measure}"
    values = client.get(f"/laboratory.json?{query}").json()["every"]
    far = {"bias": abs, "coverage": lambda value: -value, "rejected": float}[measure]
    worst = max(values, key=lambda each: far(each["value"]))
    figure = figures(client.get(f"/laboratory?{query}").text)["every"]
    finding = re.search(r'<p class="finding">(.*?)</p>', figure, re.S)
    assert finding is not None
    assert worst["method"] in html.unescape(finding[1])
    number = f"{worst['value']:+.2f}" if measure == "bias" else f"{100 * worst['value']:.0f} %"
    assert number.replace("-", "\u2212") in finding[1]
    assert len(re.findall(r"<tr><th scope=\"row\">", figure)) == len({x["row"] for x in values})
