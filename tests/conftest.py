"""What every test shares: reproducible Hypothesis, and a home folder of the tests' own."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Compilation makes a first example slow, and a test-suite must fail or pass the same way twice.
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")
