"""How far a beat may go: what follows the music must be felt, and must not flash.

WCAG 2.3.1 counts a flash where the relative luminance changes by a tenth or more and back, and allows three a second.
"""

from __future__ import annotations

import numpy as np

from studio.contracts import SegmentRequest

COMFORTABLE = 2.2
"""Beats and accents a second that are shown in full; of more, each is shown the weaker."""

ONSET = 0.25
"""Rise from one frame to the next that is a beat or an accent."""

LARGEST_CHANGE = 0.075
"""Of relative luminance, that a beat may make to a picture's bright parts: less than counts as a flash."""

STRONGEST = 0.16
"""Of exposure, that a beat and an accent together add to a dark picture."""


class Beats:
    """A segment's beats and accents, held back where they come thick and fast: arrays (frame_count,), 0..1."""

    def __init__(self, request: SegmentRequest) -> None:
        pulse = request.pulse
        onsets = np.zeros(request.frame_count)
        for track in (pulse.beat, pulse.accent):
            onsets = np.maximum(onsets, np.diff(track, prepend=track[:1]) > ONSET)
        count = np.concatenate([[0.0], np.cumsum(onsets)])
        frames, second = np.arange(request.frame_count), max(1, round(request.fps))
        first, last = np.maximum(frames - second, 0), np.minimum(frames + second + 1, request.frame_count)
        rate = (count[last] - count[first]) / (last - first) * float(request.fps)
        gain = np.minimum(1.0, COMFORTABLE / np.maximum(rate, 1e-6)) ** 1.5
        self.beat, self.accent = pulse.beat * gain, pulse.accent * gain


def exposure_room(image: np.ndarray) -> float:
    """The largest share of exposure that a beat may add to `image` (H, W, 3): 2.2 x share x luminance is its change."""
    tone = image[::4, ::4].reshape(-1, 3).mean(axis=1) / 255.0
    bright = float(np.quantile(tone, 0.85)) ** 2.2
    return min(STRONGEST, LARGEST_CHANGE / (2.2 * max(bright, 1e-3)))
