"""Blinks: the upper lid's skin comes down over the eye, which stays as it is behind it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.lip_sync import landmarks as mesh
from studio.engines.lip_sync.rig import Frame2D, smooth

LEAST_OPEN = 0.16
"""Height of an eye over its width below which it counts as closed."""

LASHES, FOLD = 0.16, 0.5
"""In parts of the eye's height: how thick the line of lashes is, and how far above the eye clear skin begins."""

LOWER_SHARE = 0.12
"""What the lower lid does of a blink."""


@dataclass(frozen=True)
class Eye:
    """Everything that a blink needs, over the pixels `part` of the picture, in the eye's own axes."""

    part: tuple[slice, slice]
    across: np.ndarray
    down: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    crease: np.ndarray
    axes: Frame2D
    inside: np.ndarray


class Eyelids:
    """Both eyes of a face with `points` (468, 3) in `picture`; none of them where a blink can't be told or would show
    (closed eyes, dark glasses, an eye turned away)."""

    def __init__(self, picture: np.ndarray, points: np.ndarray) -> None:
        flat = points[:, :2].astype(np.float64)
        rows = (
            (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID, mesh.RIGHT_BROW),
            (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID, mesh.LEFT_BROW),
        )
        skin = _brightness(picture, flat[list(mesh.CHEEKS)])
        self._picture = picture
        found = [_eye(picture.shape, [flat[list(row)] for row in three]) for three in rows]
        self.eyes = tuple(eye for eye in found if eye and _is_seen(picture, eye, skin))
        if len(self.eyes) < 2:
            self.eyes = ()
        self._soft = _skin_only(picture, self.eyes)

    def draw(self, frame: np.ndarray, closed: float) -> None:
        """Closes the eyes of `frame`, which equals the picture around them, by `closed` 0..1, in place."""
        if closed <= 0.01:
            return
        for eye in self.eyes:
            self._draw(frame, eye, min(1.0, closed))

    def _draw(self, frame: np.ndarray, eye: Eye, closed: float) -> None:
        tall = eye.lower - eye.upper
        # lashes and their line belong to the lid
        lash = eye.upper + 0.16 * tall
        edge = lash + closed * (1 - LOWER_SHARE) * (eye.lower - lash)
        lid = self._lid(eye, lash, edge, closed)
        soft = max(1.0, 0.10 * float(np.max(tall)))
        alpha = (np.clip((edge - eye.down) / soft + 0.5, 0, 1) * eye.inside)[..., None]
        part = frame[eye.part][..., :3]
        part[:] = np.clip(part + alpha * (lid - part) + 0.5, 0, 255).astype(np.uint8)

    def _lid(self, eye: Eye, lash: np.ndarray, edge: np.ndarray, closed: float) -> np.ndarray:
        """(h, w, 3): the lashes move as they are, the clear skin above them stretches, what is dark between the two
        folds away. A lid that has hardly moved is simply the picture's, stretched."""
        tall = eye.lower - eye.upper
        band = LASHES * tall
        length = np.maximum(edge - eye.crease, 1e-3)
        share = np.clip((eye.down - eye.crease) / length, 0, 1)
        clear = np.maximum(eye.crease + 0.12 * tall, eye.upper - FOLD * tall)
        above = eye.down < eye.crease
        skin = self._taken(eye, np.where(above, eye.down, eye.crease + share * (clear - eye.crease)), self._soft)
        skin = skin * (1 - 0.13 * smooth((share - 0.3) / 0.7))[..., None]
        lashes = self._taken(eye, lash - (edge - eye.down), self._picture)
        near = smooth((eye.down - (edge - 1.5 * band)) / np.maximum(band, 0.7))[..., None] * 0.8
        folded = skin + near * (lashes - skin)
        stretched = self._taken(eye, np.where(above, eye.down, eye.crease + share * (lash - eye.crease)), self._picture)
        mixed = (smooth(2.5 * closed) * smooth(share / 0.45))[..., None]
        return stretched + mixed * (folded - stretched)

    def _taken(self, eye: Eye, down: np.ndarray, picture: np.ndarray) -> np.ndarray:
        at = eye.axes.to_picture(np.stack([eye.across, down], axis=-1)).astype(np.float32)
        taken = cv2.remap(picture, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return taken[..., :3].astype(np.float32)


def _skin_only(picture: np.ndarray, eyes: tuple[Eye, ...]) -> np.ndarray:
    """The picture without its fine detail and without the eyes: a stretched lid would show every pore as a streak."""
    weight = np.ones(picture.shape[:2], np.float32)
    reach = 1.0
    for eye in eyes:
        tall = eye.lower - eye.upper
        seen = (eye.down > eye.upper - 0.4 * tall) & (eye.down < eye.lower + 0.2 * tall) & (eye.inside > 0.01)
        weight[eye.part][seen] = 0.002
        reach = max(reach, 0.26 * float(np.max(tall)))
    colours = cv2.GaussianBlur(picture[..., :3].astype(np.float32) * weight[..., None], (0, 0), reach)
    return colours / np.maximum(cv2.GaussianBlur(weight, (0, 0), reach), 1e-4)[..., None]


def _eye(shape: tuple[int, ...], rows: list[np.ndarray]) -> Eye | None:
    upper, lower, brow = rows
    across = upper[-1] - upper[0]
    width = float(np.linalg.norm(across))
    if width < 6:
        return None
    across = across / width
    axes = Frame2D((upper[0] + upper[-1]) / 2, across, np.array([-across[1], across[0]]))
    lids, under, over = axes.to_face(upper), axes.to_face(lower), axes.to_face(brow)
    tall = float((np.interp(lids[:, 0], under[:, 0], under[:, 1]) - lids[:, 1]).max())
    if tall / width < LEAST_OPEN:
        return None
    margin = 0.35 * width
    box = axes.to_picture(np.array([[x, y] for x in (-0.75 * width, 0.75 * width) for y in (-width, 0.6 * width)]))
    left, top = np.maximum(0, np.floor(box.min(axis=0)).astype(int)).tolist()
    right, bottom = np.minimum([shape[1], shape[0]], np.ceil(box.max(axis=0)).astype(int)).tolist()
    if right - left < 3 or bottom - top < 3:
        return None
    y, x = np.mgrid[top:bottom, left:right].astype(np.float64)
    local = axes.to_face(np.stack([x, y], axis=-1))
    reach = np.linspace(-0.5 * width - margin, 0.5 * width + margin, 129)
    high, low = np.interp(reach, lids[:, 0], lids[:, 1]), np.interp(reach, under[:, 0], under[:, 1])
    brow_line = min(float(over[:, 1].max()), float(lids[:, 1].min()) - 0.5 * tall)
    crease = np.interp(local[..., 0], reach, np.maximum(high - 1.3 * tall, 0.75 * brow_line + 0.25 * high))
    inside = 1 - smooth((np.abs(local[..., 0]) / width - 0.46) / 0.1)
    return Eye(
        (slice(top, bottom), slice(left, right)), local[..., 0], local[..., 1],
        np.interp(local[..., 0], reach, high), np.interp(local[..., 0], reach, low), crease, axes, inside,
    )  # fmt: skip


def _is_seen(picture: np.ndarray, eye: Eye, skin: float) -> bool:
    """Whether there is white in the eye beside something dark: behind dark glasses there is neither."""
    within = (eye.down > eye.upper) & (eye.down < eye.lower) & (eye.inside > 0.5)
    if within.sum() < 12:
        return False
    values = picture[eye.part][..., :3].mean(axis=-1)[within]
    low, high = np.percentile(values, [10, 92])
    return bool(high > 0.42 * skin and high - low > 0.16 * skin)


def _brightness(picture: np.ndarray, points: np.ndarray) -> float:
    whole = np.round(points).astype(int)
    rows, columns = np.clip(whole[:, 1], 0, picture.shape[0] - 1), np.clip(whole[:, 0], 0, picture.shape[1] - 1)
    return float(np.median(picture[rows, columns, :3].mean(axis=-1)))
