"""Plans that can be worked out by hand from the cards."""

from __future__ import annotations

import dataclasses
import math

import pytest

from debulk.core import InputError
from debulk.treatments import Lesion, Panel, feasible, load_modalities, load_panel, override, plan

CARDS = load_modalities()


def chosen(lesions: list[Lesion], liver_remnant: float | None = None, **more: object) -> list[str]:
    """Modalities of a plan, '-' for none."""
    made = plan(lesions, liver_remnant, **more)  # type: ignore[arg-type]
    return [each.modality or "-" for each in made.lesions]


def livers(*diameters: float, near: bool | None = False) -> list[Lesion]:
    return [Lesion("liver", each, near) for each in diameters]


def test_three_small_liver_and_two_lung_lesions_are_all_resected() -> None:
    lesions = [*livers(12, 18, 25), Lesion("lung", 8, False), Lesion("lung", 11, False)]
    made = plan(lesions)
    assert [each.modality for each in made.lesions] == ["liver_resection"] * 3 + [
        "lung_resection"
    ] * 2
    assert made.treatable_share == 1.0
    assert made.treatable_share_volume == pytest.approx(1.0)
    assert [each.kind for each in made.sessions] == ["abdomen", "chest"]
    # 5 weeks after liver resection and 4 after lung resection, by the cards.
    assert made.weeks == 9.0
    assert "liver remnant is not known" in made.remarks[0]


def test_one_large_liver_lesion_is_resected_two_are_and_three_are_too_many() -> None:
    # A lesion above 50 mm takes 0.30 of the liver by the card, and 0.30 must stay.
    assert chosen(livers(90)) == ["liver_resection"]
    assert chosen(livers(90, 80)) == ["liver_resection"] * 2
    assert sorted(chosen(livers(90, 80, 70))) == ["-", "liver_resection", "liver_resection"]


def test_a_known_remnant_scales_what_each_lesion_takes() -> None:
    # All together leave 0.25: too little for all; the smallest are ablated or resected instead.
    assert chosen(livers(90), 0.25) == ["-"]
    assert chosen(livers(90), 0.30) == ["liver_resection"]
    assert chosen(livers(60, 90), 0.25) == ["liver_resection", "-"]


def test_small_lesions_are_ablated_where_not_all_can_be_resected() -> None:
    lesions = livers(*[10] * 9, 60, 70, 80)
    # Twelve exceed the ten of resection. Nine go to microwave; two of the large, 0.30 each, fit.
    assert chosen(lesions) == ["mwa"] * 9 + ["liver_resection"] * 2 + ["-"]
    made = plan(lesions)
    assert made.treatable_share == pytest.approx(11 / 12)
    kept = 1000 * 9 + 60**3 + 70**3
    assert made.treatable_share_volume == pytest.approx(kept / (kept + 80**3))
    # Ablation joins the operation: one session of five weeks.
    assert [(each.kind, each.weeks) for each in made.sessions] == [("abdomen", 5.0)]


def test_ablation_without_an_operation_is_a_session_of_its_own() -> None:
    cards = {name: each for name, each in CARDS.items() if name != "liver_resection"}
    made = plan(livers(10, 12), modalities=cards)
    assert [each.kind for each in made.sessions] == ["percutaneous"]
    assert made.weeks == 2.0


def test_where_microwave_is_not_at_hand_radiofrequency_stands_in() -> None:
    cards = {n: each for n, each in CARDS.items() if n not in ("liver_resection", "mwa")}
    assert chosen(livers(10), modalities=cards) == ["rfa"]


def test_beside_a_vessel_radiofrequency_loses_control_and_electroporation_does_not() -> None:
    lesion = Lesion("liver", 25, True)
    rfa, ire = feasible(lesion, CARDS["rfa"]), feasible(lesion, CARDS["ire"])
    assert rfa.state is True
    assert "reduced control" in rfa.reason
    assert ire.state is True
    assert "reduced" not in ire.reason
    cards = {name: CARDS[name] for name in ("rfa", "mwa", "ire", "sbrt")}
    assert chosen([lesion], modalities=cards) == ["ire"]


def test_a_modality_that_is_not_possible_beside_vessels_is_refused_there() -> None:
    cards = override(CARDS, "rfa.near_vessel", "not possible")
    assert feasible(Lesion("liver", 25, True), cards["rfa"]).state is False
    assert feasible(Lesion("liver", 25, None), cards["rfa"]).state is None
    assert feasible(Lesion("liver", 25, False), cards["rfa"]).state is True


def test_peritoneal_deposits_are_removed_all_or_none() -> None:
    assert chosen([Lesion("peritoneum", 10, False)] * 10) == ["cytoreductive_surgery"] * 10
    assert chosen([Lesion("peritoneum", 10, False)] * 11) == ["-"] * 11


