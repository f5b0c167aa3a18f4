"""The random streams that the conduct of a trial claims, one a decision."""

from __future__ import annotations

from debulk.core.streams import claim

ARRIVAL = claim(3001, "trials: calendar time at which a patient is first seen")
PANEL = claim(3002, "trials: boldness of the panel that judges a patient")
REGIMEN = claim(3003, "trials: regimen of the run-in")
CHANCE = claim(3004, "trials: going on at a step of the funnel (index: step)")
BLOCK = claim(3005, "trials: place in a permuted block (index: order of randomisation)")
WITHDRAWN = claim(3006, "trials: refusal of the assigned treatment after randomisation")
CROSSED_OVER = claim(3007, "trials: experimental treatment in the control arm")
LOST = claim(3008, "trials: loss to follow-up")
SALVAGE = claim(3009, "trials: local treatment after progression in the control arm")
MISSED = claim(3010, "trials: a missed assessment (index: assessment)")
PLANNED_DEATH = claim(3012, "trials: death of a patient drawn from the plan")
PLANNED_PROGRESSION = claim(3013, "trials: progression of a patient drawn from the plan")
PLANNED_VISIT = claim(3014, "trials: first assessment of a patient drawn from the plan")
CENTRE_RATE = claim(3701, "trials: accrual rate of a centre")
CENTRE_OPENING = claim(3703, "trials: delay of the opening of a centre")
CENTRE_PATIENTS = claim(3702, "trials: patients of all centres between two checks (index: check)")
SIMULATED_TRIAL = claim(3015, "trials: keys of a simulated trial of a planned design")

TRIAL_ITSELF = 2**40
"""Patient number under which decisions of the trial itself are drawn; no patient has it."""
