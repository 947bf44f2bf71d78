"""Wet and dry paint: watercolour, pastel, oil."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.mediums.patch import Patch, filled, flow_of, kuwahara, lines, posterised, relief, retoned, smeared
from studio.engines.image.noise import blur, smoothstep, warp


def watercolour(patch: Patch) -> Patch:
    """Washes that pool at their edges and leave the paper's white; pigment that settles in its grain."""
    unit, strength = patch.unit, patch.easel.request.style.texture
    colour = kuwahara(filled(patch), max(2, round(unit * 0.007)))
    wander = unit * 0.010
    dx = (patch.noise("wash x", 0.05) - 0.5) * wander
    dy = (patch.noise("wash y", 0.05) - 0.5) * wander
    colour, alpha = warp(colour, dx, dy), warp(patch.alpha, dx, dy)
    luma = blur(colour @ np.array([0.2126, 0.7152, 0.0722], np.float32), unit * 0.004)
    blooms = patch.noise("blooms", 0.22, 5)
    steps = posterised(luma + (blooms - 0.5) * 0.10, 7, 0.72)
    colour = retoned(colour, luma * 0.45 + steps * 0.55)
    pool = np.clip(blur(steps, unit * 0.006) - steps, 0, 1) + 0.55 * np.clip(0.92 - blur(alpha, unit * 0.006), 0, 1) * (alpha > 0.4)
    thin = smoothstep(0.30, 0.75, blooms)
    paper = np.array([0.985, 0.965, 0.925], np.float32)
    density = 0.92 - 0.34 * strength * thin + 1.7 * strength * pool
    settle = patch.noise("pigment", 0.006, 2)
    density = density * (1.0 + (settle - 0.5) * 0.42 * strength)
    # Beer and Lambert: twice the pigment squares what the paper reflects
    colour = paper * np.clip(colour / paper, 0.004, 1.0) ** np.clip(density, 0.15, 2.2)[..., None]
    ragged = alpha + (settle - 0.5) * 0.30 * (alpha > 0.02) * (alpha < 0.98)
    if patch.index:
        gap = np.clip(1.0 - blur(alpha, unit * 0.0045), 0, 1) * (alpha > 0.55) * smoothstep(0.52, 0.66, patch.noise("gaps", 0.09))
        colour = colour + (paper - colour) * np.clip(gap * 1.5, 0, 0.85)[..., None]
    return patch.with_paint(colour, np.clip(ragged, 0, 1))


def pastel(patch: Patch) -> Patch:
    """Chalk dragged over toothed paper: strokes one way, broken cover, a light that spreads."""
    unit, strength = patch.unit, patch.easel.request.style.texture
    base = filled(patch)
    soft = blur(base, unit * 0.004)
    tooth = patch.noise("tooth", 0.005, 2)
    angle = np.full(patch.shape, -0.85, np.float32) + (patch.noise("hand", 0.35, 3) - 0.5) * 1.1
    flow = flow_of(soft @ np.array([0.2126, 0.7152, 0.0722], np.float32), unit * 0.012, angle)
    stroke = smeared(np.dstack([patch.noise("stroke", 0.0055, 2), patch.noise("hue", 0.03, 3)]), flow, unit * 0.016)
    press = stroke[..., 0]
    press = np.clip(0.5 + (press - press.mean()) / max(float(press.std()), 1e-4) * 0.17, 0, 1)
    smear = smeared(soft, flow, unit * 0.008, 3)
    luma = smear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    smear = retoned(smear, posterised(luma, 9, 0.4))
    light = np.clip(smear * 1.10 + 0.05, 0, 1)
    dark = smear * 0.86
    chalk = dark + (light - dark) * smoothstep(0.30, 0.70, press)[..., None]
    chalk = chalk + (stroke[..., 1] - 0.5)[..., None] * np.array([0.10, -0.02, -0.08], np.float32) * strength
    ground = patch.easel.inks.tone(0.88) * 0.6 + 0.4 * np.array([0.97, 0.95, 0.92], np.float32)
    bare = smoothstep(0.60, 0.86, tooth * 0.55 + (1 - press) * 0.5) * 0.62 * strength
    chalk = chalk + (ground - chalk) * bare[..., None]
    edge = np.clip(patch.alpha * 1.35 - (1 - patch.alpha) * 0.2 - (1 - press) * 0.38 * (patch.alpha < 0.97), 0, 1)
    return patch.with_paint(chalk, edge if patch.index else patch.alpha)


def oil(patch: Patch) -> Patch:
    """Strokes that follow the form, colour broken into colour, paint that stands up and catches light."""
    unit, strength = patch.unit, patch.easel.request.style.texture
    base = filled(patch)
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    angle = (patch.noise("hand", 0.30, 3) - 0.5) * 4.4
    flow = flow_of(base @ weights, unit * 0.014, angle.astype(np.float32))
    daub = [patch.noise(name, 0.013, 2) - 0.5 for name in ("light", "warm", "bristle")]
    broken = base + (daub[0] * 0.30 * strength)[..., None]
    broken = broken + (daub[1] * 0.30 * strength)[..., None] * np.array([0.75, 0.05, -0.70], np.float32)
    field = smeared(np.dstack([np.clip(broken, 0, 1), patch.noise("bristle", 0.0048, 2)]), flow, unit * 0.020)
    strokes = kuwahara(np.ascontiguousarray(field[..., :3]), max(2, round(unit * 0.006)))
    detail = base + (strokes - base) * 0.80
    ridges = field[..., 3]
    ridges = (ridges - ridges.mean()) / max(float(ridges.std()), 1e-4)
    luma = detail @ weights
    thick = 0.35 + 0.65 * smoothstep(0.15, 0.8, luma)
    shine = relief(ridges.astype(np.float32), 0.055 * strength) * (1.0 + 0.035 * strength * ridges)
    colour = detail * (1.0 + (shine - 1.0) * thick)[..., None]
    colour = colour * (1.0 - 0.20 * lines(luma, unit * 0.003))[..., None]
    alpha = patch.alpha
    if patch.index:
        dx = (patch.noise("edge x", 0.02, 2) - 0.5) * unit * 0.012
        alpha = warp(alpha, dx, -dx)
        alpha = np.clip((alpha - 0.5) * 1.8 + 0.5 + 0.10 * ridges * (alpha < 0.98) * (alpha > 0.02), 0, 1)
    return patch.with_paint(colour, alpha)


def canvas_weave(shape: tuple[int, int], pitch: float) -> np.ndarray:
    """Linen, around 1."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    weave = np.sin(x * 2 * np.pi / pitch) * np.sin(y * 2 * np.pi / pitch)
    return cv2.GaussianBlur(1.0 + 0.03 * weave, (0, 0), 0.6)
