"""The whole way from a photo and words to a talking film, through the command line, killed at every stage."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from studio.contracts import Sound
from studio.engines.hearing.similarity import SpeakerEncoder, similarity
from studio.jobs.store import JobStore
from studio.media.footage import read_frames
from studio.media.layers import read_layer
from studio.media.probe import probe_film
from studio.media.wav import read_mono
from tests.engines.drawn_faces import portrait
from tests.hostile_files import ffmpeg
from tests.pipelines.message_samples import Message, cat, recording, save
from tests.samples import open_studio, refusal, run_studio
from tests.speech_samples import file_of, joe

STAGES = ("photo", "cutout", "repair", "speech", "listen", "lips", "film", "report")


def pieces(message: Message) -> dict[str, str]:
    """Digests of everything a person would look at or listen to."""
    files = [message.out / name for name in ("cutout.png", "speech.wav", "message.mp4")]
    files += sorted((message.out / "segments").glob("*.mp4"))
    return {str(file.relative_to(message.out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def report(message: Message) -> dict[str, Any]:
    return json.loads((message.out / "report.json").read_text())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a studio that is open: its one worker makes whatever is made here."""
    with open_studio(tmp_path_factory.mktemp("studio") / "data") as studio:
        yield studio.settings.data


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Message:
    """One message, made without interruption."""
    message = Message(tmp_path_factory.mktemp("reference"), data)
    command = message.start()
    assert command.finish() == (0, "")
    message.events = command.events  # type: ignore[attr-defined]
    return message


@pytest.fixture
def message(tmp_path: Path, data: Path) -> Message:
    return Message(tmp_path, data)


@pytest.fixture
def alone(tmp_path: Path) -> Message:
    """A message whose command starts a worker of its own."""
    return Message(tmp_path)


def test_events_name_every_stage_and_show_each_step_as_it_is_done(reference: Message) -> None:
    events: list[dict[str, Any]] = reference.events  # type: ignore[attr-defined]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [s for s in dict.fromkeys(e.get("stage") for e in events) if s in STAGES] == list(STAGES)
    roles = [event.get("role") for event in events if event["kind"] == "artifact"]
    assert roles.index("cutout") < roles.index("sentence") < roles.index("segment") < roles.index("video")
    assert roles.count("sentence") == 2
    assert events[-1]["kind"] == "done"


def test_the_folder_holds_what_the_contract_names(reference: Message) -> None:
    told = report(reference)
    assert (reference.out / "cutout.png").is_file()
    assert set(told["speech"]) >= {"engine", "speaker_similarity", "word_error_rate", "dnsmos"}
    assert set(told["lip_sync"]) >= {"engine", "mouth_motion", "silence_motion"}
    assert told["engines"] == {
        "cutout": "u2net", "inpaint": "classical", "speech": "embedded", "lip_sync": "mouth_warp",
    }  # fmt: skip
    assert told["speech"]["speaker_similarity"] is None
    assert any(text.startswith("speaker_similarity is null") for text in told["notices"])
    assert told["speech"]["word_error_rate"] < 0.2
    assert told["speech"]["dnsmos"] > 2.5
    assert set(STAGES) - {"report"} <= set(told["timings"])
    assert all(peak > 20 for peak in told["peak_memory_mb"].values())


def test_sound_and_picture_are_equally_long(reference: Message) -> None:
    film = probe_film(reference.out / "message.mp4")
    samples, rate = read_mono(reference.out / "speech.wav")
    assert film.fps == Fraction(12)
    assert film.duration == pytest.approx(len(samples) / rate, abs=1e-3)
    assert film.audio_video_difference_ms < 1.0
    assert (film.width, film.height) == (256, 256)


def test_the_lips_move_with_the_voice_and_rest_without_it(reference: Message) -> None:
    lips = report(reference)["lip_sync"]
    assert lips["mouth_motion"] > 3 * lips["silence_motion"]
    assert lips["correlation"] > 0.3
    assert abs(lips["lag_ms"]) < 90  # a frame is 83 ms here


def test_every_message_it_has_had_is_kept(message: Message) -> None:
    assert message.start("--text", "Hello.", "--still").finish() == (0, "")
    first = (message.out / "message.mp4").read_bytes()
    assert message.start("--text", "Good bye.", "--still").finish() == (0, "")
    listed = json.loads((message.out / "versions" / "versions.json").read_text())
    assert [(one["number"], one["words"]) for one in listed] == [(1, "Hello."), (2, "Good bye.")]
    assert (message.out / "versions" / "01.mp4").read_bytes() == first
    assert (message.out / "versions" / "02.mp4").read_bytes() == (message.out / "message.mp4").read_bytes()


def test_the_same_command_again_makes_nothing_anew(reference: Message) -> None:
    before, stamp = pieces(reference), (reference.out / "segments" / "01.mp4").stat().st_mtime_ns
    assert reference.start().finish() == (0, "")
    assert (reference.out / "segments" / "01.mp4").stat().st_mtime_ns == stamp
    assert pieces(reference) == before


