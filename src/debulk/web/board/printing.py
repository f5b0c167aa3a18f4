"""The case and its decision on one A4 sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from debulk import __version__
from debulk.core.strings import text
from debulk.disease import load_model
from debulk.reports.words import DASH
from debulk.web.board.decision_record import decision_state, signed_decisions
from debulk.web.board.futures_state import FuturesState, futures_state
from debulk.web.board.meeting_case import ShownCase, shown_case
from debulk.web.board.meeting_patient import drawn_for_paper, organ_rows, patient_line
from debulk.web.board.meeting_short import in_short, trial_name, unknown_words
from debulk.web.board.meeting_tables import plan_rows, trials_in_order
from debulk.web.board.meeting_view import case_view
from debulk.web.board.parts.futures_drawings import icons, with_interval
from debulk.web.pages import BOARD_READERS, Page, Pages
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

ROOM = {
    "question": 300,
    "facts": 200,
    "plan_title": 34,
    "taken": 120,
    "votes": 180,
    "dissent": 190,
    "reasons": 340,
    "patients_wish": 190,
    "unknown": 240,
    "trial": 105,
}
"""Characters that each text has on the sheet in its smallest type; what is longer is cut and says
where the full text stands."""

_MOST_TRIALS, _MOST_DISSENTS, _MOST_PLANS = 4, 2, 5
_FUTURES_OF = {"systemic_alone": "systemic", "all_treatable": "local"}
"""Plans whose futures are simulated, by option."""

_YEAR = 2


@pages.page("/board/cases/{case_id}/print", "The case on one A4 sheet.", roles=BOARD_READERS)
def print_page(request: Request, case_id: str) -> Page:
    """The sheet, as it was when the decision was signed, or as the case is now."""
    signed = signed_decisions(request, case_id)
    decided = signed[0] if signed else None
    # The version that was decided on is the one that is read, and the one that the log names.
    version, sitting = (decided.case_version, decided.sitting) if decided else (None, None)
    shown = shown_case(request, case_id, part="print", version=version)
    decision = decision_state(signed)
    futures = futures_state(request, shown, sitting=sitting)
    if futures.job is not None and futures.job.case_version != shown.record.version:
        # Figures of another version of the case do not belong beside what was decided on this one.
        futures = replace(futures, result=None)
    organs = organ_rows(shown.result["lesions"])
    sheet = sheet_of(shown, futures, decision)
    sheet["foot"] = _foot(request, shown)
    return Page(
        "board/print.html",
        text("print.title", case=shown.record.case_id),
        {"state": "done", "case_id": shown.record.case_id, "sheet": sheet},
        {
            **case_view(request, shown),
            "sheet": sheet,
            "icons": icons(futures.result)[0]
            if futures.shown and futures.result is not None
            else None,
            "organs": organs,
            "body": drawn_for_paper(organs),
        },
    )


def sheet_of(
    shown: ShownCase, futures: FuturesState, decision: Mapping[str, Any]
) -> dict[str, Any]:
    """The eight items of the sheet, each cut to its room."""
    version = shown.record.version
    said = _Cut(version)
    signed = decision if decision.get("signed") else {}
    return {
        "case_id": shown.record.case_id,
        "case_version": version,
        "judged": text("print.judged", months=f"{shown.seen.case.board_months:g}"),
        "meeting_date": signed.get("meeting_date") or "",
        "question": said("question", shown.result["question"] or text("meeting.no_question")),
        "facts": [said("facts", each) for each in _facts(shown, futures)],
        "options": _options(shown, futures, said, signed),
        "futures_note": futures.result["text"]["published"]
        if futures.shown and futures.result is not None
        else "",
        "difference": futures.result["text"]["two_years"]
        if futures.shown and futures.result is not None
        else "",
        "not_adjusted": text("meeting.not_adjusted"),
        "trials": _trials(shown, said),
        "trials_counted": in_short(shown, futures)["trials"],
        "decision": _decision(signed, said),
        "unknown": said("unknown", "; ".join(_unknown(shown, signed)) or text("print.nothing")),
        "review": _review(signed),
    }


class _Cut:
    """Cuts texts to their room, and says where the full text stands."""

    def __init__(self, version: int) -> None:
        self._note = text("print.cut", version=version)

    def __call__(self, room: str, words: str) -> str:
        words, most = " ".join(words.split()), ROOM[room]
        if len(words) <= most:
            return words
        kept = words[: most - len(self._note) - 2].rsplit(" ", 1)[0]
        return f"{kept} \u2026 {self._note}"


def _facts(shown: ShownCase, futures: FuturesState) -> list[str]:
    """Patient, extent, lesions by organ, treatment so far, response: a line each."""
    short = in_short(shown, futures)
    organs = "; ".join(
        f"{each['name']} {each['count']}" + (f" ({each['said']})" if each["said"] else "")
        for each in organ_rows(shown.result["lesions"])
    )
    lesions = text("print.facts.lesions", said=organs or text("meeting.body.none"))
    return [
        text("print.facts.patient", said=patient_line(shown.result["patient"])),
        short["extent"],
        " ".join(filter(None, (lesions, short["burden"]))),
        text("print.facts.treatment", said=_treatment(shown)),
        text("print.facts.response", said=_response(shown)),
    ]


def _treatment(shown: ShownCase) -> str:
    rows = shown.seen.case.cohort.treatments.sort("start_months", nulls_last=True).to_dicts()
    board = shown.seen.case.board_months
    said = [
        text(
            f"print.facts.{_course(each)}",
            name=each["name"] or text("page.unknown"),
            line=_line_words(each["line"]),
            start=_month(each["start_months"]),
            end=_month(each["end_months"]),
        )
        for each in (_at_board(row, board) for row in rows)
        if each["start_months"] is None or each["start_months"] <= board
    ]
    return "; ".join(said) or text("print.facts.untreated")


def _at_board(treatment: Mapping[str, Any], board: float) -> Mapping[str, Any]:
    """A treatment as the board saw it: one that ended later was running."""
    ended = treatment["end_months"] is not None and treatment["end_months"] <= board
    return treatment if ended else {**treatment, "end_months": None}


def _course(treatment: Mapping[str, Any]) -> str:
    """Local treatment is of no line; a line without an end runs."""
    if treatment["kind"] == "local":
        return "local"
    return "running" if treatment["end_months"] is None else "line"


def _line_words(line: int | None) -> str:
    return text("page.unknown") if line is None else f"{line:g}"


def _month(value: float | None) -> str:
    return text("page.unknown") if value is None else f"{value:g}"


def _response(shown: ShownCase) -> str:
    rows = shown.seen.case.cohort.assessments.sort("time_months").to_dicts()
    board = shown.seen.case.board_months
    told = [e for e in rows if e["response"] is not None and e["time_months"] <= board]
    if not told:
        return text("print.facts.no_response")
    last = told[-1]
    return text("print.facts.last", response=last["response"], month=_month(last["time_months"]))


def _options(
    shown: ShownCase, futures: FuturesState, said: _Cut, signed: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Options considered: lesions left, alive after two years and harm with their intervals."""
    plans = plan_rows(shown.result["plans"])
    if signed:
        considered = {each["option"]: each["title"] for each in signed["options"]}
        plans = [each for each in plans if each["plan"] in considered]
        known = {each["plan"] for each in plans}
        others = [title for option, title in considered.items() if option not in known]
    else:
        others = []
    nothing = text("print.not_simulated")
    return [
        {
            "title": said("plan_title", row["title"]),
            "left": row["left"],
            "alive": _alive(row["plan"], futures),
            "harm": _harm(row, futures),
        }
        for row in plans[:_MOST_PLANS]
    ] + [
        {"title": said("plan_title", title), "left": DASH, "alive": nothing, "harm": nothing}
        for title in others
    ]


