"""Is a cluster that is none refused at once, and what cannot be sent named?"""

from __future__ import annotations

import socket
import sys

import pytest

from debulk.core import InputError
from debulk.trials import run_trial, trial_settings
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.recruitment.planned import PatientsFromPlan
from debulk.trials.running import cluster as clusters
from debulk.trials.running import parcel
from debulk.trials.running.identity import difference, identity


@pytest.mark.parametrize(
    "address",
    ["", "  ", "somewhere", "tcp://", "http://127.0.0.1:80", "tcp://127.0.0.1:99999", 7, True],
)
def test_what_is_no_address_is_refused(small_protocol, address) -> None:
    with pytest.raises(InputError, match="is no address"):
        run_trial(small_protocol, trials=1, cluster=address)


def test_where_nothing_listens_the_answer_is_an_error(small_protocol) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_trial(small_protocol, trials=1, cluster=f"tcp://127.0.0.1:{port}")


def test_a_listener_that_says_nothing_is_no_scheduler(small_protocol, monkeypatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match="no greeting within"):
            run_trial(small_protocol, trials=1, cluster=address)


def test_without_the_extra_it_is_named(small_protocol, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"debulk\[cluster\]"):
        run_trial(small_protocol, trials=1, cluster="tcp://127.0.0.1:8786")


def test_settings_come_out_of_a_parcel_as_they_went_in(small_protocol) -> None:
    settings = trial_settings(small_protocol, seed=7)
    assert settings.fingerprint  # derived values do not travel
    packed = parcel.pack(settings)
    assert len(packed) < 200_000  # most of it the posterior sample
    assert parcel.unpack(packed).fingerprint == settings.fingerprint
    assert parcel.unpack(packed) is parcel.unpack(packed)


def test_patients_that_cannot_be_sent_are_refused(plan_of) -> None:
    class Mine(PatientsFromPlan):
        """Known to this function alone."""

    settings = trial_settings(plan_of(), model=Mine())
    with pytest.raises(InputError, match="cannot be sent"):
        parcel.pack(settings)


def test_a_parcel_has_a_limit(small_protocol, monkeypatch) -> None:
    monkeypatch.setattr(parcel, "MOST_BYTES", 100)
    with pytest.raises(InputError, match="more than"):
        parcel.pack(trial_settings(small_protocol))


def test_a_difference_is_said_in_words() -> None:
    here = identity()
    assert difference(here, dict(here)) == ""
    assert difference(here, {**here, "numpy": "0.1"}).startswith("numpy 0.1 (here ")


def test_patients_of_a_generator_can_be_sent(plan_of) -> None:
    settings = trial_settings(
        plan_of(),
        model=PiecewiseExponentialPatients(registered=400, hazard_control=0.03, hazard_ratio=0.8),
    )
    assert parcel.unpack(parcel.pack(settings)).fingerprint == settings.fingerprint
