"""The posterior sample: written, read, summarised; damaged files are refused."""

import json
from types import MappingProxyType

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.disease.parameters import parameter_entries
from debulk.disease.posterior import VERSION, Posterior, read_posterior

FREE = [name for name, entry in parameter_entries().items() if entry.free]


def sample(draws=6):
    values = {}
    for number, name in enumerate(FREE):
        low, high = parameter_entries()[name].lower, parameter_entries()[name].upper
        values[name] = low + (high - low) * np.random.default_rng(number).uniform(size=draws)
    structures = tuple(("reference", "exponential", "reference")[n % 3] for n in range(draws))
    return Posterior(MappingProxyType(values), structures, MappingProxyType({"seed": 4}))


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "sample.parquet"
    sample().write(path)
    return path


def test_what_is_written_is_read_again(written):
    read = read_posterior(written)
    assert len(read) == 6
    assert read.structures == sample().structures
    assert read.sha256 == sample().sha256
    assert read.provenance["seed"] == 4
    assert read.provenance["version"] == VERSION
    for name in FREE:
        assert np.array_equal(read.values[name], sample().values[name])


def test_the_hash_sees_values_and_structures():
    one = sample()
    other = {**one.values, "k1": one.values["k1"] + 1e-15}
    assert Posterior(other, one.structures, {}).sha256 != one.sha256
    assert Posterior(one.values, ("reference",) * 6, {}).sha256 != one.sha256


def test_the_first_draws_and_intervals():
    few = sample().first(2)
    assert len(few) == 2
    assert all(each.size == 2 for each in few.values.values())
    low, high = sample().intervals()["k1"]
    assert sample().values["k1"].min() <= low < high <= sample().values["k1"].max()


def test_the_central_draw_is_in_the_middle_of_the_commonest_structure():
    values = {"k1": np.array([1.0, 2.0, 3.0, 9.0]), "k2": np.array([5.0, 5.0, 5.0, 5.0])}
    one = Posterior(values, ("reference",) * 3 + ("exponential",), {})
    assert one.central() == ({"k1": 2.0, "k2": 5.0}, "reference")
    single = Posterior({"k1": np.array([4.0])}, ("no-immunity",), {})
    assert single.central() == ({"k1": 4.0}, "no-immunity")


def with_one(value):
    """A value in the third draw of k1."""
    third = pl.int_range(pl.len()) == 2
    return lambda frame: frame.with_columns(
        k1=pl.when(third).then(pl.lit(value, dtype=pl.Float64)).otherwise(pl.col("k1"))
    )


DAMAGES = {
    "parameter missing": (lambda f: f.drop("k1"), "'k1' does not fit"),
    "parameter unknown": (lambda f: f.with_columns(kk1=pl.lit(1.0)), "'kk1' does not fit"),
    "no structures": (lambda f: f.drop("structure"), "no structures"),
    "no draws": (lambda f: f.head(0), "no draws"),
    "below its domain": (lambda f: f.with_columns(k1=pl.lit(-1.0)), "k1"),
    "one below": (with_one(-1.0), "k1"),
    "not a number": (with_one(float("nan")), "k1"),
    "infinite": (with_one(float("inf")), "k1"),
    "left out": (with_one(None), "k1"),
    "text": (lambda f: f.with_columns(k1=pl.lit("0.03")), "k1"),
    "structure unknown": (lambda f: f.with_columns(structure=pl.lit("cubic")), "structure"),
    "structure left out": (
        lambda f: f.with_columns(structure=pl.lit(None, dtype=pl.String)),
        "structure",
    ),
    "structure a number": (lambda f: f.with_columns(structure=pl.lit(3)), "structure"),
    "another draw": (lambda f: f.with_columns(k1=pl.col("k1") * 1.000001), "provenance"),
    "another order": (lambda f: f.reverse(), "provenance"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_refused(written, damage):
    change, words = DAMAGES[damage]
    change(pl.read_parquet(written)).write_parquet(written)
    with pytest.raises(InputError, match=words):
        read_posterior(written)


@pytest.mark.parametrize("version", [1, 3, "2", None])
def test_another_version_is_refused(written, version):
    about = written.with_suffix(".json")
    about.write_text(json.dumps({**json.loads(about.read_text()), "version": version}))
    with pytest.raises(InputError, match="version"):
        read_posterior(written)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null"])
def test_a_damaged_provenance_is_refused(written, text):
    written.with_suffix(".json").write_text(text)
    with pytest.raises(InputError, match=r"sample\.json"):
        read_posterior(written)


def test_missing_files_are_refused(written, tmp_path):
    with pytest.raises(InputError, match="nothing"):
        read_posterior(tmp_path / "nothing.parquet")
    written.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_posterior(written)
    written.write_text("no parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_posterior(written)
