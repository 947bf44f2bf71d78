"""Ink on paper: woodcut, brush and ink, risograph."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.colour import to_oklab
from studio.engines.image.mediums.patch import (
    LUMA,
    Patch,
    filled,
    kuwahara,
    lines,
    outline,
    posterised,
    shapes,
    stretched,
)
from studio.engines.image.noise import blur, shifted, smoothstep


def woodcut(patch: Patch) -> Patch:
    """A key block of carved lines over flat colour blocks. Lines swell with the dark and bend with the form."""
    inks = patch.easel.inks
    base = filled(patch)
    calm = shapes(base, patch.tool(0.012))
    calm = calm + (kuwahara(base, patch.square(0.004)) - calm) * 0.6
    luma = stretched(patch, blur(calm @ LUMA, patch.tool(0.0022)), 0.30 if patch.index == 0 else 0.75)
    wave = _gouges(patch, luma)
    cut = (patch.noise("cut ends", 0.035, 2) - 0.5) * 0.16
    darkness = np.clip(0.92 - luma * 1.32 + cut, 0, 1)
    if patch.brush < 1.0:
        darkness = np.clip(darkness - 0.14, 0, 1)
    soft = 0.16
    key = smoothstep(-soft, soft, darkness - wave * 0.84 - 0.10)
    key = np.maximum(key, smoothstep(0.74, 0.82, darkness)) * smoothstep(0.14, 0.24, darkness)
    key = np.maximum(key, smoothstep(0.25, 0.75, lines(luma, patch.tool(0.0030), 0.012)))
    if patch.index:
        key = np.maximum(key, smoothstep(0.3, 0.7, outline(patch.alpha, patch.unit * 0.0030)))
    worn = smoothstep(0.20, 0.34, patch.noise("worn", 0.008, 3))
    key = key * (0.80 + 0.20 * worn)
    blocks = posterised(blur(luma, patch.tool(0.006)), 3, 0.97)
    tints = inks.tone(0.46 + 0.54 * blocks)
    own = base @ LUMA
    tints = tints + (np.clip(base * (0.60 / np.maximum(own, 0.14))[..., None], 0, 1) - tints) * _hue_share(patch)
    tints = tints * (0.95 + 0.08 * patch.noise("tint", 0.010, 3))[..., None]
    colour = tints + (inks.tone(0.01) - tints) * key[..., None]
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(colour, alpha)


def _gouges(patch: Patch, luma: np.ndarray) -> np.ndarray:
    """The block's lines, 0 on a ridge's middle .. 1 between two: level in the sky, askew on land."""
    unit = patch.unit
    x, y = patch.positions()
    pitch = unit * 0.0125 * (0.72 if patch.brush < 1.0 else 1.0)
    form = blur(luma, unit * 0.030) * unit * 0.085
    wobble = (patch.noise("gouge", 0.12, 2) - 0.5) * unit * 0.020
    turn = (0.0, 0.30, 0.55, 1.15, 1.35)[min(patch.index, 4)] if patch.brush == 1.0 else 0.95
    phase = (x * np.sin(turn) + y * np.cos(turn) + form + wobble) / pitch
    return 0.5 + 0.5 * np.cos(2 * np.pi * phase)


def _hue_share(patch: Patch) -> np.ndarray:
    """How far a print keeps a colour of its own: figures in bright clothes do, skies don't. (h, w, 1)."""
    if patch.index == 0:
        return np.float32(0.10) * np.ones((*patch.shape, 1), np.float32)
    small = patch.colour
    chroma = small.max(axis=2) - small.min(axis=2)
    return (0.55 * smoothstep(0.25, 0.7, chroma))[..., None]


