"""Strangers' videos on their way into a session: only their picture and sound come in, and a browser can play them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.compose import Studio, known_engines
from studio.errors import BadInput
from studio.media.rewrap import plays_in_browsers, read_tracks
from studio.models.manager import build_manager
from studio.pipelines import video_index
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.pipelines.video_sound import pieces, shift
from studio.requests import VideoRequest
from studio.settings import Limits, read_settings
from studio.store.projects import Project
from tests.hostile_files import ffmpeg, write_wav
from tests.hostile_files import tone as tone_of

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=10:d=2")


def read(studio: Studio, request: VideoRequest) -> list[tuple[str, Mapping[str, Any]]]:
    """The events of the request's reading in this process."""
    events: list[tuple[str, Mapping[str, Any]]] = []
    registry = known_engines(studio.settings)
    manager = build_manager(registry, "cpu")
    parts = ContextParts(studio.settings, manager, registry, Timings(studio.settings.data / "timings.json"))
    context = Context(request.project, CancelToken(), lambda *event: events.append(event), lambda: None, parts)
    try:
        video_index.run(request.to_json(), context)
    finally:
        manager.close()
    return events


def admitted(studio: Studio, *videos: Path) -> VideoRequest:
    session = studio.sessions.create("talk")
    return VideoRequest.from_json(studio.index(VideoRequest(session.folder, videos)).request)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(read_settings(tmp_path / "data", {}))


def test_only_picture_and_sound_come_in_under_the_name_a_person_gave(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "subs.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nSECRET\n")
    path = tmp_path / "My talk.mkv"
    ffmpeg(*PICTURE, "-i", str(tmp_path / "subs.srt"), "-c:v", "libx264", "-metadata", "title=SECRET", str(path))
    request = admitted(studio, path, path)
    assert [video.suffix for video in request.videos] == [".mp4", ".mp4"]
    assert [video.name[:8] for video in request.videos] == ["video-1-", "video-2-"]
    assert b"SECRET" not in request.videos[0].read_bytes()
    assert sorted((request.project / "inputs").iterdir()) == sorted(request.videos)
    assert set(Project(request.project).info().names.values()) == {"My talk.mkv"}
    again = VideoRequest.from_json(studio.index(request).request)
    assert again == request


def test_what_browsers_do_not_play_gets_a_copy_that_they_do(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "camera.mov"
    ffmpeg(*PICTURE, "-c:v", "prores_ks", str(path))
    request = admitted(studio, path)
    events = read(studio, request)
    (video,) = studio.session(request.project.name).videos()
    assert (video.source, video.playable) == (f"inputs/{request.videos[0].name}", "videos/01/playable.mp4")
    assert plays_in_browsers(request.project / video.playable, Limits())
    roles = [data["role"] for kind, data in events if kind == "artifact"]
    assert roles[0] == "glance"
    assert roles[-1] == "playable"
    stages = [data["stage"] for kind, data in events if kind == "progress"]
    assert list(dict.fromkeys(stages)) == ["glance-1", "pictures-1", "text-1", "playable-1"]
    assert next(data for kind, data in read(studio, request) if kind == "artifact")["role"] == "playable"


def test_what_no_wrapping_takes_is_converted_and_its_first_form_goes(studio: Studio, tmp_path: Path) -> None:
    session = studio.sessions.create("old")
    raw = session.folder / "inputs" / "video-1-raw-abc.avi"
    raw.parent.mkdir()
    ffmpeg(*PICTURE, "-c:v", "mjpeg", str(raw))
    session.update(names={raw.name: "Old film.avi"})
    request = VideoRequest(session.folder, (raw,))
    for _ in range(2):
        read(studio, request)
        (video,) = studio.session(session.id).videos()
        assert (video.name, video.source, video.playable) == ("Old film.avi", *["inputs/video-1-abc.mp4"] * 2)
        assert [path.name for path in raw.parent.iterdir()] == ["video-1-abc.mp4"]
        assert video.seen["text"] == 1.0


@pytest.mark.parametrize(("late", "sound_from"), [("sound", 1.0), ("picture", 0.0)])
def test_sound_is_timed_from_the_first_picture(studio: Studio, tmp_path: Path, late: str, sound_from: float) -> None:
    path = tmp_path / "late.mkv"
    tone = ("-f", "lavfi", "-i", "sine=duration=3")
    inputs = ["-itsoffset", "1", *PICTURE, *tone] if late == "picture" else [*PICTURE, "-itsoffset", "1", *tone]
    ffmpeg(*inputs, "-c:v", "libx264", "-c:a", "aac", str(path))
    source = admitted(studio, path).videos[0]
    delay = read_tracks(source, "FILE", Limits()).delay
    assert delay == pytest.approx(1.0 if late == "sound" else -1.0, abs=0.06)
    heard = write_wav(tmp_path / "heard.wav", tone_of(3.0), 44_100)
    shift(heard, tmp_path / "sound.wav", delay)
    (piece,) = pieces(tmp_path / "sound.wav", 60.0)
    assert int(np.flatnonzero(np.abs(piece.samples) > 0.1)[0]) / 44_100 == pytest.approx(sound_from, abs=0.06)
    assert piece.seconds == pytest.approx(3.0 + delay, abs=0.06)


def test_a_refused_video_leaves_nothing_of_the_others(studio: Studio, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.mp4", tmp_path / "bad.mkv"
    ffmpeg(*PICTURE, "-c:v", "libx264", str(good))
    ffmpeg(*PICTURE, "-c:v", "snow", "-strict", "-2", str(bad))
    session = studio.sessions.create("talk")
    with pytest.raises(BadInput, match="snow"):
        studio.index(VideoRequest(session.folder, (good, bad)))
    assert not (session.folder / "inputs").exists()
    assert studio.jobs() == []
