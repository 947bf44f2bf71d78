"""What stands between two frames, found by the optical flow in both directions; what is hidden in one is taken from
the other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

LARGEST = 384
"""Pixels of the longer side at which flow is looked for: finer flow is mostly noise, and costs as the square."""

SMALLEST = 32
"""Pixels below which the search has nothing to go by; smaller frames are enlarged for it."""

TRUST = 1.5
"""Pixels, at the flow's size, by which going there and back may miss: more, and the point is hidden in the other."""

TOLERANCE = 24.0
"""Levels by which a point's colours may differ between the frames: so far apart, its flow is trusted by a third."""

_BESIDE = 12
BESIDE = tuple((x, y) for far in (5, _BESIDE) for x, y in ((far, 0), (-far, 0), (0, far), (0, -far)))
"""Pixels right and down, at the flow's size, of the points whose way is tried: a patch of the search is 8 wide."""

CLEARLY = 3.0
"""Levels by which another's way must fit better."""

ORDINARY = 3.0
"""Pixels, at the flow's size, by which the background may go otherwise than most of the frame."""

FAINT = 0.2
"""What a point that only one of the frames shows weighs against one found in both."""

_UNSEEN = 1e-3


@dataclass(frozen=True)
class _Flow:
    """`points` (n, 2) of a frame, the `ways` (n, 2) they go to the other, and how far these can be trusted (n,), 0..1;
    the least trusted first."""

    points: np.ndarray
    ways: np.ndarray
    trust: np.ndarray


@dataclass(frozen=True)
class _Moved:
    """A frame on its way: the `offsets` (h, w, 2) at which a point's content stands in it, whether it shows the point
    at all (h, w), 0..1, and how `sure` that is, up to `there`."""

    offsets: np.ndarray
    there: np.ndarray
    sure: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        return np.square(FAINT * self.there + self.sure)


