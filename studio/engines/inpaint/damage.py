"""What taking a background away did to the person: holes and bites in body and clothes, below the face.

A gap between arm and body shows the background and is none of it. Where the photo is there, colours tell the two
apart; where it isn't, or both have one colour, size and shape do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

Box = tuple[float, float, float, float]

SOLID = 127
"""Alpha above which a pixel is the person's."""

CLOSED, CLOSED_SEEN = 0.07, 0.16
"""Half the widest mouth of a bite that is looked for, as a share of the square root of the person's area; and where a
photo's colours can tell."""

FACELESS_TOP = 0.35
"""Without a face the upper part of the silhouette, which holds the head, is left alone."""

LARGEST, LARGEST_BITE, SMALLEST = 0.012, 0.012, 0.00005
"""Of the person's area: a larger hole that no colour explains is a gap, a smaller one is noise."""

MOST_PARTS = 200
"""Holes looked at, the largest first: a cut-out with more is no person but noise."""

COMPACT, ROUND = 0.45, 0.7
"""Isoperimetric quotient (1 for a disc) from which a hole is a hole, gaps beside arms being long; and that from which
it may be three times as large."""

BITE_CERTAINTY, LEAST_BITE = 0.6, 0.0006
"""How much nearer a bite's colours must be to the clothes than to the background, and its least share of the area."""

LIKENESS = 12.0
"""Lab distance up to which clothes and background count as of one colour."""


@dataclass(frozen=True)
class Damage:
    """`mask` (h, w) bool of what is missing; `share` 0..1 of the person's area, the missing part counted in."""

    mask: np.ndarray
    share: float


def share_of(mask: np.ndarray, alpha: np.ndarray) -> float:
    """The area of `mask` (h, w) bool over that of the person: `alpha` (h, w) uint8 more than half opaque, or mask."""
    return float(mask.sum() / max(1, int(((alpha > SOLID) | mask).sum())))


def find_damage(picture: np.ndarray, photo: np.ndarray | None = None, face: Box | None = None) -> Damage:
    """Of the cut-out `picture` (h, w, 4), with the `photo` (h, w, 3) it was cut from and the box of its `face`."""
    alpha = picture[..., 3]
    solid = alpha > SOLID
    if not solid.any():
        return Damage(np.zeros(alpha.shape, bool), 0.0)
    area = float(solid.sum())
    below = _below(solid, face)
    whole, closed = _silhouettes(solid, max(1, round((CLOSED if photo is None else CLOSED_SEEN) * area**0.5)))
    holes, bites = whole & ~solid & below, closed & ~whole & below
    found = np.zeros(alpha.shape, bool)
    for candidates, most, is_bite in ((holes, LARGEST, False), (bites, LARGEST_BITE, True)):
        for part, missing in _parts(candidates, area):
            grown = _colour_says(photo, (solid, closed), part, missing, is_bite) if photo is not None else None
            if grown is None:
                grown = missing if _shape_says(missing, whole[part], most * area, is_bite) else np.zeros_like(missing)
            found[part] |= grown
    found |= _thin(alpha, whole, area) & below
    return Damage(found, share_of(found, alpha))


def _below(solid: np.ndarray, face: Box | None) -> np.ndarray:
    """Where damage is looked for: below the face's chin."""
    if face is not None:
        top = face[1] + face[3]
    else:
        rows = np.flatnonzero(solid.any(axis=1))
        top = rows[0] + FACELESS_TOP * (rows[-1] - rows[0])
    mask = np.zeros(solid.shape, bool)
    mask[max(0, round(top)) :] = True
    return mask


def _silhouettes(solid: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """The person without holes, and without bites as well. The body goes on beyond the picture's borders."""
    height, width = solid.shape
    rim = 2 * radius + 2
    padded = cv2.copyMakeBorder(solid.astype(np.uint8), rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=0)
    for inner, outer in (
        (padded[height + rim - 1], padded[height + rim :]),
        (padded[:, rim], padded[:, :rim].T),
        (padded[:, width + rim - 1], padded[:, width + rim :].T),
    ):
        across = np.flatnonzero(inner)
        if len(across):
            outer[:, across[0] : across[-1] + 1] = 1
    whole = _filled(padded)
    closed = _filled(_closed(whole, radius) | whole)
    inside = slice(rim, rim + height), slice(rim, rim + width)
    return whole[inside] > 0, closed[inside] > 0


def _closed(mask: np.ndarray, radius: int) -> np.ndarray:
    """Closed by a disc; small, since a wide disc at full size would take seconds."""
    scale = min(1.0, 400 / max(mask.shape))
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * max(1, round(radius * scale)) + 1,) * 2)
    small = cv2.morphologyEx(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), cv2.MORPH_CLOSE, kernel)
    return cv2.resize(small, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_NEAREST)


def _filled(mask: np.ndarray) -> np.ndarray:
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(mask), outlines, -1, 1, cv2.FILLED)


