"""The model as its user changes it: parameters, mechanisms, worlds, draws."""

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease.mechanisms import MECHANISMS
from debulk.disease.model import DiseaseModel, load_model, prior_model
from debulk.disease.parameters import parameter_entries
from debulk.disease.posterior import Posterior

MODEL = prior_model()
FREE = [name for name, entry in parameter_entries().items() if entry.free]


def sample(structures=("reference", "no-immunity", "exponential"), **columns):
    values = {name: np.full(len(structures), parameter_entries()[name].value) for name in FREE} | {
        name: np.asarray(each, dtype=float) for name, each in columns.items()
    }
    return Posterior(values, tuple(structures), {"seed": 1})


def test_unknown_parameter_offers_the_nearest():
    with pytest.raises(InputError, match=r"'kk1' is not known.*'k1'"):
        MODEL.with_parameters({"kk1": 0.03})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pnext2", 1.2),
        ("k1", -0.1),
        ("dtM", 0.0),
        ("a_kill", -1.1),
        ("mu", float("nan")),
        ("hmax", float("inf")),
        ("k1", "x"),
        ("k1", None),
        ("k1", True),
    ],
)
def test_value_out_of_range_is_refused(name, value):
    with pytest.raises(InputError, match=name):
        MODEL.with_parameters({name: value})


def test_a_missing_parameter_is_named():
    values = dict(MODEL.parameters)
    del values["hill"]
    with pytest.raises(InputError, match="'hill' is missing"):
        DiseaseModel(values)


def test_unknown_mechanism_offers_the_nearest():
    for change in (MODEL.without, MODEL.with_mechanisms):
        with pytest.raises(InputError, match="'surge'"):
            change("surgery")
    with pytest.raises(InputError, match="'surge'"):
        MODEL.with_strengths({"surgery": 1.0})


def test_unknown_structure_offers_the_nearest():
    with pytest.raises(InputError, match="'exponential'"):
        prior_model("exponentially")


def test_all_switches_every_mechanism_off_and_on():
    none = MODEL.without("all")
    assert none.mechanisms == frozenset()
    assert none.with_mechanisms("all").mechanisms == frozenset(MECHANISMS)
    assert none.with_mechanisms("surge").mechanisms == {"surge"}
    assert MODEL.bare_removal().mechanisms == frozenset()
    assert not MODEL.bare_removal().null
    assert MODEL.null_world().null
    assert not MODEL.null


def test_models_do_not_change():
    with pytest.raises(TypeError):
        MODEL.parameters["k1"] = 1.0  # type: ignore[index]
    with pytest.raises(TypeError):
        MODEL.strengths["surge"] = 1.0  # type: ignore[index]


def test_records_tell_chosen_from_default():
    changed = MODEL.with_parameters({"k1": 0.03}).with_strengths({"surge": 2.0, "pause": 0.0})
    records = {each.name: each for each in changed.parameter_records()}
    assert records["disease.k1"].status == "chosen"
    assert records["disease.k1"].value == 0.03
    assert records["disease.k2"].status == "default"
    assert set(MECHANISMS) <= {name.rpartition(".")[2] for name in records}
    assert records["disease.mechanism.surge"].value == 2.0
    assert records["disease.mechanism.pause"].value == "off"
    assert records["disease.mechanism.seeding"].value == "on"


def test_records_tell_the_posterior():
    model = load_model(sample(k1=[0.01, 0.02, 0.03]))
    records = {each.name: each for each in model.parameter_records()}
    assert records["disease.k1"].status == "derived"
    assert "posterior 0.011 to 0.029" in records["disease.k1"].note
    assert records["disease.cap_primary"].status == "default"


def test_each_draw_is_a_row():
    model = load_model(sample(k1=[0.01, 0.02, 0.03], kimm=[0.1, 0.2, 0.3]))
    rows = model.record()
    assert rows["k1"].tolist() == [0.01, 0.02, 0.03]
    assert rows["kimm"].tolist() == [0.1, 0.0, 0.3]
    assert rows["exponential"].tolist() == [0.0, 0.0, 1.0]
    assert (rows["hill"] == parameter_entries()["hill"].value).all()


def test_a_parameter_that_is_set_holds_in_every_draw():
    model = load_model(sample(k1=[0.01, 0.02, 0.03])).with_parameters({"k1": 0.05, "sT": 0.2})
    assert (model.record()["k1"] == 0.05).all()
    assert (model.record()["sT"] == 0.2).all()


def test_fewer_draws_are_the_first():
    model = load_model(sample(k1=[0.01, 0.02, 0.03]))
    assert model.draws == 3
    assert model.with_draws(2).record()["k1"].tolist() == [0.01, 0.02]
    assert model.central().draws == 1
    for count in (0, 4, -1):
        with pytest.raises(InputError, match="draws"):
            model.with_draws(count)
    with pytest.raises(InputError, match="has 0"):
        MODEL.with_draws(1)


def test_the_central_model_is_one_of_the_draws():
    model = load_model(sample(("reference",) * 3, k1=[0.01, 0.02, 0.9]))
    assert model.parameters["k1"] == 0.02
    assert model.central().record()["k1"] == 0.02


def test_the_prior_model_is_at_the_medians():
    rows = prior_model("drug-dead-cells").record()
    assert rows.size == 1
    assert rows["drug_dead"] == 1.0
    for name, entry in parameter_entries().items():
        assert rows[name] == entry.value
