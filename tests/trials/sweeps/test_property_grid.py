"""Is every combination one point, and every point in one chunk?"""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from debulk.trials.sweeps.grid import read_grid
from debulk.trials.sweeps.spec import SweepSpec

axes = st.dictionaries(
    st.text(min_size=1, max_size=3),
    st.lists(st.integers(-5, 5), min_size=1, max_size=4, unique=True),
    min_size=1,
    max_size=4,
)


@given(axes)
def test_points_are_the_product_in_its_order(grid) -> None:
    made = read_grid(grid)
    points = [tuple(made.point(each).values()) for each in range(made.size)]
    assert points == list(itertools.product(*grid.values()))


@given(axes, st.sampled_from(["design", "protocol"]), st.integers(0, 2))
def test_chunks_cover_every_point_once(grid, kind, trials) -> None:
    spec = SweepSpec(kind, read_grid(grid), {}, trials, 1, {})
    parts = [spec.part(first) for first in spec.chunks]
    covered = [each for first, count in parts for each in range(first, first + count)]
    assert covered == list(range(spec.grid.size))


@given(axes)
def test_the_fingerprint_follows_the_grid(grid) -> None:
    def mark(axes: dict[str, list[int]], trials: int = 0) -> str:
        return SweepSpec("design", read_grid(axes), {}, trials, 1, {}).fingerprint

    name = next(iter(grid))
    assert mark(grid) == mark(dict(grid))
    assert mark(grid) != mark({**grid, name: [*grid[name], 99]})
    assert mark(grid) != mark(grid, 5)
    if len(grid) > 1:
        assert mark(grid) != mark(dict(reversed(grid.items())))
