"""`debulk evidence reconstruct` from the outside: exit, standard output, files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from debulk.cli.evidence.reconstruction import reconstruct
from debulk.core.errors import InputError
from debulk.survival import kaplan_meier

TIMES = np.linspace(0.5, 40, 80)
READING_RTOL = 0.02
"""Half a percent of noise in clicks, and no more than two percent in what is read from them."""


@pytest.fixture(name="app")
def make_app() -> typer.Typer:
    app = typer.Typer()
    app.command()(reconstruct)
    return app


@pytest.fixture(name="files")
def make_files(tmp_path: Path) -> dict[str, Path]:
    """Clicks along two exponential curves, in percent, with their numbers at risk."""
    files = {}
    for name, hazard in (("local", 0.02), ("control", 0.04)):
        survival = 100 * np.exp(-hazard * TIMES)
        path = files[name] = tmp_path / f"{name}.csv"
        lines = [f"{time:.4f},{share:.3f}" for time, share in zip(TIMES, survival, strict=True)]
        path.write_text("\n".join(["0,100", *lines]) + "\n")
    risk = files["risk"] = tmp_path / "risk.csv"
    at = [0, 10, 20, 30, 40]
    counts = [[round(200 * np.exp(-hazard * time)) for time in at] for hazard in (0.02, 0.04)]
    rows = [f"{time},{a},{b}" for time, a, b in zip(at, *counts, strict=True)]
    risk.write_text("\n".join(["time,local,control", *rows]) + "\n")
    return files


def run(app: typer.Typer, *arguments: Any) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def one_arm(files: dict[str, Path]) -> tuple[Any, ...]:
    return (files["local"], "--percent", "--at-risk", files["risk"], "--arm", "local")


def both_arms(files: dict[str, Path]) -> tuple[Any, ...]:
    return (*one_arm(files), "--against", files["control"], "--against-arm", "control")


def test_one_arm_in_words_and_as_a_table(
    app: typer.Typer, files: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "patients.csv"
    done = run(app, *one_arm(files), "--replicates", 20, "--out", out)
    assert done.exit_code == 0, done.output
    assert "Rebuilt patients" in done.stdout
    assert "Assumed: " in done.stdout
    assert "reconstruction adds a standard deviation" in done.stdout
    assert "Written:" in done.stderr
    patients = pl.read_csv(out)
    assert patients.columns == ["time", "event"]
    assert patients.height == 200
    curve = kaplan_meier(patients["time"], patients["event"])
    np.testing.assert_allclose(curve.at([10, 30]), np.exp([-0.2, -0.6]), rtol=READING_RTOL)


def test_two_arms_tell_sampling_and_reconstruction_apart(
    app: typer.Typer, files: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "patients.parquet"
    done = run(app, *both_arms(files), "--replicates", 50, "--out", out, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["reference"] == "control"
    assert set(told["arms"]) == {"local", "control"}
    ratio = told["hazard_ratio"]
    assert ratio["estimate"] == pytest.approx(0.5, rel=0.05)
    assert 0 < ratio["reconstruction_sd"] < ratio["sampling_se"] < ratio["total_se"]
    assert ratio["lower"] < ratio["as_if_known"]["lower"]
    assert told["arms"]["local"]["accuracy"]["root_mean_square"] < 0.01
    assert told["files"] == {"patients": str(out)}
    assert pl.read_parquet(out)["arm"].unique(maintain_order=True).to_list() == ["local", "control"]


def test_the_same_seed_gives_the_same_bytes(app: typer.Typer, files: dict[str, Path]) -> None:
    call = (*both_arms(files), "--replicates", 10, "--json")
    first, again, other = (run(app, *call, "--seed", seed).stdout for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_without_replicates_only_the_known_patients_speak(
    app: typer.Typer, files: dict[str, Path]
) -> None:
    told = json.loads(run(app, *both_arms(files), "--replicates", 0, "--json").stdout)
    assert "reconstruction_sd" not in told["hazard_ratio"]
    assert told["arms"]["local"]["median"]["reconstruction_sd"] is None
    words = run(app, *both_arms(files), "--replicates", 0).stdout
    assert "as if the patients were known" in " ".join(words.split())


def test_two_curves_of_one_file(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    rows = [f"{t},{np.exp(-0.02 * t):.4f},{np.exp(-0.04 * t):.4f}" for t in (0, 5, 10, 20, 30)]
    path.write_text("\n".join(["x,A,B", *rows]) + "\n")
    done = run(
        app, path, "--curve", "A", "--against-curve", "B", "--patients", 90,
        "--against-at-risk", "0:100 20:45", "--replicates", 0, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [each["patients"] for each in told["arms"].values()] == [90, 100]
    assert told["reference"] == "B"


def test_the_figure_is_drawn(app: typer.Typer, files: dict[str, Path], tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    figure = tmp_path / "figure.svg"
    done = run(app, *both_arms(files), "--replicates", 0, "--unit", "months", "--figure", figure)
    assert done.exit_code == 0, done.output
    text = figure.read_text()
    assert text.startswith("<svg")
    for word in ("Time (months)", "local", "Hazard ratio"):
        assert word in text


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"--percent": None}, "--percent"),
        ({"--arm": None}, "Name one of them: --arm"),
        ({"--arm": "locl"}, "Did you mean 'local'"),
        ({"--at-risk": None, "--arm": None}, "neither numbers at risk nor the number of patients"),
        ({"--events": "500"}, "--events"),
        ({"--patients": "0"}, "--patients"),
        ({"--at-risk": "0:200 10:300", "--arm": None}, "rises from 200 to 300"),
        ({"--out": "patients.xlsx"}, "End it in .csv or .parquet"),
        ({"--figure": "nowhere/figure.svg"}, "its folder does not exist"),
        ({"--seed": "-1"}, "seed"),
    ],
)
def test_hostile_input(
    app: typer.Typer, files: dict[str, Path], change: dict[str, str | None], found: str
) -> None:
    options: dict[str, str | None] = {
        "--percent": "", "--at-risk": str(files["risk"]), "--arm": "local", **change
    }  # fmt: skip
    arguments = [str(files["local"])]
    for name, value in options.items():
        if value is not None:
            arguments += [name] if value == "" else [name, value]
    before = sorted(files["local"].parent.iterdir())
    done = run(app, *arguments)
    assert isinstance(done.exception, InputError)
    assert found in str(done.exception)
    assert sorted(files["local"].parent.iterdir()) == before


def test_swapped_files_are_recognised(app: typer.Typer, files: dict[str, Path]) -> None:
    done = run(app, files["risk"], "--at-risk", files["local"], "--percent")
    assert isinstance(done.exception, InputError)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--against-events", 3), "a second arm needs its curve"),
        (("--curve", "A", "--against-curve", "A"), "name the same curve"),
    ],
)
def test_hostile_usage(
    app: typer.Typer, files: dict[str, Path], arguments: tuple[Any, ...], found: str
) -> None:
    done = run(app, *one_arm(files), *arguments)
    assert done.exit_code == 2
    assert found in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--replicates", 1), "--replicates: 1. Give 2 or more, or 0 for none"),
        (("--seed", -1), "--seed: -1"),
        (("--out", "patients.xlsx"), "--out patients.xlsx: ends in '.xlsx'"),
    ],
)
def test_hostile_values(
    app: typer.Typer, files: dict[str, Path], arguments: tuple[Any, ...], found: str
) -> None:
    done = run(app, *one_arm(files), *arguments)
    assert isinstance(done.exception, InputError)
    assert found in str(done.exception)


def test_the_unit_stands_beside_the_median_and_names_are_no_markup(
    app: typer.Typer, files: dict[str, Path]
) -> None:
    marked = files["local"].with_name("[bold]x.csv")
    files["local"].rename(marked)
    call = (marked, "--percent", "--patients", 200, "--replicates", 0, "--unit", "months")
    told = " ".join(run(app, *call).stdout.replace("│", " ").split())
    assert "months" in told
    assert "[bold]x" in told


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder")
def test_statistical_real_clicks_give_the_published_hazard_ratio(app: typer.Typer) -> None:
    """Bonner, N Engl J Med 2006: hazard ratio 0.68 (0.52 to 0.89)."""
    folder = Path(os.environ["DEBULK_DATA"]) / "ipdfromkm_radiation"
    done = run(
        app, folder / "radioplus.csv", "--percent", "--at-risk", folder / "nrisk.json",
        "--arm", "radioplus", "--against", folder / "radio.csv", "--against-arm", "radio",
        "--replicates", 100, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert 0.52 < told["hazard_ratio"]["estimate"] < 0.89
    assert [each["patients"] for each in told["arms"].values()] == [211, 213]
    for arm in told["arms"].values():
        assert arm["accuracy"]["root_mean_square"] < 0.01
