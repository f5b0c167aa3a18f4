"""`debulk disease continuum`: cure and occult metastases over the extent of disease."""

from __future__ import annotations

from debulk.cli.disease.figures import (
    DrawsOption,
    OutOption,
    PatientsOption,
    SeedOption,
    computed,
    files_told,
    print_table,
    write_page,
)
from debulk.cli.terminal import JsonOption, answers, print_json


def continuum(
    draws: DrawsOption = None,
    patients: PatientsOption = 4000,
    seed: SeedOption = 1,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Chance of cure and of occult metastases, from stage I to extensive disease."""
    from debulk.disease.continuum import compute_continuum

    result = computed(compute_continuum, draws=draws, patients=patients, seed=seed, out=out)
    files: tuple[str, ...] = ()
    if out is not None:
        from debulk.reports.continuum_figure import write_continuum_figure
        from debulk.reports.disease_pages import continuum_page

        files = write_continuum_figure(result, out)
        files += write_page(continuum_page(result), result, out, "continuum")
    if as_json:
        print_json({**result, "files": list(files)})
        return
    from debulk.reports.disease_pages import continuum_sentence, continuum_table

    console = answers()
    console.print(continuum_sentence(result), highlight=False)
    console.print()
    print_table(console, continuum_table(result), ("Extent", "Patients", "Cured", "Occult"))
    files_told(console, out, files)
