"""Pictures at a steady pace: times as the container has them, the least decoding, and what is no video."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled
from studio.media.sampling import UNCHANGED, FrameSampler, Sample, plan_sampling
from studio.media.sampling_plan import EVERY, KEY_ONLY, REFERENCES
from studio.settings import Limits
from tests.hostile_files import ffmpeg

LIMITS = Limits()
COUNTING = "nullsrc=size=128x96:rate={rate}:duration={seconds},geq=lum='16+N*{gain}':cb=128:cr=128"


def counting(path: Path, *arguments: str, rate: int = 20, seconds: float = 4.0, gain: float = 2.5) -> Path:
    """Each frame a little lighter than the one before: its level tells which one it is."""
    source = COUNTING.format(rate=rate, seconds=seconds, gain=gain)
    ffmpeg("-f", "lavfi", "-i", source, *arguments, str(path))
    return path


def sampled(path: Path, step: float = 1.0, after: float | None = None, side: int = 1280) -> list[Sample]:
    plan = plan_sampling(path, step, "--video", LIMITS)
    return list(FrameSampler(path, plan, LIMITS, side, after).samples("--video", CancelToken()))


def times(samples: list[Sample]) -> list[float]:
    return [round(sample.time, 3) for sample in samples]


def frame_of(sample: Sample, gain: float = 2.5) -> float:
    """Which frame of `counting` it is: limited-range luma shown as full range."""
    return float(sample.picture.mean()) * 219 / 255 / gain


X264 = ("-c:v", "libx264", "-preset", "veryfast", "-sc_threshold", "0")
CODECS = {
    "groups.mp4": (*X264, "-g", "40", "-bf", "3"),
    "one_group.mkv": (*X264, "-g", "500", "-bf", "2"),
    "open.mp4": (*X264, "-g", "10", "-bf", "3", "-x264-params", "open-gop=1"),
    "every_key.avi": ("-c:v", "mjpeg", "-q:v", "2"),
    "old.avi": ("-c:v", "mpeg4", "-q:v", "2", "-g", "10"),
    "a.webm": ("-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime", "-cpu-used", "8"),
    "hevc.mp4": ("-c:v", "libx265", "-x265-params", "log-level=none:keyint=20"),
}


@pytest.mark.parametrize("name", CODECS)
def test_every_codec_gives_the_pictures_at_their_times(tmp_path: Path, name: str) -> None:
    samples = sampled(counting(tmp_path / name, *CODECS[name]))
    assert times(samples) == sorted(times(samples))
    for sample in samples:
        assert frame_of(sample) == pytest.approx(sample.time * 20, abs=1.6)
    for second in range(4):
        seen = [sample.time for sample in samples if sample.time <= second + 1e-6]
        assert second - seen[-1] <= 0.6 if "open" in name or "old" in name else second - seen[-1] <= 0.2


def test_key_frames_alone_are_decoded_where_they_suffice(tmp_path: Path) -> None:
    dense = plan_sampling(counting(tmp_path / "d.mp4", *X264, "-g", "10"), 1.0, "--video", LIMITS)
    assert dense.share(KEY_ONLY) > 0.4
    assert dense.share(REFERENCES) == dense.share(EVERY) == 0
    sparse = plan_sampling(counting(tmp_path / "s.mp4", *X264, "-g", "100"), 1.0, "--video", LIMITS)
    assert sparse.share(REFERENCES) == 1
    assert plan_sampling(tmp_path / "s.mp4", 0.1, "--video", LIMITS).share(EVERY) == 1
    assert all(sample.is_key for sample in sampled(tmp_path / "d.mp4"))


@pytest.mark.parametrize("name", ["groups.mp4", "one_group.mkv", "hevc.mp4"])
@pytest.mark.parametrize("step", [0.1, 0.7, 1.5])
def test_without_watching_the_same_pictures_come(tmp_path: Path, name: str, step: float) -> None:
    path = counting(tmp_path / name, *CODECS[name])
    plan = plan_sampling(path, step, "--video", LIMITS, watch=False)
    plain = list(FrameSampler(path, plan, LIMITS).samples("--video", CancelToken()))
    watched = {sample.time: sample for sample in sampled(path, step)}
    assert set(times(plain)[:-1]) <= {round(time, 3) for time in watched}
    assert all(sample.straightness is None for sample in plain)
    for sample in plain:
        assert frame_of(sample) == pytest.approx(sample.time * 20, abs=1.6)
        if sample.time in watched:
            assert np.abs(sample.picture.astype(int) - watched[sample.time].picture).max() <= 2


def test_a_picture_held_long_is_seen_at_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "held.mkv"
    shown = "select='eq(n,0)+eq(n,18)+eq(n,19)+eq(n,70)'"
    counting(path, "-vf", shown, "-fps_mode", "passthrough", *X264, "-bf", "2")
    samples = sampled(path)
    assert times(samples) == [0.0, 0.9, 0.95, 3.5]  # 0.9 is on the other side of a jump
    assert [round(frame_of(sample)) for sample in samples] == pytest.approx([0, 18, 19, 70], abs=1)


def test_times_count_from_the_first_picture(tmp_path: Path) -> None:
    path = counting(tmp_path / "late.mkv", *X264, "-output_ts_offset", "7.5")
    plan = plan_sampling(path, 1.0, "--video", LIMITS)
    assert plan.times.first == pytest.approx(7.5, abs=0.1)
    assert plan.times.duration == pytest.approx(4.0, abs=0.1)
    assert times(sampled(path))[:4] == pytest.approx([0, 1, 2, 3], abs=0.2)
    early = tmp_path / "early.mkv"
    ffmpeg("-itsoffset", "-0.5", "-i", str(path), "-c", "copy", "-avoid_negative_ts", "disabled", str(early))
    assert times(sampled(early))[0] == 0


def test_turned_and_oblong_pixels_come_upright_and_square(tmp_path: Path) -> None:
    flat, turned, wide = tmp_path / "flat.mp4", tmp_path / "turned.mp4", tmp_path / "wide.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=161x121:rate=10:duration=1", "-pix_fmt", "yuv444p", str(flat))
    ffmpeg("-display_rotation:v:0", "90", "-i", str(flat), "-c", "copy", str(turned))
    ffmpeg("-i", str(flat), "-vf", "setsar=2", "-pix_fmt", "yuv444p", str(wide))
    upright = cv2.rotate(sampled(flat)[0].picture, cv2.ROTATE_90_COUNTERCLOCKWISE)
    assert np.abs(sampled(turned)[0].picture.astype(int) - upright).mean() < 4
    assert sampled(wide)[0].picture.shape == (121, 322, 3)
    assert plan_sampling(turned, 1.0, "--video", LIMITS).times.height == 161
    assert max(sampled(turned, side=64)[0].picture.shape) == 64


def test_one_picture_is_one_sample(tmp_path: Path) -> None:
    path = counting(tmp_path / "one.mp4", "-frames:v", "1")
    (sample,) = sampled(path)
    assert (sample.time, sample.is_key, sample.changed) == (0.0, True, 1.0)


@pytest.mark.parametrize("arguments", [("-g", "20"), ("-g", "80", "-bf", "2")])
def test_going_on_gives_the_samples_of_an_unbroken_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    path = tmp_path / "cuts.mp4"
    pictures = "testsrc2=size=128x96:rate=20:duration=3.3[a];smptebars=size=128x96:rate=20:duration=2.7[b];[a][b]concat"
    ffmpeg("-filter_complex", pictures, *X264, *arguments, "-pix_fmt", "yuv420p", str(path))
    whole = sampled(path, 0.5)
    for index in range(len(whole) - 1):
        rest = sampled(path, 0.5, after=whole[index].time)
        assert times(rest) == times(whole[index + 1 :])
        assert [one.straightness for one in rest] == [one.straightness for one in whole[index + 1 :]]
        assert np.array_equal(rest[0].picture, whole[index + 1].picture)


def test_both_sides_of_a_jump_are_samples(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    pictures = "color=red:size=128x96:rate=20:duration=2.35[a];color=green:size=128x96:rate=20:duration=2[b]"
    ffmpeg("-filter_complex", f"{pictures};[a][b]concat", *X264, "-g", "200", "-bf", "0", str(path))
    found = times(sampled(path))
    assert 2.3 in found
    assert 2.35 in found


def test_what_stays_is_marked_unchanged_and_a_digit_is_not(tmp_path: Path) -> None:
    path, font = tmp_path / "still.mp4", Path("assets/fonts").resolve()
    face = next(font.rglob("*.ttf"))
    text = f"drawtext=fontfile={face}:fontsize=24:x=500:y=300:text='%{{eif\\:trunc(t/3)\\:d}}'"
    source = f"color=0x305070:size=640x360:rate=10:duration=6,noise=alls=4:allf=t,{text}"
    ffmpeg("-f", "lavfi", "-i", source, *X264, "-pix_fmt", "yuv420p", str(path))
    changed = {round(sample.time): sample.changed for sample in sampled(path)}
    assert all((changed[second] >= UNCHANGED) == (second in (0, 3)) for second in range(6)), changed


def test_broken_packets_are_left_out_and_counted(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.mkv", tmp_path / "broken.mkv"
    source = "testsrc2=size=320x240:rate=20:duration=6"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", str(whole))
    content = bytearray(whole.read_bytes())
    starts = [at for at in range(len(content) - 4) if content[at : at + 3] == b"\xff\xd8\xff"]
    for number in (0, 20, 40):
        content[starts[number] : starts[number] + 700] = bytes(700)
    broken.write_bytes(content)
    plan = plan_sampling(broken, 1.0, "--video", LIMITS)
    sampler = FrameSampler(broken, plan, LIMITS)
    found = times(list(sampler.samples("--video", CancelToken())))
    assert sampler.left_out == 3
    assert {3.0, 4.0, 5.0} <= set(found)


def test_a_truncated_video_gives_what_is_there(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20:duration=6", *X264, str(whole))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = sampled(cut)
    assert 2 <= len(found) < len(sampled(whole))


def test_three_hours_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    source = "color=blue:size=64x64:rate=1:duration=10800"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", str(path))
    plan = plan_sampling(path, 60.0, "--video", LIMITS)
    assert plan.times.duration == pytest.approx(10_800, abs=2)
    tracemalloc.start()
    count = sum(1 for _ in FrameSampler(path, plan, LIMITS).samples("--video", CancelToken()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == pytest.approx(181, abs=2)
    assert most < 8e6


@pytest.mark.parametrize("kind", ["hls", "concat", "text", "sound", "cover", "empty", "no packets", "missing"])
def test_what_is_no_video_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "v.mp4"
    secret = counting(tmp_path / "secret.mp4", seconds=1.0)
    if kind in ("sound", "cover"):
        cover = ["-i", str(tmp_path / "cover.png"), "-map", "0", "-map", "1", "-c:v", "png"]
        cover += ["-disposition:v:0", "attached_pic"]
        cv2.imwrite(str(tmp_path / "cover.png"), np.zeros((64, 64, 3), np.uint8))
        ffmpeg("-f", "lavfi", "-i", "sine=duration=1", *(cover if kind == "cover" else []), "-c:a", "aac", str(path))
    elif kind == "no packets":
        path.write_bytes(secret.read_bytes()[:900])
    elif kind != "missing":
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n"
        concat = f"ffconcat version 1.0\nfile '{secret}'\n"
        path.write_text({"hls": playlist, "concat": concat, "text": "no video " * 50, "empty": ""}[kind])
    with pytest.raises(BadInput) as refusal:
        sampled(path)
    assert refusal.value.parameter == "--video"
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("layout", ["yuv420p10le", "gray", "rgb24", "gbrp", "yuv422p", "pal8", "ya8", "bgra"])
def test_every_layout_of_pixels_is_read(tmp_path: Path, layout: str) -> None:
    path, graph = tmp_path / "l.mkv", "color=red:s=97x65:r=10:d=1[a];color=0x101080:s=97x65:r=10:d=1[b];[a][b]concat"
    codec = "ffv1" if layout not in ("pal8", "ya8") else "png"
    ffmpeg("-filter_complex", graph, "-c:v", codec, "-g", "30", "-pix_fmt", layout, str(path))
    samples = sampled(path)
    assert samples[0].picture.shape == (65, 97, 3)
    assert samples[-1].changed > 0.1 or len(samples) > 2
    if codec == "ffv1":
        assert {0.9, 1.0} <= set(times(samples)) or all(sample.is_key for sample in samples)


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), 1e9])
def test_a_step_that_is_none_is_refused(tmp_path: Path, step: float) -> None:
    with pytest.raises(BadInput, match="step_seconds"):
        plan_sampling(tmp_path / "v.mp4", step, "--video", LIMITS)


def test_cancelling_stops_it(tmp_path: Path) -> None:
    path, cancel = counting(tmp_path / "c.mp4", *X264), CancelToken()
    samples = FrameSampler(path, plan_sampling(path, 0.5, "--video", LIMITS), LIMITS).samples("--video", cancel)
    next(samples)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(samples)
