"""Predictions of trials still running, locked in a file that shows whether it was edited.

A locked file says when and with what it was made, and carries the SHA-256 of its own content. The
index beside it, ``SHA256SUMS``, holds the SHA-256 of each file's bytes (``sha256sum -c`` reads it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import exists, json_text, path_of, read_utf8, write_text
from debulk.core.provenance import sha256_of
from debulk.core.results import plain
from debulk.evidence.schema import Role
from debulk.protocols import load_protocol
from debulk.survival.options import check_kind
from debulk.trials.retrodiction.published import Published, published_of
from debulk.trials.retrodiction.result import Retrodiction
from debulk.trials.retrodiction.retrodicting import evidence_hashes
from debulk.trials.retrodiction.spread import NULL_WORLD, few_words, holds
from debulk.trials.running.identity import identity

INDEX = "SHA256SUMS"
FORMAT = "debulk locked predictions, 1"

PLANNED: Role = "planned"


@dataclass(frozen=True)
class LockedTrial:
    """One locked prediction, beside what the trial has published since.

    Attributes
    ----------
    trial, file, locked : str
        Trial, file that holds the prediction, and its date.
    version, sha256 : str
        Of the program that made it, and of the file's bytes.
    predicted : mapping or None
        Median and limits of the effect; None where the trial is listed as not predicted.
    reason : str
        Why it is not predicted.
    published : Published or None
        None while it has not reported.
    """

    trial: str
    file: str
    locked: str
    version: str
    sha256: str
    predicted: Mapping[str, float | None] | None
    reason: str
    published: Published | None

    @property
    def inside(self) -> bool | None:
        """Whether the published effect lies inside; None while nothing can be told."""
        if self.published is None or self.predicted is None:
            return None
        if self.published.measure != "hazard_ratio":
            return None
        return holds(self.predicted["lower"], self.predicted["upper"], self.published.estimate)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain({**vars(self), "inside": self.inside}))


def lock_predictions(result: Retrodiction, path: str | Path, on: date) -> dict[str, Any]:
    """Write the blind predictions of trials that have not reported into a new file, and index it.

    Parameters
    ----------
    result : Retrodiction
        From ``retrodict(planned=True)`` on the frozen model.
    path : str or Path
        A ``.json`` file that is not there yet.
    on : date
        The day of locking.

    Returns
    -------
    dict
        What was written.

    Raises
    ------
    InputError
        If the file is there, its folder is not or holds an edited file, the model is not the
        frozen one, or a trial that could be predicted was not.
    """
    check_kind(result, Retrodiction, "result", "Give what retrodict gives")
    check_kind(on, date, "on", "Give the day of locking, a datetime.date")
    path = path_of(path, "path")
    check_unlocked(path)
    content = locked_content(result, on)
    folder = path.parent
    lines = [*_index_lines(folder), ""] if (folder / INDEX).exists() else [""]
    text = json_text(content)
    write_text(path, text)
    lines[-1] = f"{sha256_of(text.encode('utf-8'))}  {path.name}"
    write_text(folder / INDEX, "\n".join(lines) + "\n")
    return content


def check_unlocked(path: Path) -> None:
    """Refuse a path that cannot take new locked predictions.

    Raises
    ------
    InputError
        See `lock_predictions`.
    """
    if exists(path):
        found = "is there already, and locked predictions are never written over"
        raise InputError(str(path), found, "Choose another name")
    if path.suffix != ".json":
        raise InputError(str(path), "is no .json file", "Give the file a name that ends in .json")
    if not path.parent.is_dir():
        raise InputError(str(path.parent), "is no folder", "Make it first")
    if exists(path.parent / INDEX):
        verify_predictions(path.parent)


def locked_content(result: Retrodiction, on: date) -> dict[str, Any]:
    """What a locked file holds, its own hash last; see `lock_predictions`."""
    if not result.posterior["frozen"]:
        raise InputError(
            "posterior", "is not the frozen one", "Lock predictions of the packaged model alone"
        )
    planned = [each for each in result.trials if each.role == PLANNED]
    unasked = [e.trial for e in planned if e.blind is None and e.applicability.level != "none"]
    if unasked or not planned:
        found = f"{unasked[0]} is not predicted" if unasked else "no planned trial is predicted"
        raise InputError("predictions", found, "Run retrodict with planned=True")
    content: dict[str, Any] = {
        "format": FORMAT,
        "locked": on.isoformat(),
        "debulk": result.provenance.version,
        "identity": identity(),
        "posterior_sha256": result.posterior["sha256"],
        "protocols_sha256": {
            name: load_protocol(name).sha256 for each in planned for name in each.protocols
        },
        "evidence_sha256": evidence_hashes(),
        "seed": result.seed,
        "trials_simulated": result.simulated,
        "predictions": [
            {
                "trial": each.trial,
                "protocols": each.protocols,
                "applicability": each.applicability.level,
                "missing": each.applicability.missing,
                "remarks": each.remarks,
                "measure": each.measure,
                "patients": each.blind.patients,
                "predicted": each.blind.effect,
                "null_world": each.blind.null,
                "arms": [
                    {
                        "arm": a.arm,
                        "quantity": a.title,
                        "column": a.column,
                        "predicted": a.predicted,
                    }
                    for a in each.blind.arms
                ],
            }
            for each in planned
            if each.blind is not None
        ],
        "not_predicted": [
            {"trial": each.trial, "protocols": each.protocols, "reason": each.reason}
            for each in planned
            if each.blind is None
        ],
        "remarks": [
            "Written before these trials reported; never to be edited.",
            "Intervals are 95 % predictive, over simulated trials of the planned size.",
            *filter(None, [few_words(result.simulated)]),
            NULL_WORLD,
            "Research use; not a medical device.",
        ],
    }
    content = plain(content)
    return {**content, "sha256": _own_hash(content)}


def verify_predictions(path: str | Path) -> list[LockedTrial]:
    """Check that locked predictions are as they were written, and lay results beside them.

    Parameters
    ----------
    path : str or Path
        A folder of locked files with its index, or one locked file in such a folder.

    Returns
    -------
    list of LockedTrial
        Every trial of every file, with what it has published since.

    Raises
    ------
    InputError
        If a file differs from its own hash or the index, stands in only one of folder and index,
        or is no file of locked predictions.
    """
    path = path_of(path, "path")
    if not exists(path):
        raise InputError(str(path), "is not there", "Give a folder of locked predictions")
    folder = path if path.is_dir() else path.parent
    if not exists(folder / INDEX):
        remedy = "Give a folder of locked predictions, which holds one"
        raise InputError(str(folder), f"there is no index {INDEX} in it", remedy)
    indexed = {name: own for own, name in (line.split("  ", 1) for line in _index_lines(folder))}
    there = {each.name for each in folder.glob("*.json")}
    for name in sorted(there ^ set(indexed)):
        found = "is not in the index" if name in there else "is in the index, but not there"
        raise InputError(str(folder / name), found, "Restore folder and index from version control")
    names = sorted(there) if path.is_dir() else [path.name]
    return [trial for name in names for trial in _verified(folder / name, indexed.get(name, ""))]


def _verified(path: Path, indexed: str) -> list[LockedTrial]:
    text = read_utf8(path)
    remedy = "Restore the file from version control"
    try:
        content = json.loads(text)
        own = content.pop("sha256")
        predictions, others = content["predictions"], content["not_predicted"]
        locked, version = str(content["locked"]), str(content["debulk"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(str(path), "is no file of locked predictions", remedy) from None
    if own != _own_hash(content) or sha256_of(text.encode("utf-8")) != indexed:
        raise InputError(str(path), "is not as it was locked: its SHA-256 differs", remedy)
    about = (path.name, locked, version, indexed)
    return [
        *(
            LockedTrial(e["trial"], *about, e["predicted"], "", published_of(e["trial"]))
            for e in predictions
        ),
        *(
            LockedTrial(e["trial"], *about, None, e["reason"], published_of(e["trial"]))
            for e in others
        ),
    ]


def _own_hash(content: Mapping[str, Any]) -> str:
    return sha256_of(json_text(content).encode("utf-8"))


def _index_lines(folder: Path) -> list[str]:
    index = folder / INDEX
    lines = read_utf8(index).splitlines()
    names = [line.partition("  ")[2] for line in lines]
    for number, (line, name) in enumerate(zip(lines, names, strict=True), start=1):
        remedy, where = "Restore the index from version control", f"{index}, line {number}"
        if not name:
            raise InputError(where, f"{line!r} is no hash and name", remedy)
        if name in names[: number - 1]:
            raise InputError(where, f"{name} is there a second time", remedy)
    return lines
