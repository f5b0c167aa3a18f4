"""What could be otherwise in a case: answers to unknown fields, other views, other counts."""

from __future__ import annotations

from collections.abc import Iterator

from debulk.board.case import BoardCase
from debulk.board.facts.lesions_seen import SeenLesion, program_plan, visible
from debulk.board.facts.panel_views import views_by_member
from debulk.board.fields import first_line_start
from debulk.board.matching.otherwise import Change, Kind, Value
from debulk.core.anatomy_sites import tells_place
from debulk.core.strings import text
from debulk.patients.sight import Moment

PLAN_AS_PANELLIST = "the program's plan"
"""Who is said to have judged where a change counts one lesion more or less as treatable."""

ANSWERS: dict[str, tuple[Value, ...]] = {
    "who_ps": (0, 1, 2, 3),
    "life_expectancy_months": (24.0, 12.0, 6.0, 3.0, 1.0),
    "hipec_candidate": (False, True),
    "crc_confirmed": (True, False),
    "primary_in_situ": (False, True),
    "synchronous": (True, False),
    "primary_site": ("right", "left", "rectum"),
    "ras": ("wild_type", "mutated"),
    "braf": ("wild_type", "mutated"),
    "msi": ("stable", "high"),
    "liver_remnant_share": (0.6, 0.35, 0.2),
    "t_stage": (2, 4),
    "n_positive": (0, 3),
}
"""Values tried for a patient's field, the most favourable first."""

_VIEWS = frozenset({"hipec_candidate", "crc_confirmed", "primary_in_situ"})
_COURSE = frozenset({"who_ps", "life_expectancy_months"})
_SMALL_MM, _LARGE_MM = 10.0, 80.0
_MOST_MORE, _MOST_FEWER = 5, 30
_MOST_ONE_BY_ONE = 20
_SHRINKING = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def possible_changes(case: BoardCase) -> tuple[Change, ...]:
    """Every change that is tried, the smallest and most open first."""
    now, entry = visible(case, "now"), visible(case, "entry")
    return (
        *_judgements(case, "entry", entry),
        *_judgements(case, "now", now),
        *_patient_answers(case),
        *_history_answers(case),
        *_lesion_answers(now, entry),
        *_shrinking(now, entry),
        *_counts(now, entry),
    )


def _patient_answers(case: BoardCase) -> Iterator[Change]:
    patient, board = case.patient, case.board_months
    answers = {**ANSWERS, "consent_months": (board,)}
    for name, values in answers.items():
        for value in _nearest_first(values, patient[name]):
            said = _said(name, value)
            kind = _kind(name, patient[name], value)
            yield Change(f"patients.{name}", kind, said, patient={name: value})
    if patient["adjuvant"] is None:
        none, given = text("missing.answers.adjuvant_none"), text("missing.answers.adjuvant_lately")
        yield Change("patients.adjuvant", "answer", none, patient={"adjuvant": "none"})
        late: dict[str, Value] = {"adjuvant": "given", "adjuvant_end_months": board}
        yield Change("patients.adjuvant", "answer", given, patient=late)
    elif patient["adjuvant"] == "given" and patient["adjuvant_end_months"] is None:
        for months in (0.0, board):
            said = text("missing.answers.adjuvant_end", months=f"{months:g}")
            new = {"adjuvant_end_months": months}
            yield Change("patients.adjuvant_end_months", "answer", said, patient=new)
    if patient["lesion_list_complete"] is not True and patient["lesion_list_complete"] is not None:
        said = text("missing.answers.lesion_list_complete")
        whole = {"lesion_list_complete": True}
        yield Change("patients.lesion_list_complete", "answer", said, patient=whole)


def _nearest_first(values: tuple[Value, ...], known: Value) -> list[Value]:
    """Other values than the known one; of numbers the nearest first."""
    others = [each for each in values if each != known]
    if known is None or isinstance(known, bool | str):
        return others
    return sorted(others, key=lambda each: abs(float(each or 0.0) - known))


def _kind(name: str, known: Value, value: Value) -> Kind:
    if known is None:
        return "answer"
    if name in _VIEWS:
        # A primary that was taken out does not come back.
        return "past" if name == "primary_in_situ" and value else "view"
    return "course" if name in _COURSE else "past"


