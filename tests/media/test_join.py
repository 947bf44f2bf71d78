from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.errors import Cancelled, StorageFailed
from studio.frames import frame_at, seconds_at
from studio.media.audio import encode_sound, read_pcm
from studio.media.join import FilmSpec, join_film
from studio.media.probe import extract_frame, probe_film
from tests.hostile_files import ffmpeg, tone, write_wav
from tests.media.films import colour, decoded, frame_times, write_film, write_segments

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(60)]


def sound(folder: Path, seconds: float, rate: int = 44_100) -> Path:
    samples = tone(seconds, rate) + np.random.default_rng(2).normal(0, 0.1, (round(seconds * rate), 2))
    write_wav(folder / "song.wav", samples, rate)
    encode_sound(folder / "song.wav", folder / "song.m4a", CancelToken())
    return folder / "song.m4a"


def join(folder: Path, seconds: float, fps: Fraction = Fraction(24)):
    total = frame_at(seconds, fps)
    segments, lengths = write_segments(folder, total, fps)
    spec = FilmSpec(fps, total, seconds, lengths)
    return join_film(segments, sound(folder, seconds), folder / "film.mp4", spec, CancelToken()), spec


@pytest.mark.parametrize("seconds", [0.99, 1.0, 12.345])
@pytest.mark.parametrize("fps", RATES)
def test_a_film_is_exact_to_the_frame(fps: Fraction, seconds: float, tmp_path: Path):
    facts, spec = join(tmp_path, seconds, fps)
    film = tmp_path / "film.mp4"
    assert facts.frame_count == round(seconds * fps)
    assert frame_times(film) == [n / fps for n in range(spec.frame_count)]
    assert facts.audio_duration == pytest.approx(seconds, abs=1 / 44_100)
    assert facts.audio_video_difference_ms is not None
    assert facts.audio_video_difference_ms <= 1000 / fps
    assert (facts.fps, facts.width, facts.height) == (fps, 64, 48)
    assert (facts.video_codec, facts.audio_codec, facts.faststart) == ("h264", "aac", True)
    for number, mean in enumerate(decoded(film)):
        assert np.abs(mean - colour(number)).max() < 8, number


def test_the_sound_is_the_song_to_the_sample(tmp_path: Path):
    join(tmp_path, 2.345)
    ffmpeg("-i", str(tmp_path / "film.mp4"), str(tmp_path / "back.wav"))
    back, _ = read_pcm(tmp_path / "back.wav")
    song, _ = read_pcm(tmp_path / "song.wav")
    assert len(back) == len(song)
    scores = [
        float(np.dot(song[2000:-2000, 0], back[2000 + lag : len(back) - 2000 + lag, 0])) for lag in range(-1500, 1501)
    ]
    assert int(np.argmax(scores)) == 1500


def test_nothing_is_encoded_again(tmp_path: Path):
    join(tmp_path, 2.0)
    with av.open(str(tmp_path / "film.mp4")) as film:
        joined = [bytes(packet) for packet in film.demux(video=0) if packet.size]
    parts: list[bytes] = []
    for number in range(1, 7):
        with av.open(str(tmp_path / f"{number:02d}.mp4")) as segment:
            parts += [bytes(packet) for packet in segment.demux(video=0) if packet.size]
    assert joined == parts


