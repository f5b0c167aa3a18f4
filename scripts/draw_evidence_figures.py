"""Draw the figures of the page on figures of evidence into docs/img, as SVG.

Every number comes from the packaged evidence, by the commands that the page shows. Run it with no
argument; it needs the extra `figures`.
"""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from debulk.cli.evidence import app

IMAGES = Path(__file__).parents[1] / "docs" / "img"

COMMANDS = {
    "evidence-forest": (
        *("forest", "--outcome", "overall survival", "--design", "randomised", "--domain", "mcrc"),
        *("--subgroup", "organ"),
    ),
    "evidence-map": ("map", "--domain", "mcrc", "--by", "confounding_by_extent"),
    "survival-by-extent": ("curves", "--held-out"),
}
"""Name of each picture and the command that draws it."""


def main(folder: Path = IMAGES) -> None:
    """Draw them all."""
    for name, (command, *options) in COMMANDS.items():
        done = CliRunner().invoke(app, [command, str(folder / f"{name}.svg"), *options])
        if done.exception is not None:
            raise done.exception


if __name__ == "__main__":
    main()