def test_what_is_not_known_is_not_guessed() -> None:
    made = plan([Lesion("liver", None, False), Lesion("liver", 10, False)])
    assert made.lesions[0].state is None
    assert made.lesions[0].modality is None
    assert made.lesions[1].modality == "mwa"
    assert made.treatable_share == 0.5
    assert math.isnan(made.treatable_share_volume)
    assert "Lesions of unknown size count as not treatable." in made.remarks
    assert feasible(Lesion("liver", None), CARDS["mwa"]).state is None
    assert feasible(Lesion("brain", None), CARDS["mwa"]).state is False
    assert Lesion("liver", math.nan).diameter_mm is None


def test_primary_and_brain_are_left_alone() -> None:
    made = plan([Lesion("primary", 50), Lesion("brain", 10, False), Lesion("liver", 10, False)])
    assert [each.modality for each in made.lesions] == [None, None, "liver_resection"]
    assert made.treatable_share == 0.5
    assert made.treated == 1
    assert math.isnan(plan([Lesion("primary", 50)]).treatable_share)


def test_number_and_size_decide_feasibility_at_their_limits() -> None:
    mwa = CARDS["mwa"]
    assert feasible(Lesion("liver", 30, False), mwa).state is True
    assert feasible(Lesion("liver", 30.1, False), mwa).state is False
    assert feasible(Lesion("liver", 10, False), mwa, lesions_in_organ=9).state is True
    assert feasible(Lesion("liver", 10, False), mwa, lesions_in_organ=10).state is False
    assert feasible(Lesion("bone", 10, False), mwa).state is False


def test_a_bolder_panel_has_wider_limits() -> None:
    panel: Panel = load_panel()
    bold = math.log(50 / 30) / panel.sigma_more_sites.value + 0.01
    assert feasible(Lesion("liver", 50, False), CARDS["mwa"], boldness=bold).state is True
    assert feasible(Lesion("liver", 50, False), CARDS["mwa"], boldness=-bold).state is False


def test_nodes_that_cannot_all_be_resected_are_shared_with_radiotherapy() -> None:
    lesions = [Lesion("lymph_node", 15, False)] * 6
    # Four by operation, the other two by radiotherapy.
    assert sorted(chosen(lesions)) == ["other_resection"] * 4 + ["sbrt"] * 2


@pytest.mark.parametrize("diameter", [0.0, -3.0, math.inf])
def test_impossible_diameters_are_refused(diameter: float) -> None:
    with pytest.raises(InputError, match="diameter_mm"):
        Lesion("liver", diameter)


def test_other_impossible_input_is_refused() -> None:
    with pytest.raises(InputError, match="'liver'"):
        Lesion("livr")
    with pytest.raises(InputError, match="share"):
        plan([Lesion("liver", 10)], 30.0)
    with pytest.raises(InputError, match="finite"):
        plan([Lesion("liver", 10)], boldness=math.nan)
    with pytest.raises(InputError, match="below 1"):
        feasible(Lesion("liver", 10), CARDS["mwa"], lesions_in_organ=0)


def test_a_plan_turns_into_plain_values() -> None:
    plain = plan([Lesion("liver", 10, False)]).to_dict()
    assert plain["treated"] == 1
    assert plain["sessions"][0]["kind"] == "abdomen"


def test_without_a_modality_for_an_organ_the_reason_says_so() -> None:
    made = plan([Lesion("ovary", 10, False)], modalities={"mwa": CARDS["mwa"]})
    assert made.lesions[0].reason == "no modality at hand treats ovary"


def test_a_card_that_is_no_debulking_is_never_planned() -> None:
    cards = {"mwa": dataclasses.replace(CARDS["mwa"], debulking=False)}
    assert chosen(livers(10), modalities=cards) == ["-"]


def test_reasons_name_what_stands_in_the_way() -> None:
    beside = feasible(Lesion("liver", 20, None), CARDS["mwa"])
    assert beside.state is True
    assert "if a large vessel lies beside" in beside.reason
    assert plan([Lesion("bone", 80, False)]).lesions[0].reason == "80 mm; the card's limit is 50 mm"
    too_many = plan([Lesion("bone", 10, False)] * 4).lesions[3]
    assert too_many.reason == "too many or too large lesions in bone taken together"
    only_heat = {"mwa": CARDS["mwa"]}
    near = plan([Lesion("liver", 10, True)], modalities=only_heat).lesions[0]
    assert near.reason == "beside a large vessel, or that is not known"


def test_a_remnant_that_is_not_a_number_is_not_known() -> None:
    assert plan(livers(10), math.nan) == plan(livers(10))
