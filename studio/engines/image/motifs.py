"""What a style puts into every picture, whatever its place."""

from __future__ import annotations

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, smoothstep
from studio.engines.image.sheet import tinted


def grid(easel: Easel, ground: np.ndarray) -> np.ndarray | None:
    """A glowing grid on the ground that `ground` (a sheet) covers below the horizon; None for styles without one."""
    if "grid" not in easel.request.style.motifs:
        return None
    canvas = easel.canvas
    below = np.maximum(canvas.ys() - easel.light.horizon - 0.01, 1e-4)
    z = 0.30 / below
    x = (canvas.xs() - 0.5) * canvas.aspect * z * 2.2 + 0.5
    depth = np.broadcast_to(z * 2.4, canvas.shape)
    # one pixel's width on the ground, so that lines stay thin near by and melt together far away
    step_x = z * 2.2 / canvas.unit
    step_z = z * z * 2.4 / 0.30 / canvas.unit
    across = np.abs(x - np.round(x)) / np.maximum(step_x * 0.9, 1e-6)
    along = np.abs(depth - np.round(depth)) / np.maximum(step_z * 0.9, 1e-6)
    line = np.maximum(np.exp(-(across**2)), np.exp(-(along**2)))
    fade = smoothstep(0.02, 0.20, canvas.ys() - easel.light.horizon)
    mask = line * fade * ground[..., 3] * smoothstep(0.0, 0.02, canvas.ys() - easel.light.horizon)
    halo = blur(mask.astype(np.float32), canvas.unit * 0.006) * 0.9
    hue = np.clip(easel.inks.accents()[1] * 0.75 + 0.25, 0, 1)
    return tinted(np.clip(mask * 0.62 + halo * 0.30, 0, 0.8).astype(np.float32), hue)
