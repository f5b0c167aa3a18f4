"""The kept result of the futures is still what the worker computes."""

from __future__ import annotations

import pytest
from tests.web.board.board_cases import real_futures
from tests.web.board.make_real_futures import computed

pytestmark = pytest.mark.slow


def test_the_kept_futures_say_what_the_worker_says_now() -> None:
    found, kept = computed(), real_futures()
    assert found["text"] == kept["text"]
    assert found["equipoise"] == kept["equipoise"]
    assert [each["alive"] for each in found["options"]] == [
        each["alive"] for each in kept["options"]
    ]
