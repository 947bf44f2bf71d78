"""Clean edges: paper-cut, cel, flat."""

from __future__ import annotations

import numpy as np

from studio.engines.image.mediums.patch import (
    LUMA,
    Patch,
    filled,
    kuwahara,
    lines,
    outline,
    posterised,
    retoned,
    shapes,
)
from studio.engines.image.noise import blur, shifted, smoothstep


def papercut(patch: Patch) -> Patch:
    """Sheets of card, one a tone, each a little above the one behind and throwing its shadow on it."""
    unit = patch.unit
    base = filled(patch)
    calm = shapes(base, patch.tool(0.005 if patch.easel.built else 0.013))
    luma = blur(calm @ LUMA, max(0.8, patch.tool(0.0025 if patch.easel.built else 0.005)))
    levels = 5 if patch.index == 0 else 4
    steps = posterised(luma, levels, 0.975)
    hue = blur(calm, patch.tool(0.06))
    card = retoned(hue, steps)
    printed = patch.easel.inks.tone(np.clip(steps * 0.92 + 0.04, 0, 1))
    share = 0.12 if patch.brush < 1.0 else (0.85 if patch.index == 0 else 0.40)
    card = card + (printed - card) * share
    if patch.brush < 1.0:
        card = card + (kuwahara(base, patch.square(0.004)) - card) * 0.82
    else:
        off = blur(np.abs(base @ LUMA - luma), patch.tool(0.0015))
        pierced = smoothstep(0.09, 0.18, off) if patch.easel.built else smoothstep(0.15, 0.25, off)
        card = card + (kuwahara(base, patch.square(0.003)) - card) * (0.9 * pierced)[..., None]
    # dark sheets lie in front: the light comes from the upper left, shadows fall to the lower right
    lift = 1.0 - steps
    reach = patch.tool(0.011)
    thrown = shifted(blur(lift, patch.tool(0.007)), round(reach * 1.2), round(reach)) - lift
    card = card * (1.0 - 1.25 * np.clip(thrown, 0, 0.30))[..., None]
    edge = np.clip(lift - shifted(lift, *(max(1, round(unit * 0.0022)),) * 2), 0, 1)
    card = card + (1.0 - card) * (0.40 * np.clip(edge * 3.5, 0, 1))[..., None]
    fibre = patch.noise("fibre", 0.012, 3, 2.0)
    card = card * (1.0 + (fibre - 0.5) * 0.08)[..., None]
    return patch.with_paint(card) if patch.index == 0 else _with_drop_shadow(patch, card)


def _with_drop_shadow(patch: Patch, card: np.ndarray) -> Patch:
    """The layer's own shadow on what lies behind it, as paint under the card."""
    unit = patch.unit
    solid = smoothstep(0.30, 0.62, patch.alpha)
    shift = max(1, round(unit * 0.010))
    far = shifted(blur(solid, unit * 0.013), round(shift * 1.3), shift)
    near = shifted(blur(solid, unit * 0.004), shift // 2, shift // 2)
    shadow = np.clip(0.26 * far + 0.16 * near, 0, 1) * (1.0 - solid)
    rim = np.clip(solid - shifted(solid, *(max(1, round(unit * 0.002)),) * 2), 0, 1)
    card = card + (1.0 - card) * (0.32 * rim)[..., None]
    dark = patch.easel.inks.tone(0.02) * 0.7
    alpha = solid + shadow
    colour = (card * solid[..., None] + dark * shadow[..., None]) / np.maximum(alpha, 1e-3)[..., None]
    return patch.with_paint(colour, alpha)


def cel(patch: Patch) -> Patch:
    """Painted backgrounds and inked figures: shade in two clean steps, colour that stays bright in it."""
    base = filled(patch)
    colour = kuwahara(base, patch.square(0.006))
    luma = blur(colour @ LUMA, patch.tool(0.0022))
    steps = posterised(luma, 7 if patch.index == 0 else 5, 0.80)
    keep = 0.55 if patch.index == 0 else 0.28
    painted = retoned(colour, luma * keep + steps * (1 - keep))
    grey = (painted @ LUMA)[..., None]
    painted = np.clip(grey + (painted - grey) * 1.14, 0, 1)
    style = patch.easel.request.style
    drawn = lines(luma, patch.tool(0.0022), 0.016) * (0.25 if patch.index == 0 else 0.7)
    if patch.index:
        drawn = np.maximum(drawn, outline(patch.alpha, patch.unit * 0.0022) * (0.85 if patch.brush < 1 else 0.45))
    pen = painted * 0.28 + patch.easel.inks.tone(0.05) * 0.20
    painted = painted + (pen - painted) * (np.clip(drawn, 0, 1) * (0.35 + 0.65 * style.line))[..., None]
    return patch.with_paint(painted)


def flat(patch: Patch) -> Patch:
    """Poster shapes: few tones, smooth edges, nothing that isn't needed."""
    base = filled(patch)
    calm = shapes(base, patch.tool(0.006 if patch.easel.built else 0.018))
    luma = blur(calm @ LUMA, max(0.8, patch.tool(0.003 if patch.easel.built else 0.007)))
    levels = 7 if patch.index == 0 else 4
    steps = posterised(luma, levels, 0.965)
    style = patch.easel.request.style
    keep = 0.30 if patch.index == 0 else 0.10
    tone = luma * keep + steps * (1 - keep)
    painted = retoned(blur(calm, patch.tool(0.06)), tone)
    share = 0.15 if patch.brush < 1.0 else (0.85 if patch.index == 0 else 0.50)
    painted = painted + (patch.easel.inks.tone(tone) - painted) * share
    # small bright or dark things (windows, faces, lamps) survive; texture doesn't
    off = np.abs(base @ LUMA - luma)
    detail = (
        smoothstep(0.13, 0.24, blur(off, patch.tool(0.0015))) if patch.brush == 1.0 else np.clip(off * 6.0, 0.65, 1)
    )
    painted = painted + (kuwahara(base, patch.square(0.003)) - painted) * (0.85 * detail)[..., None]
    if style.line > 0 and patch.index:
        rim = np.maximum(outline(patch.alpha, patch.unit * 0.0022), 0.8 * lines(base @ LUMA, patch.tool(0.0026), 0.02))
        light = np.clip(patch.easel.inks.accents()[0] * 0.5 + 0.5, 0, 1)
        painted = painted + (light - painted) * (rim * style.line)[..., None]
    alpha = smoothstep(0.28, 0.72, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(painted, alpha)