def _alive(plan: str, futures: FuturesState) -> str:
    if futures.state == "not_enough_known":
        return text("print.not_known")
    if not futures.opened:
        return text("print.not_opened")
    if not futures.shown:
        return text("print.not_computed")
    if futures.result is None:
        return text("print.other_version")
    option = _simulated(plan, futures)
    if option is None:
        return text("print.not_simulated")
    return with_interval(next(each for each in option["alive"] if each["years"] == _YEAR))


def _harm(row: Mapping[str, str], futures: FuturesState) -> str:
    """Of the simulated patients where there are any, else of the cards of the modalities."""
    option = _simulated(row["plan"], futures)
    price = None if option is None else option["price"]
    if price is not None:
        died, grade3 = price["died_90_days_of_100_treated"], price["complication_of_100_treated"]
        return text("print.harm", died=with_interval(died), grade3=with_interval(grade3))
    if row["mortality_90_days"] == row["complication"]:
        return row["mortality_90_days"]
    return text("print.harm", died=row["mortality_90_days"], grade3=row["complication"])


def _simulated(plan: str, futures: FuturesState) -> Mapping[str, Any] | None:
    """The futures of the option that a plan stands for."""
    if not futures.shown or futures.result is None:
        return None
    options = {each["option"]: each for each in futures.result["options"]}
    return options.get(_FUTURES_OF.get(plan, ""))


