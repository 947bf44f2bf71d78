"""From a network's guess to an outline that follows the picture: GrabCut within a band around the guess."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.cutout.plain import chosen

ITERATIONS = 3
BAND = 0.018
"""Of the shorter side: how far the outline may move from where the network is sure."""


def outlined(small: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, float]:
    """Subject mask (h, w) uint8 0 or 255 of `small` (h, w, 3), and how far (0..1, intersection over union) GrabCut
    agrees with `probability` (h, w).

    Rother, Kolmogorov and Blake, "GrabCut", 2004. Where clothes have the background's colour GrabCut knows no better:
    a large piece that it moves against the network's clear word stays where the network had it.
    """
    guess = (probability > 0.5).astype(np.uint8)
    guess = _main_parts(guess)
    if not guess.any() or guess.all():
        return guess * 255, 0.0
    labels = _labels(probability, guess)
    if (labels & 1).all() or not (labels & 1).any():
        return guess * 255, 0.0
    models = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    cv2.setRNGSeed(7)
    cv2.grabCut(small, labels, None, *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    cut = (labels & 1).astype(np.uint8)
    agreement = float((cut & guess).sum() / max(1, int((cut | guess).sum())))
    return _tidied(_settled(cut, probability, guess)) * 255, agreement


def _labels(probability: np.ndarray, guess: np.ndarray) -> np.ndarray:
    radius = max(2, round(BAND * min(guess.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    labels = np.where(guess > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    inside = cv2.erode(guess, kernel, borderType=cv2.BORDER_REPLICATE) > 0
    labels[inside & (probability > 0.9)] = cv2.GC_FGD
    labels[(cv2.dilate(guess, kernel) == 0) & (probability < 0.1)] = cv2.GC_BGD
    return labels


def _settled(cut: np.ndarray, probability: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """`cut`, without the large pieces in which it departs from a network that was sure."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(cv2.absdiff(cut, guess))
    if count <= 1:
        return cut
    sums = np.bincount(parts.ravel(), np.abs(probability - 0.5).ravel().astype(np.float64), count)
    areas = stats[:, cv2.CC_STAT_AREA]
    wrong = (sums / np.maximum(areas, 1) > 0.3) & (areas > 0.0004 * cut.size)
    wrong[0] = False
    return np.where(chosen(parts, wrong) > 0, guess, cut).astype(np.uint8)


def _main_parts(mask: np.ndarray) -> np.ndarray:
    """Without crumbs: what has less than an eighth of the largest piece's area."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count <= 1:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    return chosen(parts, np.concatenate([[False], areas >= 0.12 * areas.max()]))


def _tidied(mask: np.ndarray) -> np.ndarray:
    if min(mask.shape) > 48:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        mask = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel)
    mask = _main_parts(mask)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(1 - mask)
    holes = stats[:, cv2.CC_STAT_AREA] < 0.0015 * mask.size
    holes[0] = False
    return mask | chosen(parts, holes) if count > 1 else mask
