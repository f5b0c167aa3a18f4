import re

import pytest

from debulk.core import InputError
from debulk.disease import MECHANISMS, load_model
from debulk.disease.model import parameter_entries


def test_every_parameter_says_where_it_comes_from():
    for entry in parameter_entries().values():
        assert entry.meaning
        assert entry.note
        for source in entry.source.split(";"):
            assert source == "assumption" or re.fullmatch(r"parameters:[a-z-]+/[a-z0-9#-]+", source)
        if entry.lower is not None:
            assert entry.lower <= entry.value <= entry.upper


def test_unknown_parameter_offers_the_nearest():
    with pytest.raises(InputError, match=r"'kk1' is not known.*'k1'"):
        load_model().with_parameters({"kk1": 0.03})


@pytest.mark.parametrize(
    ("name", "value"),
    [("pind", 1.2), ("k1", -0.1), ("bM", 0.0), ("rmu", -1.1), ("mu", float("nan")), ("k1", "x")],
)
def test_value_out_of_range_is_refused(name, value):
    with pytest.raises(InputError, match=name):
        load_model().with_parameters({name: value})


def test_unknown_mechanism_offers_the_nearest():
    with pytest.raises(InputError, match="'surge'"):
        load_model().without("surgery")


def test_all_switches_every_mechanism_off_and_on():
    none = load_model().without("all")
    assert none.mechanisms == frozenset()
    assert none.with_mechanisms("all").mechanisms == frozenset(MECHANISMS)
    assert none.with_mechanisms("surge").mechanisms == {"surge"}


def test_records_tell_chosen_from_default():
    records = {
        each.name: each for each in load_model().with_parameters({"k1": 0.03}).parameter_records()
    }
    assert records["disease.k1"].status == "chosen"
    assert records["disease.k1"].value == 0.03
    assert records["disease.k2"].status == "default"
    assert set(MECHANISMS) <= {name.rpartition(".")[2] for name in records}


def test_the_packaged_model_is_provisional():
    assert load_model().provisional
    assert not load_model().null
    assert load_model().null_world().null
