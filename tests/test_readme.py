"""The README tells the truth: its list of files is the tree, its commands and pictures exist."""

from __future__ import annotations

import re
import subprocess
import sys

from studio.settings import ROOT


def test_the_list_of_files_is_the_tree() -> None:
    command = [sys.executable, "scripts/file_list.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr or "run python scripts/file_list.py"


def test_make_targets_pictures_and_pages_it_names_exist() -> None:
    text = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
    for path in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (ROOT / path).is_file(), path