def _said(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return text(f"missing.answers.{name}.{'so' if value else 'not_so'}")
    shown = f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
    return text(f"missing.answers.{name}", value=shown)


def _history_answers(case: BoardCase) -> Iterator[Change]:
    """A first palliative line, and the response to one that has none yet."""
    start = first_line_start(case)
    if start is None:
        row = {"kind": "systemic", "line": 1, "start_months": case.board_months}
        said = text("missing.answers.first_line")
        yield Change("treatments.line", "answer", said, added={"treatments": (row,)})
        return
    after = case.cohort.assessments.filter(case.cohort.assessments["response"].is_not_null())
    if (after["time_months"] > start).any():
        return
    for response in ("PR", "PD"):
        seen = {"time_months": case.board_months, "response": response}
        said = text("missing.answers.response", value=response)
        yield Change("assessments.response", "answer", said, added={"assessments": (seen,)})


def _lesion_answers(now: tuple[SeenLesion, ...], entry: tuple[SeenLesion, ...]) -> Iterator[Change]:
    either = {each.lesion_id: each for each in (*entry, *now)}
    unsized = [name for name, each in either.items() if each.size_mm is None]
    for size in (_SMALL_MM, _LARGE_MM) if unsized else ():
        said = text("missing.answers.sizes", count=len(unsized), mm=f"{size:g}")
        new = {name: {"diameter_mm": size} for name in unsized}
        yield Change("lesions.diameter_mm", "answer", said, lesions=new)
    yield from _vessels(either)
    yield from _sites(either, "liver", ("right S6", "left S3"))
    yield from _sites(either, "lymph_node", ("pelvic", "para_aortic", "coeliac"))


def _vessels(either: dict[str, SeenLesion]) -> Iterator[Change]:
    """Each liver lesion away from large vessels; all at once where they are many."""
    names = [n for n, each in either.items() if each.organ == "liver" and each.near_vessel is None]
    away: dict[str, Value] = {"near_vessel": False}
    if len(names) > _MOST_ONE_BY_ONE:
        said = text("missing.answers.all_near_vessel", lesions=len(names))
        all_away = dict.fromkeys(names, away)
        yield Change("lesions.near_vessel", "answer", said, lesions=all_away)
        return
    for name in names:
        said = text("missing.answers.near_vessel", lesion=name)
        yield Change(f"lesions.{name}.near_vessel", "answer", said, lesions={name: away})


def _sites(either: dict[str, SeenLesion], organ: str, sites: tuple[str, ...]) -> Iterator[Change]:
    """All lesions of an organ whose place is unknown, all at one; in the liver also in both lobes.

    One lesion alone rarely decides whether all lie in one lobe.
    """
    names = [
        name
        for name, each in either.items()
        if each.organ == organ and not tells_place(organ, each.site)
    ]
    if not names:
        return
    field = f"lesions.{names[0]}.site" if len(names) == 1 else "lesions.site"
    for site in sites:
        said = text("missing.answers.sites", count=len(names), site=site.replace("_", "-"))
        yield Change(field, "answer", said, lesions={name: {"site": site} for name in names})
    if organ == "liver" and len(names) > 1:
        both = {name: {"site": sites[place % 2]} for place, name in enumerate(names)}
        said = text("missing.answers.both_lobes")
        yield Change(field, "answer", said, lesions=both)


def _judgements(case: BoardCase, moment: Moment, shown: tuple[SeenLesion, ...]) -> Iterator[Change]:
    """One lesion more called treatable, or two ...; or one fewer."""
    treated = _treated(case, moment, shown)
    smallest = sorted(shown, key=lambda each: (each.size_mm is None, each.size_mm or 0.0))
    more = [each for each in smallest if not treated[each.lesion_id]]
    fewer = [each for each in reversed(smallest) if treated[each.lesion_id]][:1]
    steps = [(more[: n + 1], True) for n in range(min(len(more), _MOST_FEWER))] + [
        (fewer, False)
    ] * bool(fewer)
    for turned, yes in steps:
        view = treated | {each.lesion_id: yes for each in turned}
        key = "matching.changes.treatable" if yes else "matching.changes.not_treatable"
        said = text(key, count=len(turned), lesion=turned[0].lesion_id, about=about(turned[0]))
        rows = _rows_of_view(case, view, {each.lesion_id for each in turned}, moment)
        yield Change(f"judgements.{moment}", "view", said, added={"judgements": rows})


def _treated(case: BoardCase, moment: Moment, shown: tuple[SeenLesion, ...]) -> dict[str, bool]:
    """Whether every member of the panel called a lesion treatable, or else the program's plan."""
    views = views_by_member(case, moment)
    if views:
        return {
            each.lesion_id: all(view.get(each.lesion_id, False) for view in views.values())
            for each in shown
        }
    plan = program_plan(case, shown)
    return {
        lesion.lesion_id: planned.modality is not None
        for lesion, planned in zip(shown, plan.lesions, strict=True)
    }


def _rows_of_view(
    case: BoardCase, view: dict[str, bool], turned: set[str], moment: Moment
) -> tuple[dict[str, object], ...]:
    """The plan's view as a panellist's; where a panel judged, its members' views of the turned."""
    members = case.cohort.judgements["panellist"].unique(maintain_order=True).to_list()
    judged = {name: yes for name, yes in view.items() if not members or name in turned}
    start = first_line_start(case) if moment == "entry" else None
    return tuple(
        {
            "lesion_id": name,
            "panellist": member,
            "time_months": case.board_months if start is None else start,
            "treatable": yes,
        }
        for member in members or [PLAN_AS_PANELLIST]
        for name, yes in judged.items()
    )


def about(lesion: SeenLesion) -> str:
    """A lesion in a few words: organ, size, nearness to a vessel."""
    parts = [lesion.organ.replace("_", " ")]
    if lesion.size_mm is not None:
        parts.append(text("matching.changes.mm", mm=f"{lesion.size_mm:g}"))
    if lesion.near_vessel:
        parts.append(text("matching.changes.near_vessel"))
    return ", ".join(parts)


def _shrinking(now: tuple[SeenLesion, ...], entry: tuple[SeenLesion, ...]) -> Iterator[Change]:
    sized = {each.lesion_id: each.size_mm for each in (*entry, *now) if each.size_mm is not None}
    for share in _SHRINKING if sized else ():
        new: dict[str, dict[str, Value]] = {
            name: {"diameter_mm": max(1.0, size * (1.0 - share)), "volume_ml": None}
            for name, size in sized.items()
        }
        said = text("matching.changes.shrunk", percent=f"{100 * share:.0f}")
        yield Change("lesions.diameter_mm", "course", said, lesions=new)


def _counts(now: tuple[SeenLesion, ...], entry: tuple[SeenLesion, ...]) -> Iterator[Change]:
    either = {each.lesion_id: each for each in (*entry, *now)}
    smallest = sorted(either.values(), key=lambda each: each.size_mm or 0.0)
    groups = {
        "liver": [e.lesion_id for e in smallest if e.organ == "liver"],
        "outside": [e.lesion_id for e in smallest if e.organ != "liver"],
    }
    for place, names in groups.items():
        for number in range(1, min(len(names), _MOST_FEWER) + 1):
            said = text(f"matching.changes.fewer.{place}", count=number)
            yield Change("lesions", "count", said, dropped=names[:number])
        organ = "liver" if place == "liver" else _organ_outside(smallest)
        for number in range(1, _MOST_MORE + 1):
            said = text(f"matching.changes.more.{place}", count=number)
            yield Change("lesions", "count", said, added={"lesions": _more(organ, number)})
    for organ in sorted({each.organ for each in smallest} - {"liver"}):
        names = [each.lesion_id for each in smallest if each.organ == organ]
        said = text("matching.changes.none_in", organ=organ.replace("_", " "))
        yield Change("lesions", "count", said, dropped=names)


def _organ_outside(lesions: list[SeenLesion]) -> str:
    organs = [each.organ for each in lesions if each.organ != "liver"]
    return organs[0] if organs else "lung"


def _more(organ: str, number: int) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "lesion_id": f"another {place}",
            "organ": organ,
            "diameter_mm": _SMALL_MM,
            "detected_months": 0.0,
            "near_vessel": False,
        }
        for place in range(1, number + 1)
    )
