"""FHIR resources out of bundles of any shape, and the few things that are asked of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import read_utf8
from debulk.patients.readers.notes import Notes

Resource = dict[str, Any]

ENDINGS = (".json", ".ndjson")
_DEEPEST = 20  # bundles inside bundles


def resources_of(path: Path, notes: Notes) -> list[Resource]:
    """All resources of a file or of the files of a folder, each with its ``fullUrl`` as ``_url``.

    A bundle may hold bundles and contained resources; a file may be a single resource or lines of
    JSON. In a folder, a file that is no FHIR is ignored and counted.

    Raises
    ------
    InputError
        If a file is no JSON, or the only file is no FHIR.
    """
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS)
    else:
        files = [path]
    if not files:
        raise InputError(str(path), "holds no .json or .ndjson file", "Name the bundles' folder")
    found: list[Resource] = []
    for file in files:
        inside = [each for value in _documents(file) for each in _unpacked(value, "", 0)]
        if inside or _is_bundle(file):
            notes.read(file)
            found += inside
        elif len(files) == 1:
            raise InputError(
                str(file), "is JSON but no FHIR bundle or resource", "Give a FHIR R4 bundle"
            )
        else:
            notes.ignore("files that are JSON but no FHIR bundle or resource")
    return found


def _documents(file: Path) -> list[Any]:
    text = read_utf8(file)
    if not text.strip():
        raise InputError(str(file), "is empty", "Export the bundle again")
    if file.suffix.lower() == ".ndjson":
        lines = enumerate(text.splitlines(), 1)
        return [_parsed(line, f"{file}, line {at}") for at, line in lines if line.strip()]
    return [_parsed(text, str(file))]


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = where if ", line " in where else f"{where}, line {error.lineno}"
        remedy = "Export the bundle again; it may have been cut off"
        raise InputError(place, f"is no JSON ({error.msg})", remedy) from None
    except (RecursionError, ValueError) as error:
        raise InputError(where, f"is no JSON ({error})", "Export the bundle again") from None


def _is_bundle(file: Path) -> bool:
    return any(
        isinstance(each, dict) and each.get("resourceType") == "Bundle" for each in _documents(file)
    )


def _unpacked(value: Any, url: str, depth: int) -> Iterator[Resource]:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    kind = value.get("resourceType")
    if kind == "Bundle":
        for entry in listed(value.get("entry")):
            if isinstance(entry, dict):
                yield from _unpacked(
                    entry.get("resource"), str(entry.get("fullUrl") or ""), depth + 1
                )
                for inner in listed(entry.get("contained")):
                    inside = inner.get("resource", inner) if isinstance(inner, dict) else None
                    yield from _unpacked(inside, "", depth + 1)
    elif isinstance(kind, str):
        yield {**value, "_url": url}
        for inner in listed(value.get("contained")):
            yield from _unpacked(inner, "", depth + 1)


def listed(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def codings(concept: Any) -> list[tuple[str, str, str]]:
    """System, code and display of each coding of one or several CodeableConcepts."""
    found = []
    for each in listed(concept):
        for coding in listed(each.get("coding")) if isinstance(each, dict) else []:
            if isinstance(coding, dict):
                parts = (coding.get(name) for name in ("system", "code", "display"))
                system, code, display = (str(part or "") for part in parts)
                found.append((system, code, display))
    return found


def words(concept: Any) -> str:
    """All words of a concept: its text and the displays of its codings."""
    texts = [str(each.get("text") or "") for each in listed(concept) if isinstance(each, dict)]
    return " ".join(dict.fromkeys([*texts, *(display for *_, display in codings(concept))])).strip()


def code_in(concept: Any, codes: set[str] | dict[str, Any]) -> str | None:
    """The first code of a concept that is one of `codes`."""
    return next((code for _, code, _ in codings(concept) if code in codes), None)


def when(resource: Resource, *names: str) -> str | None:
    """The first date among some elements; of a period its start."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and isinstance(value.get("start"), str):
            return str(value["start"])
    return None


def until(resource: Resource, *names: str) -> str | None:
    """The end of the first period among some elements."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, dict) and isinstance(value.get("end"), str):
            return str(value["end"])
    return None


def key_of(reference: Any) -> str | None:
    """What a reference points to, whether relative, absolute or urn:uuid."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    return bare_key(text) if isinstance(text, str) else None


def bare_key(url: str) -> str:
    """The identifier at the end of a reference or fullUrl."""
    return url.partition("/_history")[0].rpartition("/")[2].rpartition(":")[2].removeprefix("#")


def has_profile(resource: Resource, part: str) -> bool:
    """Whether a resource claims an mCODE profile."""
    meta = resource.get("meta")
    profiles = listed(meta.get("profile")) if isinstance(meta, dict) else []
    return any(part in str(each) for each in profiles)


def name_of(resource: Resource) -> str:
    """A resource's own identifier."""
    return str(resource.get("id") or bare_key(str(resource.get("_url") or "")))
