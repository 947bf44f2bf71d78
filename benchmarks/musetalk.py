"""MuseTalk under the studio: frames a second and memory on every rung, beside one frame at a time and the mouth warp.

    python -m benchmarks.musetalk [--seconds 4] [--save NAME]

On the CPU with tiny networks, which show the studio's own share and nothing of the network's time; on CUDA with random
weights at the published sizes, in float16. --save writes benchmarks/results/NAME.json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

from benchmarks.results import keep
from studio.cancellation import CancelToken
from studio.contracts import LipSyncEngine, LipSyncRequest, Sound, Weights
from studio.engines.lip_sync.mouth_warp import MouthWarp
from studio.engines.lip_sync.musetalk.engine import MuseTalk
from studio.engines.lip_sync.musetalk.networks import EFFORTS
from studio.models.memory import give_back
from tests.engines.drawn_faces import portrait, syllables
from tests.engines.tiny_musetalk import UNET, tiny_musetalk

FPS, SIDE = Fraction(25), 512


def save_published(models: Path) -> Weights:
    """Random weights at the published sizes, in the published layout."""
    unet, vae, whisper = models / "musetalk-v15" / "musetalkV15", models / "sd-vae-ft-mse", models / "whisper-tiny"
    unet.mkdir(parents=True)
    sizes = {"block_out_channels": [320, 640, 1280, 1280], "attention_head_dim": 8, "cross_attention_dim": 384}
    config = UNET | sizes | {"layers_per_block": 2, "norm_num_groups": 32}
    (unet / "musetalk.json").write_text(json.dumps(config))
    torch.save(UNet2DConditionModel.from_config(config).half().state_dict(), unet / "unet.pth")
    blocks = {"down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4}
    AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, **blocks).save_pretrained(vae)
    heads = {"encoder_attention_heads": 6, "decoder_attention_heads": 6}
    wide = {"encoder_ffn_dim": 1536, "decoder_ffn_dim": 1536, "encoder_layers": 4, "decoder_layers": 4}
    WhisperForConditionalGeneration(WhisperConfig(d_model=384, num_mel_bins=80, **heads, **wide)).save_pretrained(
        whisper
    )
    WhisperFeatureExtractor(feature_size=80).save_pretrained(whisper)
    return Weights({path.name: path for path in (models / "musetalk-v15", vae, whisper)}, models, "float16")


def request(seconds: float, video: bool) -> LipSyncRequest:
    count, sound = round(seconds * FPS), Sound(syllables(seconds, 24_000), 24_000)
    pictures = [portrait(SIDE, 0.01 * (number % 4)) for number in range(8)]

    def frames() -> Iterator[np.ndarray]:
        return iter(pictures)

    return LipSyncRequest(pictures[0], sound, FPS, count, np.ones(count), frames=frames if video else None, motion=0.0)


def frames_a_second(engine: LipSyncEngine, what: LipSyncRequest) -> float:
    list(engine.animate(request(0.4, what.frames is not None), CancelToken()))
    began = time.perf_counter()
    count = sum(1 for _ in engine.animate(what, CancelToken()))
    return count / (time.perf_counter() - began)


def measure(rung: int, weights: Weights, device: str, seconds: float) -> dict[str, float]:
    """One rung: seconds to load, frames a second of a photo and of a face video, and the most memory it took."""
    give_back()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    engine = MuseTalk("musetalk", device, rung, weights)
    engine.warm_up()
    row = {"load_seconds": time.perf_counter() - began}
    row |= {name: frames_a_second(engine, request(seconds, name == "video_fps")) for name in ("photo_fps", "video_fps")}
    if device == "cuda":
        row["peak_bytes"] = float(torch.cuda.max_memory_allocated())
    engine.close()
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--save", metavar="NAME")
    options = parser.parse_args()
    cuda = torch.cuda.is_available()
    warp = {
        name: frames_a_second(MouthWarp("mouth_warp", "cpu"), request(options.seconds, name == "video_fps"))
        for name in ("photo_fps", "video_fps")
    }
    results: dict[str, Any] = {"device": torch.cuda.get_device_name() if cuda else "cpu, tiny networks"}
    results |= {"torch": torch.__version__, "cv2": cv2.__version__, "mouth warp": warp}
    with tempfile.TemporaryDirectory() as folder:
        weights = save_published(Path(folder)) if cuda else tiny_musetalk(Path(folder))
        for rung, effort in enumerate(EFFORTS):
            name = f"batch {effort.batch}" + (", offloaded" if effort.offload else "")
            results[name] = measure(rung, weights, "cuda" if cuda else "cpu", options.seconds)
    print(f"{results['device']}: {SIDE}x{SIDE}, ratios to the mouth warp on the CPU")
    for name, row in results.items():
        if isinstance(row, dict):
            photo, video, peak = row["photo_fps"], row["video_fps"], row.get("peak_bytes", 0.0) / 1e9
            ratios = f"{photo / warp['photo_fps']:.2f}x, {video / warp['video_fps']:.2f}x"
            print(f"  {name:<22} photo {photo:6.1f}, video {video:6.1f} frames/s  {ratios}  {peak:.2f} GB")
    keep(options.save, results)


if __name__ == "__main__":
    main()
