"""`debulk board show`: a case from a file, in print and in JSON."""

import json

import pytest
import typer
from tests.board.known_cases import ENTRIES
from tests.board.registry_record import CURATED, record
from typer.testing import CliRunner

from debulk.board import case_of_entry
from debulk.cli.board import app as board
from debulk.core import InputError

app = typer.Typer(pretty_exceptions_enable=False)
app.add_typer(board, name="board")
app.callback()(lambda: None)


def run(*arguments):
    return CliRunner().invoke(app, ["board", "show", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(ENTRIES["BC10"]))
    return path


def test_json_holds_the_contract_and_nothing_else_is_printed(file):
    result = run(file, "--json", "--no-futures")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    wanted = {"extent", "extent_k4", "organs", "lesions", "largest_diameter_mm", "treatable_share"}
    assert wanted <= set(found["now"])
    assert wanted <= set(found["at_entry"])
    orchestra = next(each for each in found["trials"] if each["protocol"] == "orchestra")
    assert orchestra["eligible"] == "unknown"
    assert {"id", "text", "state", "value", "judged"} <= set(orchestra["criteria"][0])


def test_print_says_extent_trials_and_what_is_missing(file):
    shown = " ".join(run(file, "--no-futures").stdout.split())
    assert "Research use, not a medical device." in shown
    assert "Extent: liver only (one organ, 3 lesions, largest 21 mm)." in shown
    assert "versions differ: met as registered under NCT01792934" in shown
    assert "14 answers would change what the board sees." in shown


def test_options_reach_the_case(file, tmp_path):
    path = tmp_path / "NCT99999999.json"
    path.write_text(record())
    (tmp_path / "NCT99999999.criteria.yaml").write_text(CURATED)
    options = ("--extent-k", 4, "--board-months", 2, "--registry", path, "--no-futures", "--json")
    found = json.loads(run(file, *options).stdout)
    assert (found["board_months"], found["settings"]["extent_k"]) == (2.0, 4)
    assert found["trials"][-1]["protocol"] == "NCT99999999"


def test_a_stored_case_is_shown_with_what_the_department_chose(tmp_path):
    store = pytest.importorskip("debulk.board.records", reason="needs debulk[web]")
    database = str(tmp_path / "board.sqlite")
    with store.open_records(database) as records:
        content = case_of_entry(ENTRIES["BC08"]).to_dict()
        name = records.cases.create(content, by=store.LOCAL_MEMBER).case_id
        records.settings.change({"extent_k": 4}, by=store.LOCAL_MEMBER)
        records.trials.store("NCT99999999", json.loads(record()), CURATED, by=store.LOCAL_MEMBER)
        records.trials.store("NCT00000009", {"of": "another"}, "", by=store.LOCAL_MEMBER)
    shown = run(name, "--database", database, "--no-futures", "--json")
    assert "Imported trial NCT00000009 cannot be read" in " ".join(shown.stderr.split())
    found = json.loads(shown.stdout)
    assert (found["now"]["extent"], found["settings"]["leans_at"]) == ("oligometastatic", 90)
    assert found["trials"][-1]["protocol"] == "NCT99999999"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no case"),
        ("{}", "there is no 'case_id'"),
        ('{"case_id": "A", "board_months": "soon", "tables": {}}', "'board_months' is 'soon'"),
    ],
)
def test_a_file_that_is_no_case_is_refused_with_its_name(tmp_path, content, said):
    path = tmp_path / "wrong.json"
    path.write_text(content)
    with pytest.raises(InputError, match=said) as refused:
        run(path)
    assert "wrong.json" in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"none\.json"):
        run(tmp_path / "none.json")
