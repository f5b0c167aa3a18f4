"""Files of one's own studies that are wrong: file, line, field, what was found, what to do."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.evidence.own_studies import read_own_studies
from debulk.evidence.tables import findings, studies

GOOD = """\
studies:
  - study: Riverside 2024
    source: doi:10.1000/riverside.1
    design: cohort
    domain: mcrc
    organ: [liver, lung]
    modality: resection
    line: first
    extent: multi_organ
    findings:
      - quantity: hazard ratio for death
        value: 0.70
        lower: 0.50
        upper: 0.98
        unit: ratio
      - {quantity: 5y OS, value: 41, unit: "%"}
"""


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("    source: doi:10.1000/riverside.1\n", "", r"line 2, .*'source' is missing.*Add source"),
        ("doi:10.1000/riverside.1", "10.1000/x", r"line 3, .*source.*'10.1000/x'.*[Ww]rite doi"),
        ("doi:10.1000/riverside.1", '""', r"line 3, .*source.*''"),
        ("doi:10.1000/riverside.1", "[]", r"line 3, .*source: found \[\]. Give at least one"),
        ("value: 0.70", "value: 0.40", r"line 13, .*lower: the interval from 0.5 excludes .* 0.4"),
        ("value: 0.70", "value: 1.70", r"line 14, .*upper: the interval to 0.98 excludes .* 1.7"),
        ("value: 0.70", "value: 0", r"line 12, .*value: 0.0 is no ratio"),
        ("value: 0.70", "value: -0.70", r"line 12, .*value: -0.7 is no ratio"),
        ("lower: 0.50", "lower: -0.5", r"line 13, .*lower: -0.5 is no ratio"),
        ("        unit: ratio\n", "        unit: HR\n", None),
        ("lower: 0.50", "lower: 0.99", r"line 14, .*upper: 0.98 is below the lower limit 0.99"),
        ("value: 41", "value: 141", r"line 16, .*value: 141.0 is no share in per cent"),
        ("value: 41", "value: -1", r"line 16, .*value: -1.0 is no share in per cent"),
        ("value: 41", 'value: 41, upper: 101', r"line 16, .*upper: 101.0 is no share"),
        ("value: 41", 'value: "41"', r"line 16, .*value: found '41'. Give a number"),
        ("value: 41", "value: 4l", r"line 16, .*value: found '4l'. Give a number"),
        ("value: 41", "value: .nan", r"line 16, .*value: found nan. Give a finite number"),
        ("value: 41", "value: true", r"line 16, .*value: found True"),
        (", value: 41", "", r"line 16, .*quantity: the finding has neither a number nor a text"),
        ("quantity: 5y OS", "quantity: OS, value: 1.2", r"line 16: 'value' comes twice"),
        ("unit: ratio", "untis: ratio", r"line 15, .*'untis' is not known here. .*'unit'"),
        ("line: first", "lines: first", r"line 8, .*'lines' is not known here. .*'line'"),
        ("design: cohort", "design: cohrt", r"line 4, .*design: found 'cohrt'. Did .* 'cohort'"),
        ("[liver, lung]", "[liver, lungs]", r"line 6, .*organ.1: found 'lungs'. Did .* 'lung'"),
        ("extent: multi_organ", "extent: multiorgan", r"line 9, .*Did you mean 'multi_organ'"),
        ("line: first", "verified: no", r"line 8, .*'verified' is not known here"),
        ('unit: "%"', "role: valid", r"line 16, .*role: found 'valid'. Did you mean 'validation'"),
        ('unit: "%"', "verified: no", r"line 16, .*verified: found False"),
        ('unit: "%"', "outcome: survival", r"line 16, .*outcome.*Did you mean 'overall survival'"),
        ('unit: "%"', "n: -3", r"line 16, .*n: found -3"),
        ('unit: "%"', f"n: 1{'0' * 30}", r"line 16, .*n: found 10+"),
        ("value: 41", f"value: 1{'0' * 400}", r"line 16, .*value: found 10+"),
        ("value: 41", "value: 1.0e+400", r"line 16, .*value: found inf"),
        ('unit: "%"', "n: 2.5", r"line 16, .*n: found 2.5. Give a whole number"),
        ("Riverside 2024", "clocc", r"line 2, .*'clocc' is already the name .* packaged tables"),
        ("Riverside 2024", "2024", r"line 2, .*study: found 2024. Write words"),
        ("Riverside 2024", "a#b", r"line 2, .*study: found 'a#b'"),
        ("studies:\n", "studys:\n", r"'studies' is missing"),
        ("  - study:", "   study:", r"line \d+: not YAML|line 2, studies: found"),
    ],
)  # fmt: skip
def test_one_mistake_is_told_with_its_place(
    tmp_path: Path, good: str, bad: str, told: str | None
) -> None:
    assert good in GOOD
    path = written(tmp_path, GOOD.replace(good, bad, 1))
    if told is None:
        assert studies(own=path, table="own").height == 1
        return
    with pytest.raises(InputError, match=told) as caught:
        studies(own=path)
    assert str(path) in caught.value.where


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not a mapping"),
        ("# only a remark\n", "is not a mapping"),
        ("just words\n", "is not a mapping"),
        ("studies: []\n", r"studies: found \[\]. Give at least one"),
        ("studies: [1, 2]\n", r"studies.0: found 1"),
        ("[1\n", "not YAML"),
        ("a: &x [1]\nb: *x\n", "alias"),
    ],
)
def test_a_file_that_is_no_list_of_studies_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_own_studies(written(tmp_path, text))


def test_a_p_value_above_one_is_told(tmp_path: Path) -> None:
    text = GOOD.replace(
        '{quantity: 5y OS, value: 41, unit: "%"}', "{quantity: p value, value: 1.2}"
    )
    with pytest.raises(InputError, match=r"line 16, .*1.2 is no p value"):
        read_own_studies(written(tmp_path, text))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_own_studies(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        read_own_studies(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"studies:\n  - study: Caf\xe9\n")
    with pytest.raises(InputError, match=r"line 2: byte 0xe9 is not UTF-8"):
        read_own_studies(tmp_path / "latin.yaml")


def test_two_studies_with_one_name_are_told_within_and_across_files(tmp_path: Path) -> None:
    again = GOOD.removeprefix("studies:\n").replace("Riverside", "RIVERSIDE")
    twice = written(tmp_path, GOOD + again, "twice.yaml")
    with pytest.raises(InputError, match=r"line 17, .*twice.yaml, line 2"):
        read_own_studies(twice)
    first, second = written(tmp_path, GOOD, "a.yaml"), written(tmp_path, GOOD, "b.yaml")
    with pytest.raises(InputError, match=r"b.yaml, line 2.*a.yaml, line 2"):
        findings(own=[first, second])


# A busy machine must not fail a test of what is read.
patiently = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)


def read_or_refuse(path: Path) -> None:
    with contextlib.suppress(InputError):
        own = read_own_studies(path)
        assert own.studies.height > 0
        assert own.findings["key"].is_unique().all()


@patiently
@given(st.integers(0, len(GOOD)), st.text(max_size=4))
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, place: int, garbage: str) -> None:
    read_or_refuse(written(tmp_path, GOOD[:place] + garbage + GOOD[place + len(garbage) :]))
    read_or_refuse(written(tmp_path, GOOD[:place]))


@patiently
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(data)
    read_or_refuse(path)
