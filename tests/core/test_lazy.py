"""Do public names load on first use, and unknown ones fail as Python's own do?"""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import debulk
from debulk.core.lazy import lazy_names

ROOMS = sorted(each.name for each in pkgutil.iter_modules(debulk.__path__) if each.ispkg)


def test_a_name_loads_from_its_home() -> None:
    get, names = lazy_names("room", {"sqrt": "math", "join": "posixpath"})
    assert get("sqrt")(4.0) == 2.0
    assert names() == ["join", "sqrt"]
    with pytest.raises(AttributeError, match="module 'room' has no attribute 'cube'"):
        get("cube")


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_there(room: str) -> None:
    module = importlib.import_module(f"debulk.{room}")
    for name in getattr(module, "__all__", []):
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        _ = module.no_such_name
