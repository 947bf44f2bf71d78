"""The studio's own working pictures: lossless, alpha kept whatever it holds, quick rather than small."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path

if TYPE_CHECKING:
    import numpy as np


def write_layer(path: Path, picture: np.ndarray) -> None:
    """Writes a uint8 (h, w, 3) or (h, w, 4) picture as PNG, atomically. Raises StorageFailed."""
    from PIL import Image

    with atomic_path(path) as partial:
        Image.fromarray(picture).save(partial, format="PNG", compress_level=1)


def read_layer(path: Path) -> np.ndarray:
    """What `write_layer` wrote, with the channels it had. For the studio's own files only: nothing is checked."""
    import numpy as np
    from PIL import Image

    with Image.open(path, formats=["PNG"]) as picture:
        return np.asarray(picture)