def _trials(shown: ShownCase, said: _Cut) -> list[str]:
    """Trials that fit or may, with what decides."""
    open_ones = [e for e in trials_in_order(shown.result["trials"]) if e["fit"] != "does not fit"]
    lines = []
    for each in open_ones[:_MOST_TRIALS]:
        deciding = each["deciding"]
        why = text("meeting.trials.full") if deciding is None else deciding["text"]
        lines.append(
            said(
                "trial",
                text("print.trial", title=trial_name(each["protocol"]), fit=each["fit"], why=why),
            )
        )
    others = [trial_name(each["protocol"]) for each in open_ones[_MOST_TRIALS:]]
    if others:
        lines.append(said("trial", text("print.other_trials", names=", ".join(others))))
    return lines


def _decision(signed: Mapping[str, Any], said: _Cut) -> dict[str, Any]:
    if not signed:
        return {"signed": False, "taken": text("meeting.decision.none")}
    votes = "; ".join(
        text(
            "decision_page.shown.votes",
            discipline=each["discipline"],
            vote=each["vote"],
            count=each["count"],
        )
        for each in signed["votes"]
    )
    dissent = [
        said("dissent", text("print.dissent", **each))
        for each in signed["dissent"][:_MOST_DISSENTS]
    ]
    more = len(signed["dissent"]) - len(dissent)
    return {
        "signed": True,
        "taken": said("taken", signed["taken"]),
        "votes": said("votes", votes or text("decision_page.shown.no_votes")),
        "at_table": signed["at_table"] if signed["views"] or signed["first_views"] else "",
        "dissent": dissent or [text("decision_page.shown.no_dissent")],
        "more_dissent": text("print.more_dissent", count=more) if more else "",
        "reasons": said("reasons", signed["reasons"]),
        "patients_wish": said(
            "patients_wish", signed["patients_wish"] or text("decision_page.shown.none")
        ),
    }


def _unknown(shown: ShownCase, signed: Mapping[str, Any]) -> Sequence[str]:
    if signed:
        return list(signed["unknown_at_the_time"])
    return unknown_words(shown)


def _review(signed: Mapping[str, Any]) -> str:
    if not signed.get("review_date") and not signed.get("review_trigger"):
        return text("decision_page.shown.none")
    return ", ".join(each for each in (signed["review_date"], signed["review_trigger"]) if each)


def _foot(request: Request, shown: ShownCase) -> str:
    posterior = load_model().posterior
    return text(
        "print.foot",
        version=__version__,
        posterior=posterior.sha256[:12] if posterior is not None else text("page.unknown"),
        case_version=shown.record.version,
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        role=visitor_of(request).acting(*BOARD_READERS).role,
    )
