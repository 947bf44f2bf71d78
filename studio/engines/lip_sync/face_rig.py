"""A rig from the 468 landmarks: moves are made in the head's own three dimensions, then seen from the camera, so that
turned and tilted heads move as they should."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from studio.engines.lip_sync import landmarks as mesh
from studio.engines.lip_sync.rig import MOVES, Frame2D, Layer, Rig, almond, smooth

FULL_YAW, LARGEST_YAW = 35.0, 75.0
"""Degrees: up to the first a face moves fully; at the second, a quarter."""

CURVE_POINTS = 65


@dataclass(frozen=True)
class Head:
    """`axes` (3, 3): rows are the head's right-to-left, down and backward directions in the picture's space; `height`
    in pixels; `points` (468, 3) in the head's axes around the mouth, in parts of the height."""

    axes: np.ndarray
    height: float
    points: np.ndarray

    @property
    def yaw(self) -> float:
        """Degrees by which the head is turned to either side."""
        return float(np.degrees(np.arcsin(min(1.0, abs(self.axes[0, 2])))))


def head_of(points: np.ndarray) -> Head:
    """`points` (468, 3) in pixels, as faces.Face has them."""
    pairs = ((mesh.RIGHT_EYE, mesh.LEFT_EYE), (mesh.RIGHT_EAR, mesh.LEFT_EAR), (mesh.RIGHT_CORNER, mesh.LEFT_CORNER))
    across = sum(_unit(points[left] - points[right]) for right, left in pairs)
    across = _unit(np.asarray(across, np.float64))
    down = (points[mesh.CHIN] - points[mesh.FOREHEAD]).astype(np.float64)
    height = float(np.linalg.norm(down))
    down = _unit(down - (down @ across) * across)
    axes = np.stack([across, down, np.cross(across, down)])
    centre = (points[mesh.RIGHT_CORNER] + points[mesh.LEFT_CORNER]) / 2
    return Head(axes, height, (points - centre) @ axes.T / height)


def face_rig(points: np.ndarray) -> Rig:
    """The rig of a face with landmarks `points` (468, 3)."""
    head = head_of(points)
    flat = points[:, :2].astype(np.float64)
    axes = _mouth_axes(flat)
    moves = _moves(head) @ head.axes[:, :2]
    chosen = np.flatnonzero(axes.to_face(flat)[:, 1] > _ceiling(axes, flat) * 0.999)
    top, bottom = set(mesh.LIPS) - _lower_lip(), set(mesh.LIPS) - _upper_lip()
    face_y = head.points[:, 1]
    above = [n for n in chosen if n in top or (n not in mesh.LIPS and not _under_mouth(head.points[n], face_y))]
    below = [n for n in chosen if n in bottom or n not in mesh.LIPS]
    local = axes.to_face(flat)
    chin = float(local[mesh.CHIN, 1])
    half = float(np.linalg.norm(flat[mesh.LEFT_CORNER] - flat[mesh.RIGHT_CORNER])) / 2
    upper, lower = _edge(local[list(mesh.INNER_UPPER)]), _edge(local[list(mesh.INNER_LOWER)])
    lower[:, 1] = np.maximum(lower[:, 1], upper[:, 1])
    gain = 1 - 0.75 * float(smooth((head.yaw - FULL_YAW) / (LARGEST_YAW - FULL_YAW)))
    lips = local[17, 1] - local[14, 1] + local[13, 1] - local[0, 1]
    scale = head.height
    return Rig(
        Layer(flat[above], moves[:, above] * scale),
        Layer(flat[below], moves[:, below] * scale),
        axes, scale, half, upper, lower,
        _ceiling(axes, flat), chin + 0.30 * scale, 0.46 * scale, float(max(lips, 0.02 * scale)), gain,
    )  # fmt: skip


def _mouth_axes(flat: np.ndarray) -> Frame2D:
    corners = flat[[mesh.RIGHT_CORNER, mesh.LEFT_CORNER]]
    across = _unit(corners[1] - corners[0])
    return Frame2D(corners.mean(axis=0), across, np.array([-across[1], across[0]]))


def _ceiling(axes: Frame2D, flat: np.ndarray) -> float:
    """The nose's base, in the mouth's own y."""
    nose = float(axes.to_face(flat[[mesh.NOSE_BASE]])[0, 1])
    return nose + 0.1 * abs(nose)


def _edge(points: np.ndarray) -> np.ndarray:
    """A smooth curve (CURVE_POINTS, 2) through a lip's landmarks, left to right."""
    order = np.argsort(points[:, 0])
    x, y = points[order, 0], points[order, 1]
    x = np.maximum.accumulate(x + np.arange(len(x)) * 1e-6)
    wanted = np.linspace(x[0], x[-1], CURVE_POINTS)
    return np.stack([wanted, PchipInterpolator(x, y)(wanted)], axis=1)


