"""A layered keyframe as a few premultiplied planes that a camera moves over."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Keyframe, Layer, Size
from studio.engines.video.camera import Pose, Reach, place
from studio.engines.video.focus import Focus, figures, salient

MOST_PLANES = 4
"""Further layers share a plane: each costs a warp and a blend a frame, and near depths move alike anyway."""

SHARP = 0.35
"""Unsharp masking of what is enlarged for a close shot, as a share of the detail under one enlarged pixel's width."""


@dataclass(frozen=True)
class Plane:
    """Colour premultiplied by alpha, (h, w, 4), its corner at (left, top) pixels from the frame's centre. From `solid`
    pixels below that centre on, nothing behind it is seen; infinite where there is no such row."""

    colour: np.ndarray
    left: float
    top: float
    reach: Reach
    opaque: bool
    solid: float = math.inf


@dataclass(frozen=True)
class Path:
    """What a shot needs of a scene: its two ends, and how strongly what is out of focus blurs (0 none .. 1)."""

    start: Pose
    end: Pose
    blur: float = 0.0

    @property
    def poses(self) -> tuple[Pose, ...]:
        return tuple(self.start.towards(self.end, share / 4) for share in range(5))


class LayeredScene:
    """A keyframe's layers, at most four planes of them, ready for any number of shots."""

    def __init__(self, keyframe: Keyframe, size: Size) -> None:
        self.size = size
        layers = _underlaid(_merged(keyframe.layers), min(size.width, size.height) // 6)
        self._planes = tuple(_plane(layer, opaque=n == 0) for n, layer in enumerate(layers))
        self.reaches = tuple(plane.reach for plane in self._planes)
        people = figures(keyframe, size)[:2]
        self.focuses: tuple[Focus, ...] = (*people, *salient(keyframe.image, people))

    def view(self, path: Path) -> LayeredView:
        return LayeredView(tuple(_prepared(plane, path, self.size) for plane in self._planes), self.size)


@dataclass(frozen=True)
class _Prepared:
    """The part of a plane that a shot shows, enlarged by `factor`, softened if out of focus."""

    plane: Plane
    factor: float


class LayeredView:
    """One shot of a scene."""

    def __init__(self, planes: tuple[_Prepared, ...], size: Size) -> None:
        self._planes, self._size = planes, size
        self._behind = np.empty((size.height, size.width, 4), np.uint8)

    def render(self, pose: Pose) -> np.ndarray:
        """The frame (H, W, 3) seen from `pose`."""
        frame, hidden = self._behind, self._size.height
        floors = []
        for prepared in reversed(self._planes):
            floors.append(hidden)
            hidden = min(hidden, self._solid_from(prepared.plane, pose))
        for prepared, floor in zip(self._planes, reversed(floors), strict=True):
            self._lay(frame, prepared, pose, floor)
        return cv2.cvtColor(frame, cv2.COLOR_RGBA2RGB)

    def _solid_from(self, plane: Plane, pose: Pose) -> int:
        """The frame's row from which on `plane` hides what is behind it."""
        if plane.solid == math.inf:
            return self._size.height
        there = place(pose, plane.reach, self._size.width, self._size.height)
        row = self._size.height / 2 + there.scale * (plane.solid - there.y) / math.cos(pose.roll)
        return max(0, math.ceil(row + abs(math.tan(pose.roll)) * self._size.width / 2) + 1)

    def _lay(self, frame: np.ndarray, prepared: _Prepared, pose: Pose, floor: int) -> None:
        """Lays a plane on the rows above `floor`: nearer ones hide the rest."""
        plane, width, height = prepared.plane, self._size.width, self._size.height
        there = place(pose, plane.reach, width, height)
        cos, sin = there.scale * math.cos(pose.roll), there.scale * math.sin(pose.roll)
        spin = np.array([[cos, -sin], [sin, cos]])
        middle = np.array([width / 2, height / 2])
        rows, columns = plane.colour.shape[:2]
        origin = spin @ np.array([plane.left - there.x, plane.top - there.y]) + middle
        matrix = np.column_stack([spin / prepared.factor, origin])
        if plane.opaque:
            if floor > 0:
                frame[:floor] = _warp(plane.colour, matrix, (width, floor), cv2.BORDER_REFLECT_101)
            return
        corners = matrix @ np.array([[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]])
        left, top = np.maximum(np.floor(corners.min(1)).astype(int) - 1, 0)
        right, bottom = np.minimum(np.ceil(corners.max(1)).astype(int) + 1, (width, floor))
        if right <= left or bottom <= top:
            return
        matrix[:, 2] -= (left, top)
        moved = _warp(plane.colour, matrix, (int(right - left), int(bottom - top)), cv2.BORDER_CONSTANT)
        # what is solid needs no blending
        solid = min(max(self._solid_from(plane, pose), top), bottom)
        frame[solid:bottom, left:right] = moved[solid - top :]
        target, moved = frame[top:solid, left:right], moved[: solid - top]
        if solid > top:
            through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(moved, 3)), cv2.COLOR_GRAY2RGBA)
            cv2.add(cv2.multiply(target, through, scale=1.0 / 255.0), moved, dst=target)


