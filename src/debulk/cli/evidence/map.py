"""`debulk evidence map`: which designs have told what, and where nobody has looked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from debulk.cli.evidence import options as shared
from debulk.cli.evidence import pooling_options as opt
from debulk.cli.terminal import JsonOption

_ABOUT_PATIENTS = "overall survival", "quality of life"
"""The first and the last of the outcomes of patients, in the order of the schema."""


class ColourName(StrEnum):
    """What `--by` takes."""

    role = "role"
    immortal_time = "immortal_time"
    selection_on_response = "selection_on_response"
    confounding_by_extent = "confounding_by_extent"


def map_(
    figure: opt.FigureArgument,
    by: Annotated[
        ColourName,
        typer.Option("--by", help="What colours say: the role of findings or the risk of a bias."),
    ] = ColourName.role,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="Outcome to show; may be repeated. Default: those of patients."),
    ] = None,
    design: shared.DesignOption = None,
    domain: shared.DomainOption = None,
    organ: shared.OrganOption = None,
    modality: shared.ModalityOption = None,
    line: shared.LineOption = None,
    extent: shared.ExtentOption = None,
    comparison: shared.ComparisonOption = None,
    role: shared.RoleOption = None,
    risk: shared.RiskOption = None,
    own: shared.OwnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw an evidence map: outcomes by designs, with the number of studies in each cell."""
    from debulk.cli.evidence.writing import figure_path, write_and_tell
    from debulk.core.results import plain
    from debulk.evidence.answers.filtering import filtered_findings
    from debulk.evidence.answers.names import risk_filters
    from debulk.evidence.answers.selecting import without_any, words_chosen
    from debulk.evidence.schema import CODES, ROLES
    from debulk.evidence.tables import study_codes
    from debulk.reports.evidence.map_counts import evidence_map, map_page, map_picture

    path = figure_path(figure)
    shown = _outcomes(outcome)
    codes = {"design": design, "domain": domain, "organ": organ, "modality": modality, "line": line}
    codes |= {"extent": extent, "comparison": without_any(comparison), "role": role}
    rows = filtered_findings(own or [], outcome=shown, **codes, **risk_filters(risk))
    drawn = evidence_map(
        rows,
        study_codes(own=own or []),
        by=by.value,
        outcomes=shown,
        designs=CODES.words["design"],
        categories=ROLES if by == ColourName.role else CODES.words[by.value],
        title="Evidence map" + words_chosen(codes.values()),
    )
    numbers = {**plain(drawn), "by": by.value, "provenance": shared.provenance(own)}
    page = map_page(drawn, by=by.value, sources=_sources(rows))
    write_and_tell(path, map_picture(drawn), page, numbers, as_json=as_json)


def _outcomes(wanted: list[str] | None) -> list[str]:
    from debulk.evidence.schema import OUTCOMES

    if wanted:
        return list(dict.fromkeys(wanted))
    first, last = (OUTCOMES.index(each) for each in _ABOUT_PATIENTS)
    return list(OUTCOMES[first : last + 1])


def _sources(rows: Any) -> list[str]:
    """Each study once, with the sources of its findings."""
    named = rows.filter(rows["study"] != "").group_by("study", maintain_order=True)
    return [
        f"{study}: {'; '.join(dict.fromkeys(part['source'].to_list()))}" for (study,), part in named
    ]
