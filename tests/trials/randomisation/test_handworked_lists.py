"""Do lists hold what was asked, to the byte, and do their figures agree with a pencil?"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import math

import pytest

from debulk.trials.randomisation.guesses import list_balance
from debulk.trials.randomisation.list_settings import list_settings
from debulk.trials.randomisation.lists import randomisation_list, verify_opening

ARMS = ("control", "experimental")
STRATA = {"centre": ["A", "B"], "extent": ["one", "more"]}

FIRST_SCHEME = "79a7382b25a651cd6aa39f4116f9511ec8f74779c1ef58387130f3042f8fe880"
"""SHA-256 of the list below under scheme 1; if it changes, raise `seals.SCHEME`."""


def example(**changes):
    asked = {"strata": STRATA, "block_sizes": (4, 6), "seed": 1, **changes}
    return randomisation_list(ARMS, 50, **asked)


def test_the_same_seed_gives_the_same_bytes_for_ever() -> None:
    assert hashlib.sha256(example().text().encode()).hexdigest() == FIRST_SCHEME


def test_the_file_and_the_table_hold_the_same_rows() -> None:
    drawn = example()
    read = list(csv.DictReader(io.StringIO(drawn.text())))
    assert list(read[0]) == drawn.table.columns
    assert [
        {name: str(value) for name, value in row.items()} for row in drawn.table.to_dicts()
    ] == read
    assert {(each["centre"], each["extent"]) for each in read} == {
        ("A", "one"),
        ("A", "more"),
        ("B", "one"),
        ("B", "more"),
    }


@pytest.mark.parametrize(
    ("allocation", "sizes", "share"),
    [(1.0, (4, 6), 1 / 2), (2.0, (3, 6), 2 / 3), (0.5, (6,), 1 / 3), (1.5, (5, 10), 3 / 5)],
)
def test_every_block_holds_its_ratio_and_every_stratum_its_patients(
    allocation, sizes, share
) -> None:
    drawn = example(allocation=allocation, block_sizes=sizes)
    blocks = {}
    for each in drawn.rows:
        blocks.setdefault((each.stratum, each.block), []).append(each)
    for block in blocks.values():
        size = block[0].block_size
        assert size in sizes
        assert len(block) == size
        assert sum(each.arm == "experimental" for each in block) == round(size * share)
    for _, group in itertools.groupby(drawn.rows, key=lambda each: each.levels):
        places = list(group)
        assert [each.sequence for each in places] == list(range(1, len(places) + 1))
        assert 50 <= len(places) < 50 + max(sizes)
    assert {each.block_size for each in drawn.rows} == set(sizes)


def test_three_arms_by_name() -> None:
    arms = ("control", "ablation", "surgery")
    parts = {"control": 2, "ablation": 1, "surgery": 1}
    drawn = randomisation_list(arms, 40, allocation=parts, block_sizes=(8,), seed=3)
    for start in range(0, 40, 8):
        block = [each.arm for each in drawn.rows[start : start + 8]]
        assert [block.count(arm) for arm in arms] == [4, 2, 2]


def test_codes_are_distinct_and_of_one_length() -> None:
    codes = [each.code for each in example().rows]
    assert len(set(codes)) == len(codes)
    assert {len(each) for each in codes} == {4}


def test_without_a_seed_lists_differ_and_the_seal_keeps_the_seed() -> None:
    first, second = example(seed=None), example(seed=None)
    assert first.text() != second.text()
    assert first.seed_source == "system entropy"
    again = example(seed=int(first.seal["seed"]))
    assert again.text() == first.text()
    assert str(first.seed) not in first.text() + first.blinded_text()


def test_the_blinded_list_shows_no_arm_and_opens_row_by_row() -> None:
    drawn = example()
    blinded = list(csv.DictReader(io.StringIO(drawn.blinded_text())))
    assert list(blinded[0]) == [
        "row",
        "centre",
        "extent",
        "stratum",
        "sequence",
        "code",
        "commitment",
    ]
    assert "experimental" not in drawn.blinded_text()
    for row in (1, 57, len(drawn.rows)):
        opening = drawn.opening(row)
        sealed = blinded[row - 1]["commitment"]
        by_hand = hashlib.sha256(
            "\n".join((opening["salt"], opening["code"], opening["arm"])).encode()
        ).hexdigest()
        assert sealed == by_hand
        assert verify_opening(sealed, opening)
        other = "control" if opening["arm"] == "experimental" else "experimental"
        assert not verify_opening(sealed, {**opening, "arm": other})
        assert not verify_opening(blinded[row % len(blinded)]["commitment"], opening)
    assert len({each["commitment"] for each in blinded}) == len(blinded)


def blackwell_hodges(size: int) -> float:
    """Expected right guesses in a block of 1 : 1 (Blackwell and Hodges 1957)."""
    half = size // 2
    return half + 0.5 * (2.0**size / math.comb(size, half) - 1.0)


@pytest.mark.parametrize("sizes", [(2,), (4,), (6,), (4, 6), (2, 4, 8), (20,)])
def test_guesses_against_blackwell_and_hodges(sizes) -> None:
    found = example(block_sizes=sizes).balance()
    expected = sum(map(blackwell_hodges, sizes)) / sum(sizes)
    assert found.guessed == pytest.approx(expected, rel=1e-12)
    assert found.guessed_knowing_blocks == pytest.approx(expected, rel=1e-12)
    assert found.by_chance == 0.5


@pytest.mark.parametrize("parts", [(1, 2), (2, 1), (2, 3), (1, 1, 2), (1, 1, 1)])
def test_guesses_against_every_arrangement_of_a_block(parts) -> None:
    """Walk through each distinct arrangement and guess aloud."""
    arms = [f"arm {each}" for each in range(len(parts))]
    size = 2 * sum(parts)
    settings = list_settings(arms, 10, None, dict(zip(arms, parts, strict=True)), (size,))
    content = [arm for arm, part in enumerate(parts) for _ in range(2 * part)]
    right = knowing = certain = 0.0
    arrangements = set(itertools.permutations(content))
    for arrangement in arrangements:
        for place, arm in enumerate(arrangement):
            counts = [arrangement[:place].count(each) for each in range(len(parts))]
            behind = min(c / p for c, p in zip(counts, parts, strict=True))
            tied = [each for each in range(len(parts)) if counts[each] / parts[each] == behind]
            most = max(parts[each] for each in tied)
            best = [each for each in tied if parts[each] == most]
            right += (arm in best) / len(best)
            left = [2 * p - c for c, p in zip(counts, parts, strict=True)]
            top = [each for each in range(len(parts)) if left[each] == max(left)]
            knowing += (arm in top) / len(top)
            certain += max(left) == size - place
    places = len(arrangements) * size
    found = list_balance([((), arms[each]) for each in content], settings)
    assert found.guessed == pytest.approx(right / places, rel=1e-12)
    assert found.guessed_knowing_blocks == pytest.approx(knowing / places, rel=1e-12)
    assert found.certain == pytest.approx(certain / places, rel=1e-12)


def test_balance_by_hand() -> None:
    """A: E E C C and B: C E E C; guesses 0.5 0 1 1 and 0.5 1 0.5 1, tops 1 and -0.5, 0.5."""
    settings = list_settings(ARMS, 4, {"centre": ["A", "B"]}, 1.0, (4,))
    places = [(("A",), ARMS[each]) for each in (1, 1, 0, 0)]
    places += [(("B",), ARMS[each]) for each in (0, 1, 1, 0)]
    found = list_balance(places, settings)
    assert found.patients == {"control": 4, "experimental": 4}
    assert [each.largest_imbalance for each in found.strata] == [1.0, 0.5]
    assert found.worst_imbalance == 1.5
    assert found.guessed_in_list == pytest.approx((0.5 + 0 + 1 + 1 + 0.5 + 1 + 0.5 + 1) / 8)
    assert json.loads(json.dumps(found.to_dict()))["strata"][1]["stratum"] == "B"


def test_levels_that_read_alike_stay_apart() -> None:
    strata = {"x": ["a", "a / b"], "y": ["b / c", "c"]}
    drawn = randomisation_list(ARMS, 8, strata=strata, block_sizes=(4,), seed=1)
    assert len(drawn.balance().strata) == 4


def test_each_arrangement_of_a_block_is_as_frequent_and_codes_tell_nothing() -> None:
    """10 000 blocks of two and two: chi-square, 5 degrees of freedom, passed once in 100 000."""
    drawn = randomisation_list(ARMS, 40_000, block_sizes=(4,), seed=12)
    arms = "".join(each.arm[0] for each in drawn.rows)
    seen = [arms[start : start + 4] for start in range(0, 40_000, 4)]
    counts = [seen.count(each) for each in sorted(set(seen))]
    assert len(counts) == 6
    assert sum((each - 10_000 / 6) ** 2 / (10_000 / 6) for each in counts) < 30.9
    # Share of even codes among the experimental half: standard error 0.0035.
    even = [int(each.code) % 2 == 0 for each in drawn.rows if each.arm == "experimental"]
    assert abs(sum(even) / len(even) - 0.5) < 4.5 * 0.0035
