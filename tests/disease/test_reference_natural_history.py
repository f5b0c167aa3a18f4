"""The natural history against a plain Python twin, and against closed forms in simple worlds."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import exp1
from scipy.stats import kstest, norm

from debulk.core.streams import normal, patient_key, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions as d
from debulk.disease.census import take_census
from debulk.disease.life_table import other_cause_hazards
from debulk.disease.model import prior_model
from debulk.disease.person import other_death_months
from debulk.disease.posterior import Posterior
from debulk.disease.presenters import draw_presenters

CLOSED_FORM_RTOL = 1e-9
TABLE_RTOL = (
    5e-3  # sizes of small lesions: births are read from a table of the exponential integral
)
KOLMOGOROV_P = 0.01
LN_10 = math.log(10)
LIVER, LUNG, PERITONEUM, NODE, OTHER = range(5)
FIELD = (PERITONEUM, NODE)


@dataclass
class Lesion:
    born: float
    growth: float
    organ: int


@dataclass
class Person:
    stage: int
    diagnosis_day: float
    recurrence_months: float = math.nan
    adjuvant: bool = False
    occult: int = 0
    survivors: int = 0
    lesions: list[Lesion] = field(default_factory=list)
    cells: list[float] = field(default_factory=list)


class Twin:
    """The natural history of one patient at the reference structure, written out anew."""

    def __init__(self, parameters, seed, patient):
        self.p = dict(parameters)
        self.key = np.uint64(patient_key(seed, 0, int(patient)))
        self.ln_met = self.p["cap_met"] * LN_10
        self.ln_primary = self.p["cap_primary"] * LN_10

    def z(self, stream, lesion=0, index=0):
        return normal(self.key, stream, lesion, index)

    def u(self, stream, lesion=0, index=0):
        return uniform(self.key, stream, lesion, index)

    def loaded(self, loading, shared, own):
        return loading * shared + math.sqrt(1 - loading**2) * own

    def cells(self, lesion, day):
        age = day - lesion.born
        return math.exp(self.ln_met * (1 - math.exp(-lesion.growth * age))) if age > 0 else 0.0

    def age(self, growth, cells):
        return -math.log(1 - math.log(cells) / self.ln_met) / growth

    def pick(self, weights, chance):
        return int(np.searchsorted(np.cumsum(weights)[:-1], chance, side="right"))

    def latents(self):
        p = self.p
        self.aggressive = self.z(d.AGGRESSIVE)
        self.shedding = self.loaded(p["a_shed"], self.aggressive, self.z(d.SHEDDING))
        self.rate = p["mu"] * math.exp(p["smu"] * self.shedding)
        speed = self.loaded(p["a_growth"], self.aggressive, self.z(d.GROWTH))
        own = self.loaded(p["growth_shared"], speed, self.z(d.GROWTH_PRIMARY))
        self.growth_p = p["bP"] * math.exp(p["sbP"] * own)
        spread = p["sbM_fast"] if speed > 0 else p["sbM_slow"]
        one_ml = math.log(2) / (p["dtM"] * (self.ln_met - math.log(1e9)))
        self.median_growth = one_ml * math.exp(spread * speed)
        self.affinity = [math.exp(p["saff"] * self.z(d.AFFINITY, o)) for o in range(5)]

    def births(self, ln_1, ln_2):
        """Days of births of the primary between two sizes, and the expected number."""
        alpha, b = self.p["alpha"], self.growth_p
        scale = self.rate * math.exp(alpha * self.ln_primary) / b
        y, end = (exp1(alpha * (self.ln_primary - ln)) for ln in (ln_1, ln_2))
        expected, days = scale * (end - y), []
        for number in range(64):
            y -= math.log(self.u(d.BIRTH, number)) / scale
            if y >= end:
                break
            x = brentq(lambda x, y=y: exp1(x) - y, 1e-6, 40.0, xtol=1e-14)
            days.append(-math.log(x / (alpha * self.ln_primary)) / b)
        return days, expected

    def live(self):
        p = self.p
        self.latents()
        found = min(p["dxsize"] + p["sdxsize"] * self.z(d.DIAGNOSIS_SIZE), p["cap_primary"] - 0.2)
        competent = max(0.0, p["vcomp"] + p["svcomp"] * self.z(d.COMPETENCE))
        days = self.births(LN_10 * competent, LN_10 * found)[0] if competent < found else []
        disperser = math.exp(p["cln"] * self.shedding)
        raw = [1.0, p["w_lung"], p["w_per"] * disperser, p["w_ln"] * disperser, p["w_oth"]]
        weights = np.array(raw) * self.affinity
        weights /= weights.sum()
        lesions = [
            Lesion(
                day,
                self.median_growth * math.exp(p["sbMw"] * self.z(d.LESION_GROWTH, slot)),
                self.pick(weights, self.u(d.LESION_ORGAN, slot)),
            )
            for slot, day in enumerate(days)
        ]
        day = -math.log(1 - LN_10 * found / self.ln_primary) / self.growth_p
        enough = 1e9 * p["dxmet_ml"] * math.exp(p["sdxmet"] * self.z(d.DIAGNOSIS_METASTASES))

        def too_many(day):
            return sum(self.cells(lesion, day) for lesion in lesions) - enough

        ln_cells = LN_10 * found
        if lesions and too_many(day) > 0:
            day = brentq(too_many, lesions[0].born, day, xtol=1e-7)
            ln_cells = self.ln_primary * (1 - math.exp(-self.growth_p * day))
            lesions = [lesion for lesion in lesions if lesion.born < day]
        shed = 0.0
        if ln_cells > LN_10 * competent:
            shed = self.births(LN_10 * competent, ln_cells)[1]
        return self.stage(lesions, day, ln_cells, shed)

    def stage(self, lesions, day, ln_cells, shed):
        p = self.p
        diameter = p["dstag"] * math.exp(p["sdstag"] * self.z(d.STAGING_THRESHOLD))
        factor = {PERITONEUM: p["stage_per"], LUNG: p["stage_lung"]}
        seen = sum(
            self.cells(each, day) > factor.get(each.organ, 1.0) * sphere(diameter)
            for each in lesions
        )
        person = Person(4, day, occult=len(lesions) - seen)
        if seen:
            return self.present(person, lesions, day)
        if self.u(d.NODE_POSITIVE) < 1 - math.exp(-p["kLN"] * shed ** p["gLN"]):
            person.stage = 3
            person.adjuvant = self.u(d.ADJUVANT) < p["adjuvant_share"]
        else:
            shallow = 1 / (1 + math.exp((ln_cells / LN_10 - p["mT"]) / p["sT"]))
            person.stage = 1 if self.u(d.T_STAGE) < shallow else 2
        lesions = [
            each for slot, each in enumerate(lesions) if self.outlives(slot, each, day, person)
        ]
        person.survivors = len(lesions)
        person.recurrence_months = self.found_at(lesions, day)
        if not person.recurrence_months <= p["follow_up_months"]:
            person.recurrence_months = math.nan
            return person
        days = person.recurrence_months * DAYS_PER_MONTH
        return self.present(person, lesions, day + days + self.extra(days))

    def extra(self, days):
        return self.p["surge_primary"] * min(days, self.p["surge_primary_days"])

    def outlives(self, slot, lesion, day, person):
        """Whether a lesion outlives immunity and drug; its birth is moved where drug shrank it."""
        p = self.p
        half, chance = 10 ** p["limm"], self.u(d.CLEARANCE, slot)
        cells = self.cells(lesion, day)
        if chance >= cells / (cells + half):
            return False
        if not person.adjuvant:
            return True
        left, nadir = self.adjuvant(slot, cells, lesion.growth)
        if left <= 0 or chance >= nadir / (nadir + half):
            return False
        lesion.born = day + 231 + self.extra(231) - self.age(lesion.growth, max(left, 1.0))
        return True

    def few(self, stream, slot, index, mean):
        if mean >= 30:
            return mean
        chance = self.u(stream, slot, index)
        count, term = 0, math.exp(-mean)
        while mean > 0 and chance > term and count < 200:
            chance -= term
            count += 1
            term *= mean / count
        return float(count)

    def adjuvant(self, slot, cells, growth):
        p = self.p
        shared = self.loaded(p["a_kill"], self.aggressive, self.z(d.KILL))
        kill = p["adjuvant_kill"] * p["k1"] * math.exp(p["sk"] * shared)
        resist = self.loaded(p["a_resist"], self.aggressive, self.z(d.RESISTANCE))
        x = math.log(p["f1"] / (1 - p["f1"])) + p["sf"] * resist
        x += p["sfz"] * self.z(d.ADJUVANT_RESISTANCE, slot, 1)
        share = min(p["fmax"], (cells / 1e10) ** p["eta"] / (1 + math.exp(-x)))
        r = min(cells, self.few(d.ADJUVANT_CELLS, slot, 1, share * cells))
        s, nadir = cells - r, cells
        reference = self.ln_met - math.log(p["pen_cells"])
        for step in range(11):
            room = self.ln_met - math.log(s + r)
            aged = growth * (21 + self.extra(21 * step + 21) - self.extra(21 * step))
            gain = math.exp(room * (1 - math.exp(-aged)))
            s, r = s * gain, r * gain
            if step < 3:
                continue
            rate = kill * (1 - p["pen"] + p["pen"] * room / reference)
            killed = 21 * min(p["kpmax"], rate)
            s, r = s * math.exp(-killed), r * math.exp(-p["rhoR"] * killed)
            moved = min(s, self.few(d.ADJUVANT_FLUX, slot, step, p["flux"] * p["uacq"] * 21 * s))
            s = self.lasting(d.ADJUVANT_EXTINCTION_S, slot, step, s - moved)
            r = self.lasting(d.ADJUVANT_EXTINCTION_R, slot, step, r + moved)
            nadir = min(nadir, s + r)
            if s + r <= 0:
                return 0.0, 0.0
        return s + r, nadir

    def lasting(self, stream, slot, step, cells):
        gone = 0 < cells < 40 and self.u(stream, slot, step) < math.exp(-cells)
        return 0.0 if gone else cells

    def found_at(self, lesions, day):
        """Months to the visit that finds the first lesion above the follow-up threshold."""
        p = self.p
        diameter = p["dsurv"] * math.exp(p["sdsurv"] * self.z(d.FOLLOW_UP_THRESHOLD))
        factor = {PERITONEUM: p["see_per"], LUNG: p["see_lung"]}
        phase = p["visit_gap_months"] * self.u(d.FOLLOW_UP_PHASE)
        visit = phase
        while visit <= p["follow_up_months"] + p["visit_gap_months"]:
            days = visit * DAYS_PER_MONTH
            if any(
                self.cells(each, day + days + self.extra(days))
                >= factor.get(each.organ, 1.0) * sphere(diameter)
                for each in lesions
            ):
                return visit
            visit += p["visit_gap_months"]
        return math.inf

    def present(self, person, lesions, day):
        p = self.p
        raw = [p["w2_liver"], p["w2l"], p["w2_per"], p["w2_ln"], p["w2_oth"]]
        weights = np.array(raw) * np.sqrt(self.affinity)
        weights /= weights.sum()
        x0 = p["alpha"] * self.ln_met
        children = []
        last = lesions[63].born if len(lesions) == 64 else day
        for parent, each in enumerate(lesions):
            own = p["fsec"] * self.rate * (p["field"] if each.organ in FIELD else 1.0)
            scale = own * math.exp(x0) / each.growth
            y, end = exp1(x0), exp1(x0 * math.exp(-each.growth * (last - each.born)))
            for child in range(64):
                y -= math.log(self.u(d.CASCADE_BIRTH, parent, child)) / scale
                if y >= end or each.born >= last:
                    break
                x = brentq(lambda x, y=y: exp1(x) - y, 1e-6, 40.0, xtol=1e-14)
                born = each.born - math.log(x / x0) / each.growth
                growth = self.median_growth * math.exp(
                    p["sbMw"] * self.z(d.CASCADE_GROWTH, parent, child)
                )
                stays = p["same_field"] if each.organ in FIELD else p["same_organ"]
                organ = each.organ
                if self.u(d.CASCADE_SAME, parent, child) >= stays:
                    organ = self.pick(weights, self.u(d.CASCADE_ORGAN, parent, child))
                children.append(Lesion(born, growth, organ))
        person.lesions = [*lesions, *children]
        person.cells = [self.cells(each, day) for each in person.lesions]
        return person


def sphere(diameter_cm):
    return 1e9 * math.pi / 6 * diameter_cm**3


MODEL = prior_model()
SEED, PEOPLE = 3, 240
TWINS = [Twin(MODEL.parameters, SEED, patient).live() for patient in range(PEOPLE)]


def test_census_agrees_with_the_twin():
    people = take_census(MODEL, seed=SEED, births=PEOPLE)
    days = np.array([each.diagnosis_day for each in TWINS])
    assert people.diagnosis_years * 365.25 == pytest.approx(days, rel=1e-5)
    for name, twin in {
        "stage": [each.stage for each in TWINS],
        "adjuvant": [each.adjuvant for each in TWINS],
        "occult_at_diagnosis": [each.occult for each in TWINS],
        "occult_survivors": [each.survivors for each in TWINS],
    }.items():
        # One in two hundred may fall on the other side of a threshold: births come from a table.
        assert np.count_nonzero(getattr(people, name) != twin) <= PEOPLE // 200, name
    months = np.array([each.recurrence_months for each in TWINS])
    same = np.isclose(people.recurrence_months, months, rtol=1e-9, equal_nan=True)
    assert np.count_nonzero(~same) <= PEOPLE // 100
    assert np.isfinite(months).sum() > PEOPLE // 10


def test_lesions_of_presenters_agree_with_the_twin():
    drawn = draw_presenters(MODEL, seed=SEED, first_trial=0, trials=1, births=PEOPLE)
    compared = lumped = 0
    for row, patient in enumerate(drawn.patient):
        twin = TWINS[patient]
        mine = slice(drawn.offsets[row], drawn.offsets[row + 1])
        cells = drawn.cells[mine][drawn.organ[mine] != 10]
        copies = drawn.copies[mine][drawn.organ[mine] != 10]
        singles = min(len(twin.cells), 40)
        expected = np.sort(twin.cells)[::-1]
        if len(twin.cells) > 200 or copies.sum() != len(twin.cells):
            continue  # the work space is full, or a birth fell on the other side of the day
        assert np.sort(cells[:singles]) == pytest.approx(
            np.sort(expected[:singles]), rel=TABLE_RTOL
        )
        small = np.log(expected[singles:]).sum()
        assert (copies[singles:] * np.log(cells[singles:])).sum() == pytest.approx(small, rel=1e-3)
        compared += 1
        lumped += len(twin.cells) > 40
    assert compared > 0.9 * len(drawn)
    assert lumped > 5


def test_nothing_shed_means_no_metastases():
    people = take_census(MODEL.with_parameters({"mu": 0.0}), seed=1, births=500)
    assert set(np.unique(people.stage)) <= {1, 2}
    assert np.isnan(people.recurrence_months).all()
    assert people.cured_by_removal.all()
    assert not people.occult_at_diagnosis.any()


def test_limits_of_immune_clearance():
    all_cleared = take_census(MODEL.with_parameters({"limm": 30.0}), seed=1, births=3000)
    none_cleared = take_census(
        MODEL.with_parameters({"limm": -300.0, "adjuvant_share": 0.0}), seed=1, births=3000
    )
    usual = take_census(MODEL, seed=1, births=3000)
    assert np.isnan(all_cleared.recurrence_months).all()
    assert all_cleared.cured_by_removal[all_cleared.stage < 4].all()
    early = none_cleared.stage < 4
    assert np.array_equal(
        none_cleared.occult_survivors[early], none_cleared.occult_at_diagnosis[early]
    )
    found = [np.isfinite(each.recurrence_months).sum() for each in (usual, none_cleared)]
    assert found[0] < found[1]


SIMPLE = {
    # No chance but that of births: everyone alike, all metastases in the liver, none cleared, none
    # seen at staging, visits without end and close together.
    **dict.fromkeys(("sbP", "sbM_slow", "sbM_fast", "sbMw", "smu", "svcomp", "sdxsize"), 0.0),
    **dict.fromkeys(("w_lung", "w_per", "w_ln", "w_oth", "sdsurv", "adjuvant_share"), 0.0),
    "surge_primary": 0.0,
    "limm": -300.0,
    "dstag": 1e3,
    "dxmet_ml": 1e9,
    "visit_gap_months": 1e-6,
    "follow_up_months": 1e6,
    "vcomp": 0.0,
    "mu": 4e-10,
}


@pytest.mark.parametrize("structure", ["reference", "exponential"])
def test_time_to_recurrence_has_the_distribution_of_a_branching_process(structure):
    """The first metastasis to reach a size, after Avanzini and Antal (2019) for a Gompertz primary.

    With metastases that grow without chance, none is above M cells at time t with probability
    ``exp(-L(t - T))``: L is the expected number shed, T the time to grow to M cells.
    """
    model = prior_model(structure).with_parameters(SIMPLE)
    p = dict(model.parameters)
    ln_k, b = p["cap_primary"] * LN_10, p["bP"]
    diagnosis = -math.log(1 - p["dxsize"] / p["cap_primary"]) / b
    ln_cells = math.log(sphere(p["dsurv"]))
    if structure == "exponential":
        grown = ln_cells * p["dtM"] / math.log(2)
    else:
        room = p["cap_met"] * LN_10
        growth = math.log(2) / (p["dtM"] * (room - math.log(1e9)))
        grown = -math.log(1 - ln_cells / room) / growth

    def shedding(day):
        return p["mu"] * math.exp(p["alpha"] * ln_k * (1 - math.exp(-b * day)))

    def shed(day):
        return quad(shedding, 0.0, min(max(day, 0.0), diagnosis))[0]

    people = take_census(model, seed=2, births=4000)
    assert (people.diagnosis_years * 365.25) == pytest.approx(diagnosis, rel=CLOSED_FORM_RTOL)
    days = people.recurrence_months * DAYS_PER_MONTH
    total = shed(diagnosis)
    never = np.isnan(days).mean()
    assert never == pytest.approx(math.exp(-total), abs=4 * math.sqrt(never * (1 - never) / 4000))
    at_once = -math.expm1(-shed(diagnosis - grown))

    def reached(t):
        by_then = np.array([-math.expm1(-shed(diagnosis + each - grown)) for each in t])
        return (by_then - at_once) / (-math.expm1(-total) - at_once)

    late = days[days > 1e-4][:400]
    assert kstest(late, reached).pvalue > KOLMOGOROV_P


def test_growth_stimulus_makes_lesions_older_by_its_share_of_its_days():
    base = {**SIMPLE, "mu": 2e-9}
    before = take_census(MODEL.with_parameters(base), seed=4, births=500).recurrence_months
    changed = {**base, "surge_primary": 0.5, "surge_primary_days": 60.0}
    after = take_census(MODEL.with_parameters(changed), seed=4, births=500).recurrence_months
    days, sooner = before * DAYS_PER_MONTH, after * DAYS_PER_MONTH
    expected = np.where(days < 90.0, days / 1.5, days - 30.0)
    found = np.isfinite(days)
    assert np.array_equal(found, np.isfinite(sooner))
    assert sooner[found] == pytest.approx(expected[found], abs=1e-3)


def test_recurrences_are_found_on_all_days():
    months = take_census(MODEL, seed=1, births=20_000).recurrence_months
    phase = np.mod(months[np.isfinite(months)], 4.0) / 4.0
    assert kstest(phase[:500], "uniform").pvalue > KOLMOGOROV_P


@pytest.mark.parametrize("female", [False, True])
def test_death_from_other_causes_follows_the_life_table(female):
    hazards = other_cause_hazards(2008)
    age, factor = 66.4, 1.3
    months = np.array([0.0, 3.0, 7.2, 50.0, 300.0, 700.0])

    def hazard(month):
        return factor * hazards[int(female), min(int(age + month / 12), 110)]

    for month in months[1:]:
        edges = [(year - age) * 12 for year in range(67, 130) if 0 < (year - age) * 12 < month]
        cumulative = quad(hazard, 0, month, points=edges or None, limit=200)[0]
        got = other_death_months(hazards, factor, age, female, math.exp(-cumulative))
        assert got == pytest.approx(month, rel=1e-8)
    assert other_death_months(hazards, 0.0, age, female, 0.5) == np.inf


def test_those_who_die_first_never_present():
    drawn = draw_presenters(MODEL, seed=6, first_trial=0, trials=1, births=4000)
    people = take_census(MODEL, seed=6, births=4000)
    assert (people.recurrence_months <= people.death_other_months)[
        drawn.patient[~drawn.synchronous]
    ].all()
    immortal = draw_presenters(
        MODEL.with_parameters({"other_causes": 0.0}), seed=6, first_trial=0, trials=1, births=4000
    )
    lost = np.setdiff1d(immortal.patient, drawn.patient)
    assert lost.size
    assert (people.death_other_months < people.recurrence_months)[lost].all()


def test_trial_t_takes_draw_t_modulo_their_number():
    values = {"mu": np.array([2e-9, 6e-9]), "dtM": np.array([70.0, 90.0])}
    structures = ("reference", "exponential")
    both = replace(prior_model(), posterior=Posterior(values, structures, {}))
    for trial in range(4):
        row = trial % 2
        alone = prior_model(structures[row]).with_parameters(
            {name: float(each[row]) for name, each in values.items()}
        )
        mixed, single = (take_census(m, seed=1, births=400, trial=trial) for m in (both, alone))
        assert np.array_equal(mixed.recurrence_months, single.recurrence_months, equal_nan=True)
        one, other = (
            draw_presenters(m, seed=1, first_trial=trial, trials=1, births=400)
            for m in (both, alone)
        )
        assert np.array_equal(one.cells, other.cells)


def test_markers_correlate_with_aggressiveness_and_exclude_each_other():
    model = MODEL.with_parameters({"ddet": 0.01, "dstag": 0.01})
    drawn = draw_presenters(model, seed=2, first_trial=0, trials=1, births=20_000)
    assert not (drawn.ras & drawn.braf).any()
    keys = [np.uint64(patient_key(2, 0, int(each))) for each in drawn.patient]
    aggressive = np.array([normal(key, d.AGGRESSIVE, 0, 0) for key in keys])
    for name, stream in (("ras", d.RAS), ("braf", d.BRAF)):
        loading, share = (model.parameters[f"{name}_{of}"] for of in ("aggressive", "share"))
        own = np.array([normal(key, stream, 0, 0) for key in keys])
        latent = loading * aggressive + math.sqrt(1 - loading**2) * own
        mutated = latent > norm.ppf(1 - share)
        free = ~drawn.braf if name == "ras" else True
        assert np.array_equal(getattr(drawn, name), mutated & free)
    share = model.parameters["msi_share"]
    assert drawn.msi.mean() == pytest.approx(share, abs=4 * math.sqrt(share / len(drawn)))
