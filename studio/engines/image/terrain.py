"""Land seen from a person's eye: a height field cast into the picture, lit, shadowed and lost in the air.

The caster marches every screen column outwards and keeps the highest ground so far (Comanche's "voxel space", 1992),
all columns and steps at once. World units are about ten metres: X to the right, Z away from the viewer, up is up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, sample, smoothstep, tile, wave

Height = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Ground height over (X, Z), any equal shapes."""

FOCAL = 1.05
"""Focal length in units of the frame's shorter side: a 50 degree lens."""

NEAREST, FARTHEST, STEPS = 0.7, 150.0, 330


@dataclass(frozen=True)
class View:
    """`eye`: the camera's height over the ground's zero; `horizon`: frame y at which level rays leave."""

    eye: float
    horizon: float


@dataclass(frozen=True)
class Cast:
    """What each pixel of the (finer) picture sees; all (h, w) float32.

    ground   whether it sees ground at all, 0 or 1
    x, z     where;  height  how high;  up  the normal's upward part 0..1
    lit      0..1 light from the sun with its shadows;  scale  pixels a canvas pixel
    """

    ground: np.ndarray
    x: np.ndarray
    z: np.ndarray
    height: np.ndarray
    up: np.ndarray
    lit: np.ndarray
    scale: float


