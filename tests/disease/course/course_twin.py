"""The course of one patient written out anew: lesions as objects, plain Python, no speed.

It shares with the kernels the random numbers of `debulk.core.streams`, the streams' names and the
life table, and nothing else.
"""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from course_twin_fate import FateTwin, Lesion
from course_twin_local import LocalTwin, diameter_cm

from debulk.core.anatomy import ORGANS
from debulk.core.streams import exponential, normal, patient_key, uniform
from debulk.disease import decisions as d
from debulk.disease.life_table import other_cause_hazards

STEP, MONTH, LN_10 = 21.0, 30.4375, math.log(10)
LIVER, LUNG, PERITONEUM, NODE, OTHER, PRIMARY = range(6)
KINDS = {"liver": LIVER, "lung": LUNG, "peritoneum": PERITONEUM, "lymph_node": NODE}
KINDS["primary"] = PRIMARY
NEVER, WAITING = 10**6, 2 * 10**6
BLOCK = 8


@dataclass
class Told:
    """What is reported of the patient."""

    death_months: float = math.inf
    cause: int = 0
    progression_months: float = math.inf
    liver_progression_months: float = math.inf
    progression_site: int = 0
    eligible_at_randomisation: bool = False
    response: int = 4
    confirmed_response: bool = False
    early_change: float = math.nan
    best_change: float = math.nan
    local_months: float = math.nan
    visible_at_local: int = 0
    treated: int = 0
    treated_visible: int = 0
    used: int = 0
    controlled: int = 0
    died_within_90_days: bool = False
    systemic_days_lost: float = 0.0
    resections: int = 0
    tumour_free: bool = False
    starts: list = field(default_factory=lambda: [math.nan] * 3)
    ends: list = field(default_factory=lambda: [math.nan] * 3)
    diameters: dict = field(default_factory=dict)


