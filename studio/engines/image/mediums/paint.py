"""Wet and dry paint: watercolour, pastel, oil."""

from __future__ import annotations

import numpy as np

from studio.engines.image.mediums.patch import (
    LUMA,
    Patch,
    filled,
    flow_of,
    kuwahara,
    lines,
    posterised,
    relief,
    retoned,
    shapes,
    smeared,
    stretched,
)
from studio.engines.image.noise import blur, smoothstep, warp


def watercolour(patch: Patch) -> Patch:
    """Washes that pool at their edges and leave the paper's white; pigment that settles in its grain."""
    unit, strength = patch.unit, patch.easel.request.style.texture
    base = filled(patch)
    wander = patch.tool(0.012)
    dx, dy = (patch.noise("wash x", 0.06, 3) - 0.5) * wander, (patch.noise("wash y", 0.06, 3) - 0.5) * wander
    broad = warp(shapes(base, patch.tool(0.020)), dx, dy)
    fine = warp(kuwahara(base, patch.square(0.004)), dx, dy)
    alpha = warp(patch.alpha, dx, dy)
    colour = broad + (fine - broad) * 0.55
    luma = stretched(patch, colour @ LUMA, 0.35 if patch.brush == 1.0 else 0.1)
    blooms = patch.noise("blooms", 0.20, 5)
    steps = posterised(luma * 0.94 + 0.06 * blooms, 6, 0.80)
    colour = retoned(colour, np.clip(luma * 0.40 + steps * 0.60 + 0.05, 0, 1))
    colour = colour + (colour - (colour @ LUMA)[..., None]) * 0.28
    pool = np.clip(blur(steps, patch.tool(0.005)) - steps, 0, 1) * 2.2
    if patch.index:
        pool = pool + 0.50 * np.clip(0.95 - blur(alpha, unit * 0.004), 0, 1) * (alpha > 0.4)
    settle = patch.noise("pigment", 0.007, 2)
    density = 0.98 - 0.50 * strength * smoothstep(0.35, 0.80, blooms) + 1.15 * strength * pool
    density = density + (settle - 0.5) * 0.20 * strength * (1.2 - luma)
    # Beer and Lambert: twice the pigment squares what the paper reflects
    paper = np.array([0.990, 0.975, 0.940], np.float32)
    colour = paper * np.clip(colour / paper, 0.004, 1.0) ** np.clip(density, 0.25, 2.0)[..., None]
    if patch.index:
        gap = np.clip(1.0 - blur(alpha, unit * 0.0035), 0, 1) * (alpha > 0.55)
        gap = gap * smoothstep(0.55, 0.68, patch.noise("gaps", 0.07)) * (patch.brush == 1.0)
        colour = colour + (paper - colour) * np.clip(gap * 1.4, 0, 0.8)[..., None]
    return patch.with_paint(colour, np.clip(alpha + (settle - 0.5) * 0.25 * (alpha > 0.02) * (alpha < 0.98), 0, 1))


def pastel(patch: Patch) -> Patch:
    """Chalk dragged over toothed paper: strokes mostly one way, broken cover, a light that spreads."""
    strength = patch.easel.request.style.texture
    base = filled(patch)
    calm = shapes(base, patch.tool(0.010))
    calm = calm + (kuwahara(base, patch.square(0.003)) - calm) * 0.75
    angle = np.full(patch.shape, -0.95, np.float32) + (patch.noise("hand", 0.5, 2) - 0.5) * 0.7
    flow = (np.cos(angle), np.sin(angle))
    stroke = smeared(
        np.dstack([patch.noise("stroke", 0.0060, 2), patch.noise("hue", 0.04, 2)]), flow, patch.tool(0.022)
    )
    press = stroke[..., 0]
    press = np.clip(0.5 + (press - press.mean()) / max(float(press.std()), 1e-4) * 0.18, 0, 1)
    smear = smeared(calm, flow, patch.tool(0.006), 2)
    luma = stretched(patch, smear @ LUMA, 0.55 if patch.brush == 1.0 else 0.1)
    smear = retoned(smear, np.clip(0.03 + 0.95 * posterised(luma, 9, 0.35), 0, 1))
    chalk = smear * (0.93 + 0.12 * smoothstep(0.25, 0.75, press))[..., None]
    chalk = chalk + (stroke[..., 1:] - 0.5) * np.array([0.12, -0.02, -0.10], np.float32) * strength
    ground = patch.easel.inks.tone(0.86) * 0.55 + 0.45 * np.array([0.98, 0.95, 0.93], np.float32)
    tooth = patch.noise("tooth", 0.0045, 2)
    bare = smoothstep(0.54, 0.86, tooth * 0.50 + (1 - press) * 0.50) * 0.34 * strength * (0.3 + 0.7 * luma)
    chalk = chalk + (ground - chalk) * bare[..., None]
    glow = blur(chalk, patch.unit * 0.012)
    chalk = chalk + (np.maximum(chalk, glow) - chalk) * 0.35
    edge = np.clip(patch.alpha * 1.35 - (1 - patch.alpha) * 0.2 - (1 - press) * 0.38 * (patch.alpha < 0.97), 0, 1)
    return patch.with_paint(chalk, edge if patch.index else patch.alpha)


def oil(patch: Patch) -> Patch:
    """Strokes that follow the form, colour broken into colour, paint that stands up and catches light."""
    strength = patch.easel.request.style.texture
    base = filled(patch)
    angle = (patch.noise("hand", 0.40, 2) - 0.5) * 3.0 + 0.2
    flow = flow_of(base @ LUMA, patch.tool(0.014), angle.astype(np.float32))
    daub = [patch.noise(name, 0.014 * patch.brush, 2) - 0.5 for name in ("light", "warm")]
    # where the picture itself is quiet (fog, a night sky) the paint is too, or strokes would be all one sees
    lively = 0.28 * strength * patch.brush * float(np.clip(5.0 * (base @ LUMA).std(), 0.3, 1.0))
    warm = (daub[1] * lively)[..., None] * np.array([0.75, 0.05, -0.70], np.float32)
    broken = base + (daub[0] * lively)[..., None] + warm
    field = smeared(np.dstack([np.clip(broken, 0, 1), patch.noise("bristle", 0.0048, 2)]), flow, patch.tool(0.020))
    strokes = kuwahara(np.ascontiguousarray(field[..., :3]), patch.square(0.006))
    detail = base + (strokes - base) * (0.55 + 0.25 * patch.brush)
    ridges = field[..., 3]
    ridges = (ridges - ridges.mean()) / max(float(ridges.std()), 1e-4)
    luma = detail @ LUMA
    thick = (0.35 + 0.65 * smoothstep(0.15, 0.8, luma)) * (0.4 + 0.6 * patch.brush)
    shine = relief(ridges.astype(np.float32), 0.055 * strength) * (1.0 + 0.035 * strength * ridges)
    colour = detail * (1.0 + (shine - 1.0) * thick)[..., None]
    colour = colour * (1.0 - 0.20 * lines(luma, patch.tool(0.003)))[..., None]
    alpha = patch.alpha
    if patch.index:
        dx = (patch.noise("edge x", 0.02, 2) - 0.5) * patch.tool(0.012)
        alpha = warp(alpha, dx, -dx)
        alpha = np.clip((alpha - 0.5) * 1.8 + 0.5 + 0.10 * ridges * (alpha < 0.98) * (alpha > 0.02), 0, 1)
    return patch.with_paint(colour, alpha)
