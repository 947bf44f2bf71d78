"""How a segment arrives at its last picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIMILAR_GAIN = 0.5
"""A flow that leaves less than this share of the two frames' difference has found the one in the other."""

SIMILAR_REST = 14.0
"""Mean difference (of 255) that may be left after the flow: above it the morph would melt."""


@dataclass(frozen=True)
class Arrival:
    """`kind`: cut, flash, whip, dissolve or morph, over the last `frames` frames before the landing."""

    kind: str
    frames: int
    angle: int = 0


def flash(frame: np.ndarray, colour: tuple[int, ...], share: float) -> np.ndarray:
    """The outgoing picture burning out towards `colour`; `share` 0..1, 1 on the landing."""
    burn = 0.8 * share * share
    lit = cv2.convertScaleAbs(frame, alpha=1.0 + 1.5 * burn)
    return cv2.addWeighted(lit, 1.0 - burn, np.full_like(frame, colour), burn, 0.0)


def whip(frame: np.ndarray, target: np.ndarray, angle: int, shares: tuple[float, float]) -> np.ndarray:
    """The camera thrown from one picture to the next, faster and faster until it hits the target on the beat.

    `angle` counts quarters: 0 right, 1 down, 2 left, 3 up. `shares` are the frame's and the next frame's, 0..1.
    """
    vertical, backwards = angle % 2 == 1, angle >= 2
    a, b = (cv2.transpose(p) if vertical else p for p in (frame, target))
    width = a.shape[1]
    band = width // 5
    # between the two lies what a lens would smear there: each goes on as its mirror, fading into the other's
    ramp = np.linspace(0, 1, band, dtype=np.float32)[None, :, None]
    first, second = (b, a) if backwards else (a, b)
    mixed = (first[:, : width - band - 1 : -1] * (1 - ramp) + second[:, band - 1 :: -1] * ramp).astype(np.uint8)
    strip = np.hstack([first, mixed, second])
    travel = width + band
    at, following = (round(travel * share**2.5) for share in shares)
    left = travel - at if backwards else at
    length = max(1, following - at) | 1
    reach = length // 2 + 1
    padded = cv2.copyMakeBorder(strip, 0, 0, reach, reach, cv2.BORDER_REFLECT_101)
    window = np.ascontiguousarray(padded[:, left : left + width + 2 * reach])
    blurred = cv2.blur(window, (min(length, width // 3 | 1), 1))[:, reach : reach + width]
    return cv2.transpose(blurred) if vertical else np.ascontiguousarray(blurred)


def dissolve(frame: np.ndarray, target: np.ndarray, share: float) -> np.ndarray:
    weight = share * share * (3 - 2 * share)
    return cv2.addWeighted(frame, 1 - weight, target, weight, 0.0)


class Morph:
    """One picture flowing into another, by the optical flow both ways at half size."""

    def __init__(self, start: np.ndarray, end: np.ndarray) -> None:
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        small = [cv2.cvtColor(cv2.pyrDown(picture), cv2.COLOR_RGB2GRAY) for picture in (start, end)]
        size = (start.shape[1], start.shape[0])
        self._forth, self._back = (
            cv2.resize(cv2.GaussianBlur(flow.calc(a, b, None), (0, 0), 2), size) * np.float32(2)  # pyright: ignore[reportArgumentType,reportCallIssue]
            for a, b in (small, small[::-1])
        )
        rows, columns = start.shape[:2]
        self._x, self._y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
        before = float(cv2.absdiff(start, end).mean())
        self.rest = float(cv2.absdiff(self._warped(start, self._back, 1.0), end).mean())
        self.similar = self.rest < SIMILAR_REST and self.rest < SIMILAR_GAIN * before

    def at(self, frame: np.ndarray, target: np.ndarray, share: float) -> np.ndarray:
        weight = share * share * (3 - 2 * share)
        left = self._warped(frame, self._back, weight)
        arriving = self._warped(target, self._forth, 1 - weight)
        return cv2.addWeighted(left, 1 - weight, arriving, weight, 0.0)

    def _warped(self, picture: np.ndarray, flow: np.ndarray, share: float) -> np.ndarray:
        moved_x, moved_y = self._x + share * flow[..., 0], self._y + share * flow[..., 1]
        return cv2.remap(picture, moved_x, moved_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
