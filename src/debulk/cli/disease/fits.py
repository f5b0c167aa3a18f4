"""`debulk disease fits`: the model beside aggregates of the patients it was fitted to."""

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


def fits(
    draws: DrawsOption = None,
    patients: PatientsOption = 8000,
    seed: SeedOption = 1,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tumour sizes, new lesions, recurrence and death beside the patients' data."""
    from debulk.disease.fits import compute_fits

    result = computed(compute_fits, draws=draws, patients=patients, seed=seed, out=out)
    files: tuple[str, ...] = ()
    if out is not None:
        from debulk.reports.disease_pages import fits_page
        from debulk.reports.fits_figure import write_fits_figure

        files = write_fits_figure(result, out)
        files += write_page(fits_page(result), result, out, "fits")
    if as_json:
        print_json({**result, "files": list(files)})
        return
    from debulk.reports.disease_pages import fits_sentence, fits_table

    console = answers()
    console.print(fits_sentence(result), highlight=False)
    console.print()
    heads = ("Aggregate", "Observed", "Model", "Predicted", "p")
    print_table(console, fits_table(result), heads)
    files_told(console, out, files)
