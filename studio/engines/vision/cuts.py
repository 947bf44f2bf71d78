"""Whether two samples are of one shot: cuts, fades and dissolves, told from flashes, moving things and cameras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.engines.vision.features import Apart, Features, compare
from studio.engines.vision.scene_builder import Observation

NEIGHBOURS = 0.15
"""Seconds: samples so near each other are the two sides of a jump."""
FLASH = 0.7
_STRAIGHT = 0.55
_STEADY = 0.02


def is_cut(before: Observation, seen: Observation) -> bool:
    """Whether a new shot begins between the two at once. Where all the pictures between were looked at, only
    neighbours can be."""
    near = seen.time - before.time <= NEIGHBOURS
    if seen.straightness is not None and not near:
        return False
    apart = compare(before.features, seen.features)
    if _follows_camera(seen):
        return False
    return is_other(apart) if near else _is_far_other(apart)


def is_other(apart: Apart) -> bool:
    """Two pictures that nothing but a cut or a fade leads between, when there was no time for anything to move."""
    if apart.flat:
        return apart.area >= 0.35
    structure = (apart.area >= 0.35 and apart.structure >= 0.45) or (apart.area >= 0.18 and apart.structure >= 0.55)
    colour = apart.area >= 0.35 and apart.hue >= 0.35 and apart.structure >= 0.15
    return structure or colour or (apart.replaced and apart.area >= 0.05)


def _is_far_other(apart: Apart) -> bool:
    """The same for samples with time between them, in which things and the camera may have moved."""
    if apart.flat:
        return apart.area >= 0.5
    moved = apart.area >= 0.5 and apart.structure >= 0.6 and apart.hue >= 0.12
    colour = apart.area >= 0.45 and apart.hue >= 0.35 and apart.structure >= 0.3
    return moved or colour or (apart.replaced and apart.area >= 0.05)


def is_flash(before: Observation, pending: Sequence[Observation], seen: Observation) -> bool:
    """The look of `before` is back soon after `pending` began: a flash, a blink of black, one bad picture."""
    lasted = seen.time - pending[0].time
    washed = all(each.features.blank or each.features.brightness > 0.85 for each in pending)
    return (lasted <= FLASH or (washed and lasted <= 3 * FLASH)) and not is_other(
        compare(before.features, seen.features)
    )


def goes_straight(before: Observation, seen: Observation) -> bool:
    """The picture is on its way to another one, as in a fade: a stretch that was looked at whole and went directly,
    changing most of the picture and not by the camera."""
    if seen.straightness is None or seen.straightness < _STRAIGHT or _follows_camera(seen):
        return False
    if before.features.thumb.shape != seen.features.thumb.shape:
        return False
    gap = np.abs(before.features.thumb.astype(np.int16) - seen.features.thumb).max(axis=2)
    return bool(gap.mean() > _STEADY * 255 and np.mean(gap > 6) > 0.25)


def is_fade(before: Features, between: Sequence[Features], after: Features) -> bool:
    """`before` led to `after` through `between`: black or white lies on the way or is one of the two, or each is a
    mixture of them or a part of each. What moves meanwhile is no mixture, so that only the latter must be still."""
    apart = compare(before, after)
    if not (is_other(apart) and (apart.area >= 0.35 or apart.replaced)):
        return False
    if any(each.blank for each in (before, *between, after)):
        return True
    return all(is_mixture(before, each, after) for each in between)


def is_mixture(before: Features, middle: Features, after: Features) -> bool:
    """Least squares for how much of each; and a wipe's: every place is either the one or the other."""
    if not before.thumb.shape == middle.thumb.shape == after.thumb.shape:
        return False
    a, m, b = (each.thumb.astype(np.float32) for each in (before, middle, after))
    way = float(np.square(a - b).sum())
    if way < a.size:
        return False
    share = float(((m - b) * (a - b)).sum()) / way
    blended = np.sqrt(float(np.square(m - share * a - (1 - share) * b).sum()) / way)
    wiped = np.minimum(np.abs(m - a), np.abs(m - b)).mean() / np.abs(a - b).mean()
    return -0.1 < share < 1.1 and (blended < 0.3 or wiped < 0.15)


def _follows_camera(seen: Observation) -> bool:
    return bool(seen.move and seen.move.known and seen.move.match > 0.7)
