"""What the embedded reader says of videos whose cuts, fades, camera and colours are known."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import SceneReading, WatchRequest
from studio.engines.vision.embedded import EmbeddedVision
from studio.errors import BadInput, Cancelled
from studio.index.facts import Scene
from studio.media.sampling import FrameSampler, Sample, plan_sampling
from studio.settings import Limits
from tests.engines.drawn_faces import portrait
from tests.hostile_files import ffmpeg

LIMITS = Limits()
ENGINE = EmbeddedVision("embedded", "cpu")
SIZE, RATE = "320x180", 24
FONT = next(Path("assets/fonts").resolve().rglob("*.ttf"))


def made(path: Path, graph: str, *arguments: str) -> Path:
    """`graph`: an ffmpeg filter graph, {S} for the size and rate."""
    filled = graph.replace("{S}", f"s={SIZE}:r={RATE}").replace("{E}", "format=yuv420p,setsar=1")
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    ffmpeg("-filter_complex", filled, *codec, *arguments, str(path))
    return path


@pytest.fixture(scope="module")
def texture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Detail at every scale and no pattern, for cameras to move over."""
    rng, path = np.random.default_rng(3), tmp_path_factory.mktemp("vision") / "texture.png"
    size, picture = (800, 450), np.zeros((450, 800, 3), np.float32)
    for cell in (6, 12, 24, 60, 150):
        small = rng.random((450 // cell + 1, 800 // cell + 1, 3)).astype(np.float32)
        picture += cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8))
    return path


def over(texture: Path, path: Path, filters: str, seconds: float = 4.0) -> Path:
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    ffmpeg("-loop", "1", "-i", str(texture), "-t", str(seconds), "-r", str(RATE), "-vf", filters, *codec, str(path))
    return path


def samples_of(path: Path, step: float = 0.5, after: float | None = None) -> tuple[list[Sample], float]:
    plan = plan_sampling(path, step, "--video", LIMITS)
    sampler = FrameSampler(path, plan, LIMITS, after=after)
    return list(sampler.samples("--video", CancelToken())), plan.times.duration


def readings_of(samples: list[Sample], duration: float, **more: object) -> list[SceneReading]:
    return list(ENGINE.read(WatchRequest(samples, duration, **more), CancelToken()))  # type: ignore[arg-type]


def scenes_of(path: Path, step: float = 0.5) -> list[Scene]:
    samples, duration = samples_of(path, step)
    scenes = [scene for reading in readings_of(samples, duration) for scene in reading.scenes]
    assert scenes[0].start == 0
    assert scenes[-1].end == pytest.approx(duration, abs=1e-3)
    assert all(one.end == other.start for one, other in pairwise(scenes))
    assert all(scene.key_time in [sample.time for sample in samples] for scene in scenes)
    assert all(scene.start <= scene.key_time <= scene.end for scene in scenes)
    return scenes


def bounds(scenes: list[Scene]) -> list[tuple[float, str]]:
    return [(round(scene.start, 1), scene.begins) for scene in scenes[1:]]


CUTS = (
    "color=red:{S}:d=3,{E}[a];color=blue:{S}:d=2,{E}[b];testsrc2={S}:d=3,{E}[c];mandelbrot={S},trim=duration=3,{E}[d];"
    "[a][b][c][d]concat=n=4"
)