def living_worker(message: Message, job: str) -> int:
    """The process that works on a command's job: events of an earlier run are told before its worker is up."""
    store, deadline = JobStore(message.data / "jobs.sqlite"), time.monotonic() + 60
    while True:
        state = store.worker(f"cli-{job}")
        if state is not None and psutil.pid_exists(state.pid):
            return state.pid
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_at_every_stage_and_the_message_is_the_same(alone: Message, reference: Message) -> None:
    for stage in ("cutout", "speech", "lips"):
        command = alone.start()
        assert command.wait_for(kind="progress", stage=stage) is not None
        command.kill()
    command = alone.start()
    event = command.wait_for(kind="progress", stage="lips")
    assert event is not None
    os.kill(living_worker(alone, event["job"]), signal.SIGKILL)
    assert command.finish() == (0, "")
    assert pieces(alone) == pieces(reference)


def test_ctrl_c_leaves_nothing_half_written(message: Message) -> None:
    command = message.start()
    assert command.wait_for(kind="progress", stage="lips") is not None
    command.process.send_signal(signal.SIGINT)
    assert command.finish()[0] == 130
    assert not (message.out / "message.mp4").exists()
    assert not any(".partial" in path.name for path in message.out.rglob("*"))


def test_the_voice_of_a_recording_is_matched_and_said_to_be(message: Message, reference: Message) -> None:
    assert message.start("--reference", recording(message.folder), "--speaker", "heart").finish() == (0, "")
    told = report(message)
    assert "matched" in told["speech"]["voice"].lower()
    assert told["speech"]["kind"] == "matched"
    encoder, man = SpeakerEncoder(), SpeakerEncoder().embed(joe())
    near = similarity(encoder.embed(Sound(*read_mono(message.out / "speech.wav"))), man)
    assert told["speech"]["speaker_similarity"] == pytest.approx(near, abs=0.1)
    own = similarity(encoder.embed(Sound(*read_mono(reference.out / "speech.wav"))), man)
    assert near > own + 0.05


def test_a_recording_is_spoken_as_it_is(message: Message) -> None:
    spoken = recording(message.folder, 3.0, "said.mp3")
    assert message.start("--audio", spoken).finish() == (0, "")
    told = report(message)
    assert told["speech"]["engine"] is None
    assert "speech" not in told["engines"]
    assert told["duration_seconds"] == pytest.approx(3.0, abs=0.15)
    assert told["lip_sync"]["mouth_motion"] > 0.002


def test_a_drawing_speaks_where_its_mouth_is_placed(message: Message) -> None:
    photo, box = cat(message.folder)
    assert "mouth" in message.refused("--photo", photo)
    assert message.start("--photo", photo, "--mouth-box", box, "--still").finish() == (0, "")
    frames = list(read_frames(message.out / "message.mp4"))
    moved = np.ptp(np.stack(frames).astype(int), axis=0).max(axis=2)
    assert moved[200:256, 80:176].max() > 40  # the mouth's surroundings, of 256
    assert moved[:120].max() < 25  # encoder's noise above the eyes
    assert report(message)["lip_sync"]["mouth_motion"] is None


def test_a_face_video_speaks_and_goes_there_and_back(message: Message) -> None:
    clip = message.folder / "face.mp4"
    ffmpeg("-loop", "1", "-i", str(message.photo), "-t", "0.4", "-r", "10", "-pix_fmt", "yuv420p", str(clip))
    command = message.start("--photo", clip, "--background", "#103050", "--text", "Hello there, everybody.")
    assert command.finish() == (0, "")
    assert command.events[-1]["kind"] == "done"
    frames = list(read_frames(message.out / "message.mp4"))
    assert len(frames) > 4 * 4  # of the clip's four: there and back twice
    assert np.abs(frames[-1][4, 4].astype(int) - (0x10, 0x30, 0x50)).max() < 12
    assert report(message)["lip_sync"]["mouth_motion"] > 0.002


def test_a_transparent_message_is_a_webm_beside_a_green_mp4(message: Message) -> None:
    command = message.start("--background", "transparent", "--text", "Hello.")
    assert command.finish() == (0, "")
    assert any("transparent" in event.get("text", "") for event in command.events)
    first = next(read_frames(message.out / "message.mp4"))
    assert np.abs(first[4, 4].astype(int) - (0, 177, 64)).max() < 14
    raw = message.folder / "alpha.raw"
    grey = ["-frames:v", "1", "-vf", "alphaextract,format=gray", "-f", "rawvideo"]
    ffmpeg("-c:v", "libvpx-vp9", "-i", str(message.out / "message.webm"), *grey, str(raw))
    alpha = np.frombuffer(raw.read_bytes(), np.uint8).reshape(256, 256)
    assert alpha[4, 4] < 10
    assert alpha[128, 128] > 245