def _parts(candidates: np.ndarray, area: float) -> list[tuple[tuple[slice, slice], np.ndarray]]:
    """Each connected piece: its place with some surroundings, and its pixels there."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(candidates.astype(np.uint8), connectivity=4)
    rim = max(4, round(0.05 * area**0.5))
    sizes = stats[:, cv2.CC_STAT_AREA]
    largest = 1 + np.argsort(-sizes[1:], kind="stable")[:MOST_PARTS]
    found = []
    for index in largest[sizes[largest] >= max(2.0, SMALLEST * area)]:
        left, top, wide, high = (int(value) for value in stats[index, :4])
        part = slice(max(0, top - rim), top + high + rim), slice(max(0, left - rim), left + wide + rim)
        found.append((part, labels[part] == index))
    return found


def _shape_says(missing: np.ndarray, whole: np.ndarray, most: float, is_bite: bool) -> bool:
    size = float(missing.sum())
    outlines, _ = cv2.findContours(missing.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    around = max(cv2.arcLength(outline, closed=True), 1.0)
    compact = 4 * np.pi * size / around**2
    if not is_bite:
        return (size <= most and (compact >= COMPACT or size < 0.05 * most)) or (size <= 3 * most and compact >= ROUND)
    # a bite is deeper than its mouth is wide; a neck's or waist's curve is not
    rim = cv2.dilate(missing.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim &= ~missing
    mouth = float((rim & ~whole).sum()) / max(1.0, float(rim.sum()))
    return size <= most and compact >= COMPACT and mouth < 0.3


def _colour_says(
    photo: np.ndarray,
    person: tuple[np.ndarray, np.ndarray],
    part: tuple[slice, slice],
    missing: np.ndarray,
    is_bite: bool,
) -> np.ndarray | None:
    """The pixels of `missing` whose colours in the photo are the clothes' around them and not the background's; None
    where colours can't tell. `person`: what is solid, and the same without holes and bites."""
    solid, closed = person
    close = _lab(photo[part])
    clothes = close[solid[part]]
    # the background as seen all around the person, evenly sampled
    outside = cv2.erode((~closed).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    places = np.flatnonzero(outside.ravel())
    if len(clothes) < 8 or len(places) < 8:
        return None
    behind = _lab(photo.reshape(-1, 1, 3)[places[:: max(1, len(places) // 2000)]])[:, 0]
    palette, wall = _palette(clothes), _palette(behind)
    to_clothes, to_wall = (_nearest(close[missing], colours) for colours in (palette, wall))
    if float(np.median(np.abs(to_clothes - to_wall))) < 0.5 * LIKENESS:
        return None
    like = np.zeros(missing.shape, np.uint8)
    like[missing] = to_clothes < (BITE_CERTAINTY if is_bite else 1.0) * to_wall
    kernel = np.ones((3, 3), np.uint8)
    tidy = cv2.morphologyEx(cv2.morphologyEx(like, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel) > 0
    tidy &= missing
    if is_bite:
        return _lumps(tidy, max(12.0, LEAST_BITE * float(solid.sum())))
    share = float(tidy[missing].mean())
    if share > 0.8:
        return missing
    # in a true gap the edge's mixed colours look like neither side
    deep = cv2.erode(missing.astype(np.uint8), kernel, iterations=2) > 0
    return tidy if share > 0.2 and bool((tidy & deep).any()) else np.zeros_like(missing)


def _lumps(mask: np.ndarray, least: float) -> np.ndarray:
    """Pieces of at least `least` pixels, and broad ones: an outline's soft rim is no bite."""
    broad = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    cores = np.bincount(labels.ravel(), broad.ravel(), count)
    wanted = (stats[:, cv2.CC_STAT_AREA] >= least) & (cores >= 0.5 * stats[:, cv2.CC_STAT_AREA])
    wanted[0] = False
    return wanted[np.asarray(labels, np.int64)]


def _lab(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(rgb).astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)


def _palette(colours: np.ndarray) -> np.ndarray:
    """Up to eight colours (n, 3) that stand for `colours` (m, 3)."""
    samples = np.ascontiguousarray(colours[:: max(1, len(colours) // 1500)], np.float32)
    cv2.setRNGSeed(11)
    criteria = (cv2.TERM_CRITERIA_MAX_ITER + cv2.TERM_CRITERIA_EPS, 12, 0.5)
    blank = np.zeros((len(samples), 1), np.int32)
    return cv2.kmeans(samples, min(8, len(samples)), blank, criteria, 1, cv2.KMEANS_PP_CENTERS)[2]


def _nearest(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    best = np.full(len(colours), np.inf, np.float32)
    for colour in palette:
        best = np.minimum(best, np.sqrt(((colours - colour) ** 2).sum(axis=1)))
    return best


def _thin(alpha: np.ndarray, whole: np.ndarray, area: float) -> np.ndarray:
    """Half-clear places deep in the body, where no edge is: glimpses of background through clothes."""
    depth = max(3, round(0.02 * area**0.5))
    padded = np.pad(whole, depth + 1, mode="edge").astype(np.uint8)
    deep = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[depth + 1 : -depth - 1, depth + 1 : -depth - 1] > depth
    # beside a gap alpha is soft as well
    clear = cv2.dilate((alpha < 40).astype(np.uint8), np.ones((2 * depth + 1,) * 2, np.uint8)) > 0
    thin = ((alpha > SOLID) & (alpha < 235) | (alpha >= 40) & (alpha <= SOLID)) & deep & ~clear
    found = np.zeros(alpha.shape, bool)
    for part, piece in _parts(cv2.morphologyEx(thin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), area):
        found[part] |= piece
    return found
