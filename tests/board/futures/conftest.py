"""A small library of virtual patients."""

from __future__ import annotations

import pytest

from debulk.board.futures.library import Library, draw_library
from debulk.disease import load_model

DRAWS, PER_DRAW = 12, 1500


@pytest.fixture(scope="session")
def library() -> Library:
    """Virtual patients of the first draws of the packaged posterior."""
    return draw_library(load_model().with_draws(DRAWS), seed=3, per_draw=PER_DRAW)
