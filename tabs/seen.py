"""Whether a component is seen."""

from __future__ import annotations

from typing import Literal


def seen(wanted: bool) -> bool | Literal["hidden"]:
    """For `visible=`: "hidden" stays in the page, so that nothing is built anew when it is shown again."""
    return True if wanted else "hidden"
