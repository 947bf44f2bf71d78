"""What a swap of models costs: through the manager, beside plain from_pretrained and `del` of the same networks.

    python -m benchmarks.weights_swaps [--medium] [--rounds N] [--save NAME]

Tiny networks on a CPU, or with --medium a Stable Diffusion of some 130 million parameters: nothing of the published
size. The manager's swap ends the model before, checks every key of the files, warms up, measures memory around it and
gives it back; the other way does none of these. Medians, turn about, in one run.
"""

from __future__ import annotations

import argparse
import gc
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, StableVideoDiffusionPipeline
from transformers import Qwen2_5_VLForConditionalGeneration, WhisperForConditionalGeneration

from benchmarks.results import keep
from studio.models.devices import cpu_device
from studio.models.manager import ManagerOptions, ModelManager
from studio.models.memory import give_back
from tests.engines import tiny_diffusion as tiny
from tests.engines.weights_roster import member, roster_registry

PLAIN: dict[str, tuple[str, Callable[[Path], object]]] = {
    "image/stable-diffusion": (
        "stable-diffusion-1.5",
        lambda folder: StableDiffusionPipeline.from_pretrained(folder, local_files_only=True, safety_checker=None),
    ),
    "video/stable-video": (
        "stable-video-diffusion",
        lambda folder: StableVideoDiffusionPipeline.from_pretrained(folder, local_files_only=True),
    ),
    "transcript/whisper-small": (
        "whisper-small",
        lambda folder: WhisperForConditionalGeneration.from_pretrained(folder, local_files_only=True),
    ),
    "vision/qwen-vl": (
        "qwen2.5-vl-7b-instruct",
        lambda folder: Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, local_files_only=True),
    ),
}
"""Engine: its item, and how the library loads it."""


def save_medium(folder: Path) -> None:
    """Between tiny and published: blocks of half the width."""
    tiny.save_stable_diffusion(folder)
    tiny.tiny_unet(block_out_channels=(160, 320, 640), layers_per_block=2, cross_attention_dim=tiny.WIDTH,
                   down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
                   up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
                   ).save_pretrained(folder / "unet")  # fmt: skip
    AutoencoderKL(
        block_out_channels=(64, 128, 256, 256), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, latent_channels=4, layers_per_block=2, sample_size=512,
    ).save_pretrained(folder / "vae")  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def swaps(models: Path, keys: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Each engine's turn after another one's."""
    manager = ModelManager(roster_registry(models), cpu_device(), ManagerOptions(ram_bytes=0))

    def lend(key: str) -> None:
        with manager.lease(key):
            pass

    def plain(key: str) -> None:
        item, load = PLAIN[key]
        network = load(models / item)
        del network
        gc.collect()

    other = "inpaint/lama"
    times: dict[str, list[tuple[float, float]]] = {key: [] for key in keys}
    for number in range(rounds + 1):
        for key in keys:
            lend(other)
            pair = timed(lambda key=key: lend(key)), timed(lambda key=key: plain(key))
            times[key] += [pair] if number else []  # the first imports what is needed
    manager.close()
    found: dict[str, dict[str, float]] = {}
    collecting = statistics.median(timed(give_back) for _ in range(rounds))
    print(f"collecting garbage once, which a swap does after unloading and after loading: {collecting * 1e3:.0f} ms")
    for key, pairs in times.items():
        mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        found[key] = {"swap_seconds": mine, "from_pretrained_seconds": theirs, "ratio": mine / theirs}
        print(f"{key}: swap {mine * 1e3:.0f} ms, from_pretrained and del {theirs * 1e3:.0f} ms, {mine / theirs:.2f}x")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--medium", action="store_true")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--save", metavar="NAME", help="write benchmarks/results/NAME.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.getLogger("diffusers").setLevel(logging.ERROR)  # of the safety checker that isn't loaded
    keys = ["image/stable-diffusion"] if arguments.medium else list(PLAIN)
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        member("inpaint/lama").write(models)
        for key in keys:
            save_medium(models / "stable-diffusion-1.5") if arguments.medium else member(key).write(models)
        print(f"{'medium' if arguments.medium else 'tiny'} networks on a CPU, not of the published size")
        found = swaps(models, keys, arguments.rounds)
    keep(arguments.save, found)


if __name__ == "__main__":
    main()
