"""Is the table of targets held against the table of evidence?"""

import dataclasses
import math

import numpy as np
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
    told = target.to_dict()
    assert (told["lower"], told["upper"]) == (0.0, 1.0)  # no ratio is below 0
    assert told["centre"] == pytest.approx(1.0)


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.name)
def test_what_is_told_of_a_target_is_what_it_is_held_to(target):
    told = target.to_dict()
    assert told["lower"] is not None
    assert told["upper"] is not None
    # Whatever value its unit allows: inside the one interval is inside the other.
    least = -1.0 if target.unit == "points" else 0.0
    most = 1.0 if target.unit in ("share", "points") else 200.0
    for value in (least, most, told["lower"], told["upper"], *np.linspace(least, most, 21)):
        assert (told["lower"] <= value <= told["upper"]) == target.contains(value)
    if target.published is None:
        assert told["lower"] <= told["centre"] <= told["upper"]
        assert target.to_scale(told["centre"]) == pytest.approx(target.centre())
    else:
        assert told["centre"] is None
        assert target.off_scale(target.centre()) == pytest.approx(target.published)


def test_the_middle_of_an_interval_is_that_on_its_scale():
    doubling = target_named("doubling_lung", TARGETS).to_dict()
    assert doubling["centre"] == pytest.approx(math.sqrt(65.0 * 93.0))
    several = target_named("no16966_response", TARGETS).to_dict()
    assert several["centre"] / (1.0 - several["centre"]) == pytest.approx(
        math.sqrt(0.38 / 0.62 * 0.47 / 0.53)
    )
    assert target_named("adjuvant_gain", TARGETS).to_dict()["centre"] == pytest.approx(0.14)


@pytest.mark.parametrize(
    ("unit", "natural"),
    [("share", (0.0, 1.0)), ("points", (-1.0, 1.0)), ("ratio", (0.0, None)), ("cm", (0.0, None))],
)
def test_an_open_limit_ends_where_its_unit_does(unit, natural):
    held = {"unit": unit, "scale": "identity"}
    below = dataclasses.replace(TARGETS[0], **held, lower=-math.inf, upper=0.5).to_dict()
    above = dataclasses.replace(TARGETS[0], **held, lower=0.5, upper=math.inf).to_dict()
    assert (below["lower"], below["upper"]) == (natural[0], 0.5)
    assert (above["lower"], above["upper"]) == (0.5, natural[1])
