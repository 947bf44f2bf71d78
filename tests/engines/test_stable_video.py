"""Stable Video Diffusion at tiny size: the real classes, saved as their repository lays them out, loaded and filmed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from diffusers import StableVideoDiffusionPipeline
from PIL import Image

from studio.cancellation import CancelToken
from studio.contracts import SegmentRequest, Size, Weights
from studio.engines.image.diffusion.previews import to_picture
from studio.engines.video.diffusion.checkpoint import load_network
from studio.engines.video.diffusion.options import Sampling, read_options
from studio.engines.video.diffusion.sampling import EFFORTS, Filmer, Watch
from studio.engines.video.stable_video import StableVideo
from studio.errors import BadInput, Cancelled, LoadFailed
from studio.models.registry import load_registry
from studio.models.weights import WeightsShelf, read_items
from tests.engines.tiny_diffusion import State, rewrite
from tests.engines.tiny_video_diffusion import FRAMES, save_stable_video
from tests.engines.video_samples import apart, frames, keyframe, request

ROOT = Path(__file__).parents[2]
TINY = Size(96, 64)
FAST = {"steps": 1}


@pytest.fixture(autouse=True, scope="module")
def one_thread_of_opencv() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.fixture(scope="module")
def checkpoint(stable_video_checkpoint: Path) -> Path:
    return stable_video_checkpoint


@pytest.fixture
def copied(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "stable-video-diffusion"))


def made(checkpoint: Path, rung: int = 0) -> StableVideo:
    weights = Weights({"stable-video-diffusion": checkpoint}, checkpoint.parent)
    return StableVideo("stable-video", "cpu", rung, weights)


@pytest.fixture(scope="module")
def engine(checkpoint: Path) -> Iterator[StableVideo]:
    loaded = made(checkpoint)
    loaded.warm_up()
    yield loaded
    loaded.close()


def segment(count: int = 4, **changes: object) -> SegmentRequest:
    ends = {"start": keyframe("flat", 0, TINY), "end": keyframe("flat", 1, TINY)}
    return request("flat", count, **({"size": TINY, "options": FAST, "cuts": (), **ends} | changes))


def picture(seed: int = 0) -> np.ndarray:
    return keyframe("flat", seed, Size(64, 64)).image


def unseen(_share: float) -> None:
    """Nobody counts."""


def clip(filmer: Filmer, sampling: Sampling, seed: int = 3) -> list[np.ndarray]:
    return filmer.clip(picture(), seed, sampling, Watch(CancelToken(), unseen))


# ---- the network --------------------------------------------------------------------------------------------


def test_a_clip_is_the_published_pipeline_s(checkpoint: Path) -> None:
    """The same noise through diffusers' own pipeline."""
    pipeline = StableVideoDiffusionPipeline.from_pretrained(checkpoint, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        Image.fromarray(picture()), height=64, width=64, num_frames=FRAMES, num_inference_steps=3, decode_chunk_size=8,
        motion_bucket_id=90, noise_aug_strength=0.1, min_guidance_scale=1.5, max_guidance_scale=4.0, fps=9,
        generator=torch.Generator().manual_seed(3), output_type="np",
    ).frames[0]  # fmt: skip
    sampling = Sampling(3, 90, 0.1, 9, 1.5, 4.0)
    ours = clip(Filmer(load_network(checkpoint, torch.float32), "cpu", EFFORTS[0]), sampling)
    assert len(ours) == len(theirs) == FRAMES
    assert np.abs(np.stack(ours).astype(float) - theirs * 255.0).max() <= 1.0
    assert np.stack(ours).std() > 5


def test_lower_rungs_film_the_same_with_less_at_once(checkpoint: Path) -> None:
    """Guided and unguided one after the other, feed-forward layers in pieces; decoding aside, nothing may change."""
    sampling = Sampling(steps=2, decode_chunk_size=1)
    best, offloaded = (
        clip(Filmer(load_network(checkpoint, torch.float32), "cpu", EFFORTS[rung]), sampling) for rung in (0, 4)
    )
    assert max(cv2.absdiff(a, b).max() for a, b in zip(best, offloaded, strict=True)) <= 1
    unguided = clip(
        Filmer(load_network(checkpoint, torch.float32), "cpu", EFFORTS[0]), replace(sampling, max_guidance=1.0)
    )
    assert max(apart(a, b) for a, b in zip(best, unguided, strict=True)) > 0.5


