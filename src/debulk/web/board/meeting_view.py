"""What every page of a case shares: the JSON twin's values, and the head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from debulk.board.fields import label
from debulk.web.board.decision_record import decision_state, signed_decisions
from debulk.web.board.futures_state import FuturesState
from debulk.web.board.meeting_case import ShownCase
from debulk.web.board.meeting_patient import patient_line
from debulk.web.board.meeting_short import field_address, form_field, in_short, trial_name
from debulk.web.board.parts.equipoise import statements
from debulk.web.pages import BOARD_MEMBERS
from debulk.web.visitor import visitor_of

_BESIDE_LINES = ("guideline", "version", "at", "author")


def case_data(request: Request, shown: ShownCase, futures: FuturesState) -> dict[str, Any]:
    """What every JSON twin of the case shows: the board's result, and where it is stored."""
    decision = decision_state(signed_decisions(request, shown.record.case_id))
    return {
        "state": "done",
        **shown.result,
        "case_id": shown.record.case_id,
        "version": shown.record.version,
        "status": shown.record.status,
        "judged_at": shown.at,
        "lesions": shown.lesions,
        "in_short": in_short(shown, futures),
        "futures": futures.to_dict(),
        "equipoise": statements(shown, futures, decision),
        "decision": decision,
        "unreadable_trials": [each.to_dict() for each in shown.unreadable],
        "settings": shown.result["settings"] | _kept(shown.stored_settings),
    }


def _kept(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What the department's settings hold beside the lines, which the result tells in its units."""
    return {name: stored[name] for name in _BESIDE_LINES if name in stored}


def case_view(request: Request, shown: ShownCase) -> dict[str, Any]:
    """What the head of every page of a case needs."""
    is_member = visitor_of(request).may(*BOARD_MEMBERS)
    return {
        "case": shown.record.case_id,
        "case_address": shown.address,
        "withdrawn": shown.withdrawn,
        "trial_name": trial_name,
        "field_label": lambda field: label(form_field(field)),
        "field_address": lambda field: field_address(shown, field),
        "patient_line": patient_line(shown.result["patient"]),
        "is_member": is_member,
        "may_change": is_member and not shown.withdrawn,
    }
