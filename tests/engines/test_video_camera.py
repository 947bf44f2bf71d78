"""Where the embedded motion points its camera, and what it shows there."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from studio.contracts import Keyframe, Layer, Size, View
from studio.engines.video.camera import CLOSEST, Pose, held
from studio.engines.video.direction import Director
from studio.engines.video.focus import Focus, figures
from studio.engines.video.framing import heads_are_whole, with_heads_whole
from studio.engines.video.planes import LayeredScene, Path
from studio.engines.video.relief import FlatScene
from studio.media.compositing import LayerStack
from tests.engines.video_samples import SMALL, painted, pulse, request


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_shots_cut_together_show_different_parts_of_their_picture(kind: str) -> None:
    """Two views that are nearly the same read as a jump in the film, not as a cut."""
    scenes = [
        FlatScene(k.image, SMALL) if kind == "flat" else LayeredScene(k, SMALL)
        for k in map(painted, [SMALL] * 2, (0, 1))
    ]
    for seed in range(12):
        asked = request(kind, 300, seed=seed, cuts=tuple(range(24, 290, 24)), pulse=pulse(300, 0.8))
        shots = list(Director(asked).shots(scenes.__getitem__))
        assert len(shots) == 13
        for a, b in itertools.pairwise(shots):
            assert a.scene != b.scene or common(a.path.end, b.path.start) < 0.65


def common(a: Pose, b: Pose) -> float:
    """The share of two views that both show, measured by painting them."""
    masks = []
    for pose in (a, b):
        half = np.array([SMALL.width, SMALL.height]) / pose.zoom / 2
        (left, top), (right, bottom) = (np.array([pose.x, pose.y]) + k * half + (200, 200) for k in (-1, 1))
        mask = np.zeros((400, 400), bool)
        mask[round(top) : round(bottom), round(left) : round(right)] = True
        masks.append(mask)
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def test_no_head_is_cut_by_the_frame() -> None:
    person = Focus(12.0, 4.0, 0.6, crown=-18.0, head=11.0)
    rng = np.random.default_rng(4)
    seen_whole = 0
    for _ in range(400):
        x, y = rng.normal(0, 40, 2).tolist()
        pose = with_heads_whole(Pose(x, y, float(rng.uniform(1.0, 3.5))), (person,), SMALL)
        half_x, half_y = SMALL.width / 2 / pose.zoom, SMALL.height / 2 / pose.zoom
        across, down = abs(pose.x - person.x), -7.0 - pose.y
        whole = across + 11 <= half_x and down - 11 >= -half_y and down + 11 <= half_y
        gone = across - 11 >= half_x or abs(down) - 11 >= half_y
        assert whole or gone
        seen_whole += whole
    assert seen_whole > 250


def test_a_figure_standing_free_is_found_and_a_hill_is_not() -> None:
    made = painted(Size(384, 256), 0)
    found = figures(made, Size(384, 256))
    column = np.flatnonzero(made.layers[3].picture[..., 3].any(0)).mean() - made.layers[3].picture.shape[1] / 2
    assert len(found) == 1
    assert found[0].x == pytest.approx(column, abs=2)
    assert found[0].depth == 0.65


def test_the_head_is_found_where_arms_and_instruments_reach_out() -> None:
    """Two people in one layer, one holding something long to the side: the eye is led to their faces."""
    size = Size(384, 256)
    people = np.zeros((256, 384, 4), np.uint8)
    for x, top, tall in ((90, 60, 190), (280, 90, 160)):
        cv2.circle(people, (x, top + 22), 22, (200, 150, 120, 255), -1)
        cv2.rectangle(people, (x - 30, top + 42), (x + 30, top + tall), (60, 60, 90, 255), -1)
    cv2.rectangle(people, (90, 130), (190, 140), (120, 80, 40, 255), -1)
    sky = np.full((256, 384, 4), 255, np.uint8)
    found = figures(Keyframe(sky[..., :3].copy(), (Layer(sky, 0.0), Layer(people, 0.6))), size)
    assert len(found) == 2
    for person, (x, top) in zip(found, ((90, 60), (280, 90)), strict=True):
        assert person.x == pytest.approx(x - 192, abs=4)
        assert person.crown == pytest.approx(top - 128, abs=3)
        assert 16 < person.head < 30


def ramp(size: Size, margin: int) -> np.ndarray:
    """Red rises to the right, green downwards: a picture seen mirrored at its edge would turn round."""
    rows, columns = size.height + 2 * margin, size.width + 2 * margin
    red, green = np.meshgrid(np.linspace(0, 255, columns), np.linspace(0, 255, rows))
    return np.dstack([red, green, np.full_like(red, 90)]).astype(np.uint8)


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_no_pose_of_a_path_shows_a_pictures_edge(kind: str) -> None:
    size = Size(160, 120)
    picture = ramp(size, 12 if kind == "layers" else 0)
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    near = opaque.copy()
    near[: near.shape[0] // 2] = 0
    near[..., 1] = near[..., 2] = near[..., 3]
    layers = (Layer(opaque, 0.0), Layer(near, 0.9))
    scene = LayeredScene(Keyframe(picture, layers, 12), size) if kind == "layers" else FlatScene(picture, size)
    rng = np.random.default_rng(3)
    for _ in range(150):
        x, y, truck_x, truck_y = rng.normal(0, 50, 4).tolist()
        wild = Pose(x, y, rng.uniform(0.8, 1.9), truck_x, truck_y, rng.normal(0, 0.2), rng.normal(0, 0.05))
        pose = held(wild, scene.reaches, size.width, size.height, 0.0)
        seen = scene.view(Path(pose, pose)).render(pose).astype(int)
        inside = seen[:, 10:-10, 0].mean(0), seen[10:-10, :, 1].mean(1)
        assert seen[5:-5, 6, 0].mean() > seen[5:-5, 0, 0].mean()
        assert seen[5:-5, -1, 0].mean() > seen[5:-5, -7, 0].mean()
        assert all(line[-1] >= line[0] for line in inside)
        assert seen[-1, 5:-5, 1].mean() >= seen[-7, 5:-5, 1].mean()
        if kind == "layers":
            assert np.diff(seen[..., 2], axis=0).min() > -12


def test_what_a_nearer_plane_hid_is_drawn_on() -> None:
    """A camera that rises looks over the ground before a hill: there must be hill behind it, not sky."""
    size = Size(120, 120)
    plain = np.zeros((140, 140, 4), np.uint8)
    sky, hill, ground = plain.copy(), plain.copy(), plain.copy()
    sky[:] = (0, 0, 255, 255)
    hill[50:82] = (255, 0, 0, 255)
    ground[80:] = (0, 255, 0, 255)
    layers = (Layer(sky, 0.0), Layer(hill, 0.2), Layer(ground, 0.9))
    scene = LayeredScene(Keyframe(LayerStack(layers, 10).compose(), layers, 10), size)
    pose = Pose(zoom=1.2, truck_y=-10.0)
    column = scene.view(Path(pose, pose)).render(pose)[:, 60].astype(int)
    reds = np.flatnonzero(column[:, 0] > 128)
    assert column[reds[0] :, 2].max() < 140


def test_no_shot_of_a_person_cuts_the_head() -> None:
    """Along the whole of each shot's path, where the figure's own depth puts it."""
    size = Size(384, 256)
    keyframes = [painted(size, n) for n in (0, 1)]
    scenes = [LayeredScene(made, size) for made in keyframes]
    assert all(scene.focuses[0].crown is not None for scene in scenes)
    for seed in range(10):
        asked = request(
            "layers", 300, start=keyframes[0], end=keyframes[1], size=size, seed=seed,
            cuts=tuple(range(24, 290, 24)), pulse=pulse(300, 0.8),
        )  # fmt: skip
        for shot in Director(asked).shots(scenes.__getitem__):
            if not (shot.anchored_start or shot.anchored_end):
                poses = [shot.path.start.towards(shot.path.end, share / 8) for share in range(9)]
                assert all(heads_are_whole(pose, scenes[shot.scene].focuses, size) for pose in poses)


def test_a_picture_is_first_seen_from_a_distance_and_never_closer_than_it_is_sharp() -> None:
    scenes = [LayeredScene(painted(SMALL, n), SMALL) for n in range(3)]
    for seed in range(10):
        view = View(request().shots[0], lambda: painted(SMALL, 1))
        asked = request(count=288, views=(view,), cuts=(48, 96, 144, 192, 240), pulse=pulse(288, 0.95), seed=seed)
        shots = list(Director(asked).shots(scenes.__getitem__))
        first = next(shot for shot in shots if shot.scene == 1)
        assert min(first.path.start.zoom, first.path.end.zoom) < 1.5
        assert max(max(shot.path.start.zoom, shot.path.end.zoom) for shot in shots) <= CLOSEST
