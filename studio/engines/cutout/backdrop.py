"""A plain or softly graded background, recognised by the frame's edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_PLAIN = 9.0
"""Lab units: a wall's shading and a camera's noise stay below it, another object does not."""


@dataclass(frozen=True)
class Backdrop:
    """`trimap` for GrabCut; `sureness` 0..1."""

    trimap: np.ndarray
    sureness: float


def plain_backdrop(rgb: np.ndarray) -> Backdrop | None:
    """The background where a smooth surface of colour explains most of the upper and side edges; None elsewhere.

    A quadratic in x and y is fitted to the edge's Lab colours, twice, the second time without what did not fit: the
    subject may touch the edge.
    """
    lab = cv2.cvtColor(cv2.GaussianBlur(rgb, (3, 3), 0), cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = lab.shape[:2]
    band = max(2, round(min(height, width) * 0.03))
    edge = np.zeros((height, width), bool)
    edge[:band], edge[:, :band], edge[:, -band:] = True, True, True
    terms = _terms(height, width)
    fits, surface = edge, np.zeros_like(lab)
    for _ in range(3):
        if fits.sum() < 30:
            return None
        weights, *_ = np.linalg.lstsq(terms[fits], lab[fits], rcond=None)
        surface = (terms.reshape(-1, terms.shape[2]) @ weights).reshape(lab.shape)
        away = np.linalg.norm(lab - surface, axis=2)
        fits = edge & (away < max(_PLAIN, 2.0 * float(np.median(away[edge]))))
    away = np.linalg.norm(lab - surface, axis=2)
    share = float((away[edge] < _PLAIN).mean())
    if share < 0.6:
        return None
    return Backdrop(_trimap(away, edge), float(np.interp(share, [0.6, 0.8], [0.6, 1.0])))


def _terms(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)


def _trimap(away: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Background is what looks like the backdrop and hangs together with the frame's edge; what looks like it inside
    the subject (a white shirt before a white wall) is for GrabCut to decide."""
    like = (away < _PLAIN).astype(np.uint8)
    count, labels = cv2.connectedComponents(like, connectivity=4)
    outside = np.isin(labels, [n for n in np.unique(labels[edge]) if n]) if count > 1 else np.zeros(away.shape, bool)
    trimap = np.full(away.shape, cv2.GC_PR_FGD, np.uint8)
    trimap[(away > 2.5 * _PLAIN) & ~outside] = cv2.GC_FGD
    trimap[outside] = cv2.GC_PR_BGD
    trimap[outside & (away < 0.6 * _PLAIN)] = cv2.GC_BGD
    return trimap