def test_the_last_rungs_film_fewer_and_smaller_frames(checkpoint: Path) -> None:
    network = load_network(checkpoint, torch.float32)
    network.unet.register_to_config(sample_size=16)
    assert Filmer(network, "cpu", EFFORTS[4]).frames == FRAMES
    assert Filmer(network, "cpu", EFFORTS[5]).frames == 4
    sizes = [Filmer(network, "cpu", effort).canvas(Size(64, 64)) for effort in EFFORTS]
    assert sizes == [Size(128, 128)] * 6 + [Size(64, 64)]
    assert len(load_card_rungs()) == len(EFFORTS)


def load_card_rungs() -> tuple[str, ...]:
    return load_registry(ROOT / "presets" / "engines.yaml").entry("video/stable-video").card.rungs


@pytest.mark.parametrize("chunk", [1, 3, 8])
def test_decoding_in_chunks_leaves_no_frame_out_and_makes_none_twice(checkpoint: Path, chunk: int) -> None:
    """With the decoder's look at other frames shut, chunks can't differ; where it looks, they pass into each other."""
    network = load_network(checkpoint, torch.float32)
    latents = torch.randn(11, 4, 4, 4, generator=torch.Generator().manual_seed(1))
    decoder = network.vae.decoder
    with torch.no_grad():
        for name, value in decoder.named_parameters():
            if name.endswith("mix_factor"):
                value.fill_(-50.0)
        decoder.time_conv_out.weight.zero_()
        decoder.time_conv_out.bias.zero_()
        for channel in range(3):
            decoder.time_conv_out.weight[channel, channel, 1] = 1.0
        filmer = Filmer(network, "cpu", EFFORTS[0])
        done: list[float] = []
        pictures = filmer.decoded(latents, chunk, Watch(CancelToken(), done.append))
        values = latents / network.vae.config.scaling_factor
        whole = [to_picture(frame) for frame in network.vae.decode(values, num_frames=11).sample]
    assert len(pictures) == 11
    assert max(cv2.absdiff(a, b).max() for a, b in zip(pictures, whole, strict=True)) <= 1
    assert sum(done) == pytest.approx(0.15)


# ---- a segment ------------------------------------------------------------------------------------------------


def test_a_long_segment_has_every_frame_and_lands(engine: StableVideo) -> None:
    asked = segment(30, cuts=(10, 20), options={"steps": 1})
    film = frames(asked, engine)
    assert len(film) == 30
    assert all(frame.shape == (64, 96, 3) and frame.dtype == np.uint8 for frame in film)
    assert np.array_equal(film[-1], asked.end.image)


def test_the_same_request_is_the_same_film_whoever_was_served_before(engine: StableVideo, checkpoint: Path) -> None:
    first = frames(segment(), engine)
    frames(segment(3, seed=8, options={"steps": 1, "motion_bucket_id": 200}), engine)
    engine.reset()
    assert engine.residue() == ""
    again, fresh = frames(segment(), engine), frames(segment(), made(checkpoint))
    assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(first, again, fresh, strict=True))
    other = frames(segment(seed=6), engine)
    assert np.mean([apart(a, b) for a, b in zip(first, other, strict=True)]) > 1


