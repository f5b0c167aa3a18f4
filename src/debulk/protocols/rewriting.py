"""A packaged protocol's file with numbers of one's own, to keep and run."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import yaml

from debulk.core.yaml_files import parse_yaml
from debulk.protocols.changing import change
from debulk.protocols.reading import protocol_from_text, protocol_text


def rewritten_protocol(name: str, changes: Mapping[str, str], why: str) -> str:
    """The text of a protocol's file with some fields changed.

    Parameters
    ----------
    name : str
        A packaged protocol.
    changes : mapping of str to str
        Dotted path of a field to its value, as `load_protocol` takes them.
    why : str
        First line of the file, as a comment.

    Returns
    -------
    str
        YAML that ``debulk trial run FILE`` takes.

    Raises
    ------
    InputError
        If a change is refused, or the changed protocol does not hold together.
    """
    text, called = protocol_text(name)
    content = copy.deepcopy(parse_yaml(text, called).content)
    for path, value in changes.items():
        change(content, path, value, called)
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    comment = "".join(f"# {line}\n" for line in why.splitlines())
    written = f"{comment}{body}"
    protocol_from_text(written, called)
    return written
