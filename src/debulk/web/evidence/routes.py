"""Pages of evidence and of published scores."""

from __future__ import annotations

from debulk.web.evidence.explore_page import pages as explore
from debulk.web.evidence.one_score_page import pages as one_score
from debulk.web.evidence.pool_page import pages as pool
from debulk.web.evidence.scores_page import pages as scores
from debulk.web.evidence.study_page import pages as study

PAGES = (explore, pool, study, scores, one_score)
