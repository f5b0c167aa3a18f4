"""Trials a case is held against: packaged protocols and imported registry records, in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from debulk.evidence.record import findings_by_key
from debulk.patients import Criterion
from debulk.protocols import Protocol, load_protocol, packaged_protocols

_TRANSCRIBER = re.compile(r" \([^)]*\bexcerpt\b[^)]*\)| in excerpt\b")
"""What a transcriber noted about the text that lay before them."""


OPEN = ("recruiting", "ongoing", "open", "enrolling", "not yet recruiting")
"""How the status of a trial begins that a patient could enter, now or later. One that a registry
calls active and not recruiting takes nobody."""


def takes_patients(status: str) -> bool:
    """Whether a patient could enter a trial of that status."""
    return status.startswith(OPEN)


@dataclass(frozen=True, slots=True)
class TrialVersion:
    """One wording of a trial's criteria: its name, what sets it apart, the criteria."""

    name: str
    says: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class BoardTrial:
    """A trial as the board matches it.

    Attributes
    ----------
    name, title : str
        Short name and full title.
    status : str
        How it stands, as the source of `status_source` says; empty where none does.
    status_source : str
        Key of the evidence row, or the registry's record with its date.
    registrations : tuple of str
        Numbers in registries.
    versions : tuple of TrialVersion
        Its wordings, the one in force first.
    sources : mapping of str to str
        Source of each criterion.
    curated : bool
        False for a record whose criteria nobody has written as rules.
    free_text : str
        Eligibility as the registry words it; empty for packaged protocols.
    left_out : tuple of Criterion
        Criteria of a protocol that have no source: they are the simulation's own, such as that
        the model never removes a primary, and no patient is matched by them.
    """

    name: str
    title: str
    status: str
    status_source: str
    registrations: tuple[str, ...]
    versions: tuple[TrialVersion, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    curated: bool = True
    free_text: str = ""
    left_out: tuple[Criterion, ...] = ()


@cache
def packaged_trials() -> tuple[BoardTrial, ...]:
    """Every packaged protocol, read once."""
    return tuple(_trial(name) for name in packaged_protocols())


def _trial(name: str) -> BoardTrial:
    protocol = load_protocol(name)
    names = [protocol.version, *(each for each in protocol.versions if each != protocol.version)]
    sourced = {each: protocol.criteria_sources.get(each, "") for each in protocol.criteria}
    versions = []
    for version in names:
        worded = protocol
        if version != protocol.version:
            worded = load_protocol(name, changes={"version": version})
        criteria = tuple(e for e in worded.criteria.values() if sourced[e.id])
        versions.append(TrialVersion(version, protocol.versions[version], criteria))
    status, source = status_of(protocol)
    return BoardTrial(
        name=name,
        title=protocol.title,
        status=status,
        status_source=source,
        registrations=protocol.registrations,
        versions=tuple(versions),
        sources=sourced,
        left_out=tuple(e for e in protocol.criteria.values() if not sourced[e.id]),
    )


def status_of(protocol: Protocol) -> tuple[str, str]:
    """State of a protocol's trial in the evidence table, and the key of its row.

    Found by the trial's acronym or one of its numbers; both are empty where the table has none.
    """
    rows = findings_by_key()
    key = f"trials:{protocol.published_as}/result_status"
    if not protocol.published_as or key not in rows:
        numbers = set(protocol.registrations)
        keys = (
            key
            for key, row in rows.items()
            if key.endswith("/result_status") and numbers & set(row.identifiers)
        )
        key = next(keys, "")
    return (_TRANSCRIBER.sub("", rows[key].text), key) if key else ("", "")
