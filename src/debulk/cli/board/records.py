"""`debulk board list`, `backup`, `restore`, `user`: what is stored, without a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from debulk.board.records import Records

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="PATH|URL",
        help="The board's database. Default: DEBULK_DATABASE, else a file in your data folder.",
    ),
]


def list_cases(
    search: Annotated[
        str, typer.Argument(metavar="SEARCH", help="Part of an identifier or of an extent.")
    ] = "",
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS",
            help="preparing, decided or withdrawn. Default: all that were not withdrawn.",
        ),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only cases that are due for review.")] = False,
    page: Annotated[int, typer.Option(help="Page, of 50 cases each.")] = 1,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the stored cases, last changed first."""
    from datetime import UTC, datetime

    with opened(database) as records:
        day = datetime.now(UTC).date() if due else None
        found = records.cases.page(search=search, status=status, due=day, page=page)
    if as_json:
        print_json(found.to_dict())
        return
    from rich.table import Table

    from debulk.core.strings import text

    table = Table(*(text(f"records.columns.{name}") for name in _COLUMNS), box=None)
    for row in found.rows:
        shown = {**row, "status": text(f"records.statuses.{row['status']}")}
        table.add_row(*(_cell(name, shown[name]) for name in _COLUMNS))
    if found.rows:
        answers().print(table)
    answers().print(
        text("records.cases_listed", count=found.total, page=found.page, pages=found.pages)
    )


def backup(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a backup of everything stored; the server may go on running.

    The file holds cases and password hashes, is readable by you alone, and can be restored into
    SQLite and PostgreSQL.
    """
    with opened(database) as records:
        seal = records.backup(path)
    if as_json:
        print_json({"path": str(path), **seal.to_dict()})
        return
    from debulk.core.strings import text

    rows = seal.rows
    counts = {"cases": rows["cases"], "decisions": rows["decisions"], "rows": sum(rows.values())}
    answers().print(text("records.backup_written", path=path, digest=seal.digest, **counts))


def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Overwrite what is stored, after writing a backup of it aside."
        ),
    ] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore everything from a backup, all or nothing."""
    with opened(database, make=True) as records:
        restored = records.restore(path, force=force)
        place = records.place
    if as_json:
        print_json(restored.to_dict())
        return
    from debulk.core.strings import text

    seal = restored.backup
    rows = sum(seal.rows.values())
    told = [text("records.restored", place=place, rows=rows, made_at=seal.made_at[:16])]
    if restored.aside is not None:
        told.append(text("records.kept_aside", path=restored.aside))
    if not restored.audit_sound:
        told.append(text("records.audit_broken"))
    answers().print(" ".join(told))


def add_user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in with.")],
    role: Annotated[
        list[str],
        typer.Option(
            "--role",
            metavar="ROLE",
            help="viewer, board member or administrator; may be repeated.",
        ),
    ],
    database: DatabaseOption = None,
) -> None:
    """Make an account; the password is asked for, or read from a pipe."""
    from debulk.board.records import PROGRAM
    from debulk.core.strings import text

    with opened(database, make=True) as records:
        made = records.users.add(name, _password(), role, by=PROGRAM)
    roles = ", ".join(made.roles)
    answers().print(text("records.account_added", name=made.name, roles=roles))


def list_users(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the accounts."""
    with opened(database) as records:
        found = records.users.list()
    if as_json:
        print_json({"users": [each.to_dict() for each in found]})
        return
    from debulk.core.strings import text

    for each in found:
        answers().print(f"{each.name}  {', '.join(each.roles)}")
    answers().print(text("records.accounts_listed", count=len(found)))


def remove_user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account.")],
    database: DatabaseOption = None,
) -> None:
    """Close an account; what it did stays in the log."""
    from debulk.board.records import PROGRAM
    from debulk.core.strings import text

    with opened(database) as records:
        records.users.remove(name, by=PROGRAM)
    answers().print(text("records.account_removed", name=name))


def change_password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account.")],
    database: DatabaseOption = None,
) -> None:
    """Give an account another password; it is signed out everywhere."""
    from debulk.board.records import PROGRAM
    from debulk.core.strings import text

    with opened(database) as records:
        records.users.read(name)
        records.users.set_password(name, _password(), by=PROGRAM)
    answers().print(text("records.password_changed", name=name))


_COLUMNS = ("id", "status", "extent", "organs", "lesions", "changed_at", "review_date")


def opened(database: str | None, *, make: bool = False) -> Records:
    """The store, or what to install where its own packages are missing.

    Only what puts something into it makes one: the backup of a place that was typed wrongly would
    hold nothing, and nobody would know.
    """
    try:
        from debulk.board.records import open_records
    except ModuleNotFoundError as error:
        found = f"{error.name} is not installed"
        raise InputError("debulk board", found, "Run: pip install 'debulk[web]'") from None
    from debulk.board.records.location import check_there

    if not make:
        check_there(database)
    return open_records(database)


def _password() -> str:
    """Asked for twice without showing it; from a pipe, its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    from debulk.core.strings import text

    first = getpass(text("records.ask_password"))
    if getpass(text("records.ask_again")) != first:
        messages().print(text("records.not_the_same"))
        raise typer.Exit(1)
    return first


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    return str(value)[:16].replace("T", " ") if name == "changed_at" else str(value)
