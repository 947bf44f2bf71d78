"""From a song file to what the studio knows of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cancellation import CancelToken
from studio.media.audio import decode_song, read_pcm
from studio.settings import Limits

ANALYSIS_VERSION = 2
"""Raised when the analysis hears something else in the same song, so that projects listen again."""

if TYPE_CHECKING:
    from studio.music.song import SongAnalysis


def analyse_file(file: Path, tempo: float | None, limits: Limits) -> SongAnalysis:
    """The analysis of any accepted audio or video file. Raises BadInput naming FILE."""
    cancel = CancelToken()
    with tempfile.TemporaryDirectory(prefix="kinora-") as folder:
        pcm = Path(folder) / "song.wav"
        decode_song(file, pcm, "FILE", limits, cancel)
        return analyse_pcm(pcm, tempo, cancel)


def analyse_pcm(pcm: Path, tempo: float | None, cancel: CancelToken) -> SongAnalysis:
    """The analysis of a WAV written by `decode_song`."""
    from studio.music.analysis import analyse_song

    samples, rate = read_pcm(pcm)
    return analyse_song(samples, rate, tempo, cancel)
