"""Is the table of targets held against the table of evidence?"""

import math

import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.disease.targets.evaluation import check_target
from debulk.disease.targets.table import INTERVAL_KINDS, SUMMARY, load_targets, target_named
from debulk.evidence import finding

TARGETS = load_targets()
ROW = """\
targets:
  - name: one
    title: "A target"
    theme: "Theme"
    cohort: clocc
    arms: [control]
    measure: os_at
    months: 60
    unit: share
    scale: logit
"""


def written(tmp_path, more, row=ROW):
    path = tmp_path / "targets.yaml"
    path.write_text(row + more, encoding="utf-8")
    return path


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.name)
def test_every_packaged_target_can_be_measured_and_told(target):
    check_target(target)
    assert target.lower < target.upper
    assert target.interval in INTERVAL_KINDS
    assert target.soft == (not target.evidence)
    assert math.isfinite(target.centre())
    assert target.error() > 0.0
    if target.published is not None:
        assert target.contains(target.published)
        assert target.distance(target.published) == pytest.approx(0.0)
    json_text(target.to_dict())


def test_every_row_cited_is_of_role_calibration():
    cited = {key for each in TARGETS for key in each.evidence if not key.startswith(SUMMARY)}
    assert {finding(key).role for key in cited} == {"calibration"}


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("trials:ORCHESTRA/hr_os", "validation"),
        ("series:china-single-centre-2022/5y-os/solitary", "validation"),
        ("continuum:iii/median-time-to-recurrence", "context"),
    ],
)
def test_the_firewall_names_row_and_role(tmp_path, key, role):
    path = written(tmp_path, f'    evidence: ["{key}"]\n    interval: 10%\n')
    with pytest.raises(InputError, match=rf"line \d+.*{key}.*its role is {role}"):
        load_targets(path)


def test_a_number_that_is_not_its_rows_is_refused(tmp_path):
    more = '    evidence: ["trials:CLOCC/os_rates#5y-control"]\n    interval: 10%\n'
    assert load_targets(written(tmp_path, more))[0].published == pytest.approx(0.303)
    with pytest.raises(InputError, match=r"0\.4 is not what"):
        load_targets(written(tmp_path, more + "    published: 0.4\n"))
    with pytest.raises(InputError, match="stands in none of its rows"):
        load_targets(written(tmp_path, more + '    published: 0.4\n    printed: "40 %"\n'))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("    interval: 10%\n", "give evidence, or say which assumption"),
        ('    evidence: ["trials:CLOCC/os_rates#5y-contrl"]\n    interval: 10%\n', "Did you mean"),
        ('    evidence: ["trials:CLOCC/os_rates#5y-control"]\n', "give one of interval"),
        (
            '    evidence: ["trials:CLOCC/os_rates#5y-control"]\n    interval: source\n',
            "prints no interval",
        ),
        (
            '    evidence: ["trials:CLOCC/os_rates#5y-control"]\n    interval: {wilson: 3}\n',
            "no rule is called 'wilson'",
        ),
        ('    evidence: ["summary:ffcd/nothing"]\n    interval: source\n', "is not known"),
        ('    assumption: "a guess"\n    interval: 10%\n', "has no value"),
        (
            '    assumption: "a guess"\n    published: 0.3\n    interval: 10%\n    colour: red\n',
            "'colour' is not known here",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path, more, words):
    with pytest.raises(InputError, match=words):
        load_targets(written(tmp_path, more))


def test_a_name_may_stand_once(tmp_path):
    more = '    assumption: "a guess"\n    published: 0.3\n    interval: 10%\n'
    twice = ROW + more + ROW.removeprefix("targets:\n") + more
    with pytest.raises(InputError, match="comes twice"):
        load_targets(written(tmp_path, "", twice))
    with pytest.raises(InputError, match="no target is called 'clocc_5y'"):
        target_named("clocc_5y", TARGETS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("arms: [contrl]", "has no arm 'contrl'"),
        ("arms: []", "has no arm"),
        ("measure: os_att", "'os_att' is not measured"),
        ("cohort: cloc", "no cohort is called 'cloc'"),
    ],
)
def test_a_target_needs_a_cohort_an_arm_and_a_measure_that_exist(tmp_path, line, words):
    field = line.partition(":")[0]
    row = "\n".join(
        f"    {line}" if each.strip().startswith(f"{field}:") else each for each in ROW.splitlines()
    )
    more = '\n    assumption: "a guess"\n    published: 0.3\n    interval: 10%\n'
    [target] = load_targets(written(tmp_path, more, row))
    with pytest.raises(InputError, match=words):
        check_target(target)


def test_a_direction_alone_has_a_distance_on_the_wrong_side():
    target = target_named("extrahepatic_by_number", TARGETS)
    assert target.one_sided
    assert target.distance(0.5) == 0.0
    assert target.distance(math.e) == pytest.approx(1.0 / target.error())
    assert target.to_dict()["lower"] is None
