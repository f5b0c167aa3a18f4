"""Draw the figures of the pages on evidence into docs/img, as SVG.

Every number comes from the packaged data, by the commands that the pages show. Run it with no
argument; it needs the extra `figures`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.testing import CliRunner

from debulk.cli.evidence import app

DOCS = Path(__file__).parents[1] / "docs"
IMAGES = DOCS / "img"
TUTORIAL = DOCS / "tutorials" / "from-a-printed-curve.md"

COMMANDS = {
    "evidence-forest": (
        *("forest", "--outcome", "overall survival", "--design", "randomised", "--domain", "mcrc"),
        *("--subgroup", "organ"),
    ),
    "evidence-map": ("map", "--domain", "mcrc", "--by", "confounding_by_extent"),
    "survival-by-extent": ("curves", "--held-out"),
}
"""Name of each picture and the command that draws it."""


def draw_rebuilt_curve(images: Path) -> None:
    """Run the tutorial's first block, which clicks, and its first command, which rebuilds."""
    text = TUTORIAL.read_text(encoding="utf-8")
    (clicking, *_) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (command, *_) = re.findall(r"^\$ debulk (evidence reconstruct .*)$", text, re.MULTILINE)
    rebuilding = ["from debulk.cli import main; main()", *shlex.split(command)]
    with TemporaryDirectory() as folder:
        for program in ([clicking], rebuilding):
            started = [sys.executable, "-c", *program]
            subprocess.run(started, cwd=folder, check=True, capture_output=True)
        shutil.copyfile(Path(folder) / "figure.svg", images / "rebuilt-curve.svg")


def main(folder: Path = IMAGES) -> None:
    """Draw them all."""
    for name, (command, *options) in COMMANDS.items():
        done = CliRunner().invoke(app, [command, str(folder / f"{name}.svg"), *options])
        if done.exception is not None:
            raise done.exception
    draw_rebuilt_curve(folder)


if __name__ == "__main__":
    main()
