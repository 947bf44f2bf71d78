"""Ink on paper: woodcut, brush and ink, risograph."""

from __future__ import annotations

import numpy as np

from studio.engines.image.colour import to_oklab
from studio.engines.image.mediums.patch import LUMA, Patch, filled, kuwahara, lines, outline, posterised
from studio.engines.image.noise import blur, smoothstep


def woodcut(patch: Patch) -> Patch:
    """A key block of carved lines over flat colour blocks. Lines swell with the dark and bend with the form."""
    unit, inks = patch.unit, patch.easel.inks
    base = filled(patch)
    calm = kuwahara(base, max(2, round(unit * 0.008)))
    luma = blur(calm @ LUMA, unit * 0.0030)
    x, y = patch.positions()
    form = blur(luma, unit * 0.020) * unit * 0.30
    wobble = (patch.noise("gouge", 0.05, 3) - 0.5) * unit * 0.014
    pitch = unit * 0.0150
    slant = 0.10 if patch.index == 0 else 0.42
    phase = (y + x * slant + form + wobble) / pitch
    wave = 0.5 + 0.5 * np.cos(2 * np.pi * phase)
    cut = (patch.noise("cut ends", 0.030, 3) - 0.5) * 0.22
    darkness = np.clip(1.06 - luma * 1.42 + cut, 0, 1)
    soft = 3.0 / max(pitch, 3.0)
    key = smoothstep(-soft * 0.5, soft * 0.5, darkness - wave * 0.92 - 0.05)
    key = np.maximum(key, smoothstep(0.80, 0.90, darkness))
    key = key * smoothstep(0.08, 0.20, darkness)
    key = np.maximum(key, lines(luma, unit * 0.0030, 0.014) * 0.95)
    if patch.index:
        key = np.maximum(key, outline(patch.alpha, unit * 0.0032))
    worn = smoothstep(0.22, 0.36, patch.noise("worn", 0.008, 3))
    key = key * (0.72 + 0.28 * worn)
    blocks = posterised(luma + (patch.noise("block", 0.08, 3) - 0.5) * 0.04, 3, 0.96)
    tints = inks.tone(0.48 + 0.52 * blocks)
    own = base @ LUMA
    tints = tints + (np.clip(base * (0.62 / np.maximum(own, 0.12))[..., None], 0, 1) - tints) * _hue_share(patch)
    tints = tints * (0.94 + 0.10 * patch.noise("tint", 0.010, 3))[..., None]
    colour = tints + (inks.tone(0.01) - tints) * key[..., None]
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(colour, alpha)


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
    calm = kuwahara(base, max(2, round(unit * 0.008)))
    luma = blur(calm @ LUMA, unit * 0.0022)
    x, y = patch.positions()
    wobble = (patch.noise("brush", 0.06, 3) - 0.5) * unit * 0.020
    form = blur(luma, unit * 0.022) * unit * 0.22
    feather = 0.5 + 0.5 * np.cos(2 * np.pi * (x * 0.75 + y * 0.66 + form + wobble) / (unit * 0.0105))
    local = luma - 0.55 * (blur(luma, unit * 0.09) - 0.42)
    black = smoothstep(0.03, -0.03, local - 0.155 - 0.150 * feather)
    dry = smoothstep(0.30, 0.55, patch.noise("dry brush", 0.007, 2, 3.0))
    black = black * (0.80 + 0.20 * dry)
    drawn = lines(luma, unit * 0.0030, 0.010)
    black = np.maximum(black, drawn * (0.7 if patch.index == 0 else 1.0))
    if patch.index:
        black = np.maximum(black, outline(patch.alpha, unit * 0.0034))
    wash = posterised(luma, 4, 0.94)
    flat_colour = inks.tone(0.34 + 0.66 * wash)
    own = np.clip(calm * (np.maximum(wash, 0.35) / np.maximum(luma, 0.10))[..., None], 0, 1)
    flat_colour = flat_colour + (own - flat_colour) * _hue_share(patch)
    colour = flat_colour + (inks.tone(0.0) * 0.75 - flat_colour) * np.clip(black, 0, 1)[..., None]
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(colour, alpha)


def riso(patch: Patch) -> Patch:
    """Three spot inks in coarse dots, overprinted a little out of register on warm paper."""
    unit, inks = patch.unit, patch.easel.inks
    colour = kuwahara(filled(patch), max(2, round(unit * 0.005)))
    x, y = patch.positions()
    paper = inks.tone(1.0) * 0.5 + 0.5 * np.array([0.975, 0.955, 0.91], np.float32)
    plates = _separated(patch, colour)
    out = np.broadcast_to(paper, colour.shape).astype(np.float32)
    pitch = unit * 0.0115
    shifts = ((0.0, 0.0), (unit * 0.0030, -unit * 0.0016), (-unit * 0.0022, unit * 0.0026))
    for (tint, amount), angle, shift in zip(plates, (0.26, 1.31, 0.79), shifts, strict=True):
        moved = np.roll(amount, (round(shift[1]), round(shift[0])), (0, 1))
        u = ((x + shift[0]) * np.cos(angle) + (y + shift[1]) * np.sin(angle)) / pitch
        v = ((y + shift[1]) * np.cos(angle) - (x + shift[0]) * np.sin(angle)) / pitch
        screen = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
        soft = 1.6 / max(pitch, 2.0)
        dots = smoothstep(-soft * 0.5, soft * 0.5, moved * 1.04 - screen - 0.01)
        solid = smoothstep(0.90, 0.98, moved)
        cover = np.maximum(dots, solid) * smoothstep(0.03, 0.10, moved)
        cover = cover * (0.86 + 0.14 * patch.noise("roller", 0.010, 3))
        # transparent inks multiply
        out = out * (1.0 - cover[..., None] * (1.0 - tint))
    alpha = smoothstep(0.30, 0.62, patch.alpha) if patch.index else patch.alpha
    return patch.with_paint(out, alpha)


def _separated(patch: Patch, colour: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(ink, amount (h, w)) of three plates: a dark key, and the palette's two most colourful inks by hue and tone."""
    inks = patch.easel.inks
    luma = colour @ LUMA
    first, second = inks.accents()[:2]
    key = inks.colours[0]
    small = colour[::2, ::2]
    lab = to_oklab(small)
    amounts = []
    for tint, other in ((first, second), (second, first)):
        target, rival = to_oklab(tint)[1:], to_oklab(other)[1:]
        near = lab[..., 1:] @ (target - rival) / max(float(np.linalg.norm(target - rival)), 1e-3)
        amounts.append(near.astype(np.float32))
    import cv2

    hue = [cv2.resize(amount, (colour.shape[1], colour.shape[0]), interpolation=cv2.INTER_LINEAR) for amount in amounts]
    light = np.clip(1.08 - luma * 1.12, 0, 1)
    dark = smoothstep(0.52, 0.06, luma) ** 1.2
    plate_one = np.clip(light * (0.62 + 3.2 * hue[0]), 0, 1)
    plate_two = np.clip(light * (0.62 + 3.2 * hue[1]), 0, 1)
    return [(second, plate_two), (first, plate_one), (key, dark)]
