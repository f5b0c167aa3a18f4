"""What every chunk of a run depends on, packed once to be sent to other processes."""

from __future__ import annotations

import copyreg
import io
import pickle
import zlib
from dataclasses import fields
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from debulk.core.errors import InputError

MOST_BYTES = 8_000_000
"""A parcel goes out with every chunk, so that a worker that joins late has it too."""


def _opened(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


class _Packer(pickle.Pickler):
    # Read-only views of mappings are all that pickle does not know by itself.
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda view: (_opened, (dict(view),))


def pack(settings: Any) -> bytes:
    """Settings as compressed bytes.

    Parameters
    ----------
    settings : dataclass instance
        Its fields are packed; what it has derived from them is made again where it is unpacked.

    Raises
    ------
    InputError
        If something in it cannot be sent, or it is too large.
    """
    content = type(settings), {each.name: getattr(settings, each.name) for each in fields(settings)}
    buffer = io.BytesIO()
    remedy = "Define what makes the patients in a module, as a class that pickle can store"
    try:
        _Packer(buffer, protocol=5).dump(content)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError("cluster", f"the settings cannot be sent: {error}", remedy) from error
    parcel = zlib.compress(buffer.getvalue(), 6)
    if len(parcel) > MOST_BYTES:
        found = f"the settings take {len(parcel) / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}"
        raise InputError("cluster", found, "Run without --cluster, or with smaller tables")
    return parcel


@lru_cache(maxsize=4)
def unpack(parcel: bytes) -> Any:
    """Settings of a parcel, checked again by their class; the last few are kept.

    Parameters
    ----------
    parcel : bytes
        From `pack`.

    Raises
    ------
    InputError
        If this process lacks a module that the content needs.
    """
    try:
        kind, content = pickle.loads(zlib.decompress(parcel))
    except (ImportError, AttributeError) as error:
        found = f"a worker cannot read the settings: {error}"
        remedy = "Install there what defines the patients, or run without --cluster"
        raise InputError("cluster", found, remedy) from error
    return kind(**content)
