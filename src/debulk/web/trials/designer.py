"""The designer: one address is one design, answered at once, simulated when asked."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Form, Query, Request
from fastapi.responses import Response

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.jobs.queue import submit
from debulk.web.pages import Moved, Page, Pages
from debulk.web.trials.answers import Answered, answer_of, headline
from debulk.web.trials.asked import Faults, fields_of, label, query_of
from debulk.web.trials.comparing import compared, pin_links
from debulk.web.trials.fields import PINS, DesignQuery
from debulk.web.trials.form_view import form_view
from debulk.web.trials.result_view import result_view, said_of
from debulk.web.trials.simulated import PROTOCOL_TRIALS, TRIALS, parameters_of, simulated_of
from debulk.web.visitor import ROLES

pages = Pages("trials")

PATH = "/trials/design"


@pages.page(PATH, "A design: what `debulk trial design --json` answers, and the fields it is of.")
def design_page(request: Request, asked: Annotated[DesignQuery, Query()]) -> Page:
    """The whole page, or to htmx the part that changes."""
    fields = asked.model_dump()
    query, whole = query_of(fields), query_of(fields, pins=True)
    partial = request.headers.get("HX-Request") == "true"
    template = "trials/design_part.html" if partial else "trials/design.html"
    address = f"{PATH}?{whole}" if whole else PATH
    headers = {"HX-Replace-Url": address} if partial else {}
    twin = f"{PATH}.json?{whole}" if whole else f"{PATH}.json"
    view = {"address": address, "query_here": query, "whole": whole, "twin": twin}
    view |= form_view(fields)
    try:
        found = answer_of(query)
    except Faults as faults:
        data = {"inputs": {name: fields[name] for name in fields_of(query)}}
        said = faults.messages
        view["labelled"] = {name: f"{label(name)}: {message}" for name, message in said.items()}
        return Page(template, text("designer.title"), data, view, 422, said, headers)
    data = data_of(request, found, fields)
    view["pin_links"] = pin_links(PATH, query, {name: fields[name] for name in PINS})
    view |= result_view(found, data["simulated"], data["compare"])
    runs = [each["job"] for each in data["simulated"].values() if each is not None]
    status = 200 if all(each["is_over"] for each in runs) else 202
    return Page(template, text("designer.title"), data, view, status, headers=headers)


def data_of(request: Request, found: Answered, fields: dict[str, str]) -> dict[str, Any]:
    """What the twin shows: the command's own answer, and what the page adds to it."""
    return {
        **found.answer,
        "inputs": fields_of(found.asked.query),
        "headline": headline(found),
        "status": said_of(found),
        "why": found.why,
        "funnel": found.funnel,
        "simulated": simulated_of(request, found),
        "compare": compared(found, {name: fields[name] for name in PINS}),
    }


@pages.form(PATH, "Simulate a design, or run its population's protocol.", roles=ROLES)
def simulate_form(
    request: Request,
    query: Annotated[str, Form(max_length=4000)] = "",
    pins: Annotated[str, Form(max_length=5000)] = "",
    run: Annotated[str, Form(max_length=20)] = "design",
) -> Moved | Response | Page:
    """Begin the run; the same design is run once, so that a reload and a colleague find it."""
    here = query_of(fields_of(query))
    try:
        found = answer_of(here)
    except Faults as faults:
        name, message = next(iter(faults.messages.items()))
        raise InputError(name, fields_of(here)[name], message) from None
    if run == "protocol" and found.asked.words["population"]:
        submit(request, "trials.run_protocol", parameters_of(here, PROTOCOL_TRIALS))
    else:
        submit(request, "trials.simulate_design", parameters_of(here, TRIALS))
    pinned = dict(parse_qsl(pins, keep_blank_values=True))
    kept = {name: pinned[name] for name in PINS if name in pinned}
    whole = query_of(fields_of(here) | kept, pins=True)
    return Moved(f"{PATH}?{whole}#simulated" if whole else f"{PATH}#simulated")