class Between:
    """The pictures between `first` and `second`, both (H, W, 3)."""

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self._first, self._second = first, second
        rows, columns = first.shape[:2]
        scale = min(1.0, LARGEST / max(rows, columns))
        scale = max(scale, SMALLEST / min(rows, columns))
        self._size = (max(SMALLEST, round(columns * scale)), max(SMALLEST, round(rows * scale)))
        self._stretch = np.array([columns / self._size[0], rows / self._size[1]], np.float32)
        self._grid = _grid(self._size)
        small = [cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA) for picture in (first, second)]
        forth, back = self._searched(small[0], small[1]), self._searched(small[1], small[0])
        self._forth = self._settled(forth, back, small[0], small[1])
        self._back = self._settled(back, forth, small[1], small[0])
        self._whole = _grid((columns, rows))

    @property
    def trust(self) -> float:
        """0..1, how much of the frames' content was found in both."""
        return float((self._forth.trust.mean() + self._back.trust.mean()) / 2)

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """The colours (n, 3) that the points found in both have in the first and in the second frame."""
        width, height = self._size
        flow, found = self._forth, self._forth.trust > 0.5
        places = [(each * self._stretch).reshape(height, width, 2) for each in (flow.points, flow.points + flow.ways)]
        first, second = _sampled(self._first, places[0]), _sampled(self._second, places[1])
        return first.reshape(-1, 3)[found], second.reshape(-1, 3)[found]

    def at(self, share: float) -> np.ndarray:
        """The picture (H, W, 3) at `share` 0..1 of the way. Where one frame shows what the other hides, only that one
        is seen; where neither has the other's content it is dissolved, and fast: two pictures at once are ghosts."""
        if share <= 0.0:
            return self._first
        if share >= 1.0:
            return self._second
        one, other = self._moved(self._forth, share), self._moved(self._back, 1.0 - share)
        shares = (1.0 - share) * one.weight, share * other.weight
        by_flow = (shares[1] + _UNSEEN * share) / (shares[0] + shares[1] + _UNSEEN)
        lost = (one.there - one.sure) * (other.there - other.sure)
        weight = by_flow + (_steep(share) - by_flow) * lost
        first, second = self._taken(self._first, one.offsets), self._taken(self._second, other.offsets)
        rows, columns = self._first.shape[:2]
        full = cv2.resize(weight, (columns, rows), interpolation=cv2.INTER_LINEAR)[..., None]
        return np.rint(first + (second - first) * full).clip(0, 255).astype(np.uint8)

    def _searched(self, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """The flow, in which a point beside an edge goes the way of those a little off, where that fits it better: what
        the search finds there is a mixture of both sides."""
        flow = _flow(here, there)
        best = self._unlike(flow, here, there)
        rows, columns = flow.shape[:2]
        sheet = np.pad(flow, ((_BESIDE, _BESIDE), (_BESIDE, _BESIDE), (0, 0)), mode="edge")
        for x, y in BESIDE:
            other = sheet[_BESIDE + y : _BESIDE + y + rows, _BESIDE + x : _BESIDE + x + columns]
            unlike = self._unlike(other, here, there)
            better = unlike < best - CLEARLY
            flow[better], best[better] = other[better], unlike[better]
        return flow

    def _unlike(self, flow: np.ndarray, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """(h, w): by how many levels a point and its close neighbours differ from where they go."""
        red, green, blue = cv2.split(cv2.absdiff(here, _sampled(there, self._grid + flow)))
        return cv2.blur(cv2.max(cv2.max(red, green), blue), (3, 3)).astype(np.float32)

    def _settled(self, flow: np.ndarray, reverse: np.ndarray, here: np.ndarray, there: np.ndarray) -> _Flow:
        """The flow, filled in from around where it can't be trusted."""
        goal = self._grid + flow
        returned = flow + _sampled(reverse, goal)
        room = TRUST + 0.05 * (np.linalg.norm(flow, axis=2))
        missed = np.linalg.norm(returned, axis=2) / room
        # as its best neighbour: beside an edge the others go another way
        unlike = cv2.erode(self._unlike(flow, here, there), np.ones((3, 3), np.uint8)) / TOLERANCE
        trust = np.exp(-np.square(missed) - np.square(unlike)).astype(np.float32)
        width, height = self._size
        outside = (goal[..., 0] < -1) | (goal[..., 0] > width) | (goal[..., 1] < -1) | (goal[..., 1] > height)
        trust[outside] = 0.0
        order = np.argsort(trust, axis=None, kind="stable")
        # what is hidden in the other is mostly background, and that goes as most of the frame does
        apart = np.square(flow - np.median(flow, axis=(0, 1))).sum(axis=2)
        around = _filled(flow, trust / (1.0 + apart / ORDINARY**2))
        # one or the other: halfway between two ways goes nothing
        ways = np.where((trust > 0.5)[..., None], flow, around)
        return _Flow(self._grid.reshape(-1, 2)[order], ways.reshape(-1, 2)[order], trust.ravel()[order])

    def _moved(self, flow: _Flow, share: float) -> _Moved:
        """The flow's own frame carried `share` of the way to the other; what is trusted covers what is not."""
        width, height = self._size
        goal = np.rint(flow.points + np.float32(share) * flow.ways).astype(np.int32)
        x, y = goal[:, 0], goal[:, 1]
        nowhere = height * width
        places = np.where((x >= 0) & (x < width) & (y >= 0) & (y < height), y * width + x, nowhere)
        carried = np.zeros((nowhere + 1, 4), np.float32)
        carried[places] = np.column_stack([flow.ways, flow.trust, np.ones_like(flow.trust)])
        carried = carried[:-1].reshape(height, width, 4)
        there = np.ascontiguousarray(carried[..., 3])
        # between two points carried apart lies a gap one wide that is no hiding place
        near = cv2.boxFilter(there, -1, (3, 3), normalize=False)
        beside = cv2.boxFilter(carried, -1, (3, 3), normalize=False) / np.maximum(near, 1.0)[..., None]
        carried = np.where(((there == 0) & (near > 3))[..., None], beside, carried)
        ways, sure, there = carried[..., :2], carried[..., 2], carried[..., 3]
        offsets = -np.float32(share) * _filled(ways, there)
        sure, there = (cv2.GaussianBlur(each, (0, 0), 0.8) for each in (sure, there))
        return _Moved(offsets, there, np.minimum(sure, there))

    def _taken(self, picture: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        rows, columns = picture.shape[:2]
        full = cv2.resize(offsets, (columns, rows), interpolation=cv2.INTER_LINEAR) * self._stretch
        return _sampled(picture, self._whole + full).astype(np.float32)


def _steep(share: float) -> float:
    eased = min(1.0, max(0.0, 2.0 * share - 0.5))
    return eased * eased * (3.0 - 2.0 * eased)


def _flow(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(h, w, 2), dense inverse search (Kroeger et al. 2016, Fast Optical Flow using Dense Inverse Search)."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    first, second = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (first, second))
    return search.calc(first, second, None)  # pyright: ignore[reportArgumentType,reportCallIssue]


def _filled(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`values` (h, w, 2) kept where `weight` is 1, and where it is 0 as in the surroundings that have weight: down and
    up a pyramid (Gortler et al. 1996, The Lumigraph, pull-push)."""
    weight = np.minimum(weight, 1.0).astype(np.float32)
    known = (values * weight[..., None]).astype(np.float32)
    if min(weight.shape) < 4:
        return known.sum((0, 1), keepdims=True) / max(float(weight.sum()), 1e-4) + np.zeros_like(known)
    mass = cv2.pyrDown(weight)
    # a point known beside one that isn't is all that can be known there
    full = np.minimum(1.0, 4.0 * mass)
    coarse = cv2.pyrDown(known) / np.maximum(mass, 1e-6)[..., None]
    around = cv2.resize(_filled(coarse, full), weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return known + around * (1.0 - weight[..., None])


def _grid(size: tuple[int, int]) -> np.ndarray:
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    return np.dstack([x, y])


def _sampled(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    places = places.astype(np.float32)
    return cv2.remap(picture, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