def test_other_players_agree(tmp_path: Path):
    """ffmpeg's own program counts and times the joined film as we do."""
    join(tmp_path, 3.21, Fraction(30000, 1001))
    ffmpeg("-i", str(tmp_path / "film.mp4"), "-f", "framehash", "-map", "0:v", str(tmp_path / "frames.txt"))
    lines = [line for line in (tmp_path / "frames.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == frame_at(3.21, Fraction(30000, 1001))


@pytest.mark.parametrize("number", [0, 3, 4, 5, 23])
def test_a_frame_is_found_at_a_seam_and_elsewhere(number: int, tmp_path: Path):
    _, spec = join(tmp_path, 1.0)
    picture = extract_frame(tmp_path / "film.mp4", seconds_at(number, spec.fps))
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture.reshape(-1, 3).mean(0) - colour(number)).max() < 8
    middle = extract_frame(tmp_path / "film.mp4", seconds_at(number, spec.fps) + 0.02)
    assert np.array_equal(picture, middle)
    assert np.array_equal(extract_frame(tmp_path / "film.mp4", 99), extract_frame(tmp_path / "film.mp4", 23 / 24))


class TestWrongSegments:
    @pytest.fixture
    def parts(self, tmp_path: Path) -> tuple[list[Path], Path, FilmSpec]:
        segments, lengths = write_segments(tmp_path, 48)
        return segments, sound(tmp_path, 2.0), FilmSpec(Fraction(24), 48, 2.0, lengths)

    def refuse(self, parts, match: str) -> None:
        segments, song, spec = parts
        film = song.parent / "film.mp4"
        before = sorted(song.parent.iterdir())
        with pytest.raises(StorageFailed, match=match):
            join_film(segments, song, film, spec, CancelToken())
        assert sorted(song.parent.iterdir()) == before

    def test_missing(self, parts):
        parts[0][2].unlink()
        self.refuse(parts, r"03\.mp4.*missing or damaged")

    def test_cut_off(self, parts):
        parts[0][3].write_bytes(parts[0][3].read_bytes()[:-600])
        self.refuse(parts, r"04\.mp4")

    def test_too_few_frames(self, parts):
        write_film(parts[0][1], range(7))
        self.refuse(parts, r"02\.mp4.*7 frames, 8 are due")

    def test_too_few_frames_in_all(self, parts):
        write_film(parts[0][1], range(7))
        segments, song, spec = parts
        self.refuse((segments, song, FilmSpec(spec.fps, 48, 2.0)), "47 frames, 48 are due")

    def test_another_size(self, parts):
        write_film(parts[0][4], range(8), size=Size(66, 48))
        self.refuse(parts, r"05\.mp4.*66x48")

    def test_another_rate(self, parts):
        write_film(parts[0][5], range(8), fps=Fraction(25))
        self.refuse(parts, r"06\.mp4.*25 frames a second, 24 are due")

    def test_a_picture_in_disguise(self, parts):
        parts[0][0].write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 500)
        self.refuse(parts, r"01\.mp4")

    def test_a_playlist_in_disguise(self, parts):
        parts[0][0].write_text(f"ffconcat version 1.0\nfile '{parts[0][1]}'\n")
        self.refuse(parts, r"01\.mp4")

    def test_sound_of_another_length(self, parts):
        sound(parts[1].parent, 2.2)
        self.refuse(parts, "lasts 2.200 s, 2.000 s are due")

    def test_no_segments(self, parts):
        self.refuse(([], parts[1], parts[2]), "no segment")

    def test_a_film_there_before_stays(self, parts):
        film = parts[1].parent / "film.mp4"
        film.write_bytes(b"the last good one")
        parts[0][2].unlink()
        self.refuse(parts, r"03\.mp4")
        assert film.read_bytes() == b"the last good one"


def test_cancelling_leaves_nothing(tmp_path: Path):
    segments, lengths = write_segments(tmp_path, 24)
    song = sound(tmp_path, 1.0)
    before = sorted(tmp_path.iterdir())
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        join_film(segments, song, tmp_path / "film.mp4", FilmSpec(Fraction(24), 24, 1.0, lengths), token)
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_is_said_in_words_and_leaves_nothing(tmp_path: Path):
    """The system's file size limit stands for the full disk: it needs no rights and takes the same way."""
    join(tmp_path, 4.0)
    (tmp_path / "film.mp4").unlink()
    before = sorted(tmp_path.iterdir())
    script = """
import sys
from fractions import Fraction
from pathlib import Path
from studio.cancellation import CancelToken
from studio.errors import StorageFailed
from studio.media.join import FilmSpec, join_film
folder = Path(sys.argv[1])
segments = [folder / f"{n:02d}.mp4" for n in range(1, 7)]
try:
    join_film(segments, folder / "song.m4a", folder / "film.mp4", FilmSpec(Fraction(24), 96, 4.0), CancelToken())
except StorageFailed as error:
    print("refused:", error)
"""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))  # noqa: E731
    command = [sys.executable, "-c", script, str(tmp_path)]
    ran = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("refused:"), ran.stderr
    assert "film.mp4" in ran.stdout
    assert "larger than the system allows" in ran.stdout
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("folder", ["-f", "a:b", "100%d", "it's", "new\nline", "影 🎬"])
def test_any_folder_name_is_only_a_name(folder: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir()
    facts, _ = join(Path(folder), 1.0)
    assert facts.frame_count == 24


def test_probing_measures_packets_not_headers(tmp_path: Path):
    """Cut after its index, a film has fewer frames than its header says."""
    join(tmp_path, 4.0)
    film = tmp_path / "film.mp4"
    whole = film.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert probe_film(tmp_path / "cut.mp4").frame_count < probe_film(film).frame_count == 96


def test_a_film_without_sound_or_faststart_is_measured(tmp_path: Path):
    write_film(tmp_path / "mute.mp4", range(30))
    facts = probe_film(tmp_path / "mute.mp4")
    assert (facts.frame_count, facts.audio_codec, facts.audio_video_difference_ms) == (30, None, None)
    ffmpeg("-i", str(tmp_path / "mute.mp4"), "-c", "copy", str(tmp_path / "late.mp4"))
    assert (facts.faststart, probe_film(tmp_path / "late.mp4").faststart) == (True, False)


def test_what_is_no_film_is_said_to_be_none(tmp_path: Path, hostile_songs: dict[str, Path]):
    for wrong in ("hls as mp4", "ffconcat as mp4", "empty", "noise", "missing", "folder", "no samples"):
        with pytest.raises(StorageFailed):
            probe_film(hostile_songs[wrong])
        with pytest.raises(StorageFailed):
            extract_frame(hostile_songs[wrong], 0)
    shutil.copy(hostile_songs["film without sound"], tmp_path / "film.mp4")
    assert probe_film(tmp_path / "film.mp4").frame_count == 25