def _warp(colour: np.ndarray, matrix: np.ndarray, window: tuple[int, int], border: int) -> np.ndarray:
    """`matrix` maps corners of pixels; OpenCV counts from their centres."""
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return cv2.warpAffine(colour, centred, window, flags=cv2.INTER_LINEAR, borderMode=border)


def _merged(layers: Sequence[Layer]) -> list[Layer]:
    """At most MOST_PLANES layers: neighbours closest in depth become one, at the depth of the larger."""
    stack = [Layer(_premultiplied(layer.picture), layer.depth) for layer in layers]
    while len(stack) > MOST_PLANES:
        gaps = [abs(b.depth - a.depth) for a, b in itertools.pairwise(stack)]
        at = gaps.index(min(gaps))
        below, above = stack[at], stack[at + 1]
        through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(above.picture, 3)), cv2.COLOR_GRAY2RGBA)
        both = cv2.add(cv2.multiply(below.picture, through, scale=1.0 / 255.0), above.picture)
        areas = [float(layer.picture[..., 3].mean()) + 1e-3 for layer in (below, above)]
        depth = below.depth if at == 0 or areas[0] > areas[1] else above.depth
        stack[at : at + 2] = [Layer(both, depth)]
    return stack


def _underlaid(layers: Sequence[Layer], reach: int) -> list[Layer]:
    """Premultiplied layers, each drawn on downwards by up to `reach` rows where nearer ones hide its end: a camera
    that rises would else look through the gap between a hill's foot and the water before it."""
    rows = np.arange(layers[0].picture.shape[0], dtype=np.int32)[:, None]
    hidden = np.zeros(layers[0].picture.shape[:2], bool)
    done: list[Layer] = []
    for layer in reversed(layers):
        alpha = layer.picture[..., 3]
        if layer is layers[0] or not hidden.any():
            hidden |= alpha > 250
            done.append(layer)
            continue
        foot = np.maximum.accumulate(np.where(alpha > 200, rows, np.int32(-1)), axis=0)
        below = hidden & (alpha < 250) & (foot >= 0) & (rows - foot <= reach)
        picture = layer.picture
        if below.any():
            y, x = np.nonzero(below)
            source = picture[foot[y, x], x]
            own = picture[y, x]
            through = (255 - own[:, 3:].astype(np.uint16)) * source
            picture = picture.copy()
            picture[y, x] = own + (through // 255).astype(np.uint8)
        hidden |= alpha > 250
        done.append(Layer(picture, layer.depth))
    return done[::-1]


def _premultiplied(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGBA2mRGBA)


def _plane(layer: Layer, *, opaque: bool) -> Plane:
    """The used part of a layer, and how far it may be moved: a side that the picture runs off may never be seen."""
    rows, columns = layer.picture.shape[:2]
    left, top, right, bottom = 0, 0, columns, rows
    alpha = cv2.extractChannel(layer.picture, 3)
    if not opaque:
        x, y, width, height = cv2.boundingRect(alpha)
        left, top = max(x - 1, 0), max(y - 1, 0)
        right, bottom = min(x + width + 1, columns), min(y + height + 1, rows)
    cut = [opaque or bool((edge > 12).any()) for edge in (alpha[:, 0], alpha[:, -1], alpha[0], alpha[-1])]
    far = [side / 2 if touches else math.inf for side, touches in zip((columns, columns, rows, rows), cut, strict=True)]
    used = np.ascontiguousarray(layer.picture[top : max(bottom, top + 1), left : max(right, left + 1)])
    open_rows = np.flatnonzero(cv2.reduce(alpha, 1, cv2.REDUCE_MIN)[:, 0] < 255)
    solid = (int(open_rows[-1]) + 1 if len(open_rows) else 0) - rows / 2
    solid = math.inf if opaque or solid >= rows / 2 else solid
    return Plane(used, left - columns / 2, top - rows / 2, Reach(layer.depth, *far), opaque, solid)


def _prepared(plane: Plane, path: Path, size: Size) -> _Prepared:
    """What `path` shows of the plane, enlarged once a shot with a good filter, not each frame with a plain one."""
    blur = path.blur * max(0.0, abs(plane.reach.depth - path.start.pivot) - 0.12) * min(size.width, size.height) / 90
    factor = math.sqrt(path.start.scale(plane.reach.depth) * path.end.scale(plane.reach.depth))
    if factor < 1.12 and blur < 0.4:
        return _Prepared(plane, 1.0)
    rows, columns = plane.colour.shape[:2]
    halves = [_seen(pose, plane, size) for pose in path.poses]
    pad = 8 + min(size.width, size.height) // 24  # sway and beats go a little beyond the path
    left = max(0, math.floor(min(h[0] for h in halves) - plane.left) - pad)
    top = max(0, math.floor(min(h[1] for h in halves) - plane.top) - pad)
    right = min(columns, math.ceil(max(h[2] for h in halves) - plane.left) + pad)
    bottom = min(rows, math.ceil(max(h[3] for h in halves) - plane.top) + pad)
    if right <= left or bottom <= top:
        return _Prepared(plane, 1.0)
    factor = max(1.0, min(factor, 2.0))
    part = enlarged(plane.colour[top:bottom, left:right], factor, blur * factor)
    if not plane.opaque:
        # what sharpening made brighter than its alpha would glow through
        alpha = cv2.cvtColor(cv2.extractChannel(part, 3), cv2.COLOR_GRAY2RGBA)
        part = cv2.min(part, alpha)
    # an enlarged size is whole pixels: the factor that was really used
    exact = part.shape[1] / (right - left)
    # the edge of what is solid is now soft
    solid = plane.solid + 2.0 + 3.0 * blur
    shown = Plane(part, plane.left + left, plane.top + top, plane.reach, plane.opaque, solid)
    return _Prepared(shown, exact)


def _seen(pose: Pose, plane: Plane, size: Size) -> tuple[float, float, float, float]:
    """The plane's rectangle that the frame shows: left, top, right, bottom from the centre."""
    there = place(pose, plane.reach, size.width, size.height)
    cos, sin = abs(math.cos(pose.roll)), abs(math.sin(pose.roll))
    half_x = (size.width * cos + size.height * sin) / 2 / there.scale
    half_y = (size.width * sin + size.height * cos) / 2 / there.scale
    return there.x - half_x, there.y - half_y, there.x + half_x, there.y + half_y


def enlarged(picture: np.ndarray, factor: float, blur: float) -> np.ndarray:
    """`picture` times `factor`, sharpened a little if it grew, blurred by `blur` pixels (sigma) if that is seen."""
    if factor > 1.0:
        size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    if blur >= 0.4:
        return cv2.GaussianBlur(picture, (0, 0), blur)
    if factor > 1.12:
        soft = cv2.GaussianBlur(picture, (0, 0), factor)
        return cv2.addWeighted(picture, 1.0 + SHARP, soft, -SHARP, 0.0)
    return picture
