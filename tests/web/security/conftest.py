"""What attacks share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.routing import APIRoute


@pytest.fixture(scope="session")
def address_of() -> Callable[..., str]:
    """A function of a route: an address that reaches it, with made-up values in its places."""

    def address(route: APIRoute, value: str = "none") -> str:
        return re.sub(r"{[^}]+}", value, route.path)

    return address