def test_captions_are_seen_and_keep_the_text_s_marks(message: Message, reference: Message) -> None:
    assert message.start("--captions").finish() == (0, "")
    middle = probe_film(message.out / "message.mp4").frame_count // 2
    with_words = list(read_frames(message.out / "message.mp4"))[middle].astype(int)
    without = list(read_frames(reference.out / "message.mp4"))[middle].astype(int)
    change = np.abs(with_words - without).max(axis=2)
    assert change[200:].max() > 100
    assert change[:100].max() < 30


def test_what_the_switches_switch_off_is_said_and_what_stands_in_for_a_service_that_is_not_there(
    alone: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USE_LOCAL_LIPSYNC", "false")
    monkeypatch.setenv("INPAINTING_ENABLED", "false")
    monkeypatch.setenv("USE_LOCAL_TTS", "false")
    monkeypatch.setenv("VOICEVOX_URL", "http://127.0.0.1:9")
    command = alone.start("--still", "--text", "Hello there, everybody.")
    assert command.finish() == (0, "")
    said = [event.get("text", "") for event in command.events]
    assert any("USE_LOCAL_LIPSYNC" in text for text in said)
    assert any("VOICEVOX" in text.upper() for text in said)
    assert (alone.out / "speech.wav").is_file()
    told = report(alone)
    assert told["lip_sync"]["engine"] is None
    assert told["lip_sync"]["mouth_motion"] < 0.002
    assert told["repair"]["mended"] is False
    monkeypatch.setenv("TTS_FALLBACK_ENABLED", "false")
    result = run_studio(alone.data, *alone.arguments("--text", "Good bye.", "--until", "speech"))
    assert result.returncode == 1
    assert "voicevox" in result.stderr.lower()
    monkeypatch.setenv("INPAINTING_THRESHOLD", "2")
    assert alone.refused().startswith("INPAINTING_THRESHOLD: '2'")


def test_damage_in_clothing_is_mended(message: Message) -> None:
    photo = message.folder / "bitten.png"
    picture = np.dstack([read_layer(message.photo), np.full((320, 320), 255, np.uint8)])
    picture[:230, :70, 3] = picture[:230, 250:, 3] = 0  # the background is gone already, and two holes in the shirt
    picture[283:305, 120:155, 3] = picture[285:310, 170:200, 3] = 0
    from PIL import Image

    Image.fromarray(picture).save(photo)
    assert message.start("--photo", photo, "--until", "photo").finish() == (0, "")
    mended = read_layer(message.out / "cutout.png")
    assert mended[int(292 * 0.8), int(140 * 0.8), 3] > 200
    shirt = np.abs(mended[int(292 * 0.8), int(140 * 0.8), :3].astype(int) - (60, 70, 110))
    assert shirt.max() < 50


def test_a_tiny_photo_becomes_a_film_that_players_take(message: Message) -> None:
    tiny = save(portrait(64), message.folder / "tiny.png")
    arguments = ["message", "--photo", tiny, "--until", "photo", "--out", message.out]
    assert run_studio(message.data, *arguments).returncode == 0
    assert read_layer(message.out / "cutout.png").shape == (256, 256, 4)


REFUSALS = [
    (["--text", "   "], "--text"),
    (["--text", "?!…"], "--text"),
    (["--text", "word " * 20_001], "--text"),
    (["--language", "xx"], "--language"),
    (["--speed", "0.1"], "--speed"),
    (["--volume", "nan"], "--volume"),
    (["--background", "no-such-picture.png"], "--background"),
    (["--mouth-box", "1,2,3"], "--mouth-box"),
    (["--voice", "../../etc"], "--voice"),
    (["--voice", "voice-0000000000"], "--voice"),
    (["--engine", "speech=nobody"], "--engine"),
    (["--lines", "4000"], "--lines"),
]


@pytest.mark.parametrize(("more", "parameter"), REFUSALS, ids=[" ".join(more)[:30] for more, _ in REFUSALS])
def test_what_makes_no_sense_is_refused_in_one_line(
    message: Message, capfd: pytest.CaptureFixture[str], more: list[str], parameter: str
) -> None:
    line = refusal(capfd, message.data, *message.arguments(*more))
    assert line.startswith(f"{parameter}:"), line
    assert not (message.out / "message.mp4").exists()


def test_a_face_that_is_not_in_the_photo_is_refused_once_it_was_looked_at(message: Message) -> None:
    assert message.refused("--face", "7").startswith("--face:")
    assert not (message.out / "message.mp4").exists()


@pytest.mark.parametrize("kind", ["short", "clipped", "noise"])
def test_a_recording_that_can_not_serve_is_refused_with_a_reason(message: Message, kind: str) -> None:
    man, rate = joe().samples, joe().sample_rate
    sounds = {
        "short": man[: rate // 2],
        "clipped": np.clip(man * 40, -1, 1),
        "noise": np.random.default_rng(3).normal(0, 0.1, 5 * rate).astype(np.float32),
    }
    path = file_of(Sound(sounds[kind], rate), message.folder / "voice.wav")
    line = message.refused("--reference", path, "--until", "speech")
    assert line.startswith("--reference:")
    assert "accepted is" in line
