import polars as pl
import pytest

from debulk.core import InputError
from debulk.patients import FEATURES, TABLES, parse_rule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("organs_involvd >= 2", "Did you mean 'organs_involved'"),
        ("sum(lesions) > 3", "speaks of one patient"),
        ("max(largest_diameter_mm) > 3", "speaks of one patient"),
        ("count(*) > 1", "speaks of one patient"),
        ("lesions > avg(lesions)", "speaks of one patient"),
        ("row_number() over (order by lesions) < 3", "cannot be called"),
        ("upper(sex) = 'MALE'", "cannot be called"),
        ("lesions > (select lesions)", "no feature is called 'select'"),
        ("case when lesions > 1 then true end", "no feature is called 'case'"),
        ("3", "names no feature"),
        ("'CR'", "names no feature"),
        ("true", "names no feature"),
        ("1 = 1", "names no feature"),
        ("lesions", "not true or false"),
        ("lesions + 1", "not true or false"),
        ("extent_k2", "not true or false"),
        ("lesions > 1, lesions < 3", "no rule"),
        ("lesions >", "no rule"),
        ("lesions > 1 as many", "no feature is called 'as'"),
        ("lesions > 1 -- lesions", "comment"),
        ("lesions > 1; drop", "cannot be read"),
        ('"lesions" > 1', "cannot be read"),
        ("lesions / 0 > 1", "divides"),
        ("lesions / organs_involved > 1", "divides"),
        ("lesions > 99999999999", "too large"),
        ("sex = null", "never true"),
        ("sex = 'mail'", "Did you mean 'male'"),
        ("extent_k2 = 'multiorgan'", "Did you mean 'multi_organ'"),
        ("sex > 3", "no rule"),
        ("lesions > '3'", "no word"),
        ("lesions and first_line", "no rule"),
        ("(" * 60 + "first_line" + ")" * 60, "too many brackets"),
        ("first_line or " * 200 + "first_line", "characters"),
        ("lesions > 1e3", "cannot be read"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_reason(text, says):
    with pytest.raises(InputError, match="criterion X") as caught:
        parse_rule(text, where="criterion X")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lesions > 2", [True, None, False]),
        ("not (lesions > 2)", [False, None, True]),
        ("lesions > 2 or first_line", [True, True, False]),
        ("lesions > 2 and first_line", [None, None, False]),
        ("lesions is null", [False, True, False]),
        ("coalesce(lesions, 0) > 2", [True, False, False]),
        ("lesions between 1 and 2", [False, None, True]),
        ("lesions in (1, 3)", [True, None, True]),
        ("lesions not in (1, 3)", [False, None, False]),
        ("LESIONS_REMOVED > 2".lower(), [False, False, True]),
        ("first_line", [None, True, False]),
        ("(lesions - lesions_removed) * 2 >= 4 / 2", [True, None, False]),
        ("sex = 'male' OR sex IS NULL", [True, False, True]),
    ],
)
def test_logic_is_three_valued(text, expected):
    table = pl.DataFrame(
        {
            "lesions": [3, None, 1],
            "lesions_removed": [0, 0, 3],
            "first_line": [None, True, False],
            "sex": pl.Series(["male", "female", None], dtype=pl.Enum(["female", "male"])),
        }
    )
    rule = parse_rule(text)
    assert table.select(answer=rule.expression)["answer"].to_list() == expected


@pytest.mark.parametrize("name", [*FEATURES, *TABLES["patients"]])
def test_every_name_can_stand_in_a_rule(name):
    rule = parse_rule(f"{name} is not null")
    assert rule.names == (name,)


def test_columns_of_the_users_own_can_be_named_when_given():
    with pytest.raises(InputError, match="smoker"):
        parse_rule("smoker")
    assert parse_rule("smoker", extra={"smoker": pl.Boolean()}).names == ("smoker",)


@pytest.mark.parametrize(
    ("text", "rising"),
    [
        ("lesions > 2", True),
        ("lesions > 2 or (hepatic_lesions > 5 and not liver_one_lobe)", True),
        ("lesions <= 5 and age_years > 18", True),
        ("lesions > 2 and hepatic_lesions < 3", False),
        ("not (lesions > 2)", False),
        ("lesions = 3", False),
        ("3 < lesions", False),
        ("lesions > hepatic_lesions", False),
        ("lesions - 1 > 2", False),
        ("coalesce(lesions, 0) > 2", False),
    ],
)
def test_rules_whose_ends_bracket_what_lies_between_are_told_apart(text, rising):
    assert parse_rule(text).rising is rising
