"""The packaged example: a real trial to learn and to test on."""

from __future__ import annotations

import io
from importlib import resources
from typing import TYPE_CHECKING

from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    import polars as pl

EXAMPLES = ("colon",)
"""Names of the packaged examples."""


def example(name: str) -> pl.DataFrame:
    """Read a packaged example as a table.

    Parameters
    ----------
    name : {"colon"}
        "colon": observation, levamisole, or levamisole with fluorouracil after resection of colon
        cancer (Moertel and others 1990, N Engl J Med 322:352; data of the R package survival,
        LGPL). Two rows a patient: recurrence (`etype` 1) and death (`etype` 2), times in days.

    Returns
    -------
    DataFrame
        Polars, one row a line of the file; `rx` is an Enum whose first level is observation.

    Raises
    ------
    InputError
        If no example has that name.
    """
    import polars as pl

    table = pl.read_csv(io.BytesIO(example_bytes(name)), null_values="NA")
    return table.with_columns(pl.col("rx").cast(pl.Enum(["Obs", "Lev", "Lev+5FU"])))


def example_bytes(name: str) -> bytes:
    """The bytes of an example's file.

    Raises
    ------
    InputError
        If no example has that name.
    """
    if not isinstance(name, str) or name not in EXAMPLES:
        raise InputError(
            "example", f"there is no example {name!r:.60}", nearest(str(name), EXAMPLES)
        )
    return resources.files("debulk.data").joinpath("examples", f"{name}.csv").read_bytes()
