from __future__ import annotations

import subprocess
import sys

from studio.settings import ROOT

HEAVY = ("torch", "librosa", "cv2", "scipy", "skia", "av", "dbos", "numba", "sklearn")


def test_the_page_process_loads_nothing_heavy(tmp_path):
    """From building the studio to building the page and submitting nothing yet."""
    code = (
        "import sys; from pathlib import Path; from studio.compose import Studio; from studio.settings import Settings;"
        "from tabs.page import build_page, launch_options; s = Studio(Settings(data=Path(sys.argv[1])));"
        "build_page(s, Path(sys.argv[1]) / 'uploads'); launch_options(s);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
