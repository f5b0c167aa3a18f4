"""Structures of the model: each changes the fields it names."""

import pytest

from debulk.core import InputError
from debulk.disease.model import prior_model
from debulk.disease.structures import FLAGS, STRUCTURES, changes_of


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_structure_changes_what_it_names(structure):
    reference, other = prior_model().record(), prior_model(structure).record()
    changed = {name for name in reference.dtype.names if reference[name] != other[name]}
    assert changed == set(changes_of(structure))
    for name, value in changes_of(structure).items():
        assert other[name] == value


def test_the_reference_raises_no_flag():
    assert all(prior_model().record()[flag] == 0.0 for flag in FLAGS)
    assert set(FLAGS) <= {name for each in STRUCTURES for name in changes_of(each)}


@pytest.mark.parametrize("name", ["", "Reference", None, 3])
def test_an_unknown_structure_is_refused(name):
    with pytest.raises(InputError, match="structure"):
        changes_of(name)
