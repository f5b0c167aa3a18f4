"""`debulk board`: one patient at the tumour board, and what the board stores."""

import typer

from debulk.cli.board.records import (
    add_user,
    backup,
    change_password,
    list_cases,
    list_users,
    remove_user,
    restore,
)
from debulk.cli.board.show import show
from debulk.cli.plain_refusals import PlainGroup

app = typer.Typer(
    help="Tumour board: one patient, computed as the page shows it, and what the board stores.",
    cls=PlainGroup,
    no_args_is_help=True,
)
users = typer.Typer(
    help="Accounts of the page: who may sign in, and as what.",
    cls=PlainGroup,
    no_args_is_help=True,
)
app.command("show")(show)
app.command("list")(list_cases)
app.command("backup")(backup)
app.command("restore")(restore)
app.add_typer(users, name="user")
users.command("add")(add_user)
users.command("list")(list_users)
users.command("remove")(remove_user)
users.command("password")(change_password)
