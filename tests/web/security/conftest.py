"""What attacks share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.routing import APIRoute


@pytest.fixture(scope="session")
def address_of() -> Callable[..., str]:
    """A function of a route: an address that reaches it, with a value in each of its places."""

    def address(route: APIRoute, value: str = "none", **places: str) -> str:
        return re.sub(r"{([^}:]+)[^}]*}", lambda found: places.get(found[1], value), route.path)

    return address
