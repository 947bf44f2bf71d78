"""Holes filled with pieces of what surrounds them, so that folds and patterns go on.

Wexler, Shechtman and Irani, "Space-Time Completion of Video", 2007: every patch of the hole should be found around it;
coarse to fine, patches vote for the hole's colours. Barnes et al., "PatchMatch", 2009, finds the patches: neighbours
propose their own finds, shifted, and random tries improve on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.cancellation import CancelToken

RADIUS = 3
"""Patches are of 7 x 7 pixels."""

MOST_TARGETS = 9000
"""Patches searched for at the finest level at most; larger holes keep the finds of a coarser level there."""


LARGEST_HOLE = 60_000
"""Pixels; a larger hole is filled at half its size, since memory and time grow with it."""

BELIEF, COARSE_BELIEFS = 0.93, (0.3, 0.4, 0.55, 0.7, 0.8, 0.9)
"""How much of what is guessed counts, to the power of the pixels to the hole's rim: little before there was a vote."""


@dataclass
class _Level:
    """One size: `colour` (h, w, 3) float32, `hole` (h, w) bool, the hole's patches and where theirs come from, as flat
    indices into the padded picture of `stride` columns."""

    colour: np.ndarray
    hole: np.ndarray
    targets: np.ndarray
    sources: np.ndarray
    usable: np.ndarray
    stride: int


def patched(picture: np.ndarray, hole: np.ndarray, cancel: CancelToken, seed: int = 0) -> np.ndarray | None:
    """`picture` (h, w, 3) uint8 with `hole` (h, w) bool filled; None where nothing around is large enough to copy."""
    if int(hole.sum()) > LARGEST_HOLE:
        return _by_half(picture, hole, cancel, seed)
    rng = np.random.default_rng(seed)
    depth = float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max())
    count = int(np.clip(np.ceil(np.log2(max(depth, 2.0) / 2.0)), 0, 5)) + 1
    pyramid = [(picture.astype(np.float32), hole)]
    for _ in range(count - 1):
        smaller = _halved(*pyramid[-1])
        if min(smaller[1].shape) < 4 * RADIUS or not _usable(smaller[1]).any():
            break
        pyramid.append(smaller)
    if not _usable(pyramid[-1][1]).any():
        return None
    level: _Level | None = None
    for index, (colour, mask) in reversed(list(enumerate(pyramid))):
        level = _start(colour, mask, level, rng)
        small = len(level.targets) <= MOST_TARGETS
        rounds = len(COARSE_BELIEFS) if index == len(pyramid) - 1 else 2 if small else 1
        for turn in range(rounds):
            cancel.check()
            belief = COARSE_BELIEFS[turn] if rounds > 2 else BELIEF
            _vote(level, _search(level, rng, 6 if rounds > 2 else 4 if small else 0, belief))
    assert level is not None
    filled = np.clip(level.colour + 0.5, 0, 255).astype(np.uint8)
    return np.where(hole[..., None], filled, picture)


