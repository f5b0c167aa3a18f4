"""Options that change the disease model: which draws, which mechanisms, how strong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from debulk.core.errors import InputError, nearest, number_remedy

if TYPE_CHECKING:
    from debulk.disease import DiseaseModel

STRENGTH_HELP = (
    "How strong a mechanism of the disease model is relative to its parameters, as in surge=2 "
    "(0 is off); may be repeated."
)
DRAWS_HELP = (
    "Take the first draws of the posterior sample alone; 1 is the central set, without the "
    "uncertainty of its parameters. Default: all."
)


def with_draws(model: DiseaseModel, draws: int | None) -> DiseaseModel:
    """The model with the first draws of its posterior; with 1, its central set.

    Raises
    ------
    InputError
        That names ``--draws``, if there are not so many.
    """
    if draws is None:
        return model
    if draws == 1:
        return model.central()
    try:
        return model.with_draws(draws)
    except InputError as error:
        raise InputError("--draws", error.found, error.remedy) from None


def with_strengths(
    model: DiseaseModel, options: Sequence[str], switched: Iterable[str] = ()
) -> DiseaseModel:
    """The model with the strengths that ``--strength NAME=VALUE`` options give.

    Parameters
    ----------
    model : DiseaseModel
    options : sequence of str
        As typed.
    switched : iterable of str
        Mechanisms that ``--with`` or ``--without`` name: they have a strength already.

    Raises
    ------
    InputError
        That names the option, if it cannot be read, or its mechanism or strength is impossible.
    """
    from debulk.disease import MECHANISMS

    found: dict[str, float] = {}
    for option in options:
        name, equals, text = (part.strip() for part in option.partition("="))
        if not (name and equals and text):
            raise InputError(f"--strength {option}", "is not NAME=VALUE", "Write surge=0.5")
        if name not in MECHANISMS:
            remedy = nearest(name, MECHANISMS)
            raise InputError(f"--strength {option}", f"there is no mechanism {name!r}", remedy)
        if name in found or name in switched:
            other = "given twice" if name in found else "switched by --with or --without, too"
            raise InputError(f"--strength {option}", f"{name!r} is {other}", "Give it once")
        try:
            found[name] = float(text)
        except ValueError:
            shown = f"{text!r} is not a number"
            raise InputError(f"--strength {option}", shown, number_remedy(text)) from None
    for name, value in found.items():
        try:
            model = model.with_strengths({name: value})
        except InputError as error:
            where = f"--strength {name}={value:g}"
            raise InputError(where, error.found, error.remedy) from None
    return model
