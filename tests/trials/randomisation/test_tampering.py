"""Is a list that somebody touched found out, and the row named?"""

from __future__ import annotations

import json
import os
import stat

import pytest

from debulk.core.errors import InputError
from debulk.trials.randomisation.lists import randomisation_list
from debulk.trials.randomisation.seals import digest_of, hash_chain, lines_of, make_seal, seal_path
from debulk.trials.randomisation.verification import verify_list

ARMS = ("control", "experimental")


@pytest.fixture
def written(tmp_path):
    drawn = randomisation_list(ARMS, 24, strata={"centre": ["A", "B"]}, seed=7)
    drawn.write(tmp_path / "list.csv")
    return tmp_path / "list.csv"


def swap_arm(line: bytes) -> bytes:
    if b"control" in line:
        return line.replace(b"control", b"experimental")
    return line.replace(b"experimental", b"control")


def test_an_untouched_list_is_untouched(written) -> None:
    found = verify_list(written)
    assert found.untouched
    assert found.remade
    assert found.problems == found.changed_rows == ()
    assert verify_list(str(written), digest=found.digest.upper() + "\n").untouched
    assert json.loads(json.dumps(found.to_dict()))["untouched"] is True


def test_every_single_row_that_is_changed_is_named(written) -> None:
    lines = lines_of(written.read_bytes())
    for row in range(1, len(lines)):
        changed = [*lines[:row], swap_arm(lines[row]), *lines[row + 1 :]]
        written.write_bytes(b"\n".join(changed) + b"\n")
        found = verify_list(written)
        assert not found.untouched
        assert found.changed_rows == (row,)


def test_two_rows_changed_places(written) -> None:
    lines = lines_of(written.read_bytes())
    lines[3], lines[9] = lines[9], lines[3]
    written.write_bytes(b"\n".join(lines) + b"\n")
    assert verify_list(written).changed_rows == (3, 9)


@pytest.mark.parametrize("row", [1, 13, -1])
def test_a_row_taken_out_or_put_in(written, row) -> None:
    lines = lines_of(written.read_bytes())
    first = row if row > 0 else len(lines) - 1
    for changed in ([*lines[:first], *lines[first + 1 :]], [*lines[:first], b"x", *lines[first:]]):
        written.write_bytes(b"\n".join(changed) + b"\n")
        found = verify_list(written)
        assert not found.untouched
        assert found.changed_rows == (first,)
        assert "were sealed" in found.problems[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.replace(b"\n", b"\r\n"), "line ends"),
        (lambda data: data.removesuffix(b"\n"), "end of the file"),
        (lambda data: data + b"\n", "were sealed"),
        (lambda data: b"\xef\xbb\xbf" + data, "0: header"),
        (lambda data: b"", "were sealed"),
        (lambda data: b"\xff\xfe\x00" * 9, "were sealed"),
    ],
)
def test_other_changes_of_the_file(written, change, says) -> None:
    written.write_bytes(change(written.read_bytes()))
    found = verify_list(written)
    assert not found.untouched
    assert says in found.problems[0]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "8"},
        {"seed_source": "system entropy"},
        {"version": "9"},
        {"sha256": "0" * 64},
        {"settings": {}},
        {"settings": {"arms": 1, "parts": None}},
        {"chain": []},
        {"digest": "0" * 64},
        {"seed": "\ud800"},
        {"scheme": 2},
    ],
)
def test_a_changed_seal_is_found_out(written, change) -> None:
    file = seal_path(written)
    seal = json.loads(file.read_text(encoding="utf-8"))
    file.chmod(0o600)
    file.write_text(json.dumps({**seal, **change}), encoding="utf-8")
    assert not verify_list(written).untouched


def test_a_list_sealed_anew_needs_a_seed_that_gives_it(written) -> None:
    """Whoever changes a row and seals again cannot find a seed for it."""
    lines = lines_of(written.read_bytes())
    lines[5] = swap_arm(lines[5])
    text = (b"\n".join(lines) + b"\n").decode()
    old = json.loads(seal_path(written).read_text(encoding="utf-8"))
    written.write_text(text, encoding="utf-8", newline="\n")
    seal = make_seal(text, old["settings"], 7, "chosen")
    assert seal["digest"] == digest_of(seal)
    assert seal["chain"] == hash_chain(lines)
    seal_path(written).write_text(json.dumps(seal), encoding="utf-8")
    found = verify_list(written)
    assert found.problems == ("the sealed seed and settings give another list",)


def test_another_whole_list_in_its_place_is_found_by_the_deposited_digest(written) -> None:
    deposited = verify_list(written).digest
    written.unlink()
    seal_path(written).unlink()
    randomisation_list(ARMS, 24, strata={"centre": ["A", "B"]}, seed=8).write(written)
    assert verify_list(written).untouched
    assert not verify_list(written, digest=deposited).untouched


def test_nothing_is_overwritten_and_nothing_half_written_is_left(written, tmp_path) -> None:
    drawn = randomisation_list(ARMS, 8, seed=1)
    before = written.read_bytes()
    with pytest.raises(InputError, match="never overwritten"):
        drawn.write(written)
    assert written.read_bytes() == before
    with pytest.raises(InputError, match="no existing folder"):
        drawn.write(tmp_path / "none" / "list.csv")
    with pytest.raises(InputError, match="another of the files"):
        drawn.write(tmp_path / "new.csv", blinded=tmp_path / "new.csv.seal.json")
    with pytest.raises(InputError):
        drawn.write(tmp_path / ("n" * 300 + ".csv"))
    # The seal's name is too long although the list's is not: neither file is left.
    with pytest.raises(InputError):
        drawn.write(tmp_path / ("n" * 248 + ".csv"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["list.csv", "list.csv.seal.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such permissions")
def test_list_and_seal_are_their_owners(tmp_path) -> None:
    drawn = randomisation_list(ARMS, 8, seed=1)
    files = drawn.write(tmp_path / "list.csv", blinded=tmp_path / "blinded.csv")
    modes = {name: stat.S_IMODE(file.stat().st_mode) for name, file in files.items()}
    assert modes["list"] == modes["seal"] == 0o600
    assert files["blinded"].read_text(encoding="utf-8") == drawn.blinded_text()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", '{"seed": 1}', "[" * 100_000, '{"a": ' + "9" * 5000 + "}"],
)
def test_a_file_that_is_no_seal(written, content) -> None:
    seal_path(written).write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        verify_list(written)


def test_missing_files(written, tmp_path) -> None:
    with pytest.raises(InputError, match="no such file"):
        verify_list(tmp_path / "other.csv")
    with pytest.raises(InputError, match="cannot be read"):
        verify_list(tmp_path)
    seal_path(written).unlink()
    with pytest.raises(InputError, match="no such file"):
        verify_list(written)
    for path in (None, 3, "", "a\x00b"):
        with pytest.raises(InputError, match="not a path"):
            verify_list(path)