def _by_half(picture: np.ndarray, hole: np.ndarray, cancel: CancelToken, seed: int) -> np.ndarray | None:
    small, _ = _halved(picture.astype(np.float32), hole)
    size = (small.shape[1], small.shape[0])
    # every pixel that saw some of the hole: what is known must not be mixed with what is not
    missing = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    filled = patched(np.clip(small + 0.5, 0, 255).astype(np.uint8), missing, cancel, seed)
    if filled is None:
        return None
    large = cv2.resize(filled, (hole.shape[1], hole.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.where(hole[..., None], large, picture)


def _halved(colour: np.ndarray, hole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the size, from known pixels alone; a pixel is hole where most of it was."""
    size = (max(1, (hole.shape[1] + 1) // 2), max(1, (hole.shape[0] + 1) // 2))
    known = 1.0 - hole.astype(np.float32)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(colour * known[..., None], size, interpolation=cv2.INTER_AREA)
    return small / np.maximum(share, 1e-3)[..., None], share < 0.5


def _usable(hole: np.ndarray) -> np.ndarray:
    """Middles of patches without a pixel of the hole and wholly in the picture."""
    kernel = np.ones((2 * RADIUS + 1,) * 2, np.uint8)
    usable = cv2.dilate(hole.astype(np.uint8), kernel) == 0
    usable[:RADIUS] = usable[-RADIUS:] = usable[:, :RADIUS] = usable[:, -RADIUS:] = False
    return usable


def _start(colour: np.ndarray, hole: np.ndarray, coarser: _Level | None, rng: np.random.Generator) -> _Level:
    height, width = hole.shape
    stride = width + 2 * RADIUS
    kernel = np.ones((2 * RADIUS + 1,) * 2, np.uint8)
    rows, columns = np.nonzero(cv2.dilate(hole.astype(np.uint8), kernel))
    allowed = _usable(hole)
    usable = np.flatnonzero(np.pad(allowed, RADIUS))
    sources = usable[rng.integers(0, len(usable), len(rows))]
    colour = colour.copy()
    if coarser is None:
        smooth = cv2.inpaint(np.clip(colour, 0, 255).astype(np.uint8), hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
        colour[hole] = smooth[hole]
    else:
        found = _finds(coarser)[
            np.minimum(rows // 2, coarser.hole.shape[0] - 1), np.minimum(columns // 2, coarser.hole.shape[1] - 1)
        ]
        y, x = 2 * found[:, 0] + rows % 2, 2 * found[:, 1] + columns % 2
        fine = (found[:, 0] >= 0) & (y < height) & (x < width)
        fine[fine] = allowed[y[fine], x[fine]]
        sources[fine] = (y[fine] + RADIUS) * stride + x[fine] + RADIUS
        larger = cv2.resize(coarser.colour, (width, height), interpolation=cv2.INTER_LINEAR)
        colour[hole] = larger[hole]
    level = _Level(
        colour, hole, (rows + RADIUS) * stride + columns + RADIUS, sources, np.pad(allowed, RADIUS).ravel(), stride
    )
    if coarser is not None:
        _vote(level, np.ones(len(rows), np.float32))
    return level


def _finds(level: _Level) -> np.ndarray:
    """(h, w, 2): row and column of each pixel's source, -1 where it has none."""
    height, width = level.hole.shape
    finds = np.full((height, width, 2), -1)
    y, x = np.divmod(level.targets, level.stride)
    finds[y - RADIUS, x - RADIUS] = np.stack(np.divmod(level.sources, level.stride), axis=1) - RADIUS
    return finds


def _search(level: _Level, rng: np.random.Generator, tries: int, trust: float) -> np.ndarray:
    """Better sources for every patch; their costs, squared colour a pixel."""
    padded = _padded(level.colour)
    inner = cv2.distanceTransform(np.pad(level.hole, RADIUS).astype(np.uint8), cv2.DIST_L2, 3).ravel()
    # what lies deep in the hole is a guess itself and says little
    belief = (trust**inner).astype(np.float32)
    steps = np.arange(-RADIUS, RADIUS + 1)
    offsets = np.array([y * level.stride + x for y in steps for x in steps if (x + y) % 2 == 0])
    places = level.targets[:, None] + offsets
    wanted, weights = padded[places], belief[places]
    weights /= weights.sum(axis=1, keepdims=True)

    def cost_of(sources: np.ndarray, which: np.ndarray) -> np.ndarray:
        difference = padded[sources[:, None] + offsets] - wanted[which]
        return np.einsum("nkc,nkc,nk->n", difference, difference, weights[which])

    everything = np.arange(len(level.targets))
    cost = cost_of(level.sources, everything)

    def offer(candidates: np.ndarray, which: np.ndarray) -> None:
        good = (candidates >= 0) & (candidates < len(level.usable))
        good[good] = level.usable[candidates[good]]
        good &= candidates != level.sources[which]
        which, candidates = which[good], candidates[good]
        if len(which):
            offered = cost_of(candidates, which)
            better = offered < cost[which]
            level.sources[which[better]], cost[which[better]] = candidates[better], offered[better]

    index = np.full(len(level.usable), -1)
    index[level.targets] = everything
    for jump in (1, 4, 1) if tries else (1,):
        for shift in (jump, -jump, jump * level.stride, -jump * level.stride):
            there = np.clip(level.targets + shift, 0, len(index) - 1)
            which = everything[index[there] >= 0]
            offer(level.sources[index[there[which]]] - shift, which)
    reach = max(level.hole.shape)
    for _ in range(tries):
        jitter = rng.integers(-reach, reach + 1, (2, len(everything)))
        offer(level.sources + jitter[0] * level.stride + jitter[1], everything)
        reach = max(2, reach // 3)
    return cost


def _padded(colour: np.ndarray) -> np.ndarray:
    """With a rim as wide as a patch's radius, as (n, 3)."""
    return cv2.copyMakeBorder(colour, RADIUS, RADIUS, RADIUS, RADIUS, cv2.BORDER_REFLECT_101).reshape(-1, 3)


def _vote(level: _Level, cost: np.ndarray) -> None:
    """The hole's colours anew: each the mean of what all patches over it have there, good patches first."""
    padded = _padded(level.colour)
    scale = max(float(np.percentile(cost, 40)), 4.0)
    weight = np.exp(-cost / scale) + 1e-4
    steps = np.arange(-RADIUS, RADIUS + 1)
    across, down = np.meshgrid(steps, steps)
    offsets = (down * level.stride + across).ravel()
    # a patch knows its middle best
    nearness = np.exp(-(across**2 + down**2).ravel() / 4.0)
    places = (level.targets[:, None] + offsets).ravel()
    votes = (weight[:, None] * nearness).ravel()
    colours = padded[(level.sources[:, None] + offsets).ravel()]
    total = np.maximum(np.bincount(places, votes, len(padded)), 1e-9)
    height, width = level.hole.shape
    for channel in range(3):
        mean = np.bincount(places, votes * colours[:, channel], len(padded)) / total
        plane = mean.reshape(height + 2 * RADIUS, width + 2 * RADIUS)[RADIUS:-RADIUS, RADIUS:-RADIUS]
        level.colour[..., channel][level.hole] = plane[level.hole]