def _lower_lip() -> set[int]:
    rows = (mesh.INNER_LOWER, mesh.OUTER_LOWER, mesh.BETWEEN_LOWER, mesh.OUTWARD_LOWER)
    return {n for row in rows for n in row[1:-1]}


def _upper_lip() -> set[int]:
    rows = (mesh.INNER_UPPER, mesh.OUTER_UPPER, mesh.BETWEEN_UPPER, mesh.OUTWARD_UPPER)
    return {n for row in rows for n in row[1:-1]}


def _under_mouth(point: np.ndarray, face_y: np.ndarray) -> bool:
    """Whether a point lies between the mouth and the chin: the upper layer ends at the lips and mustn't follow it."""
    corner = float(face_y[[mesh.RIGHT_CORNER, mesh.LEFT_CORNER]].mean())
    return bool(point[1] > corner + 0.01 and abs(point[0]) < 0.17)


def _moves(head: Head) -> np.ndarray:
    """(len(MOVES), 468, 3) in the head's axes, parts of its height."""
    q = head.points
    x, y = q[:, 0], q[:, 1]
    half = float(np.abs(q[[mesh.RIGHT_CORNER, mesh.LEFT_CORNER], 0]).mean())
    chin, lip_end = float(q[mesh.CHIN, 1]), float(q[17, 1])
    moves = np.zeros((len(MOVES), len(q), 3))
    index = {name: n for n, name in enumerate(MOVES)}
    below = np.clip((y - lip_end) / (chin - lip_end), 0, 1.2)
    sides = 1 - smooth((np.abs(x) - 0.6 * half) / 0.30)
    moves[index["jaw"], :, 1] = sides * (0.18 * smooth((y + 0.05) / 0.1) + 0.82 * smooth(below / 0.9)) * (y > -0.05)
    moves[index["lower"], :, 1] = np.where(y > 0, 0.78 * (1 - smooth(below / 0.75)) * almond(x / (1.5 * half)), 0)
    gap = float(np.max(q[list(mesh.INNER_LOWER), 1] - q[list(mesh.INNER_UPPER), 1]))
    # skin under the lip comes along, and the jaw of a mouth that is wide open
    rise = 0.42 * (1 - smooth(below)) * almond(x / (1.6 * half)) * (y > 0)
    moves[index["close"], :, 1] = -max(0.0, gap) * rise - 0.5 * max(0.0, gap - 0.06) * moves[index["jaw"], :, 1]
    nose = float(q[mesh.NOSE_BASE, 1])
    moves[index["upper"], :, 1] = np.where(
        y < 0, -0.7 * smooth((y - nose) / (0.6 * -nose)) * almond(x / (1.4 * half)), 0
    )
    near = np.exp(-((np.maximum(0, np.abs(x) - half) / (0.55 * half)) ** 2) - (y / (1.1 * half)) ** 2)
    pull = np.clip(x / half, -1, 1) * near
    for name, sign, rise, back in (("wide", 1, -0.2, 0.5), ("round", -1, 0.0, -0.4)):
        move = moves[index[name]]
        move[:, 0], move[:, 1], move[:, 2] = sign * pull, rise * np.abs(pull), back * near
    _lips(moves, q, half, index)
    return moves


def _lips(moves: np.ndarray, q: np.ndarray, half: float, index: dict[str, int]) -> None:
    rows = (
        (mesh.INNER_UPPER, mesh.INNER_LOWER, 1.0),
        (mesh.BETWEEN_UPPER, mesh.BETWEEN_LOWER, 0.98),
        (mesh.OUTWARD_UPPER, mesh.OUTWARD_LOWER, 0.9),
        (mesh.OUTER_UPPER, mesh.OUTER_LOWER, 0.8),
    )
    inner_up, inner_low = (q[list(row)] for row in rows[0][:2])
    gap = np.maximum(0, inner_low[:, 1] - inner_up[:, 1])
    for upper, lower, share in rows:
        for row, sign, name, closing in ((upper, -1, "upper", 0.33), (lower, 1, "lower", 0.67)):
            members = list(row)
            inside = almond(q[members, 0] / half)
            inside[[0, -1]] = 0
            other = "lower" if name == "upper" else "upper"
            moves[index[name], members, 1] = sign * inside * share
            moves[index[other], members, 1] = 0
            moves[index["close"], members, 1] = -sign * gap * closing * (2 * share - 1)
            thin = q[members, 1] - (inner_up if sign < 0 else inner_low)[:, 1]
            moves[index["press"], members, 1] = -0.22 * thin * inside
            moves[index["round"], members, 1] += sign * 0.25 * inside * (1 - share) * 5
            moves[index["wide"], members, 1] += -sign * 0.14 * inside * (1 - share) * 5
    corners = [61, 291, 62, 292, 76, 306, 78, 308]
    moves[index["jaw"], corners, 1] = 0.22
    moves[index["lower"], corners, 0] = -0.12 * np.sign(q[corners, 0])


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