class CourseTwin(FateTwin, LocalTwin):
    """One patient of `presenters`, followed as `run_course` does."""

    def __init__(self, model, presenters, row, seed, randomised_step, care, local=None):
        record = model.record()
        draw = record[int(presenters.trial[row]) % record.size]
        self.p = SimpleNamespace(**{name: float(draw[name]) for name in record.dtype.names})
        where = (int(presenters.trial[row]), int(presenters.patient[row]))
        self.latent = np.uint64(patient_key(presenters.seed, *where))
        self.key = np.uint64(patient_key(seed, *where))
        self.randomised, self.care, self.null = randomised_step, care, model.null
        self.table = other_cause_hazards(self.p.table_year)[int(presenters.female[row])]
        self.age_days = 365.25 * float(presenters.age_years[row])
        self.told = Told()
        self.open_state()
        self.open_latents()
        self.open_lesions(presenters, row, local)
        self.plan_local(local, row)

    def u(self, stream, lesion=0, index=0):
        return uniform(self.key, stream, lesion, index)

    def z(self, stream, index=0):
        return normal(self.latent, stream, 0, index)

    def open_state(self):
        self.step = self.failed = self.fresh = self.resections = 0
        self.again = self.stopped = self.progressed = self.liver_progressed = False
        self.responding = self.local_done = False
        self.level = self.strength = self.load = self.hazard = self.spent = 0.0
        self.reserve, self.surge, self.surge_start, self.pace = 1.0, 0.0, 0.0, -1.0
        self.immune_back = self.pause_end = -math.inf
        self.pause_start = self.operative_day = self.death_day = math.inf
        self.preparing = self.dead = False
        self.pending = [0, 0.0, 0.0, 0.0]
        self.shedding = self.total = 0.0
        self.line = {"lines": 1, "after progression": 0, "none": 4}[self.care.systemic]
        self.line = 4 if self.care.lines_most == 0 else self.line
        self.line_start = self.care.first_drug_step
        last = self.care.last_drug_step
        self.last_drug_step = NEVER if last is None or self.care.systemic != "lines" else last

    def open_latents(self):
        p = self.p
        self.aggressive = self.z(d.AGGRESSIVE)
        self.tolerance = exponential(self.key, d.TOLERANCE, 0, 1)
        chance = {"by chance": p.maintained, "all": 1.0, "none": 0.0}[self.care.maintenance]
        self.maintained = uniform(self.latent, d.MAINTAINED, 0, 0) < chance
        self.induction = int(p.induction_steps)
        if self.care.induction_steps is not None:
            self.induction = self.care.induction_steps
        self.immune = p.kimm * math.exp(p.simm * self.z(d.IMMUNITY))
        shedding = self.mixed(p.a_shed, self.aggressive, self.z(d.SHEDDING))
        self.shed_rate = p.fsec_course * p.mu * math.exp(p.smu * shedding)
        speed = self.mixed(p.a_growth, self.aggressive, self.z(d.GROWTH))
        one_ml = 1.0 if p.exponential else LN_10 * p.cap_met - math.log(1e9)
        spread = p.sbM_fast if speed > 0 else p.sbM_slow
        self.median_growth = math.log(2) / (p.dtM * one_ml) * math.exp(spread * speed)
        self.frail = p.hmax * math.exp(p.sfrail * self.z(d.FRAILTY))
        self.due = exponential(self.key, d.DEATH, 0, 0)
        self.reach = 1.0 / max(LN_10 * p.cap_met - math.log(p.pen_cells), 1.0)
        raw = [p.w2_liver, p.w2l, p.w2_per, p.w2_ln, p.w2_oth]
        raw = [w * math.exp(0.5 * p.saff * self.z2(o)) for o, w in enumerate(raw)]
        self.weights = [w / sum(raw) for w in raw]
        self.shift = 0
        self.phase = 1 + int(3 * self.u(d.VISIT_PHASE))
        self.jitter = self.u(d.VISIT_PHASE, 0, 1) - 0.5
        self.line_latents(1)

    def z2(self, organ):
        return normal(self.latent, d.AFFINITY, organ, 0)

    @staticmethod
    def mixed(loading, shared, own):
        return loading * shared + math.sqrt(1 - loading**2) * own

    def line_latents(self, line):
        """Kill rate and logit of the resistant share on a line."""
        p = self.p
        kill = self.mixed(p.a_kill, self.aggressive, self.z(d.KILL))
        resist = self.mixed(p.a_resist, self.aggressive, self.z(d.RESISTANCE))
        spread = p.sf
        if line > 1:
            kill = self.mixed(p.skl, kill, self.z(d.KILL, line))
            resist = self.mixed(p.sfl, resist, self.z(d.RESISTANCE, line))
            spread = p.sf_later * p.sf
        share = (p.f1, p.f2, p.f3)[line - 1]
        self.kill = (p.k1, p.k2, p.k3)[line - 1] * math.exp(p.sk * kill) * self.care.era
        self.logit = math.log(share / (1 - share)) + spread * resist

    def open_lesions(self, presenters, row, local):
        p, first, end = self.p, presenters.offsets[row], presenters.offsets[row + 1]
        order = sorted(range(end - first), key=lambda at: -presenters.cells[first + at])
        self.lesions = []
        for at in order:
            place = first + at
            organ = int(presenters.organ[place])
            kind = KINDS.get(ORGANS[organ], OTHER)
            each = Lesion(at, kind, organ, growth=float(presenters.growth[place]))
            each.copies = float(presenters.copies[place])
            if kind != PRIMARY:
                each.seen_from = self.threshold(kind)
                if local is not None:
                    each.modality = int(local.modality[place])
            cells = float(presenters.cells[place])
            occult = kind != PRIMARY and cells < each.seen_from
            if occult and self.u(d.OCCULT, at) >= p.on_occult:
                cells = 0.0
            self.part(each, 1, cells)
            self.total += cells * each.copies
            self.lesions.append(each)
        self.own = len(self.lesions)
        large = [at for at, each in enumerate(self.lesions) if each.cells > 1e6]
        self.active = blocks(large[-1] + 1) if large else 0

    def threshold(self, kind):
        factor = {PERITONEUM: self.p.see_per, LUNG: self.p.see_lung}.get(kind, 1.0)
        return factor * 1e9 * math.pi / 6 * self.p.ddet**3

    def part(self, each, line, cells):
        """Sensitive and resistant cells at the start of a line."""
        p = self.p
        each.s = each.r = 0.0
        if cells <= 0:
            return
        x = self.logit + p.sfz * normal(self.key, d.LESION_RESISTANCE, each.row, line)
        mean = cells * min(p.fmax, (cells / 1e10) ** p.eta / (1 + math.exp(-x)))
        if mean < 30:
            chance, count, term = self.u(d.RESISTANT_CELLS, each.row, line), 0, math.exp(-mean)
            while chance > term and count < 200:
                chance -= term
                count += 1
                term *= mean / count
            mean = float(count)
        each.r = min(cells, mean)
        each.s = cells - each.r

    # A step

    def live(self, steps):
        self.begin()
        for step in range(steps):
            self.step = step
            if step == self.local_step and (not self.progressed or self.plan.after_progression):
                self.give_local()
            self.drug()
            volumes = [0.0] * 6
            if self.lesions:
                volumes = self.grow()
                self.seed()
            if self.dies(volumes):
                break
            if step == 2 and self.start_sum > 0 and not (self.progressed or self.local_done):
                self.told.early_change = self.sums()[0] / self.start_sum - 1
            if self.lesions and self.visit_due():
                self.assess()
                if self.local_step == WAITING and self.progressed:
                    self.local_step = max(step + 1, self.randomised)
            elif step + 1 == self.randomised:
                self.told.response = 3 if self.progressed else 0
            if step + 1 == self.randomised:
                self.told.eligible_at_randomisation = not self.progressed
                self.catch_up()
                self.look()
            if step == 5:
                self.secondary()
        self.catch_up()
        return self.close()

    def begin(self):
        volumes = [0.0] * 6
        for each in self.lesions:
            volumes[each.kind] += each.cells * each.copies / 1e9
        self.organ_terms(volumes)
        self.new_baseline()
        self.start_sum = self.baseline
        for each in self.lesions:
            each.at_start = each.in_baseline
        if 0 < self.line <= self.care.lines_most:
            start = self.care.first_drug_step - self.randomised
            self.told.starts[0] = start * STEP / MONTH
        if self.randomised == 0:
            self.told.eligible_at_randomisation = True
            self.look()

    def look(self):
        for each in self.lesions[: self.own]:
            self.told.diameters[each.row] = (10 * diameter_cm(each.shown), each.seen)

    def drug(self):
        planned, strength = self.planned()
        on = 1.0
        if self.stopped:
            on = 0.0
        elif self.pause_end > self.pause_start:
            day = self.step * STEP
            rest = min(day + STEP, self.pause_end) - max(day, self.pause_start)
            on = 1 - min(1.0, max(0.0, rest) / STEP)
        if planned and not self.progressed:
            self.told.systemic_days_lost += (1 - on) * STEP
        self.level = on if planned else 0.0
        self.strength = strength * self.level
        if self.level > 0:
            wear = self.p.frail_intolerance * self.p.on_tolerance * min(self.load, 3.0)
            self.tolerance -= self.p.intolerance * math.exp(wear) * self.level
            self.stopped = self.stopped or self.tolerance <= 0

    def planned(self):
        if self.line in (0, 4):
            return False, 0.0
        if self.line > 1:
            return True, 1.0
        since = self.step - self.line_start
        if since < 0 or (not self.again and self.step >= self.last_drug_step):
            return False, 0.0
        strength = self.p.again_kill if self.again else 1.0
        if since < self.induction:
            return True, strength
        return self.maintained, strength * self.p.maint

    def set_pace(self):
        surge, day = 0.0, self.step * STEP
        if self.surge > 0 and day >= self.surge_start:
            surge = self.surge * math.exp((self.surge_start - day) / self.p.surge_days)
            if surge < 0.005:
                surge = self.surge = 0.0
        pace = (1 + surge) * math.exp(self.p.acc * self.failed)
        if pace != self.pace:
            self.catch_up()
            self.pace = pace

    def grow(self):
        p = self.p
        self.set_pace()
        kill = self.strength * self.kill * STEP
        flux = p.flux * p.uacq_course * self.level * STEP if kill > 0 else 0.0
        defence = self.defence()
        if self.dead or p.drug_dead > 0:
            self.dead_cells(kill)
        for each in self.lesions[: self.active]:
            self.advance(each, 1, kill, flux, 0.0)
        self.pending = [a + b for a, b in zip(self.pending, (1, kill, flux, defence), strict=True)]
        volumes = [0.0] * 6
        for each in self.lesions[: self.active]:
            self.chance(each, flux)
            if each.cells <= 0:
                continue
            if each.cells < p.imm_cells:
                factor = math.exp(-defence * (1 - each.cells / p.imm_cells))
                each.s, each.r = each.s * factor, each.r * factor
            volumes[each.kind] += each.cells * each.copies / 1e9
        self.total = 1e9 * sum(volumes)
        if self.step % 3 == 0:
            self.shedding = self.shed()
        if (self.step + 1) % 3 == 0:
            self.catch_up()
        return volumes

    def advance(self, each, steps, kill, flux, defence):
        p, cells = self.p, each.cells
        if cells <= 0:
            return
        capacity = LN_10 * (p.cap_primary if each.kind == PRIMARY else p.cap_met)
        room = capacity - math.log(cells)
        grown = each.growth * STEP * self.pace * steps
        gain = grown
        if not p.exponential or each.kind == PRIMARY:
            gain = room * -math.expm1(-grown)
        gain -= defence * max(0.0, 1 - cells / p.imm_cells)
        if kill <= 0:
            each.s, each.r = each.s * math.exp(gain), each.r * math.exp(gain)
            return
        killed = min(p.kpmax * STEP * steps, self.felt(kill, room))
        s, r = each.s * math.exp(gain - killed), each.r * math.exp(gain - p.rhoR * killed)
        due = s * min(1.0, flux)
        due = due if due >= 1 else 0.0
        each.s, each.r = s - due, r + due

    def felt(self, kill, room):
        pen = min(1.0, self.p.pen_course)
        return kill * (1 - pen + pen * self.reach * max(room, 0.0))

    def chance(self, each, flux):
        """One cell that turns resistant, or a clone that dies out."""
        few = max(40.0, 1 / flux) if flux > 0 else 40.0
        if each.cells <= 0 or (each.s >= few and each.r >= 40):
            return
        if each.copies > 1:
            if each.cells < 40:
                lives = 1 - math.exp(-each.cells)
                u = self.u(d.EXTINCTION_S, each.row, self.step)
                each.copies = float(binomial(int(each.copies), lives, u))
                if each.copies < 1:
                    each.s = each.r = 0.0
            return
        due = flux * each.s
        if 0 < due < 1 and self.u(d.FLUX, each.row, self.step) < due:
            moved = min(1.0, each.s)
            each.s, each.r = each.s - moved, each.r + moved
        each.s = self.lasting(d.EXTINCTION_S, each, each.s)
        each.r = self.lasting(d.EXTINCTION_R, each, each.r)

    def lasting(self, stream, each, cells):
        gone = 0 < cells < 40 and self.u(stream, each.row, self.step) < math.exp(-cells)
        return 0.0 if gone else cells

    def catch_up(self):
        """Bring the small lesions up to now; see which are active."""
        steps, kill, flux, defence = self.pending
        if steps == 0:
            return
        self.pending = [0, 0.0, 0.0, 0.0]
        runs = (1, 3) if steps == 3 else (steps, 1)
        small = self.lesions[self.active :]
        for each in small:
            for _ in range(runs[0]):
                share = 1 / runs[0]
                self.advance(each, runs[1], share * kill, share * flux, share * defence)
            self.chance(each, flux)
        large = [at for at, each in enumerate(self.lesions) if each.cells > 1e6]
        large = [at for at in large if at >= self.active]
        if large:
            self.active = blocks(large[-1] + 1)
        elif self.active and all(
            each.shown < 1e5 for each in self.lesions[self.active - BLOCK : self.active]
        ):
            self.active -= BLOCK
        if self.active == 0 and not self.dead and all(each.cells <= 0 for each in self.lesions):
            self.lesions, self.gone = [], True

    def defence(self):
        p = self.p
        if self.immune <= 0 or (p.on_immunosuppression > 0 and self.total >= p.imm_total):
            return 0.0
        away = min(1.0, max(0.0, self.immune_back - self.step * STEP) / STEP)
        held = 1 + p.on_immunosuppression * self.total / p.imm_half
        return (1 - away) * p.imm_gain * self.immune * STEP / held

    def dead_cells(self, kill):
        p, left = self.p, 0.0
        fast = 0.5 ** (STEP / p.drug_dead_days)
        for each in self.lesions[: self.active]:
            dead = each.dead * each.dead_left
            if p.drug_dead > 0 and kill > 0 and each.cells > 0:
                capacity = LN_10 * (p.cap_primary if each.kind == PRIMARY else p.cap_met)
                killed = self.felt(kill, capacity - math.log(each.cells))
                killed = min(p.kpmax * STEP, killed)
                lost = each.s * -math.expm1(-killed) + each.r * -math.expm1(-p.rhoR * killed)
                lost *= math.sqrt(fast)
                if lost > dead:
                    each.dead_left = fast
                dead += lost
            each.dead = dead
            left += dead
        self.dead = left > 1e5


def blocks(count):
    return -(-count // BLOCK) * BLOCK


def binomial(trials, lives, chance):
    """The smallest number whose distribution function reaches `chance`."""
    total = 0.0
    for count in range(trials + 1):
        total += math.comb(trials, count) * lives**count * (1 - lives) ** (trials - count)
        if total >= chance:
            return count
    return trials
