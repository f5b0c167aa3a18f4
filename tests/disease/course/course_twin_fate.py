"""The rest of the twin: lesions, seeding, death."""

import math
from dataclasses import dataclass

import numpy as np

from debulk.core.anatomy import ORGANS
from debulk.core.streams import normal
from debulk.disease import decisions as d

STEP, MONTH = 21.0, 30.4375
PERITONEUM, NODE, PRIMARY = 2, 3, 5
CLASS_NAMES = ("liver", "lung", "peritoneum", "lymph_node", "other")
SLOTS = 80


@dataclass
class Lesion:
    """One metastasis, a lump of small ones, or the primary."""

    row: int = 0
    kind: int = PRIMARY
    organ: int = 0
    s: float = 0.0
    r: float = 0.0
    dead: float = 0.0
    dead_left: float = 0.0
    growth: float = 0.0
    copies: float = 0.0
    shed: float = 0.0
    seen_from: float = math.inf
    modality: int = -1
    in_baseline: bool = False
    at_start: bool = False

    @property
    def cells(self):
        return self.s + self.r

    @property
    def shown(self):
        return self.s + self.r + self.dead

    @property
    def seen(self):
        return self.shown >= self.seen_from


class FateTwin:
    """Methods of `CourseTwin` that are about new metastases and death."""

    def sheds(self, each):
        if each.cells <= self.p.seed_cells or each.kind == PRIMARY:
            return 0.0
        field = self.p.field if each.kind in (PERITONEUM, NODE) else 1.0
        return field * each.copies * each.cells**self.p.alpha

    def shed(self):
        for slot, each in enumerate(self.lesions):
            each.shed = self.sheds(each) if slot < self.active else 0.0
        return sum(each.shed for each in self.lesions)

    def seed(self):
        p, step = self.p, self.step
        drug = 1 - self.level * (1 - p.seed_drug)
        dna = 1 + p.dna_seed * p.on_dna * self.total / (self.total + p.dna_half)
        expected = self.shed_rate * self.shedding * STEP * drug * dna
        if self.u(d.SEED, 0, step) >= 1 - math.exp(-expected):
            return
        slot = max(self.own, self.active)
        while slot < len(self.lesions) and self.lesions[slot].cells > 0:
            slot += 1
        if slot >= SLOTS:
            return
        left, parent = self.u(d.SEED_PARENT, 0, step) * self.shedding, None
        for each in self.lesions:
            left -= each.shed
            if each.shed > 0 and left <= 0:
                parent = each
                break
        if parent is None:
            return
        stays = p.same_field if parent.kind in (PERITONEUM, NODE) else p.same_organ
        kind = parent.kind
        if self.u(d.SEED_SAME, 0, step) >= stays:
            below = np.cumsum(self.weights)[:-1]
            kind = int(np.searchsorted(below, self.u(d.SEED_ORGAN, 0, step), side="right"))
        spread = math.exp(p.sbMw * normal(self.key, d.SEED_GROWTH, 0, step))
        new = Lesion(slot, kind, ORGANS.index(CLASS_NAMES[kind]), s=1.0, copies=1.0)
        new.growth, new.seen_from = self.median_growth * spread, self.threshold(kind)
        while len(self.lesions) <= slot:
            self.lesions.append(Lesion(len(self.lesions)))
        self.lesions[slot] = new

    # Death

    def hill(self, load):
        return 0.0 if load <= 1e-3 else 1 / (1 + load**-self.p.hill)

    def organ_terms(self, volumes):
        p = self.p
        limits = (p.c0_liver * self.reserve, p.c0_lung, p.c0_per, p.c0_ln, p.c0_oth, p.c0_prim)
        loads = [v / (p.cscale * c) for v, c in zip(volumes, limits, strict=True)]
        self.load = sum(loads)
        pooled = self.hill(sum(volumes) / (p.cscale * p.c0_pooled))
        return p.on_organ_death * sum(map(self.hill, loads)) + (1 - p.on_organ_death) * pooled

    def dies(self, volumes):
        p, day = self.p, self.step * STEP
        other = p.other_causes * self.table[min(int((self.age_days + day) / 365.25), 110)]
        tumour = self.frail * math.exp(p.psl * self.failed) * self.organ_terms(volumes)
        drug = p.h_drug * self.level
        self.hazard = other + tumour + drug
        spent = self.hazard * STEP / MONTH
        left = self.due - self.spent
        self.spent += spent
        if spent >= left and spent > 0:
            self.death_day = day + left / spent * STEP
            chance = self.u(d.CAUSE) * self.hazard
            self.told.cause = 1 if chance < tumour else 2 if chance < tumour + drug else 3
        if self.operative_day < min(self.death_day, day + STEP):
            self.death_day, self.told.cause = self.operative_day, 2
        return self.death_day < math.inf
