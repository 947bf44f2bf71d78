"""When each of Whisper's words is said, from where its decoder listens while it writes them.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022, and the method of openai/whisper's
timing.py: some heads of the cross-attention follow the speech; dynamic time warping finds the one way through them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import median_filter

FRAME_SECONDS = 0.02
"""Of the encoder."""

LONGEST_WORD = 2.0
"""Seconds; a word beside a pause would take it all."""

UNSPACED = ("zh", "ja", "th", "lo", "my", "yue", "bo", "km")
"""Languages written without spaces: each sign is a word of its own."""

_UNDECIDED = "\ufffd"
_MEDIAN_WIDTH = 7


def token_times(attention: np.ndarray) -> np.ndarray:
    """(tokens,) seconds at which each begins. `attention` (heads, tokens, frames): how far each token's heads listen to
    each frame of 20 ms."""
    spread = attention.std(axis=1, keepdims=True)
    level = (attention - attention.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
    smooth = median_filter(level, size=(1, 1, _MEDIAN_WIDTH), mode="nearest").mean(axis=0)
    tokens, frames = warped(-smooth)
    begins = np.concatenate([[True], np.diff(tokens) > 0])
    return frames[begins] * FRAME_SECONDS


def warped(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest way through `cost` (rows, columns) from one corner to the other, a step at most in each direction at
    a time: its rows and columns. Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word
    recognition", 1978."""
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    came = np.zeros((rows + 1, columns + 1), np.int8)
    for diagonal in range(2, rows + columns + 1):  # the cells of one diagonal don't depend on each other
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        before = np.stack([total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]])
        came[i, j] = before.argmin(axis=0)
        total[i, j] = cost[i - 1, j - 1] + before.min(axis=0)
    way: list[tuple[int, int]] = []
    at = (rows, columns)
    while at != (0, 0):
        way.append((at[0] - 1, at[1] - 1))
        down, right = ((1, 1), (1, 0), (0, 1))[came[at]]
        at = (at[0] - down, at[1] - right)
    path = np.array(way[::-1])
    return path[:, 0], path[:, 1]


def word_groups(tokens: Sequence[int], language: str, decode: Callable[[list[int]], str]) -> list[tuple[str, int]]:
    """The words that `tokens` write, as (text with its space before, number of tokens)."""
    signs = _whole_signs(tokens, decode)
    if language in UNSPACED:
        return signs
    words: list[tuple[str, int]] = []
    for text, count in signs:
        if words and not text.startswith(" "):
            words[-1] = (words[-1][0] + text, words[-1][1] + count)
        else:
            words.append((text, count))
    return words


def _whole_signs(tokens: Sequence[int], decode: Callable[[list[int]], str]) -> list[tuple[str, int]]:
    """As few tokens at a time as make whole characters: one sign's bytes may be spread over several."""
    whole = decode(list(tokens))
    signs: list[tuple[str, int]] = []
    waiting: list[int] = []
    at = 0
    for token in tokens:
        waiting.append(token)
        text = decode(waiting)
        # a sign that decodes to the mark itself is told from an unfinished one by the whole text
        if _UNDECIDED not in text or whole[at : at + len(text)] == text:
            signs.append((text, len(waiting)))
            at += len(text)
            waiting = []
    if waiting:
        signs.append((decode(waiting), len(waiting)))
    return signs


def bounded(start: float, end: float, seconds: float) -> tuple[float, float]:
    """A word's times within its sound: a frame long at least, and no longer than a word is."""
    start = min(start, max(0.0, seconds - FRAME_SECONDS))
    return start, min(max(end, start + FRAME_SECONDS), start + LONGEST_WORD, seconds)