def cast(easel: Easel, land: Height, view: View) -> Cast:
    """`land` as seen through `view`."""
    canvas = easel.canvas
    scale = 1.5 if canvas.unit <= 640 else 1.0
    width, height = round(canvas.width * scale), round(canvas.height * scale)
    focal = FOCAL * canvas.unit * scale
    ray = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / focal
    z = np.geomspace(NEAREST, FARTHEST, STEPS).astype(np.float32)[:, None]
    x = ray[None, :] * z
    ground = land(x, np.broadcast_to(z, x.shape)).astype(np.float32)
    up, lit = _shade(easel, land, (x, z, ground), ray)
    rows = canvas.py(view.horizon) * scale + focal * (view.eye - ground) / z
    index, part = _first_hits(rows, height)
    # z itself, height, normal and light side by side, so that a pixel fetches all four at once
    fields = cv2.merge([np.ascontiguousarray(np.broadcast_to(z, x.shape)), ground, up, lit])
    row = np.minimum(index, STEPS - 1).astype(np.float32) - 1.0 + part
    column = np.ascontiguousarray(np.broadcast_to(np.arange(width, dtype=np.float32), row.shape))
    found = cv2.remap(fields, column, np.maximum(row, 0.0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    depth, high, upward, light = cv2.split(found)
    seen = (index < STEPS).astype(np.float32)
    return Cast(seen, depth * ray[None, :], depth, high, upward, light, scale)


def _first_hits(rows: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel the first step at or above it (STEPS: none), and how far it lies from the step before, 0..1."""
    steps, width = rows.shape
    skyline = np.minimum.accumulate(rows, axis=0)
    level = np.clip(np.ceil(skyline), 0, height).astype(np.int64)
    flat = (level * width + np.arange(width)[None, :]).ravel()
    counts = np.bincount(flat, minlength=(height + 1) * width).reshape(height + 1, width)
    index = np.cumsum(counts[::-1], axis=0)[::-1][1:].astype(np.int32)
    columns = np.arange(width)[None, :]
    hit = np.minimum(index, steps - 1)
    before = np.maximum(hit - 1, 0)
    top, bottom = skyline[hit, columns], skyline[before, columns]
    row = np.arange(height, dtype=np.float32)[:, None]
    part = np.clip((bottom - row) / np.maximum(bottom - top, 1e-3), 0, 1)
    # ground that comes out from behind a crest has nothing to blend with
    hidden = rows[before, columns] > bottom + 0.5
    return index, np.where(hidden, 1.0, part).astype(np.float32)


def _shade(
    easel: Easel, land: Height, ground: tuple[np.ndarray, np.ndarray, np.ndarray], ray: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Upward part of the normal, and light with cast shadows, on the (step, column) grid."""
    x, z, height = ground
    along = np.gradient(height, axis=0) / np.gradient(z, axis=0)
    across = np.gradient(height, axis=1) / np.maximum(np.gradient(x, axis=1), 1e-4)
    # the grid's columns fan out: take the fan's share out of the depth slope
    slope_z = along - across * ray[None, :]
    norm = 1.0 / np.sqrt(1.0 + across * across + slope_z * slope_z)
    right, above, away = easel.light.direction
    facing = (-across * right + above - slope_z * away) * norm
    lit = np.clip(facing * 0.75 + 0.25, 0, 1)
    shadow = _cast_shadows(easel, land, (x[::2, ::2], z[::2], height[::2, ::2]))
    shadow = cv2.resize(shadow, (lit.shape[1], lit.shape[0]), interpolation=cv2.INTER_LINEAR)
    return norm.astype(np.float32), (lit * (0.25 + 0.75 * shadow)).astype(np.float32)


def _cast_shadows(easel: Easel, land: Height, ground: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """1 in the light .. 0 where higher ground stands between a point and the sun. A coarse grid will do."""
    x, z, height = ground
    right, above, away = easel.light.direction
    shadow = np.ones_like(height)
    reach = np.maximum(z * 0.02, 0.10)
    for step in range(1, 7):
        far = reach * np.float32(2.0**step * 0.6)
        over = land(x + right * far, z + away * far) - (height + above * far)
        soft = np.clip((0.07 * far - over) / (0.09 * far), 0, 1)
        shadow = np.minimum(shadow, soft * soft * (3 - 2 * soft))
    return shadow.astype(np.float32)


def ground_speck(easel: Easel, seen: Cast, purpose: str, size: float) -> np.ndarray:
    """Grain of the ground itself, (h, w) 0..1, in the land's own perspective: bumps of `size` units, finer ones near
    the viewer where the eye would see them."""
    field = tile(512, 9, easel.rng(f"speck {purpose}"), 6)
    across = 1.0 / (9.0 * size)
    coarse = sample(field, seen.x * across * 0.35, seen.z * across * 0.35)
    middle = sample(field, seen.x * across, seen.z * across)
    fine = sample(field, seen.x * across * 4.0, seen.z * across * 4.0)
    near = smoothstep(14.0, 2.0, seen.z)
    speck = 0.40 * coarse + (0.45 - 0.10 * near) * middle + (0.15 + 0.10 * near) * fine
    return np.clip((speck - 0.5) * 1.5 + 0.5, 0, 1).astype(np.float32)


def air(easel: Easel, seen: Cast, clear_to: float) -> np.ndarray:
    """How much of each pixel is air instead of ground, 0..1. On a clear day half is lost at `clear_to` units."""
    reach = clear_to * (1.0 - 0.86 * easel.light.air)
    return 1.0 - np.exp(-((seen.z / reach) ** 1.4) * 0.69)


def simplified(easel: Easel, seen: Cast, colour: np.ndarray) -> np.ndarray:
    """`colour` for mediums of few shapes: a flat tone a range, lighter with distance, two where the light strikes.
    Other mediums get it back as it is."""
    if easel.medium not in ("papercut", "flat"):
        return colour
    bands = 6.0
    depth = np.clip(np.log(seen.z / 3.0) / np.log(60.0 / 3.0), 0, 1)
    step = np.floor(depth * bands) / bands
    hue = cv2.resize(cv2.resize(colour, (24, 24), interpolation=cv2.INTER_AREA), (colour.shape[1], colour.shape[0]))
    luma = colour @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    lit = smoothstep(0.47, 0.53, blur(seen.lit, easel.canvas.unit * seen.scale * 0.008))
    near, far = float(np.percentile(luma, 12)) * 0.7, float(easel.light.haze.mean()) * 0.96
    level = near + (far - near) * step**0.8 + 0.10 * (lit - 0.5) * (1.0 - step)
    own = np.maximum(hue.mean(axis=2), 0.04)
    flat = np.clip(hue * (level / own)[..., None], 0, 1)
    snow = smoothstep(0.10, 0.16, luma - blur(luma, easel.canvas.unit * seen.scale * 0.10)) * (seen.height > 5)
    return flat + (easel.inks.tone(0.95) - flat) * (snow * 0.75)[..., None]


def split(easel: Easel, seen: Cast, colour: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """`colour` (h, w, 3) of the cast as two sheets of the canvas's size: beyond `distance`, and nearer."""
    canvas = easel.canvas
    # a level boundary would show as a ruled line wherever the land is flat
    ragged = wave(seen.z.shape[1], 4, easel.rng(f"split {distance}"))
    reach = distance * (0.72 + 0.56 * ragged)
    beyond = smoothstep(-0.03, 0.03, seen.z / reach - 1.0)
    # the far sheet runs on under the near one: two half-clear edges side by side would let the sky through
    under = smoothstep(-0.03, 0.03, seen.z / (0.7 * reach) - 1.0)
    sheets = []
    for mask in (seen.ground * under, seen.ground * (1.0 - beyond)):
        sheet = np.dstack([colour * mask[..., None], mask])
        small = cv2.resize(sheet, (canvas.width, canvas.height), interpolation=cv2.INTER_AREA)
        sheets.append(small)
    return sheets[0], sheets[1]


def project(easel: Easel, view: View, x: np.ndarray, height: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
    """Canvas column, row and pixels a world unit of points."""
    canvas = easel.canvas
    scale = FOCAL * canvas.unit / z
    return canvas.width / 2 + x * scale, canvas.py(view.horizon) + (view.eye - height) * scale, scale


def visible(seen: Cast, column: np.ndarray, row: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Whether points on the ground are not behind a crest."""
    height, width = seen.z.shape
    c = np.round(column * seen.scale).astype(int)
    r = np.round(row * seen.scale).astype(int) + 2
    inside = (c >= 0) & (c < width) & (r >= 0) & (r < height)
    at = seen.z[np.clip(r, 0, height - 1), np.clip(c, 0, width - 1)]
    return inside & (at > z * 0.90)
