"""Clean edges: paper-cut, cel, flat."""

from __future__ import annotations

import numpy as np

from studio.engines.image.mediums.patch import LUMA, Patch, filled, kuwahara, lines, outline, posterised, retoned
from studio.engines.image.noise import blur, smoothstep, warp


def papercut(patch: Patch) -> Patch:
    """Sheets of card, one a tone, each a little above the one behind and throwing its shadow on it."""
    unit = patch.unit
    colour = kuwahara(filled(patch), max(2, round(unit * 0.010)))
    smooth = blur(colour, unit * 0.007)
    wander = (patch.noise("knife", 0.05, 3) - 0.5) * unit * 0.012
    luma = warp(smooth @ LUMA, wander, -wander)
    levels = 5 if patch.index == 0 else 4
    steps = posterised(luma, levels, 0.93)
    card = retoned(blur(colour, unit * 0.016), steps * 0.8 + luma * 0.2)
    # dark sheets lie in front: the light comes from the upper left, shadows fall to the lower right
    lift = 1.0 - steps
    reach = unit * 0.010
    thrown = np.roll(blur(lift, unit * 0.006), (round(reach * 1.2), round(reach)), (0, 1)) - lift
    card = card * (1.0 - 0.85 * np.clip(thrown, 0, 0.42))[..., None]
    edge = np.clip(lift - np.roll(lift, (max(1, round(unit * 0.0022)),) * 2, (0, 1)), 0, 1)
    card = card + (1.0 - card) * (0.42 * np.clip(edge * 3.0, 0, 1))[..., None]
    fibre = patch.noise("fibre", 0.012, 3, 2.0)
    card = card * (1.0 + (fibre - 0.5) * 0.10)[..., None]
    if patch.index == 0:
        return patch.with_paint(card)
    return _with_drop_shadow(patch, card)


def _with_drop_shadow(patch: Patch, card: np.ndarray) -> Patch:
    """The layer's own shadow on what lies behind it, as paint under the card."""
    unit = patch.unit
    solid = smoothstep(0.30, 0.62, patch.alpha)
    shift = max(1, round(unit * 0.010))
    far = np.roll(blur(solid, unit * 0.013), (round(shift * 1.3), shift), (0, 1))
    near = np.roll(blur(solid, unit * 0.004), (shift // 2, shift // 2), (0, 1))
    shadow = np.clip(0.34 * far + 0.22 * near, 0, 1) * (1.0 - solid)
    rim = np.clip(solid - np.roll(solid, (max(1, round(unit * 0.002)),) * 2, (0, 1)), 0, 1)
    card = card + (1.0 - card) * (0.55 * rim)[..., None]
    dark = patch.easel.inks.tone(0.02) * 0.7
    alpha = solid + shadow
    colour = (card * solid[..., None] + dark * shadow[..., None]) / np.maximum(alpha, 1e-3)[..., None]
    return patch.with_paint(colour, alpha)


def cel(patch: Patch) -> Patch:
    """Painted backgrounds and inked figures: shade in two clean steps, colour that stays bright in it."""
    unit = patch.unit
    base = filled(patch)
    colour = kuwahara(base, max(2, round(unit * 0.006)))
    luma = blur(colour @ LUMA, unit * 0.0022)
    steps = posterised(luma, 7 if patch.index == 0 else 5, 0.80)
    keep = 0.55 if patch.index == 0 else 0.28
    painted = retoned(colour, luma * keep + steps * (1 - keep))
    grey = (painted @ LUMA)[..., None]
    painted = np.clip(grey + (painted - grey) * 1.14, 0, 1)
    style = patch.easel.request.style
    drawn = lines(luma, unit * 0.0022, 0.016) * (0.25 if patch.index == 0 else 0.7)
    if patch.index:
        drawn = np.maximum(drawn, outline(patch.alpha, unit * 0.0022) * 0.85)
    pen = painted * 0.28 + patch.easel.inks.tone(0.05) * 0.20
    painted = painted + (pen - painted) * (np.clip(drawn, 0, 1) * (0.35 + 0.65 * style.line))[..., None]
    return patch.with_paint(painted)


def flat(patch: Patch) -> Patch:
    """Poster shapes: few tones, smooth edges, nothing that isn't needed."""
    unit = patch.unit
    rough = filled(patch)
    colour = kuwahara(kuwahara(rough, max(2, round(unit * 0.012))), max(2, round(unit * 0.008)))
    luma = blur(colour @ LUMA, unit * 0.0055)
    steps = posterised(luma, 6 if patch.index == 0 else 5, 0.92)
    style = patch.easel.request.style
    keep = 0.30 if patch.index == 0 else 0.12
    tone = luma * keep + steps * (1 - keep)
    figure = patch.easel.inks.tone(tone)
    calm = retoned(blur(colour, unit * 0.010), tone)
    painted = calm + (figure - calm) * 0.45
    detail = np.clip(np.abs((rough @ LUMA) - luma) * 3.0 - 0.25, 0, 1)
    painted = painted + (rough - painted) * (0.75 * blur(detail, unit * 0.002))[..., None]
    if style.line > 0 and patch.index:
        rim = outline(patch.alpha, unit * 0.0022)
        light = np.clip(patch.easel.inks.accents()[0] * 0.5 + 0.5, 0, 1)
        painted = painted + (light - painted) * (rim * style.line)[..., None]
    alpha = smoothstep(0.28, 0.72, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(painted, alpha)