def test_it_is_cancelled_within_a_step_and_shows_what_it_makes(engine: StableVideo) -> None:
    cancel, shown, told = CancelToken(), [], []

    def show(rough: np.ndarray) -> None:
        shown.append(rough)
        if len(shown) == 3:
            cancel.cancel()

    asked = segment(options={"steps": 10}, show=show, progress=told.append)
    with pytest.raises(Cancelled):
        list(engine.animate(asked, cancel))
    assert len(shown) == len(told) == 3
    assert all(rough.shape == (64, 64, 3) and rough.dtype == np.uint8 for rough in shown)
    assert len(frames(segment(2), engine)) == 2  # it serves on


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "--option video.steps: '0' is not accepted: accepted is a whole number from 1 to 100"),
        ({"steps": 2.5}, "video.steps"),
        ({"motion_bucket_id": 256}, "video.motion_bucket_id: '256' .* from 1 to 255"),
        ({"noise_aug_strength": "much"}, "video.noise_aug_strength"),
        ({"noise_aug_strength": float("nan")}, "video.noise_aug_strength"),
        ({"fps": True}, "video.fps"),
        ({"min_guidance": 4.0}, "video.min_guidance: '4.0' .* at most max_guidance, 3"),
        ({"decode_chunk_size": 26}, "video.decode_chunk_size"),
        ({"pulse": -0.1}, "video.pulse"),
        ({"strength": 1}, "video.strength: '1' .* an option out of steps, motion_bucket_id, "),
    ],
)
def test_options_are_refused_by_name_before_anything_is_filmed(
    engine: StableVideo, options: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        engine.animate(segment(options=options), CancelToken())


def test_options_have_the_model_card_s_defaults() -> None:
    assert read_options({}) == Sampling(25, 127, 0.02, 7, 1.0, 3.0, 8)
    assert read_options({"motion_bucket_id": 20, "min_guidance": 2}).min_guidance == 2.0


# ---- loading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "unexpected", "wrongly shaped"])
@pytest.mark.parametrize("part", ["unet", "vae", "image_encoder"])
def test_a_damaged_part_is_refused_and_its_key_named(copied: Path, part: str, how: str) -> None:
    path = next((copied / part).glob("*.safetensors"))
    named: list[str] = []

    def damage(state: State) -> State:
        name = sorted(state)[-1] if how != "unexpected" else "stranger.weight"
        named.append(name)
        if how == "missing":
            return {key: value for key, value in state.items() if key != name}
        value = torch.zeros(3) if how == "unexpected" else torch.zeros(*state[name].shape, 2)
        return {**state, name: value}

    rewrite(path, damage)
    with pytest.raises(LoadFailed, match=f"{how}.*{named[0]}"):
        made(copied)


def test_files_of_half_precision_are_read_under_their_own_names(tmp_path: Path) -> None:
    folder = save_stable_video(tmp_path / "stable-video-diffusion", half=True)
    assert (folder / "unet" / "diffusion_pytorch_model.fp16.safetensors").is_file()
    assert (folder / "image_encoder" / "model.fp16.safetensors").is_file()
    network = load_network(folder, torch.float32)
    assert network.unet.dtype == network.vae.dtype == network.image_encoder.dtype == torch.float32
    shelf = WeightsShelf(read_items(ROOT / "presets" / "weights.yaml"), tmp_path)
    assert shelf.find("stable-video-diffusion") == folder
    (folder / "vae" / "diffusion_pytorch_model.fp16.safetensors").unlink()
    assert shelf.find("stable-video-diffusion") is None
    with pytest.raises(LoadFailed, match="vae has no diffusion_pytorch_model"):
        load_network(folder, torch.float32)


def change_json(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("model_index.json", {"_class_name": "StableDiffusionPipeline"}, "a checkpoint for StableDiffusionPipeline"),
        ("feature_extractor/preprocessor_config.json", {"image_mean": [0.5]}, "no image_mean of three numbers"),
        ("image_encoder/config.json", {"projection_dim": 48}, "wrongly shaped.*visual_projection"),
        ("unet/config.json", {"addition_time_embed_dim": 4}, "wants 24 numbers of a clip and is told 12"),
    ],
)
def test_parts_that_are_of_something_else_are_refused(
    copied: Path, file: str, change: dict[str, object], words: str
) -> None:
    change_json(copied / file, lambda body: body.update(change))
    with pytest.raises(LoadFailed, match=words):
        made(copied)


def test_a_configuration_that_can_t_be_read_is_named(copied: Path) -> None:
    (copied / "scheduler" / "scheduler_config.json").write_text("{")
    with pytest.raises(LoadFailed, match=r"scheduler_config\.json can't be read"):
        made(copied)


def test_closed_it_serves_no_more(checkpoint: Path) -> None:
    loaded = made(checkpoint, rung=4)
    assert not loaded.leave_device()  # on the CPU it is in RAM already
    loaded.enter_device()
    loaded.close()
    with pytest.raises(RuntimeError, match="closed"):
        loaded.reset()
