"""Clips out of films whose every frame says which one it is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled, StorageFailed
from studio.media.clip import cut_clip
from tests.hostile_files import ffmpeg, tone, write_wav
from tests.media.films import colour, decoded, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 24 numbered frames each; a tone that begins at 2 s."""
    folder = tmp_path_factory.mktemp("film")
    write_film(folder / "silent.mp4", range(96))
    sound = np.concatenate([tone(2.0) * 0, tone(2.0)])
    write_wav(folder / "tone.wav", sound)
    path = folder / "film.mp4"
    ffmpeg("-i", str(folder / "silent.mp4"), "-i", str(folder / "tone.wav"), "-c:v", "copy", "-c:a", "aac", str(path))
    return path


def cut(film: Path, start: float, end: float, out: Path) -> list[np.ndarray]:
    cut_clip(film, start, end, out, CancelToken())
    return decoded(out)


def loudness(path: Path, start: float, end: float) -> float:
    with av.open(str(path)) as container:
        sound = np.concatenate([f.to_ndarray().mean(axis=0) for f in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    return float(np.abs(sound[round(start * rate) : round(end * rate)]).mean())


@pytest.mark.parametrize(("first", "count"), [(0, 24), (37, 30), (95, 1)])
def test_exactly_the_frames_of_the_stretch_are_in_it(film: Path, tmp_path: Path, first: int, count: int) -> None:
    seen = cut(film, first / 24, (first + count) / 24, tmp_path / "clip.mp4")
    assert len(seen) == count
    for number, mean in enumerate(seen, first):
        assert np.abs(mean - colour(number)).max() < 12, number


def test_sound_stays_with_its_pictures(film: Path, tmp_path: Path) -> None:
    cut(film, 1.5, 3.5, tmp_path / "clip.mp4")
    quiet, loud = (loudness(tmp_path / "clip.mp4", *span) for span in ((0.05, 0.44), (0.56, 1.9)))
    assert quiet < 0.02 * loud


def test_a_picture_that_stands_is_seen_from_the_first_frame_on(tmp_path: Path) -> None:
    slides = tmp_path / "slides.mkv"
    write_film(tmp_path / "two.mp4", (3, 40), Fraction(1, 4))
    ffmpeg("-i", str(tmp_path / "two.mp4"), "-c", "copy", str(slides))
    seen = cut(slides, 2.0, 5.0, tmp_path / "clip.mp4")
    assert len(seen) == 30
    assert np.abs(seen[0] - colour(3)).max() < 12
    assert np.abs(seen[-1] - colour(40)).max() < 12


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (1, 1), (0, 9), (float("nan"), 2), (0, float("inf"))])
def test_times_outside_the_video_are_refused(film: Path, tmp_path: Path, span: tuple[float, float]) -> None:
    with pytest.raises(BadInput):
        cut(film, *span, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_clip_that_was_stopped_or_has_no_source(film: Path, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        cut_clip(film, 0, 1, tmp_path / "clip.mp4", cancel)
    (tmp_path / "no.mp4").write_text("nothing")
    with pytest.raises(StorageFailed):
        cut_clip(tmp_path / "no.mp4", 0, 1, tmp_path / "clip.mp4", CancelToken())
    assert [path.name for path in tmp_path.iterdir()] == ["no.mp4"]