@pytest.mark.parametrize("arguments", [("-g", "250", "-sc_threshold", "0"), ("-g", "12"), ("-bf", "3")])
def test_cuts_are_found_where_they_are(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    scenes = scenes_of(made(tmp_path / "c.mp4", CUTS, *arguments))
    assert bounds(scenes) == [(3.0, "cut"), (5.0, "cut"), (8.0, "cut")]
    assert scenes[0].colours == (("red", 1.0),)
    assert scenes[1].colours == (("blue", 1.0),)
    assert scenes[0].motion == scenes[1].motion == 0
    assert scenes[3].motion > 0.1
    assert scenes[0].brightness == pytest.approx(0.3, abs=0.03)


BARS, CHART = "smptebars={S}:d=4,{E}", "testsrc={S}:d=4,{E}"


@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_fade_over_black_or_white_is_one_fade(tmp_path: Path, colour: str) -> None:
    out, back = f"fade=out:st=3.4:d=0.6:color={colour}", f"fade=in:st=0:d=0.6:color={colour}"
    scenes = scenes_of(made(tmp_path / "f.mp4", f"{CHART},{out}[a];{BARS},{back}[b];[a][b]concat"))
    assert len(scenes) == 2
    assert scenes[1].begins == "fade"
    assert scenes[1].start == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("kind", ["fade", "wipeleft", "slideup"])
def test_a_gradual_change_is_a_fade(tmp_path: Path, kind: str) -> None:
    still = "color=0x305080:{S}:d=4,drawbox=60:40:120:60:red:fill,{E}"
    graph = f"{BARS}[a];{still}[b];[a][b]xfade={kind}:duration=1:offset=3"
    _, scene = scenes_of(made(tmp_path / "d.mp4", graph))
    assert scene.begins == "fade"
    assert scene.start == pytest.approx(3.5, abs=0.3)


def test_black_that_lasts_is_a_scene(tmp_path: Path) -> None:
    black = "color=black:{S}:d=3,{E}"
    path = made(tmp_path / "b.mp4", f"{black}[a];{BARS}[b];{black}[c];[a][b][c]concat=n=3")
    assert bounds(scenes_of(path)) == [(3.0, "cut"), (7.0, "cut")]


@pytest.mark.parametrize(
    ("camera", "filters"),
    [
        ("pan right", "crop=320:180:x='20*t':y=100"),
        ("pan left", "crop=320:180:x='300-40*t':y=100"),
        ("tilt down", "crop=320:180:x=100:y='20*t'"),
        ("tilt up", "crop=320:180:x=100:y='200-20*t'"),
        ("zoom in", "zoompan=z='1+0.004*on':x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)':d=1:s=320x180:fps=24"),
        ("zoom out", "zoompan=z='1.6-0.004*on':x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)':d=1:s=320x180:fps=24"),
        ("moving", "crop=320:180:x='100+12*sin(9*t)':y='100+9*sin(11*t)'"),
        ("still", "crop=320:180:x=100:y=100,noise=alls=12:allf=t"),
    ],
)
def test_the_camera_is_told_and_makes_no_cut(texture: Path, tmp_path: Path, camera: str, filters: str) -> None:
    (scene,) = scenes_of(over(texture, tmp_path / "m.mp4", filters))
    assert scene.camera == camera
    if camera.endswith("right"):
        (sparse,) = scenes_of(tmp_path / "m.mp4", 1.0)
        assert sparse.camera == camera


def test_what_moves_on_a_plain_ground_is_not_the_camera(tmp_path: Path) -> None:
    level = "geq=lum='if(lt(hypot(X-160-100*sin(2*T),Y-90),30),235,40)':cb=128:cr=128"
    (scene,) = scenes_of(made(tmp_path / "ball.mp4", f"color=black:{{S}}:d=5,{level}"))
    assert scene.camera == "still"
    assert 0 < scene.motion < 0.3


FLASH = "crop=320:180:x=100:y=100,drawbox=c={}:t=fill:enable='between(t,2,2.1)+between(t,3.5,3.58)'"
QUIET = {
    "flashes": FLASH.format("white"),
    "blinks of black": FLASH.format("black"),
    "light goes down": "crop=320:180:x=100:y=100,eq=brightness='-0.25*min(1,max(0,t-2)*2)':eval=frame",
    "light goes down at once": "crop=320:180:x=100:y=100,eq=brightness='-0.25*gt(t,2.5)':eval=frame",
    "a picture appears": "crop=320:180:x=100:y=100,drawbox=20:20:80:60:yellow:fill:enable='gt(t,2)'",
}


@pytest.mark.parametrize("kind", QUIET)
def test_light_and_small_things_make_no_cut(texture: Path, tmp_path: Path, kind: str) -> None:
    assert len(scenes_of(over(texture, tmp_path / "q.mp4", QUIET[kind]))) == 1


WRITTEN = {
    "counter": ("white", f"drawtext=fontfile={FONT}:text='%{{eif\\:t\\:d}}':fontsize=90:x=125:y=40", 1),
    "ticker": ("0x202060", f"drawtext=fontfile={FONT}:text='a line running by':fontsize=20:x='320-70*t':y=150", 1),
    "title appears": ("0x204020", f"drawtext=fontfile={FONT}:text='TITLE':fontsize=40:x=90:y=70:enable='gt(t,2)'", 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRITTEN)
def test_text_that_changes_makes_no_cut(tmp_path: Path, kind: str) -> None:
    ground, drawn, count = WRITTEN[kind]
    assert len(scenes_of(made(tmp_path / "t.mp4", f"color={ground}:{{S}}:d=6,{drawn}"))) == count


def test_other_things_on_the_same_ground_are_another_scene(tmp_path: Path) -> None:
    one, two = "drawbox=110:40:100:100:red:fill", "drawbox=90:50:130:75:blue:fill"
    graph = f"color=white:{{S}}:d=3,{one},{{E}}[a];color=white:{{S}}:d=3,{two},{{E}}[b];[a][b]concat"
    scenes = scenes_of(made(tmp_path / "s.mp4", graph))
    assert bounds(scenes) == [(3.0, "cut")]
    assert [scene.colours[1][0] for scene in scenes] == ["red", "blue"]


def test_faces_are_counted_at_their_most(tmp_path: Path) -> None:
    face = portrait(160)
    empty, one, two = (np.full((180, 480, 3), 90, np.uint8) for _ in range(3))
    one[10:170, 20:180] = two[10:170, 20:180] = face
    two[10:170, 300:460] = face[:, ::-1]
    still = [Sample(float(at), picture, True) for at, picture in enumerate([one, one, two, two, one, empty, empty])]
    scenes = [scene for reading in readings_of(still, 7.0) for scene in reading.scenes]
    assert scenes[0].faces == 2
    assert scenes[-1].faces == (0 if len(scenes) > 1 else 2)


def test_gone_on_with_from_any_batch_it_finds_the_same(tmp_path: Path) -> None:
    batch = 2
    graph = (
        "color=red:{S}:d=2,{E}[a];testsrc2={S}:d=2.4,fade=out:st=1.9:d=0.5,{E}[b];smptebars={S}:d=2,{E}[c];"
        "mandelbrot={S},trim=duration=1.5,{E}[d];[a][b][c][d]concat=n=4"
    )
    path = made(tmp_path / "r.mp4", graph)
    samples, duration = samples_of(path)
    readings = readings_of(samples, duration, batch=batch)
    whole = [scene for reading in readings for scene in reading.scenes]
    assert len(whole) == 4
    for index, reading in enumerate(readings[:-1]):
        state = json.loads(json.dumps(reading.state))
        rest, _ = samples_of(path, after=reading.until)
        after = [scene for each in readings_of(rest, duration, batch=batch, state=state) for scene in each.scenes]
        before = [scene for each in readings[: index + 1] for scene in each.scenes]
        assert before + after == whole
        assert len(json.dumps(state)) < 400_000


def test_open_scenes_are_shown_before_they_end(tmp_path: Path) -> None:
    samples, duration = samples_of(made(tmp_path / "c.mp4", CUTS))
    first = readings_of(samples, duration, batch=2)[0]
    assert first.scenes == ()
    assert first.open_scenes[0].colours == (("red", 1.0),)
    assert first.open_scenes[0].end == first.until


def test_no_samples_no_scenes_and_no_batch_is_refused() -> None:
    (reading,) = readings_of([], 0.0)
    assert (reading.scenes, reading.until) == ((), None)
    with pytest.raises(BadInput, match="batch"):
        readings_of([], 0.0, batch=0)


def test_cancelling_stops_the_reading() -> None:
    cancel = CancelToken()
    cancel.cancel()
    sample = Sample(0.0, np.zeros((90, 160, 3), np.uint8), True)
    with pytest.raises(Cancelled):
        list(ENGINE.read(WatchRequest([sample], 1.0), cancel))
