"""Stable Diffusion under the studio: loading, batches, previews and memory, each beside a named alternative.

    python -m benchmarks.diffusion [--save NAME]

On the CPU with tiny networks, which show the studio's own share and nothing of a picture's time; on CUDA with random
weights at the published size, in float16. --save writes benchmarks/results/NAME.json.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from benchmarks.results import keep
from studio.cancellation import CancelToken
from studio.contracts import PaintRequest, Size, Weights
from studio.engines.image.stable_diffusion import BATCH, SHARES, StableDiffusion
from studio.models.memory import give_back
from studio.music.shots import Shot
from studio.music.styles import load_styles
from studio.settings import ROOT
from tests.engines import tiny_diffusion as tiny

ITEM = "stable-diffusion-1.5"
STEPS, ROUNDS = 8, 3


class Bench:
    def __init__(self, models: Path) -> None:
        self.models, self.cuda = models, torch.cuda.is_available()
        torch.set_num_threads(1)  # two threads of tiny work wait for each other
        self.device, self.precision = ("cuda", "float16") if self.cuda else ("cpu", "float32")
        self.side = 512 if self.cuda else 64
        save_published(models) if self.cuda else save_tiny(models)

    def engine(self, *extras: str, rung: int = 0) -> StableDiffusion:
        parts = {ITEM: self.models / ITEM, **{item: self.models / item for item in extras}}
        engine = StableDiffusion("bench", self.device, rung, Weights(parts, self.models, self.precision))
        engine.warm_up()
        return engine

    def request(self, seed: int, **options: Any) -> PaintRequest:
        words = "a wide shot of the singer on a pier at dusk, light rain, warm mood, watercolour"
        shot = Shot(0, 0.0, "", words, (), ("sea",), "dusk", "rain", "warm", (), "wide", "drift", 0.5, seed)
        style = load_styles(ROOT / "presets" / "styles")["watercolour"]
        return PaintRequest(shot, style, Size(self.side, self.side), seed, options={"steps": STEPS, **options})

    def seconds(self, work: Callable[[], object]) -> float:
        self.settle()
        began = time.perf_counter()
        work()
        self.settle()
        return time.perf_counter() - began

    def settle(self) -> None:
        if self.cuda:
            torch.cuda.synchronize()


def swap(bench: Bench) -> dict[str, float]:
    """Off the disk onto the device and away again."""
    dtype = torch.float16 if bench.cuda else torch.float32

    def ours() -> None:
        bench.engine().close()
        give_back()

    def plain() -> None:
        StableDiffusionPipeline.from_pretrained(
            bench.models / ITEM, local_files_only=True, dtype=dtype, safety_checker=None
        ).to(bench.device)
        give_back()

    ours(), plain()
    times = [(bench.seconds(ours), bench.seconds(plain)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"swap: {mine:.2f} s, plain from_pretrained {theirs:.2f} s, ratio {mine / theirs:.2f}")
    return {"swap_seconds": mine, "from_pretrained_seconds": theirs}


def batch(bench: Bench) -> dict[str, float]:
    engine, requests = bench.engine(), [bench.request(seed) for seed in range(BATCH)]

    def draw(most: int) -> None:
        engine.batch = most
        engine.paint_many(requests, lambda *_: None, CancelToken())

    draw(BATCH)
    times = [(bench.seconds(lambda: draw(BATCH)), bench.seconds(lambda: draw(1))) for _ in range(ROUNDS)]
    together, alone = (statistics.median(column) for column in zip(*times, strict=True))
    engine.close()
    print(f"batch of {BATCH}: {together:.2f} s, {BATCH} calls {alone:.2f} s, {alone / together:.2f} times as fast")
    return {"batch_seconds": together, "calls_seconds": alone}


def previews(bench: Bench) -> dict[str, float]:
    """What showing each step costs, beside not showing it."""
    shown: list[np.ndarray] = []
    costs: dict[str, float] = {}
    for name, extras in (("latent to RGB", ()), ("TAESD", ("taesd",))):
        engine = bench.engine(*extras)
        hidden = bench.request(1)
        visible = replace(hidden, show=shown.append)

        def draw(request: PaintRequest, engine: StableDiffusion = engine) -> None:
            engine.paint(request, lambda *_: None, CancelToken())

        draw(visible)
        pairs = [
            (bench.seconds(lambda: draw(visible)), bench.seconds(lambda: draw(hidden)))  # noqa: B023 - called at once
            for _ in range(ROUNDS)
        ]
        with_it, without = (statistics.median(column) for column in zip(*pairs, strict=True))
        costs[name] = (with_it - without) / STEPS
        share = with_it / without - 1
        print(f"preview by {name}: {costs[name] * 1e3:+.1f} ms a step, {share:+.1%} of a picture without")
        engine.close()
    return {f"preview_seconds_a_step {name}": cost for name, cost in costs.items()}


def rungs(bench: Bench) -> dict[str, Any]:
    """Peak memory and steps a second of each rung; on CUDA only."""
    found: dict[str, Any] = {}
    for rung in range(len(SHARES)):
        give_back()
        torch.cuda.reset_peak_memory_stats()
        engine = bench.engine(rung=rung)
        requests = [bench.request(seed, steps=20) for seed in range(engine.batch)]

        def draw(engine: StableDiffusion = engine, requests: list[PaintRequest] = requests) -> None:
            engine.paint_many(requests, lambda *_: None, CancelToken())

        draw()
        seconds = bench.seconds(draw)
        peak, speed = torch.cuda.max_memory_allocated(), 20 * len(requests) / seconds
        found[f"rung {rung}"] = {"peak_bytes": peak, "steps_a_second": speed, "pictures": len(requests)}
        print(f"rung {rung}: {peak / 1e9:.2f} GB at most, {speed:.1f} steps of a picture a second")
        engine.close()
    return found


def save_tiny(models: Path) -> None:
    tiny.save_stable_diffusion(models / ITEM)
    tiny.save_taesd(models / "taesd")


def save_published(models: Path) -> None:
    """Random weights at the size of the published configurations (stable-diffusion-v1-5, taesd)."""
    folder = models / ITEM
    tiny.save_stable_diffusion(folder)
    with torch.device("cuda"):
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4,
            layers_per_block=2,
            sample_size=512,
        )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408, hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=12,
            projection_dim=768,
        )
    )  # fmt: skip
    for module, place in ((unet, "unet"), (vae, "vae"), (text, "text_encoder")):
        module.half().save_pretrained(folder / place)
    AutoencoderTiny().save_pretrained(models / "taesd")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--save", metavar="NAME")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        title = torch.cuda.get_device_name() if bench.cuda else "CPU, tiny networks"
        print(f"{title}, {bench.precision}, {bench.side} pixels, {STEPS} steps")
        found: Mapping[str, Any] = {
            "device": title,
            "precision": bench.precision,
            **swap(bench),
            **batch(bench),
            **previews(bench),
            **(rungs(bench) if bench.cuda else {}),
        }
    keep(arguments.save, found)


if __name__ == "__main__":
    main()
