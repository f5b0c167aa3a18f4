"""Readers against arguments that are no path, no format and no cohort."""

from __future__ import annotations

from typing import Any

import pytest
from tests.hostile import any_value_for_any_argument

import debulk.patients as patients
from debulk.core import InputError

READERS = ("any", "cbioportal", "cdisc", "cohort", "mapped", "mcode", "omop")


@pytest.mark.parametrize("name", READERS)
def test_any_value_for_any_argument(name: str, tmp_path: Any) -> None:
    usual = {"path": tmp_path / "nothing"}
    any_value_for_any_argument(getattr(patients, f"read_{name}"), usual, f"read_{name}")


@pytest.mark.parametrize(("function", "argument"), [("describe", "cohort"), ("parse_rule", "text")])
@pytest.mark.parametrize("value", [None, True, 3.0, [], {}, object()])
def test_what_is_no_cohort_and_no_rule_is_refused(function: str, argument: str, value: Any) -> None:
    with pytest.raises(InputError):
        getattr(patients, function)(**{argument: value})
