"""The message for a typed word that a field cannot take: the field's own, else the general one."""

from __future__ import annotations

from debulk.core.errors import nearest
from debulk.core.strings import entries, text
from debulk.web.board.case_form.fields import Field
from debulk.web.board.case_form.values import Wrong

_OF_RANGE = ("low", "high", "negative", "zero")


def label_of(table: str, name: str) -> str:
    """What a field is called."""
    return text(f"case_form.fields.{table}.{name}.label")


def message_of(table: str, field: Field, wrong: Wrong) -> str:
    """What was found in a field, and what to do."""
    return said(table, field, wrong.problem, found=wrong.found)


def said(table: str, field: Field, problem: str, **values: object) -> str:
    """A message of a field by its name; every range problem may have one of its own."""
    own = entries(f"case_form.fields.{table}.{field.name}").get("wrong", {})
    values = {
        "label": label_of(table, field.name),
        "least": f"{field.least:g}",
        "most": f"{field.most:.0f}",
        "longest": field.longest,
        **values,
    }
    found = values.get("found")
    if problem == "no_choice":
        values["near"] = nearest(str(found), field.words or ("yes", "no"))
    elif problem == "low" and field.percent:
        values["meant"] = _in_percent(str(found))
    months = field.months and problem == "negative"
    names = [problem, "range"] if problem in _OF_RANGE else [problem]
    for name in names:
        if name in own:
            return text(f"case_form.fields.{table}.{field.name}.wrong.{name}", count=None, **values)
    if months:
        return text("case_form.wrong.negative_months", count=None, **values)
    return text(
        f"case_form.wrong.{'range' if problem in _OF_RANGE else problem}", count=None, **values
    )


def _in_percent(found: str) -> str:
    return f"{100.0 * float(found.replace(',', '.')):.6g}"
