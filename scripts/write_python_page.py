"""Write docs/reference/python.md: every public name of every room, from the sources alone.

Run after a change of a room's ``__all__``: .venv/bin/python scripts/write_python_page.py
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "python.md"
SOURCE = ROOT / "src" / "debulk"
ROOMS = (
    "core",
    "survival",
    "treatments",
    "patients",
    "evidence",
    "protocols",
    "disease",
    "trials",
    "emulation",
    "prognosis",
    "board",
    "reports",
    "web",
)

HEAD = """\
# Python

<!-- Written by scripts/write_python_page.py; do not edit. -->

One section a room, from the ground floor up; a room imports only from the floors below it. What is
named here is public; anything else may change without notice. `debulk.InputError` is raised for
whatever a user can cause; any other exception is a defect.
"""


def public_names(room: str) -> list[str]:
    """The literal ``__all__`` of a room."""
    for node in ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def room_summary(room: str) -> str:
    """The first paragraph of a room's docstring."""
    tree = ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n\n")[0]


def definitions(room: str) -> dict[str, list[str]]:
    """Every name a room's modules define at their top, and the modules that do."""
    homes: dict[str, list[str]] = {}
    for path in sorted((SOURCE / room).rglob("*.py")):
        dotted = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for name in _names(node):
                homes.setdefault(name, []).append(dotted.removesuffix(".__init__"))
    return homes


def imported(room: str) -> dict[str, str]:
    """The module from which a room imports each name, where two of its modules define it."""
    tree = ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))
    return {
        each.name: str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [each.id for each in node.targets if isinstance(each, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def page() -> str:
    """The whole page.

    Raises
    ------
    LookupError
        If a public name is defined nowhere, or twice in its room.
    """
    parts = [HEAD]
    shown: dict[str, str] = {}
    for room in ROOMS:
        parts.append(f"## `debulk.{room}`\n\n{room_summary(room)}\n")
        homes, named = definitions(room), imported(room)
        for name in sorted(public_names(room), key=str.lower):
            found = homes.get(name, [])
            if len(found) > 1 and named.get(name) in found:
                found = [named[name]]
            if len(found) == 1:
                shown[name] = f"{found[0]}.{name}"
                parts.append(f"::: {shown[name]}\n")
            elif name in shown and not found:
                parts.append(f"### `{name}`\n\nThe same as [`{name}`][{shown[name]}].\n")
            else:
                raise LookupError(f"debulk.{room}.{name} is defined in {found or 'no module'}")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
