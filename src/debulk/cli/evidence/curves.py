"""`debulk evidence curves`: survival pooled over series, by extent of disease, as one file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption
from debulk.core.errors import InputError


class ExtentName(StrEnum):
    """What `--extent` takes."""

    stage_1 = "stage_1"
    stage_2 = "stage_2"
    stage_3 = "stage_3"
    liver_only = "liver_only"
    oligometastatic = "oligometastatic"
    other_metastatic = "other_metastatic"
    multi_organ = "multi_organ"


class TreatmentName(StrEnum):
    """What `--treatment` takes."""

    all_local = "all_local"
    systemic_only = "systemic_only"
    mixed = "mixed"
    untreated = "untreated"


def curves(
    figure: opt.FigureArgument,
    extent: Annotated[
        list[ExtentName] | None,
        typer.Option(help="Extent to draw; may be repeated. Default: all that series tell."),
    ] = None,
    treatment: Annotated[
        list[TreatmentName] | None,
        typer.Option(help="How patients were treated; may be repeated. Default: all_local."),
    ] = None,
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out", help="Also series that are held out for validation: to look at only."
        ),
    ] = False,
    level: opt.LevelOption = 0.95,
    as_json: JsonOption = False,
) -> None:
    """Draw overall survival pooled over published series, one curve for each extent of disease."""
    from debulk.cli.evidence.writing import figure_path, write_and_tell
    from debulk.cli.plain_refusals import naming_options
    from debulk.evidence.firewall import ALLOWED_ROLES
    from debulk.evidence.landmarks.by_extent import pooled_curves_by_extent
    from debulk.evidence.landmarks.mapping import EXTENTS
    from debulk.reports.evidence.extent_page import extent_lines, extent_page, extent_picture

    path = figure_path(figure)
    with naming_options({"conf_level": "--level"}):
        found = pooled_curves_by_extent(
            extents=[each.value for each in extent] if extent else EXTENTS,
            treatments=[each.value for each in treatment or [TreatmentName.all_local]],
            roles=(*ALLOWED_ROLES, "validation") if held_out else ALLOWED_ROLES,
            conf_level=level,
        )
    if not found.curves:
        remedy = "Ask for another extent or treatment, or add --held-out"
        raise InputError("--extent, --treatment", "no published series tells this", remedy)
    lines = extent_lines(found)
    write_and_tell(
        path,
        extent_picture(found, lines),
        extent_page(found, lines),
        found.to_dict(),
        as_json=as_json,
    )
