"""Packaged parameters: each with unit, meaning, prior and source; domains are kept."""

import re

import pytest

from debulk.core import InputError
from debulk.disease.parameters import check_value, checked_parameters, parameter_entries

ENTRIES = parameter_entries()
DOMAINS = {
    "capacity": ((10.0, 11.5, 15.0), (9.9, 15.1)),
    "positive": ((1e-300, 5.0), (0.0, -1.0)),
    "nonnegative": ((0.0, 5.0), (-1e-9,)),
    "probability": ((0.0, 1.0), (-1e-9, 1.0 + 1e-9)),
    "correlation": ((-1.0, 1.0), (-1.01, 1.01)),
    "real": ((-1e9, 1e9), ()),
}
NEVER = (float("nan"), float("inf"), -float("inf"), None, "1", True, [1.0])


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_parameter_says_where_it_comes_from(entry):
    assert entry.meaning
    assert entry.note
    for source in entry.source.split(";"):
        assert re.fullmatch(r"assumption|(parameters|findings):[a-z0-9-]+/[a-z0-9#-]+", source)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_prior_has_its_median_between_its_limits(entry):
    if not entry.free:
        assert entry.lower is None
        assert entry.upper is None
        return
    assert entry.lower < entry.value < entry.upper
    check_value(entry, entry.lower)
    check_value(entry, entry.upper)
    if entry.law == "lognormal":
        assert entry.lower > 0.0
    if entry.law == "logitnormal":
        assert entry.lower > 0.0
        assert entry.upper < 1.0


@pytest.mark.parametrize("allowed", DOMAINS)
def test_domains_are_kept(allowed):
    entry = next(each for each in ENTRIES.values() if each.allowed == allowed)
    good, bad = DOMAINS[allowed]
    for value in good:
        assert checked_parameters({entry.name: value}) == {entry.name: value}
    for value in (*bad, *NEVER):
        with pytest.raises(InputError, match=entry.name):
            checked_parameters({entry.name: value})


def test_every_domain_is_known():
    assert {each.allowed for each in ENTRIES.values()} == set(DOMAINS)
