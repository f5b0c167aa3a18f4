"""What in the program uses a study: protocols, targets of the model, scores, retrodiction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any


@cache
def uses() -> dict[str, list[dict[str, Any]]]:
    """Every use of a finding, by the finding's key.

    Returns
    -------
    dict of str to list of dict
        kind ("protocol", "target", "score"), name, title, part and address.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for key, use in _every_use():
        held = found.setdefault(key.partition("#")[0], [])
        if use not in held:
            held.append(use)
    return found


@cache
def retrodicted() -> frozenset[str]:
    """Studies that the frozen model is held against."""
    from debulk.trials.retrodiction.packaged import packaged_retrodiction

    return frozenset(each["trial"] for each in packaged_retrodiction()["trials"])


def _every_use() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _protocols()
    yield from _targets()
    yield from _scores()


def _protocols() -> Iterator[tuple[str, dict[str, Any]]]:
    from debulk.protocols import load_protocol, packaged_protocols

    for name in packaged_protocols():
        protocol = load_protocol(name)
        for part, keys in protocol.sources().items():
            use = _use("protocol", name, protocol.title, part, f"/trials/{name}")
            for key in keys.split(";"):
                yield key.strip(), use


def _targets() -> Iterator[tuple[str, dict[str, Any]]]:
    from debulk.disease import load_targets

    for each in load_targets():
        for key in each.evidence:
            yield key, _use("target", each.name, each.title, each.informs, "/disease")


def _scores() -> Iterator[tuple[str, dict[str, Any]]]:
    from debulk.prognosis import load_score, packaged_scores

    for name in packaged_scores():
        score = load_score(name)
        for source in (*score.sources, *(each.source for each in score.published)):
            if source.key:
                use = _use("score", name, score.title, source.says, f"/scores/{name}")
                yield source.key, use


def _use(kind: str, name: str, title: str, part: str, address: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "title": title, "part": part, "address": address}
