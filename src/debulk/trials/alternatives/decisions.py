"""The random streams that other designs claim, one a decision; a patient decides alike in all."""

from __future__ import annotations

from debulk.core.streams import claim

JOINS_REGISTRY_TRIAL = claim(3041, "alternatives: a refuser of the trial joins a registry trial")
JOINS_COHORT = claim(3042, "alternatives: a refuser of the trial joins a cohort")
ACCEPTS_INVITATION = claim(3043, "alternatives: a refuser of the trial accepts the treatment")
COMES_OUTSIDE = claim(3044, "alternatives: a patient comes to a centre that takes no part")
FOUND_OUTSIDE = claim(3045, "alternatives: a refuser of the single arm is found as a control")
