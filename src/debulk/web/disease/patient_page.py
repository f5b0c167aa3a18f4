"""One virtual patient's lesions over time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Query, Request

from debulk.core.strings import text
from debulk.disease.mechanisms import MECHANISMS
from debulk.reports.words import share
from debulk.web.pages import Page, Pages

pages = Pages("disease")

DEFAULT_SEED, LAST_MONTH = 0, 60


@pages.page("/disease/patient", "One virtual patient, lesion by lesion.")
def patient(
    request: Request,
    seed: Annotated[int, Query(ge=0, le=1_000_000)] = DEFAULT_SEED,
    extent: str = "multi_organ_limited",
    regimen: str = "capox",
    option: str = "local",
    off: Annotated[list[str] | None, Query()] = None,
    month: Annotated[float, Query(ge=0, le=LAST_MONTH)] = 12.0,
) -> Page:
    """Follow the patient that the query names."""
    del request
    asked = (seed, extent, regimen, option, tuple(off or ()))
    life = _life(*asked)
    at = _at(life, month)
    lesions, tracks = _charts(*asked, month)
    data = {**life, "month": month, "at": at}
    rows, tracks_rows = _rows(life), _track_rows(life)
    view = {
        "chart_of_lesions": lesions,
        "tracks": tracks,
        "told": _told(life),
        "rows": rows,
        "lesions_words": _lesions_words(life, rows[: len(tracks_rows)]),
        "tracks_rows": tracks_rows,
        "tracks_now": _track_now(at),
        "tracks_words": _tracks_words(tracks_rows),
        "now": text("patient.now", month=f"{at['month']:.0f}", **_counts(at)),
        "off": list(off or ()),
        "choices": _choices(),
        "last_month": LAST_MONTH,
    }
    return Page("disease/patient.html", text("patient.title"), data, view)


@lru_cache(maxsize=256)
def _life(
    seed: int, extent: str, regimen: str, option: str, off: tuple[str, ...]
) -> dict[str, Any]:
    from debulk.disease.one_life import live_one

    chosen: Any = option
    return live_one(seed=seed, extent=extent, regimen=regimen, option=chosen, without=off).to_dict()


def _at(life: Mapping[str, Any], month: float) -> dict[str, Any]:
    """The patient at the visit nearest to a month."""
    months = life["months"]
    column = min(range(len(months)), key=lambda place: abs(months[place] - month))
    whole = {name: values[column] for name, values in life["whole"].items()}
    return {"month": life["months"][column], **whole}


def _counts(at: Mapping[str, Any]) -> dict[str, Any]:
    dead = at["lesions_seen"] is None
    seen = text("patient.dead") if dead else f"{at['lesions_seen']:.0f}"
    volume = text("patient.dead") if dead else f"{at['volume_ml']:.1f}"
    return {"seen": seen, "occult": "0" if dead else str(at["occult"]), "volume": volume}


def _told(life: Mapping[str, Any]) -> str:
    person, events = life["patient"], life["events"]
    local = events["local_months"]
    death, progression = events["death_months"], events["progression_months"]
    return " ".join(
        (
            text(
                "patient.who",
                age=person["age_years"],
                sex=text(f"patient.sex.{person['sex']}"),
                who=person["who_ps"],
                metastases=person["metastases"],
                occult=person["occult"],
            ),
            text("patient.no_local")
            if local is None
            else text(f"patient.local_{life['option']}", month=f"{local:.1f}"),
            text("patient.no_progression")
            if progression is None
            else text("patient.progression", month=f"{progression:.1f}"),
            text("patient.alive", month=LAST_MONTH)
            if death is None
            else text(
                "patient.death",
                month=f"{death:.1f}",
                cause=text(f"patient.cause.{events['cause']}"),
            ),
        )
    )


def _rows(life: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Numbers at 0, 12, 24 ... months, for who would rather read."""
    rows: list[tuple[str, ...]] = []
    for month in range(0, LAST_MONTH + 1, 12):
        at = _at(life, month)
        counts = _counts(at)
        rows.append((f"{at['month']:.0f}", counts["seen"], counts["occult"], counts["volume"]))
    return rows


def _track_rows(life: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Therapy and burden at the same months, while the patient lives."""
    yearly = [_at(life, month) for month in range(0, LAST_MONTH + 1, 12)]
    return [tuple(_track(at).values()) for at in yearly if at["lesions_seen"] is not None]


def _track(at: Mapping[str, Any]) -> dict[str, str]:
    """Therapy and burden at one visit of the living."""
    return {
        "month": f"{at['month']:.0f}",
        "line": f"{at['line']:.0f}",
        "drug": share(at["drug"]),
        "volume": f"{at['volume_ml']:.1f}",
        "ctdna": f"{100 * at['ctdna_vaf']:.2g}",
    }


def _track_now(at: Mapping[str, Any]) -> str:
    if at["lesions_seen"] is None:
        return text("patient.therapy.dead", month=f"{at['month']:.0f}")
    return text("patient.therapy.now", **_track(at))


def _lesions_words(life: Mapping[str, Any], rows: list[tuple[str, ...]]) -> str:
    """What the lines of lesions show: their sizes, and how many while the patient lives."""
    from debulk.reports.one_life_figure import SMALLEST_MM

    sizes = [
        size
        for each in life["lesions"]
        for size in each["diameter_mm"]
        if size is not None and size > SMALLEST_MM
    ]
    told = "; ".join(
        text("patient.lesions.at", month=month, seen=seen, occult=occult)
        for month, seen, occult, _ in rows[:3]
    )
    return text(
        "patient.lesions.description",
        least=f"{min(sizes, default=0.0):.2g}",
        most=f"{max(sizes, default=0.0):.0f}",
        told=told,
    )


def _tracks_words(rows: list[tuple[str, ...]]) -> str:
    """What the tracks show at the first and the last year in which the patient lives."""
    names = ("month", "line", "drug", "volume", "ctdna")
    told = "; ".join(
        text("patient.therapy.at", **dict(zip(names, row, strict=True)))
        for row in dict.fromkeys((rows[0], rows[-1]))
    )
    return text("patient.therapy.description", told=told)


@lru_cache(maxsize=64)
def _charts(
    seed: int, extent: str, regimen: str, option: str, off: tuple[str, ...], month: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    from debulk.reports.one_life_figure import lesions_chart, therapy_chart

    life = _life(seed, extent, regimen, option, off)
    return lesions_chart(life, month), therapy_chart(life, month)


def _choices() -> dict[str, list[tuple[str, str]]]:
    from debulk.disease.one_life import EXTENT_NAMES
    from debulk.treatments import load_regimens

    return {
        "extent": [(name, text(f"patient.extent.{name}")) for name in EXTENT_NAMES],
        "regimen": [(name, card.title) for name, card in load_regimens().items()],
        "option": [
            (each, text(f"patient.option.{each}")) for each in ("systemic", "local", "null")
        ],
        "off": [(name, text(f"disease.what.{name.replace('-', '_')}")) for name in MECHANISMS],
    }
