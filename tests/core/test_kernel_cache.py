"""Do compiled kernels follow the sources they are made of?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba

from debulk.core import compiled
from debulk.core.kernel_cache import ROOMS, forget_old, kernel_folder


def package(folder: Path) -> Path:
    """A package with one file in each room."""
    for room in ROOMS:
        (folder / room).mkdir(parents=True)
        (folder / room / "a.py").write_text("x = 1\n", encoding="utf-8")
    return folder


def test_the_folder_follows_the_content_of_every_room(tmp_path) -> None:
    made = package(tmp_path / "package")
    names = {kernel_folder(made)}
    for room in ROOMS:
        (made / room / "a.py").write_text("x = 2\n", encoding="utf-8")
        names.add(kernel_folder(made))
    assert len(names) == len(ROOMS) + 1
    assert kernel_folder(made).parent == made / "__pycache__"
    assert kernel_folder(made, str(tmp_path)).parent == tmp_path


def test_old_kernels_are_forgotten_but_for_a_few(tmp_path) -> None:
    for age in range(6):
        folder = tmp_path / f"kernels-{age}"
        folder.mkdir()
        os.utime(folder, (age, age))
    forget_old(tmp_path / "kernels-new")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kernels-4", "kernels-5"]


def test_this_package_uses_it() -> None:
    assert Path(numba.config.CACHE_DIR).name.startswith("kernels-")
    assert compiled.kernel is not None


def test_a_user_s_own_cache_folder_is_used(tmp_path) -> None:
    code = "import numba, debulk.core.compiled; print(numba.config.CACHE_DIR)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).parent == tmp_path
