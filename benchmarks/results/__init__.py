"""Figures that are kept: `--save NAME` of a benchmark writes benchmarks/results/NAME.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def keep(name: str | None, figures: Mapping[str, Any]) -> None:
    """Writes `figures` under `name`; nothing where that is None or "": the run was not to be kept."""
    if name:
        (FOLDER / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
