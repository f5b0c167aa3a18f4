"""The rest of the twin: visits, lines of therapy, local treatment and resections."""

import math

from debulk.core.streams import exponential, normal
from debulk.disease import decisions as d
from debulk.treatments.cards import SESSIONS

STEP, MONTH = 21.0, 30.4375
LIVER, LUNG, PRIMARY = 0, 1, 5
NEVER, WAITING = 10**6, 2 * 10**6


def diameter_cm(cells):
    return (6 * cells / 1e9 / math.pi) ** (1 / 3)


class LocalTwin:
    """Methods of `CourseTwin` that are about what imaging shows and what follows."""

    def visit_due(self):
        done = self.step + 1
        if done == self.randomised:
            return True
        if self.progressed:
            if self.line == 4 and self.care.repeat_resection <= 0:
                return False
            since = done - self.line_start - self.shift
            return since > 0 and since % (3 if self.level > 0 else 6) == 0
        if done < self.randomised:
            return done % 3 == 0
        since = done - self.randomised - self.phase
        return since >= 0 and since % 3 == 0

    def new_baseline(self):
        self.baseline = self.nadir = self.liver_nadir = 0.0
        for each in self.lesions:
            each.in_baseline = each.seen
            if each.seen:
                self.nadir += diameter_cm(each.shown)
                self.liver_nadir += diameter_cm(each.shown) if each.kind == LIVER else 0.0
        self.baseline = self.nadir

    def sums(self):
        total = liver = 0.0
        for each in self.lesions:
            diameter = diameter_cm(each.shown)
            if each.in_baseline and diameter >= self.p.too_small_cm:
                total += diameter
                liver += diameter if each.kind == LIVER else 0.0
        return total, liver

    def assess(self):
        p, done = self.p, self.step + 1
        total, liver = self.sums()
        free = self.level <= 0 and self.nadir <= 0
        factor = p.new_lesion_free * self.care.new_lesion_factor if free else p.new_lesion
        new = self.found_from(factor)
        paused = self.fresh and done * STEP < self.pause_end
        before = not self.local_done and self.pause_start < done * STEP <= self.pause_end
        grown = liver_grown = False
        if not (paused or before):
            grown = self.has_grown(total, self.nadir)
            liver_grown = self.has_grown(liver, self.liver_nadir)
        if self.fresh and not paused and not new:
            self.new_baseline()
            self.fresh = False
            grown = liver_grown = False
        if (liver_grown or new & 1) and not self.liver_progressed:
            self.liver_progressed = True
            self.told.liver_progression_months = self.months()
        bad = grown or bool(new)
        self.note_response(total, bad)
        if done == self.randomised:
            self.told.response = self.response(total, bad)
        self.nadir, self.liver_nadir = min(self.nadir, total), min(self.liver_nadir, liver)
        site = self.found_from(min(1.0, p.new_lesion)) if new else 0
        if grown:
            rest, nadir = total - liver, self.nadir - self.liver_nadir
            where = (1 if liver_grown else 0) | (2 if rest > p.progression_ratio * nadir else 0)
            site |= where or (1 if liver - self.liver_nadir >= rest - nadir else 2)
        if bad:
            self.progress(site)

    def found_from(self, factor):
        new = [e for e in self.lesions if not e.in_baseline and e.shown >= factor * e.seen_from]
        liver = any(e.kind == LIVER for e in new)
        return (1 if liver else 0) | (2 if any(e.kind != LIVER for e in new) else 0)

    def has_grown(self, total, nadir):
        return total > self.p.progression_ratio * nadir and total > nadir + self.p.progression_cm

    def months(self):
        since = self.step + 1 - self.randomised
        return (since + (self.jitter if since > 0 else 0.0)) * STEP / MONTH

    def note_response(self, total, bad):
        if self.progressed or self.local_done or self.baseline <= 0:
            return
        change = total / self.baseline - 1
        if not self.told.best_change <= change:
            self.told.best_change = change
        responds = total <= 0.7 * self.baseline and not bad
        self.told.confirmed_response |= responds and self.responding
        self.responding = responds

    def response(self, total, bad):
        if bad or self.progressed:
            return 3
        return 0 if total <= 0 else 1 if total <= 0.7 * self.baseline else 2

    def progress(self, site):
        months, told = self.months(), self.told
        if not self.progressed:
            self.progressed = True
            told.progression_months, told.progression_site = months, site
            if self.preparing:
                self.preparing, self.pause_start, self.pause_end = False, math.inf, -math.inf
        begun = self.line > 0 and self.step >= self.line_start
        if begun and self.line < 4 and not told.ends[self.line - 1] <= months:
            told.ends[self.line - 1] = months
        if self.care.repeat_resection > 0 and self.resections < 3:
            chance = self.u(d.REPEAT_RESECTION, 0, self.step)
            if chance < self.p.prep * self.care.repeat_resection and self.resect_all(3):
                self.new_baseline()
                return
        line = self.line
        self.after_progression(begun)
        if self.line < 4 and (self.line != line or not begun):
            told.starts[self.line - 1] = months
        self.new_baseline()

    def start_line(self, number):
        self.line_start, self.stopped, self.fresh = self.step + 1, False, False
        self.shift = int(3 * self.u(d.LINE_VISITS, number, 0)) - 1
        self.jitter = self.u(d.LINE_VISITS, number, 1) - 0.5

    def after_progression(self, begun):
        p = self.p
        if self.line == 1 and not begun and not self.again:
            self.start_line(1)
            return
        off = self.level <= 0
        if self.line == 1 and off and not self.again and self.u(d.REINTRODUCED) < p.reintroduced:
            self.again = True
            self.start_line(9)
            self.tolerance = exponential(self.key, d.TOLERANCE, 0, 9)
            return
        if 0 < self.line < 4:
            self.failed = min(2, self.failed + 1)
        if self.line == 4:
            return
        self.line += 1
        self.start_line(self.line)
        given = {1: 1.0, 2: p.pnext2, 3: p.pnext3}.get(self.line, 0.0)
        if self.line > self.care.lines_most:
            given = 0.0
        if self.u(d.NEXT_LINE, 0, self.line) >= given or self.hazard >= p.next_hazard:
            self.line = 4
            return
        self.tolerance = exponential(self.key, d.TOLERANCE, 0, self.line)
        self.line_latents(self.line)
        self.catch_up()
        for each in self.lesions:
            self.part(each, self.line, each.cells)

    # Local treatment

    def plan_local(self, local, row):
        self.plan, self.local_step = local, NEVER
        if local is None or local.step[row] < 0:
            return
        delivered = local.delivered
        if self.u(d.LOCAL_DELIVERED) >= (delivered if isinstance(delivered, float) else 1.0):
            return
        if local.after_progression:
            self.local_step = WAITING
            return
        self.local_step = int(local.step[row])
        planned = [each.modality for each in self.lesions if each.modality >= 0]
        days = max((local.tables.pause_before_days[m] for m in planned), default=0.0)
        if days * self.p.on_pause > 0 and not self.null:
            start = self.local_step * STEP - days * self.p.on_pause
            self.pause_start = max(start, self.randomised * STEP)
            self.pause_end, self.preparing = self.local_step * STEP, True

    def wanted(self, each):
        """Whether a planned lesion is there and large enough to be treated."""
        if each.modality < 0 or each.cells <= 0:
            return False
        smallest = self.p.irel**self.plan.operative_threshold
        whole = self.plan.tables.whole_organ[each.modality] > 0
        return whole or each.cells >= smallest * each.seen_from

    def give_local(self):
        cards, told = self.plan.tables, self.told
        if not any(map(self.wanted, self.lesions[: self.own])):
            return
        if not self.null:
            self.catch_up()
        treated = [each for each in self.lesions if self.wanted(each)]
        if not treated:
            return
        told.visible_at_local = sum(int(e.copies) for e in self.lesions if e.seen)
        told.treated = sum(int(e.copies) for e in treated)
        told.treated_visible = sum(int(e.copies) for e in treated if e.seen)
        used = sorted({each.modality for each in treated})
        told.used = sum(1 << m for m in used)
        told.local_months = (self.step - self.randomised) * STEP / MONTH
        if self.null:
            return
        self.local_done, taken, removed = True, 0.0, False
        for each in treated:
            m = each.modality
            whole, radiates = cards.whole_organ[m] > 0, cards.radiates[m] > 0
            if whole and radiates:
                continue
            size = sum(10 * diameter_cm(each.cells) > edge for edge in cards.size_edges_mm)
            taken += cards.remnant_use[m, size]
            control = cards.local_control[m, each.organ, size]
            if whole and cards.local_control[m, each.organ, 0] > 0:
                control = 1.0
            controlled = self.u(d.LOCAL_CONTROL, each.row) < control
            told.controlled += int(each.copies) if controlled else 0
            self.leave(each, 0.0 if controlled else self.p.residual, radiates)
            removed = removed or not radiates
        for m in used:
            if cards.whole_organ[m] > 0:
                removed = self.treat_organ(m) or removed
        self.price(used, taken)
        self.shedding = self.shed()
        if removed:
            self.new_baseline()
            self.fresh = True

    def leave(self, each, share, shows):
        each.dead = each.dead + (1 - share) * each.cells if shows else 0.0
        if shows:
            each.dead_left, self.dead = 0.5 ** (STEP / self.p.dead_days), True
        each.s, each.r = each.s * share, each.r * share

    def treat_organ(self, m):
        """Treat every lesion of the organs that the modality acts on; whether it removes them."""
        p, cards, removed = self.p, self.plan.tables, False
        for each in self.lesions:
            there = each.kind != PRIMARY and cards.local_control[m, each.organ, 0] > 0
            if not there or each.cells <= 0:
                continue
            if not cards.radiates[m]:
                self.leave(each, 0.0, False)
                removed = True
                continue
            share = 0.0
            if self.u(d.STERILISED, each.row) >= p.sterile:
                z = normal(self.key, d.RADIATION, each.row, 0)
                share = math.exp(-p.sirt * math.exp(p.sirt_z * z))
            elif each.modality >= 0:
                self.told.controlled += int(each.copies)
            self.leave(each, share, True)
        if cards.radiates[m]:
            self.reserve *= 1 - p.sirtox
        return removed

    def price(self, used, taken):
        p, cards, day = self.p, self.plan.tables, self.step * STEP
        dies = 1 - math.prod(1 - cards.mortality_90_days[m] for m in used)
        worse = 1 - math.prod(1 - cards.major_complication[m] for m in used)
        after = p.on_pause * max(cards.pause_after_days[m] for m in used)
        resume = min(cards.resume_probability[m] for m in used)
        resume = 1 - min(1.0, p.on_pause) * (1 - resume)
        if self.u(d.LOCAL_DEATH) < p.on_operative_death * dies:
            self.operative_day = min(self.operative_day, day + 90 * self.u(d.LOCAL_DEATH_TIME))
        if p.on_operative_morbidity > 0 and self.u(d.LOCAL_MORBIDITY) < worse:
            after += p.on_operative_morbidity * p.morbid_pause_days
            resume *= 1 - min(1.0, p.on_operative_morbidity) * (1 - p.morbid_resume)
        self.pause_end, self.preparing = day + after, False
        if after > 0:
            self.pause_start = min(self.pause_start, day)
        if self.u(d.LOCAL_RESUMED) >= resume:
            self.stopped = True
        surge = max(cards.surge[m] for m in used)
        self.stimulate(day, surge * min(1.0, taken / p.surge_full_share))
        if any(SESSIONS[cards.session[m]] in ("abdomen", "chest") for m in used):
            self.suspend_immunity(day)

    def stimulate(self, day, share):
        if share > 0:
            self.surge, self.surge_start = self.p.surge * share, day

    def suspend_immunity(self, day):
        weeks = self.p.operative_immune_weeks * self.p.on_operative_immunosuppression
        self.immune_back = day + 7 * weeks

    def secondary(self):
        factor = self.care.secondary_resection
        responds = self.nadir <= 0.8 * self.baseline
        if factor <= 0 or self.progressed or self.local_done or not responds:
            return
        if self.u(d.SECONDARY_RESECTION) < self.p.psec * factor and self.resect_all(5):
            self.new_baseline()

    def resect_all(self, most):
        p, step = self.p, self.step
        seen = [each for each in self.lesions if each.seen]
        count, kinds = sum(each.copies for each in seen), {each.kind for each in seen}
        if not 0 < count <= most or len(kinds) > 1 or not kinds <= {LIVER, LUNG}:
            return False
        self.resections += 1
        self.catch_up()
        for each in self.lesions:
            if each.kind not in kinds or each.cells <= 0 or each.cells < p.irel * each.seen_from:
                continue
            controlled = self.u(d.RESECTION_CONTROL, each.row, step) < p.lcres
            self.leave(each, 0.0 if controlled else p.residual, False)
        day = (step + 1) * STEP
        if self.u(d.RESECTION_DEATH, 0, step) < p.on_operative_death * p.resection_mortality:
            death = day + 90 * self.u(d.RESECTION_DEATH_TIME, 0, step)
            self.operative_day = min(self.operative_day, death)
        if p.on_pause > 0:
            self.pause_start, self.pause_end = day, day + p.on_pause * p.resection_pause_days
            self.preparing = False
        if kinds == {LIVER}:
            self.stimulate(day, min(1.0, count * p.resection_share / p.surge_full_share))
        self.suspend_immunity(day)
        self.shedding = self.shed()
        return True

    def close(self):
        told = self.told
        told.resections = self.resections
        told.tumour_free = all(e.cells <= 0 for e in self.lesions if e.kind != PRIMARY)
        if self.death_day < math.inf:
            told.death_months = (self.death_day - self.randomised * STEP) / MONTH
            if not math.isnan(told.local_months):
                local_day = (told.local_months * MONTH) + self.randomised * STEP
                told.died_within_90_days = self.death_day - local_day <= 90 + 1e-9
        return told
