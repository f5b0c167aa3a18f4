"""Does every packaged protocol rest on what it may, and say what it lacks?"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from debulk.evidence import findings, firewall_violations
from debulk.evidence.record import findings_by_key
from debulk.protocols import load_protocol, packaged_protocols, protocol_text

ROOT = Path(__file__).parents[2]
NAMES = packaged_protocols()
EXPECTED = {
    "partial": {
        "cairo5",
        "clocc",
        "collision",
        "collision-relapse",
        "eortc-40983",
        "erasur",
        "jcog0603",
        "luna",
        "new-epoc",
        "orchestra",
        "pulmicc",
        "sabr-comet",
        "sabr-comet-10",
        "sabr-comet-3",
        "sirflox",
        "transmet",
    },
    "none": {
        "cairo4",
        "ccre-iv",
        "climat",
        "greccar-8",
        "guangdong",
        "ipacs",
        "synchronous",
    },
}
KEY = re.compile(r"\b(?:trials|eligibility|parameters|series|continuum):(?=\S)")
NUMBER = re.compile(r"(?<![\w.:/-])\d+(?:\.\d+)?(?![\w.])")
OUTCOME = re.compile(r"/(?:hr|p)_\w+$|/median_\w+_months$")
COINCIDENCES = {
    ("sabr-comet", 6.0): "the size of a block, not a median",
    ("cairo5", 0.7): "the share who consent, not a limit of a ratio",
    ("orchestra", 0.7): "the share who consent, not a limit of a ratio",
}
loaded = cache(load_protocol)


def content(name: str) -> dict:
    return yaml.safe_load(protocol_text(name)[0])


def one_line(name: str) -> str:
    """Text of a file without its folds, so that no key or sentence is broken."""
    return " ".join(protocol_text(name)[0].split())


def keys_in(text: str) -> set[str]:
    """Every key a text cites: the longest that exists there, or else what stands there."""
    found = set()
    for match in KEY.finditer(text):
        rest = text[match.start() : match.start() + 200]
        known = [key for key in findings_by_key() if rest.startswith(key)]
        found.add(max(known, key=len) if known else rest.split()[0])
    return found


@cache
def outcomes() -> list[tuple[str, str, float]]:
    """Key, study and number of what held-out trials found: ratios, medians, p values."""
    rows = findings(role="validation", table="trials").iter_rows(named=True)
    return [
        (each["key"], each["study"], number)
        for each in rows
        if OUTCOME.search(each["key"])
        for number in (each["value"], each["lower"], each["upper"])
        if number is not None
    ]


def numbers_in(text: str) -> set[float]:
    without = re.sub(r"^published_as:.*$", "", text, flags=re.MULTILINE)
    return {float(each) for each in NUMBER.findall(without)}


def test_the_list_is_complete_and_says_how_far_the_model_fits() -> None:
    found = {level: set() for level in EXPECTED}
    for name in NAMES:
        found[loaded(name).applicability.level].add(name)
    assert found == EXPECTED


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_called_as_its_protocol_and_says_what_is_missing(name) -> None:
    protocol = loaded(name)
    assert protocol.name == name
    assert "applicability" in content(name)
    assert protocol.applicability.missing
    assert (protocol.planned is None) == (protocol.applicability.level != "none")
    assert [each.primary for each in protocol.endpoints].count(True) == 1
    assert sum(each.consent for each in protocol.funnel) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("version", ["first", "last"])
def test_every_version_loads(name, version) -> None:
    versions = list(loaded(name).versions)
    chosen = versions[0 if version == "first" else -1]
    assert load_protocol(name, changes={"version": chosen}).version == chosen


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source_that_exists_or_an_assumption_with_its_reason(name) -> None:
    for each in loaded(name).parameters:
        if each.source in ("assumption", "derived"):
            assert len(each.note) >= 8, each.name
        else:
            for key in each.source.split(";"):
                assert key in findings_by_key(), (each.name, key)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_cites_a_result_that_is_held_out_not_even_in_a_note(name) -> None:
    cited = keys_in(one_line(name))
    assert cited
    assert firewall_violations(dict(zip(cited, cited, strict=True))) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_outcome_of_its_own_trial_stands_in_the_file(name) -> None:
    """Where the trial is held out: any of its ratios, limits, medians, p values as a number."""
    study = loaded(name).published_as
    mine = {number: key for key, of, number in outcomes() if of == study}
    found = {each for each in numbers_in(protocol_text(name)[0]) if each in mine}
    assert {each for each in found if (name, each) not in COINCIDENCES} == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_telling_outcome_of_any_trial_stands_in_the_file(name) -> None:
    """Numbers of two decimals or more, or above ten with one, are hardly met by chance."""
    telling = {
        number: key
        for key, _, number in outcomes()
        if round(number, 1) != number or (number > 10 and number != int(number))
    }
    used = numbers_in(protocol_text(name)[0])
    # A limit may agree with a planned number; a value may not.
    values = {findings_by_key()[key].value for key in telling.values()}
    assert {each for each in used if each in telling and each in values} == set()


def test_the_searches_find_what_they_look_for() -> None:
    cited = "source: trials:EORTC 40983 (EPOC)/planned_n; a (trials:ORCHESTRA/hr_os), trials:X/y z"
    assert keys_in(cited) == {
        "trials:EORTC 40983 (EPOC)/planned_n",
        "trials:ORCHESTRA/hr_os",
        "trials:X/y",
    }
    text = "published_as: ORCHESTRA\ngoal: better than 0.88 # 27.5 months\nsource: trials:X/0.23\n"
    assert {0.88, 27.5} <= numbers_in(text)
    assert {number for _, study, number in outcomes() if study == "ORCHESTRA"} >= {0.88, 27.5, 30.0}


def test_a_forbidden_source_of_strata_or_looks_is_refused(tmp_path) -> None:
    from debulk.core import InputError

    text, _ = protocol_text("sabr-comet")
    place = "source: trials:SABR-COMET/design_assumption"
    assert place in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(place, "source: trials:SABR-COMET/hr_os"), encoding="utf-8")
    with pytest.raises(InputError, match=r"conduct\.randomisation.*hr_os"):
        load_protocol(path)


@pytest.mark.parametrize("margin", ["0", "-1", "11", "nan"])
def test_a_margin_out_of_range_is_refused(margin) -> None:
    from debulk.core import InputError

    assert load_protocol("collision").design.null_ratio == 1.3
    assert load_protocol("orchestra").design.null_ratio == 1.0
    with pytest.raises(InputError, match="null_ratio"):
        load_protocol("collision", changes={"design.null_ratio": margin})


def table_writer() -> ModuleType:
    path = ROOT / "scripts" / "write_protocol_table.py"
    spec = importlib.util.spec_from_file_location("write_protocol_table", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_the_documentation_is_up_to_date() -> None:
    writer = table_writer()
    text = writer.PAGE.read_text(encoding="utf-8")
    assert text == writer.page(text)
    assert all(f"| `{name}` |" in text for name in NAMES)
