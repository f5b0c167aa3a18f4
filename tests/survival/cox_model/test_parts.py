"""Parts of long arrays: every row once, and the same sums on any number of threads."""

import numba
import numpy as np
import pytest

from debulk.survival import cox
from debulk.survival.cox_model.parts import on_threads, parts_of


@pytest.mark.parametrize("rows", [0, 1, 65_536, 65_537, 200_000])
def test_every_row_is_in_one_part(rows):
    seen = np.zeros(rows, dtype=int)

    def mark(_part, start, stop):
        seen[start:stop] += 1

    assert on_threads(rows, mark) == len(parts_of(rows))
    assert (seen == 1).all()


def test_an_error_in_a_part_reaches_the_caller():
    def fail(part, start, stop):
        raise RuntimeError(f"part {part}")

    with pytest.raises(RuntimeError, match="part 0"):
        on_threads(200_000, fail)


def test_a_long_fit_has_the_same_bits_on_one_thread():
    random = np.random.default_rng(1)
    x = random.normal(size=150_000)
    frame = {"t": random.exponential(np.exp(-0.3 * x)), "d": np.ones(x.size), "x": x}
    together = cox(frame, time="t", event="d", covariates="x")
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = cox(frame, time="t", event="d", covariates="x")
    finally:
        numba.set_num_threads(threads)
    assert alone.coef.tobytes() == together.coef.tobytes()
    assert alone.covariance.tobytes() == together.covariance.tobytes()
