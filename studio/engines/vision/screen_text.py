"""Text in a picture: where it stands and what it says, read by PP-OCRv6's small networks (PaddleOCR, Baidu).

They read the Latin script with its accents, Greek, Chinese and kana. What they read is evidence of what a picture
shows; nothing in the studio takes it for an instruction.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.networks import OnnxNetwork
from studio.engines.vision import screen_text_boxes as found_boxes
from studio.engines.vision.screen_text_clean import clean
from studio.engines.vision.screen_text_order import in_reading_order
from studio.errors import BadInput
from studio.index.facts import Share

SHORT_SIDE = 544  # of the picture that text is looked for in
LONG_SIDE = 1536
LINE_HEIGHT = 48  # what the recognition network was trained on
LONGEST_LINE = 2400  # pixels at that height: about 150 letters
LEAST_CONFIDENCE = 0.5
LIKELY_SPACE = 0.3


@dataclass(frozen=True)
class Line:
    """One line of text: `confidence` 0..1, the mean over its letters; `box` as shares of the picture."""

    text: str
    confidence: float
    box: Share


class TextReader:
    """Reads pictures; the networks are read at the first picture that may hold text. Threads may share one."""

    def __init__(self, threads: int = 1) -> None:
        """`threads`: cores one picture may use."""
        self._detection = OnnxNetwork("screen_text_detection.onnx", ["fetch_name_0"], threads=threads)
        self._recognition = OnnxNetwork("screen_text_recognition.onnx", ["fetch_name_0"], threads=threads)
        self._lock = threading.Lock()
        self._letters: list[str] = []

    def read(self, picture: np.ndarray) -> tuple[Line, ...]:
        """The lines of text in `picture` (h, w, 3) uint8 RGB, in reading order. Raises BadInput, LoadFailed."""
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
            raise BadInput("picture", f"{picture.dtype} {picture.shape}", "uint8 of (height, width, 3)")
        height, width = picture.shape[:2]
        lines: list[Line] = []
        for corners in self._boxes(picture):
            text, confidence = self._say(found_boxes.cut_out(picture, corners))
            text = clean(text)
            if text and confidence >= LEAST_CONFIDENCE:
                (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
                box = (left / width, top / height, (right - left) / width, (bottom - top) / height)
                left, top, wide, high = (round(float(each), 4) for each in box)
                lines.append(Line(text, round(confidence, 3), (left, top, wide, high)))
        return tuple(in_reading_order(lines, width / height))

    def _boxes(self, picture: np.ndarray) -> list[np.ndarray]:
        height, width = picture.shape[:2]
        scale = min(SHORT_SIDE / min(height, width), LONG_SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        part = found_boxes.may_hold_text(small)
        if part is None:
            return []
        left, top, right, bottom = part
        small = small[top:bottom, left:right]
        # whole multiples of 32 by edges repeated: a squeezed picture would squeeze its letters
        rows, columns = (-(-side // 32) * 32 for side in small.shape[:2])
        padding = (0, rows - small.shape[0], 0, columns - small.shape[1])
        padded = cv2.copyMakeBorder(small, *padding, cv2.BORDER_REPLICATE)
        likelihood = self._detection({"x": _as_input(padded)})[0][0, 0]
        corners = found_boxes.boxes(likelihood, columns, rows)
        limit = (width - 1, height - 1)
        return [np.clip((each + np.array([left, top])) / scale, 0, limit).astype(np.float32) for each in corners]

    def _say(self, line: np.ndarray) -> tuple[str, float]:
        if line.shape[0] < found_boxes.UPRIGHT * line.shape[1]:
            return self._spell(line)
        # which way text on its side runs is not seen from its box: the surer of both readings
        return max((self._spell(np.rot90(line, turn)) for turn in (1, 3)), key=lambda each: each[1])

    def _spell(self, line: np.ndarray) -> tuple[str, float]:
        """Connectionist temporal classification, the best path (Graves and others, 2006): the likeliest sign of every
        column, repeats once, blanks left out."""
        wide = min(LONGEST_LINE, max(LINE_HEIGHT // 2, round(LINE_HEIGHT * line.shape[1] / line.shape[0])))
        method = cv2.INTER_AREA if line.shape[0] > 2 * LINE_HEIGHT else cv2.INTER_LINEAR
        resized = cv2.resize(line, (wide, LINE_HEIGHT), interpolation=method)
        # few widths, so that the network's memory is planned for few shapes; 0 is the grey it was trained to ignore
        padded = np.zeros((1, 3, LINE_HEIGHT, max(320, -(-wide // 64) * 64)), np.float32)
        padded[..., :wide] = _as_input(resized)
        likelihood = self._recognition({"x": padded})[0][0]
        signs, sure = likelihood.argmax(axis=1), likelihood.max(axis=1)
        # it learnt mostly from Chinese, which has no spaces, and holds too many of them for blanks
        signs[(signs == 0) & (likelihood[:, -1] >= LIKELY_SPACE)] = likelihood.shape[1] - 1
        new = np.append(True, signs[1:] != signs[:-1]) & (signs != 0)
        if not new.any():
            return "", 0.0
        letters = self._signs()
        return "".join(letters[sign] for sign in signs[new]), float(sure[new].mean())

    def _signs(self) -> list[str]:
        """What the network's numbers stand for: blank, its letters, space."""
        with self._lock:
            if not self._letters:
                self._letters = ["", *self._recognition.note("character").split("\n"), " "]
            return self._letters


def _as_input(picture: np.ndarray) -> np.ndarray:
    """(h, w, 3) RGB -> (1, 3, h, w) in the order and range that both networks were trained on."""
    return ((picture[..., ::-1].astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
