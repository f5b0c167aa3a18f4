"""The walk of the fit and that of the residuals give the same score residuals."""

import numpy as np
import pytest

from debulk.survival import cox

ROUNDING = 1e-10  # two orders of summing a few hundred terms


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("entry", [None, "from"])
def test_the_sandwich_is_made_of_the_score_residuals(ties, entry):
    random = np.random.default_rng(3)
    time = np.ceil(random.exponential(8.0, 120)) + 1.0
    frame = {
        "from": np.floor(time * random.uniform(0, 0.9, 120)),
        "t": time,
        "d": random.integers(0, 2, 120),
        "x": random.normal(size=120),
        "y": random.integers(0, 2, 120),
        "site": random.integers(0, 3, 120),
    }
    named = {"time": "t", "event": "d", "entry": entry, "strata": "site", "ties": ties}
    model = cox(frame, covariates=["x", "y"], robust=True, **named)
    influence = model.residuals("score") @ model.naive_covariance
    np.testing.assert_allclose(model.covariance, influence.T @ influence, rtol=ROUNDING)
