"""One study: what it is, what it found, how it was judged, and what rests on it."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

from fastapi import Request

from debulk import __version__
from debulk.board.alike.effects import printed_effects
from debulk.board.alike.flags import bias_flags
from debulk.core.errors import nearest
from debulk.core.provenance import Provenance
from debulk.core.strings import text
from debulk.evidence.record import Finding, citation, findings_by_key
from debulk.evidence.schema import OUTCOMES, RISKS
from debulk.evidence.tables import CODED_BY, studies, study_codes
from debulk.reports.words import DASH, limits, share
from debulk.web.errors import NotThere
from debulk.web.evidence.selection import SERIES, as_read, is_randomised
from debulk.web.evidence.studies_table import names, verified_words
from debulk.web.evidence.study_curves import GroupCurve, curves_chart, curves_of
from debulk.web.evidence.study_uses import retrodicted, uses
from debulk.web.pages import Page, Pages

pages = Pages("evidence")

_FACTS = ("design", "domain", "organ", "modality", "line", "extent", "comparison")


@pages.page("/evidence/{study}", "One study: effects, curves, source, judgements, and its uses.")
def study(request: Request, study: str) -> Page:
    """Show a study by the name in its address."""
    del request
    by_address = {address: name for name, address in names().items()}
    if study not in by_address:
        remedy = nearest(study, by_address)
        raise NotThere(text("evidence.study.no_such", found=study[:60]), remedy)
    data, view = _shown(by_address[study])
    return Page("evidence/study.html", data["study"]["study"], data, view)


@lru_cache(maxsize=128)
def _shown(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    row = studies(study=name).row(0, named=True)
    codes = study_codes(study=name).row(0, named=True)
    found = [each for each in findings_by_key().values() if each.study == name]
    effects, curves, flags = printed_effects(name), curves_of(found), bias_flags(codes)
    used = _uses(found)
    roles = dict(Counter(each.role for each in found))
    data = {
        "study": row | codes,
        "randomised": is_randomised(row["design"]),
        "effects": [each.to_dict() for each in effects],
        "curves": [each.to_dict() for each in curves],
        "flags": [each.to_dict() for each in flags],
        "roles": roles,
        "uses": used,
        "retrodicted": name in retrodicted(),
        "citations": list(dict.fromkeys(citation(each) for each in found)),
        "findings": [each.to_dict() for each in found],
        "provenance": Provenance(version=__version__, remarks=(f"{CODED_BY}.",)).to_dict(),
    }
    view = {
        "series": row["design"] in SERIES,
        "facts": _facts(row, codes),
        "identifiers": row["source"].split("|"),
        "role_words": [(role, text(f"alike.roles.{role}"), count) for role, count in roles.items()],
        "judged": [(risk, codes[risk], codes[f"{risk}_reason"]) for risk in RISKS],
        "curve": _curve_view(curves),
        "finding_groups": _by_outcome(found),
        "use_rows": _use_rows(used),
    }
    return data, view


def _facts(row: dict[str, Any], codes: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and words of what the study is; what is not told is left out."""
    told = {
        "question": row["question"],
        "population": row["population"],
        "printed_design": row["printed_design"],
        "n": "" if row["n"] is None else f"{row['n']:,}",
        "year": "" if row["year"] is None else str(row["year"]),
        "registry": row["registry"].replace("|", ", "),
    }
    for name in _FACTS:
        value = codes[name]
        words = value if isinstance(value, list) else [value]
        told[name] = ", ".join(as_read(word) for word in words)
    return [(text(f"evidence.study.facts.{name}"), word) for name, word in told.items() if word]


def _curve_view(curves: list[GroupCurve]) -> dict[str, Any] | None:
    if not curves:
        return None
    rows = [
        (
            each.group or text("evidence.everybody"),
            f"{point['months']:g}",
            _survival(point),
            share(rebuilt),
        )
        for each in curves
        for point, rebuilt in zip(each.printed, each.at_printed(), strict=True)
    ]
    at_risk = [
        (each.group or text("evidence.everybody"), f"{row['months']:g}", f"{row['at_risk']:,.0f}")
        for each in curves
        for row in each.at_risk()
    ]
    worst = max(each.greatest_difference() for each in curves)
    sentence = text("evidence.study.curve_sentence", difference=f"{100 * worst:.2f}")
    return {"chart": curves_chart(curves), "sentence": sentence, "rows": rows, "at_risk": at_risk}


def _survival(point: dict[str, Any]) -> str:
    if point["lower"] is None or point["upper"] is None:
        return text("evidence.study.no_interval", value=share(point["survival"]))
    return f"{share(point['survival'])} ({limits(point['lower'], point['upper'], share)})"


def _by_outcome(found: list[Finding]) -> list[tuple[str, list[tuple[str, ...]]]]:
    groups = []
    for outcome in OUTCOMES:
        rows = [_finding_row(each) for each in found if each.outcome == outcome]
        if rows:
            groups.append((outcome, rows))
    return groups


def _finding_row(found: Finding) -> tuple[str, ...]:
    return (
        found.quantity,
        found.group or DASH,
        _value(found),
        verified_words(found.verified),
        found.role,
        found.source.replace("|", ", "),
    )


def _value(found: Finding) -> str:
    if found.value is None:
        return found.text or DASH
    unit = "" if found.unit in ("ratio", "HR", "OR") else f" {found.unit}"
    spread = ""
    if found.lower is not None and found.upper is not None:
        spread = f" ({limits(found.lower, found.upper, lambda end: f'{end:g}')})"
    return f"{found.value:g}{unit}{spread}"


def _uses(found: list[Finding]) -> list[dict[str, Any]]:
    """Each use with the findings it rests on."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for each in found:
        for use in uses().get(each.key, ()):
            held = told.setdefault(
                (use["kind"], use["name"]),
                {name: use[name] for name in ("kind", "name", "title", "address")} | {"keys": []},
            )
            if each.key not in held["keys"]:
                held["keys"].append(each.key)
    return list(told.values())


def _use_rows(used: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each | {"what": text(f"evidence.study.uses.{each['kind']}")} for each in used]
