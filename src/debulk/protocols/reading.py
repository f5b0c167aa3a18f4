"""Protocols read from YAML: packaged ones by name, one's own by path, with single changes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8
from debulk.core.provenance import Parameter, Status, sha256_of
from debulk.core.yaml_files import YamlDocument, parse_yaml, validated
from debulk.protocols.build import build_protocol
from debulk.protocols.changing import CHOSEN, NAMED_LISTS, change
from debulk.protocols.schema import ProtocolFile
from debulk.protocols.spec import Protocol


def packaged_protocols() -> list[str]:
    """Names of the protocols that come with the program, sorted."""
    folder = resources.files("debulk") / "data" / "protocols"
    return sorted(
        each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")
    )


def protocol_text(name_or_path: str | Path) -> tuple[str, str]:
    """Text of a protocol file and how complaints call it.

    Parameters
    ----------
    name_or_path : str or Path
        A packaged protocol's name, or a path that ends in .yaml or .yml.

    Raises
    ------
    InputError
        If there is no such protocol; the nearest names are offered.
    """
    if not isinstance(name_or_path, str | Path):
        found = f"{name_or_path!r:.60} is neither a name nor a path"
        raise InputError("protocol", found, "Give a packaged name, or the path of a YAML file")
    given = str(name_or_path)
    if given.endswith((".yaml", ".yml")) or "/" in given or "\\" in given:
        return read_utf8(Path(given)), given
    if given not in packaged_protocols():
        known = nearest(given, packaged_protocols())
        remedy = f"{known} A protocol of your own is given by its path (.yaml)"
        raise InputError("protocol", f"no protocol is called {given!r}", remedy)
    entry = resources.files("debulk") / "data" / "protocols" / f"{given}.yaml"
    return entry.read_text(encoding="utf-8"), f"{given}.yaml"


def load_protocol(
    name_or_path: str | Path, *, changes: Mapping[str, str] | None = None
) -> Protocol:
    """Read a protocol.

    Parameters
    ----------
    name_or_path : str or Path
        A packaged protocol's name, or the path of a YAML file.
    changes : mapping of str to str, optional
        Dotted path of a field to its new value, as ``--set`` gives them, for instance
        ``{"conduct.withdrawn": "0.1", "version": "ISRCTN15067672"}``. An entry of a list is
        named by its id, step, regimen or name: ``"funnel.consenting.chance"``. A field that the
        file leaves out but could hold is added; ``none`` takes one away.

    Returns
    -------
    Protocol

    Raises
    ------
    InputError
        With file, line, field, what was found and what to do.

    Examples
    --------
    >>> load_protocol("orchestra").design.planned_patients
    478
    """
    return protocol_from_text(*protocol_text(name_or_path), changes=changes)


def protocol_from_text(
    text: str, name: str, *, changes: Mapping[str, str] | None = None
) -> Protocol:
    """Read a protocol from the text of its file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        How complaints call it.
    changes : mapping of str to str, optional
        As in `load_protocol`.

    Raises
    ------
    InputError
        With file, line, field, what was found and what to do.
    """
    document = parse_yaml(text, name)
    content = copy.deepcopy(document.content)
    chosen: dict[str, str] = {}
    added: list[str] = []
    for path, value in _checked(changes).items():
        if change(content, path, value, name):
            added.append(path)
        chosen[path] = value
    try:
        entries = validated(ProtocolFile, YamlDocument(name, content, document.lines))
    except InputError as error:
        if not added:
            raise
        remedy = f"{error.remedy}, by --set too, or edit a copy (debulk trial show NAME --yaml)"
        raise InputError(error.where, error.found, remedy) from None
    return build_protocol(
        entries,
        document,
        records=_records(content, chosen),
        source_name=Path(name).name,
        sha256=sha256_of(text.encode("utf-8")),
    )


def _checked(changes: Any) -> Mapping[str, str]:
    """Changes as texts by path."""
    remedy = 'Give texts by dotted path, such as {"conduct.withdrawn": "0.1"}'
    if changes is None:
        return {}
    if not isinstance(changes, Mapping):
        raise InputError("changes", f"{changes!r:.60} is no mapping", remedy)
    for path, value in changes.items():
        if not isinstance(path, str) or not isinstance(value, str):
            raise InputError("changes", f"{path!r:.60}: {value!r:.60} are not texts", remedy)
    return changes


def _records(content: Any, chosen: Mapping[str, str]) -> tuple[Parameter, ...]:
    """Every number of the file as a provenance record, in the file's order."""
    records: list[Parameter] = []

    def visit(part: Any, path: tuple[str, ...], above: str) -> None:
        if isinstance(part, Mapping) and "value" in part:
            dotted = ".".join(path)
            source = str(part.get("source", ""))
            status: Status = "default"
            if dotted in chosen:
                status = "chosen"
            elif source == "derived":
                status = "derived"
            note, unit = str(part.get("note", "")), str(part.get("unit", ""))
            records.append(Parameter(dotted, part["value"], status, source, note, unit))
        elif isinstance(part, Mapping):
            for key, inner in part.items():
                visit(inner, (*path, str(key)), str(key))
        elif isinstance(part, list):
            label = NAMED_LISTS.get(above)
            for index, inner in enumerate(part):
                key = inner.get(label, index) if label and isinstance(inner, Mapping) else index
                visit(inner, (*path, str(key)), str(key))

    visit(content, (), "")
    if isinstance(content, Mapping) and "version" in content:
        status: Status = "chosen" if "version" in chosen else "default"
        note = "which registry entry's wording is in force"
        records.insert(0, Parameter("version", content["version"], status, "derived", note))
    # Words, truths and lists have no source in the file; those that were changed are told.
    told = {each.name for each in records}
    records += [
        Parameter(path, value, "chosen", CHOSEN)
        for path, value in chosen.items()
        if path not in told
    ]
    return tuple(records)
