"""The packaged protocols: their list, and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import Response

from debulk.board.matching.board_trials import status_of
from debulk.core.strings import text
from debulk.protocols import Protocol, packaged_protocols, protocol_text
from debulk.reports.words import DASH, patients, ratio, share
from debulk.trials.packaged_funnels import PackagedFunnel, packaged_funnel
from debulk.web.errors import NotThere
from debulk.web.pages import Page, Pages
from debulk.web.trials.answers import acronym, protocol_of, published_by
from debulk.web.trials.file_answers import file_answer
from debulk.web.trials.starting import start_from

if TYPE_CHECKING:
    from debulk.trials.retrodiction.published import Published

pages = Pages("trials")

_MOST_LETTERS = 200


@pages.page("/trials", "The packaged protocols: question, state, applicability, published result.")
def list_page(request: Request, q: str = "") -> Page:
    """Every protocol, or those that mention a text."""
    del request
    wanted = q.strip()[:_MOST_LETTERS]
    rows = [entry_of(name) for name in packaged_protocols() if _mentions(name, wanted)]
    data = {"filter": wanted, "count": len(rows), "protocols": rows}
    return Page("trials/list.html", text("trials.title"), data)


@pages.page("/trials/{name}", "One protocol: criteria, funnel, design, arms, published result.")
def show_page(request: Request, name: str) -> Page:
    """One protocol in full."""
    del request
    _known(name)
    data = _data(name)
    return Page("trials/protocol.html", data["acronym"], data, _view(name))


@pages.page("/trials/{name}/protocol.yaml", "The protocol's file, to read, change and run.")
def protocol_file(request: Request, name: str) -> Response:
    """The protocol as it is packaged."""
    _known(name)
    return file_answer(request, f"{name}.yaml", protocol_text(name)[0], "application/yaml")


def _known(name: str) -> None:
    if name not in packaged_protocols():
        raise NotThere(text("trials.one.what"), text("trials.one.remedy"))


@cache
def entry_of(name: str) -> dict[str, Any]:
    """What the list says of a protocol."""
    protocol = protocol_of(name)
    return {
        "name": name,
        "acronym": acronym(name),
        "title": protocol.title,
        "question": protocol.question,
        "registrations": list(protocol.registrations),
        "state": status_of(protocol)[0] or None,
        "applicability": protocol.applicability.level,
        "published": _published(published_by(name)),
    }


@cache
def _haystack(name: str) -> str:
    protocol = protocol_of(name)
    criteria = " ".join(each.text for each in protocol.criteria.values())
    arms = " ".join(each.title for each in protocol.arms)
    entry = entry_of(name)
    said = (name, entry["acronym"], entry["state"] or "", protocol.title, protocol.question)
    return " ".join((*said, *protocol.registrations, criteria, arms)).casefold()


def _mentions(name: str, wanted: str) -> bool:
    """Whether every word of a text stands somewhere in the protocol."""
    return all(word in _haystack(name) for word in wanted.casefold().split())


def _published(found: Published | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return found.to_dict() | {"arms": dict(found.arms), "text": _effect(found)}


def _effect(found: Published) -> str:
    value = ratio(found.estimate)
    if found.lower is None or found.upper is None:
        what = text(f"trials.measure.{found.measure}")
        return text("trials.no_interval", what=what, value=value, why=found.interval)
    said: dict[str, Any] = {
        "value": value,
        "lower": ratio(found.lower),
        "upper": ratio(found.upper),
    }
    return text(f"trials.{found.measure}", **said)


@cache
def _data(name: str) -> dict[str, Any]:
    """What the page of a protocol shows, and its twin."""
    protocol, funnel = protocol_of(name), packaged_funnel(protocol_of(name))
    return {
        **protocol.to_dict(),
        **entry_of(name),
        "criteria_sources": dict(protocol.criteria_sources),
        "funnel_simulated": None if funnel is None else funnel.to_dict(),
        "design_from_this": start_from(name),
        "rows": {"result": _result_rows(published_by(name)), "design": _design_rows(protocol)},
    }


@cache
def _view(name: str) -> dict[str, Any]:
    protocol, funnel = protocol_of(name), packaged_funnel(protocol_of(name))
    found = published_by(name)
    return {
        "protocol": protocol,
        "sentences": {
            "funnel": _funnel_sentence(funnel),
            "result": None if found is None else _result_sentence(found),
        },
        "funnel_chart": None if funnel is None else _funnel_chart(funnel),
        "funnel_rows": [] if funnel is None else _funnel_rows(funnel),
        "arms": [_arm(each.strategy) for each in protocol.arms],
        "run_in": ", ".join(
            f"{each.cycles} \u00d7 {each.regimen.replace('_', ' + ')} ({share(each.share)})"
            for each in protocol.run_in
        ),
    }


def _funnel_sentence(funnel: PackagedFunnel | None) -> str:
    if funnel is None:
        return ""
    first, last = funnel.steps[0], funnel.steps[-1]
    said = text(
        "trials.one.funnel_sentence",
        drawn=patients(round(first.patients)),
        first=first.text,
        randomised=patients(round(last.patients)),
    )
    if funnel.treated_completely is None:
        return said
    return f"{said} {text('trials.one.funnel_completely', share=share(funnel.treated_completely))}"


def _funnel_chart(funnel: PackagedFunnel) -> dict[str, Any]:
    from debulk.reports.design.funnel_chart import funnel_chart

    steps = [
        {"step": each.text, "patients": each.patients, "from": "simulated"} for each in funnel.steps
    ]
    return dict(funnel_chart(steps).to_dict())


def _funnel_rows(funnel: PackagedFunnel) -> list[list[str]]:
    return [
        [
            each.text,
            patients(round(each.patients)),
            "; ".join(f"{words} ({patients(round(number))})" for words, number in each.reasons),
        ]
        for each in funnel.steps
    ]


def _arm(strategy: Any) -> str:
    if not strategy.local_treatment:
        return text("trials.one.arm_systemic")
    months = f"{strategy.start_after_months:g}"
    said = text("trials.one.arm_local", months=months, delivered=share(strategy.delivered))
    if strategy.minimum_share > 0.0:
        said += f"; {text('trials.one.minimum', share=share(strategy.minimum_share))}"
    return said


def _result_sentence(found: Published) -> str:
    said: dict[str, Any] = {
        "measure": text(f"trials.measure.{found.measure}").capitalize(),
        "value": ratio(found.estimate),
        "interval": found.interval,
    }
    if found.lower is None or found.upper is None:
        return text("trials.one.result_no_interval", **said)
    said |= {"lower": ratio(found.lower), "upper": ratio(found.upper)}
    return text("trials.one.result_sentence", **said)


def _result_rows(found: Published | None) -> list[list[str]]:
    """What was printed of the arms: name, control, experimental."""
    if found is None:
        return []
    from debulk.trials.retrodiction.published import ARMS

    rows = []
    for key, months in (("median_os", True), ("median_pfs", True),
                        ("survival_36", False), ("survival_60", False)):  # fmt: skip
        columns = [f"{key}_{arm}_months" if months else f"{key}_{arm}" for arm in ARMS]
        values = [found.arms.get(column) for column in columns]
        if any(value is not None for value in values):
            words = [DASH if v is None else f"{v:.1f}" if months else share(v) for v in values]
            rows.append([text(f"trials.quantities.{key}"), *words])
    return rows


def _design_rows(protocol: Protocol) -> list[list[str]]:
    design, conduct = protocol.design, protocol.conduct
    not_stated = text("trials.one.not_stated")
    looks = design.monitoring.information if design.monitoring else None
    sides = text(f"trials.one.sides.{design.sided}")
    values: Mapping[str, str] = {
        "patients": patients(design.planned_patients),
        "events": not_stated if design.events is None else patients(design.events),
        "power": share(design.power),
        "alpha": f"{share(design.alpha)}, {sides}",
        "goal": design.goal,
        "endpoint": next(each.title for each in protocol.endpoints if each.primary),
        "accrual": f"{conduct.accrual_months:g}",
        "allocation": f"{conduct.allocation:g} : 1",
        "looks": text("trials.one.no_looks")
        if looks is None
        else ", ".join(share(each) for each in looks),
    }
    return [[text(f"trials.one.rows.{name}"), value] for name, value in values.items()]