def ink(patch: Patch) -> Patch:
    """Brush and ink: spot blacks, feathered edges, one wash of flat colour under them."""
    unit, inks = patch.unit, patch.easel.inks
    base = filled(patch)
    calm = shapes(base, patch.tool(0.014))
    calm = calm + (kuwahara(base, patch.square(0.005)) - calm) * 0.6
    luma = stretched(patch, blur(calm @ LUMA, patch.tool(0.0022)), 0.20 if patch.index == 0 else 0.60)
    x, y = patch.positions()
    wobble = (patch.noise("brush", 0.10, 2) - 0.5) * unit * 0.020
    feather = 0.5 + 0.5 * np.cos(
        2 * np.pi * (x * 0.75 + y * 0.66 + blur(luma, unit * 0.03) * unit * 0.10 + wobble) / (unit * 0.0105)
    )
    local = luma - 0.60 * (blur(luma, unit * 0.12) - 0.46)
    black = smoothstep(0.035, -0.035, local - (0.235 if patch.brush == 1.0 else 0.15) - 0.130 * feather)
    dry = smoothstep(0.30, 0.55, patch.noise("dry brush", 0.007, 2, 3.0))
    black = black * (0.82 + 0.18 * dry)
    drawn = smoothstep(0.15, 0.7, lines(luma, patch.tool(0.0032), 0.008))
    black = np.maximum(black, drawn * (0.7 if patch.index == 0 else 1.0))
    if patch.index:
        black = np.maximum(black, smoothstep(0.3, 0.7, outline(patch.alpha, unit * 0.0032)))
    wash = posterised(luma, 4, 0.96)
    flat_colour = inks.tone(0.36 + 0.64 * wash)
    own = np.clip(calm * (np.maximum(wash, 0.35) / np.maximum(luma, 0.10))[..., None], 0, 1)
    flat_colour = flat_colour + (own - flat_colour) * _hue_share(patch)
    colour = flat_colour + (inks.tone(0.0) * 0.75 - flat_colour) * np.clip(black, 0, 1)[..., None]
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(colour, alpha)


def riso(patch: Patch) -> Patch:
    """Three spot inks in coarse dots, overprinted a little out of register on warm paper."""
    unit, inks = patch.unit, patch.easel.inks
    colour = kuwahara(filled(patch), patch.square(0.004))
    x, y = patch.positions()
    paper = inks.tone(1.0) * 0.5 + 0.5 * np.array([0.975, 0.955, 0.91], np.float32)
    out = np.broadcast_to(paper, colour.shape).astype(np.float32)
    pitch = unit * 0.0088
    shifts = ((0.0, 0.0), (unit * 0.0030, -unit * 0.0016), (-unit * 0.0022, unit * 0.0026))
    for (tint, amount), angle, shift in zip(_separated(patch, colour), (0.26, 1.31, 0.79), shifts, strict=True):
        moved = shifted(amount, round(shift[1]), round(shift[0]))
        u = ((x + shift[0]) * np.cos(angle) + (y + shift[1]) * np.sin(angle)) / pitch
        v = ((y + shift[1]) * np.cos(angle) - (x + shift[0]) * np.sin(angle)) / pitch
        screen = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
        dots = smoothstep(-0.16, 0.16, moved * 1.08 - screen - 0.02)
        cover = np.maximum(dots, smoothstep(0.82, 0.95, moved)) * smoothstep(0.03, 0.12, moved)
        cover = cover * (0.88 + 0.12 * patch.noise("roller", 0.010, 3))
        # transparent inks multiply
        out = out * (1.0 - cover[..., None] * (1.0 - tint))
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(out, alpha)


def _separated(patch: Patch, colour: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(ink, amount (h, w)) of three plates, the lightest first. Each takes the tones from its ink's own down;
    hue decides between the two colours where a thing has one."""
    inks = patch.easel.inks
    luma = stretched(patch, colour @ LUMA, 0.55)
    key, middle, light = inks.colours[0], inks.colours[1], inks.colours[3]
    lab = to_oklab(cv2.resize(colour, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    axis = to_oklab(light)[1:] - to_oklab(middle)[1:]
    lean = lab[..., 1:] @ (axis / max(float(np.linalg.norm(axis)), 1e-3))
    lean = cv2.resize(lean.astype(np.float32), (colour.shape[1], colour.shape[0]), interpolation=cv2.INTER_LINEAR)
    lean = np.clip((lean - float(np.median(lean))) * 3.5, -0.35, 0.35)
    first = np.clip(smoothstep(1.0, 0.66, luma) + lean, 0, 1) * smoothstep(1.0, 0.90, luma)
    second = np.clip(smoothstep(0.66, 0.24, luma) * 0.98 - lean, 0, 1) * smoothstep(0.92, 0.72, luma)
    dark = smoothstep(0.36, 0.04, luma) * 0.94
    return [(light, first), (middle, second), (key, dark)]
