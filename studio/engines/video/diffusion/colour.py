"""A clip's colours kept to those of the picture it came from: the network lets them drift."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from studio.engines.video.diffusion.flow import Between

SMALL = 160
"""Pixels of the longer side at which colours are compared: detail is no colour, and a network's picture has less."""

ENOUGH = 0.25
"""Share of a frame that must be found in the next one for their colours to be compared point by point."""

MOST_SHIFT = 20.0
"""CIE Lab units by which a channel's mean is moved at most: more is not drift but something that happened."""

MOST_GAIN = 1.25
"""Factor by which a channel's spread is widened or narrowed at most."""


def steadied(frames: Sequence[np.ndarray], reference: np.ndarray) -> list[np.ndarray]:
    """`frames` (h, w, 3) with the steady change of each Lab channel's mean and spread taken out, and what is left at
    `reference`'s (H, W, 3): Reinhard et al. 2001, Color Transfer between Images, along a line through the clip.

    The line, not the frame's own figures, is corrected: what flares up and goes again stays. Points are compared with
    where they have gone in the next frame, so that a camera that moves on to something darker is no drift.
    """
    wanted_mean, wanted_std = _figures(_small(reference))
    means, stds = (_line(values) for values in _course([_small(frame) for frame in frames]))
    steady = []
    for frame, mean, std in zip(frames, means, stds, strict=True):
        gain = np.clip(wanted_std / np.maximum(std, 1e-3), 1 / MOST_GAIN, MOST_GAIN)
        gain = np.where(np.minimum(std, wanted_std) < 1.0, 1.0, gain)  # a flat channel has no spread to speak of
        shift = np.clip(wanted_mean - mean, -MOST_SHIFT, MOST_SHIFT)
        lab = (_lab(frame) - mean) * gain + mean + shift
        back = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB)
        steady.append(np.rint(back * 255.0).clip(0, 255).astype(np.uint8))
    return steady


def _course(frames: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What mean and spread (n, 3) of the first frame's content have become in each frame."""
    mean, std = _figures(frames[0])
    means, stds = [mean], [std]
    for first, second in itertools.pairwise(frames):
        before, after = Between(first, second).pairs
        if len(before) < ENOUGH * first[..., 0].size:
            before, after = first, second
        (mean_before, std_before), (mean_after, std_after) = _figures(before), _figures(after)
        means.append(means[-1] + mean_after - mean_before)
        stds.append(stds[-1] * np.where(std_before < 1.0, 1.0, std_after / np.maximum(std_before, 1e-3)))
    return np.array(means), np.array(stds)


def _figures(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (3,) of L, a and b of `colours` (..., 3)."""
    lab = _lab(colours.reshape(1, -1, 3)).reshape(-1, 3)
    return lab.mean(axis=0), lab.std(axis=0)


def _small(picture: np.ndarray) -> np.ndarray:
    scale = min(1.0, SMALL / max(picture.shape[:2]))
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    # soft, or what lies between two pixels would be counted as less colourful than a pixel
    return cv2.GaussianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (0, 0), 2.0)


def _lab(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)


def _line(values: np.ndarray) -> np.ndarray:
    """The straight line (n, k) nearest to `values` (n, k)."""
    if len(values) < 2:
        return values
    time = np.arange(len(values), dtype=np.float64)
    slope, start = np.polyfit(time, values, 1)
    return start + np.outer(time, slope)
