"""Every engine that is loaded from weights, at tiny size, with a small piece of work; and a device that is pretended.

The cards and the loading are the studio's own: the files lie in a model folder under the names of their items.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from studio.cancellation import CancelToken
from studio.contracts import ChatRequest, Engine, LipSyncRequest, Size, Sound, SpeechRequest, VoiceReference
from studio.models.devices import Device
from studio.models.manager import LeaseOptions, ManagerOptions, ModelManager
from studio.models.memory import Clock, Reading, give_back
from studio.models.mover import Outside
from studio.models.registry import Entry, Registry, load_registry
from studio.models.weights import WeightsShelf, read_items
from studio.settings import ROOT
from tests.engines.diffusion_samples import asked, write_models
from tests.engines.drawn_faces import portrait, syllables
from tests.engines.tiny_chat import make_tiny_chat
from tests.engines.tiny_lama import tiny_lama
from tests.engines.tiny_musetalk import tiny_musetalk
from tests.engines.tiny_qwen_tts import write_qwen_tts
from tests.engines.tiny_qwen_vl import RED, make_tiny_qwen_vl
from tests.engines.tiny_video_diffusion import save_stable_video
from tests.engines.tiny_whisper import write_whisper
from tests.engines.video_samples import keyframe, request
from tests.engines.vision_samples import film
from tests.index.films import film as session
from tests.speech_samples import joe

TINY = Size(96, 64)


@dataclass(frozen=True)
class Member:
    """`key`: of its card. `write` puts its files into a model folder. `work` uses the engine for a moment and returns
    what came of it, as an array or words."""

    key: str
    write: Callable[[Path], object]
    work: Callable[[Any, CancelToken], Any]


def _paint(engine: Any, cancel: CancelToken) -> np.ndarray:
    return engine.paint(asked(steps=2), lambda *_: None, cancel).image


def _film(engine: Any, cancel: CancelToken) -> np.ndarray:
    ends = {"start": keyframe("flat", 0, TINY), "end": keyframe("flat", 1, TINY)}
    segment = request("flat", 3, size=TINY, options={"steps": 1}, cuts=(), **ends)
    return np.stack(list(engine.animate(segment, cancel)))


def cut_out(engine: Any, cancel: CancelToken) -> np.ndarray:
    """For the embedded engine of a message's second stage, which has its own networks."""
    return engine.cut_out(portrait(160), cancel).picture


def _repair(engine: Any, cancel: CancelToken) -> np.ndarray:
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    mask = np.zeros((64, 64), bool)
    mask[20:30, 20:40] = True
    return engine.repair(picture, mask, cancel)


def _speak(engine: Any, cancel: CancelToken) -> np.ndarray:
    sample = Sound(joe().samples[: 2 * joe().sample_rate], joe().sample_rate)
    voice = VoiceReference(sample, "en", "The new product ships.")
    return engine.speak(SpeechRequest("Good morning.", voice=voice), cancel).sound.samples


def _write_down(engine: Any, cancel: CancelToken) -> str:
    return engine.transcribe(Sound(joe().samples[: 2 * joe().sample_rate], joe().sample_rate), "en", cancel).text


def _speak_along(engine: Any, cancel: CancelToken) -> np.ndarray:
    sound = Sound(syllables(0.2, 16_000), 16_000)
    asked_for = LipSyncRequest(portrait(160), sound, Fraction(25), 2, np.ones(2), motion=0.0)
    return np.stack(list(engine.animate(asked_for, cancel)))


def _watch(engine: Any, cancel: CancelToken) -> str:
    from studio.contracts import WatchRequest

    samples = film([(RED, 3)])
    readings = list(engine.read(WatchRequest(iter(samples), 3.0), cancel))
    return " ".join(scene.description for reading in readings for scene in reading.scenes)


def _answer(engine: Any, cancel: CancelToken) -> str:
    return engine.answer(ChatRequest("Who will lead the new office?", session()), lambda _: None, cancel).answer


ROSTER = (
    Member("image/stable-diffusion", write_models, _paint),
    Member("video/stable-video", lambda models: save_stable_video(models / "stable-video-diffusion"), _film),
    Member("inpaint/lama", tiny_lama, _repair),
    Member("speech/qwen-tts-small", lambda models: write_qwen_tts(models / "qwen3-tts-0.6b"), _speak),
    Member("transcript/whisper-small", lambda models: write_whisper(models / "whisper-small"), _write_down),
    Member("lip_sync/musetalk", tiny_musetalk, _speak_along),
    Member("vision/qwen-vl", lambda models: make_tiny_qwen_vl(models / "qwen2.5-vl-7b-instruct"), _watch),
    Member(
        "chat/local",
        lambda models: make_tiny_chat(
            models / "qwen2.5-3b-instruct", [([{"role": "user", "content": "Hello"}], "Nonsense and more of it.")]
        ),
        _answer,
    ),
)


def member(key: str) -> Member:
    return next(each for each in ROSTER if each.key == key)


def write_larger(models: Path) -> Path:
    """Files for the cards of the larger speech and transcript models, beside those of the smaller ones."""
    shutil.copytree(models / "qwen3-tts-0.6b", models / "qwen3-tts-1.7b")
    shutil.copytree(models / "whisper-small", models / "whisper-large-v3-turbo")
    return models


# ---- a device that is pretended ---------------------------------------------------------------------------


class CardMemory:
    """A gauge that charges each engine what its card says of its rung, for as long as the engine lives."""

    settle_seconds = 0.0

    def __init__(self, total: int = 80_000_000_000) -> None:
        self.total, self.most, self.most_resident = total, 0, 0
        self._resident: list[tuple[weakref.ref[Engine], int]] = []

    def charge(self, engine: Engine, entry: Entry) -> None:
        if entry.card.embedded:
            return
        self._resident.append((weakref.ref(engine), entry.card.memory[engine.rung]))
        self.most = max(self.most, self.read().used)
        self.most_resident = max(self.most_resident, self.resident)

    @property
    def resident(self) -> int:
        return len(self._alive())

    def read(self) -> Reading:
        return Reading(sum(size for _, size in self._alive()), self.total)

    def _alive(self) -> list[tuple[weakref.ref[Engine], int]]:
        self._resident = [each for each in self._resident if each[0]() is not None]
        return self._resident


class Points:
    """Counts what torch allocates, and lets memory run out at the `failing`-th, in whichever thread."""

    def __init__(self, failing: int = 0) -> None:
        self.failing, self.count = failing, 0

    def meet(self) -> None:
        self.count += 1
        if self.count == self.failing:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


class _Counting(TorchDispatchMode):
    def __init__(self, points: Points) -> None:
        super().__init__()
        self._points = points

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        # Out of TorchScript's interpreter an exception comes without its words: there memory is let run out in earnest
        # (test_lama.py). It calls, two of torch's own frames further up, from where modules call their `forward`.
        interpreted = sys._getframe(3).f_code.co_name == "_call_impl"
        if not interpreted and _blocks(result) - _blocks((args, kwargs)):
            self._points.meet()
        return result


def _blocks(value: Any) -> set[int]:
    """Addresses of the memory that tensors in `value` lie in; views have none of their own."""
    found = (each for each in tree_leaves(value) if isinstance(each, torch.Tensor) and each.device.type != "meta")
    return {each.untyped_storage().data_ptr() for each in found if each.untyped_storage().nbytes()}


def counted(points: Points | None) -> AbstractContextManager[object]:
    return _Counting(points) if points else nullcontext()


class Gate:
    """Holds up whoever loads or warms up an engine, until it is opened. Open at first."""

    def __init__(self) -> None:
        self.open, self.reached = threading.Event(), threading.Event()
        self.open.set()
        self.at = ""

    def shut(self, at: str) -> None:
        """From the next `at` on, "load" or "warm up"."""
        self.at = at
        self.reached.clear()
        self.open.clear()

    def passed(self, at: str) -> None:
        if at == self.at and not self.open.is_set():
            self.reached.set()
            assert self.open.wait(60), "the gate was never opened"


class Stage:
    """A manager over the cards and a pretended device. With `points` each allocation of a lease, of loading and of
    warming up is one."""

    def __init__(self, models: Path, total: int = 80_000_000_000) -> None:
        self.memory, self.gate = CardMemory(total), Gate()
        self.points: Points | None = None
        self.engines: list[tuple[str, int]] = []
        outside = Outside(self.memory, Clock(sleep=lambda _: None), loader=self._load, free=give_back)
        device = Device("cpu", "a pretended device", "float32", "as the test wants it")
        options = ManagerOptions(ram_bytes=0, backoff=0.0)
        self.registry = roster_registry(models)
        self.manager = ModelManager(self.registry, device, options, outside)

    def run(self, member: Member, options: LeaseOptions | None = None) -> Any:
        """What comes of its work under a lease; where `options` have a token, work heeds it."""
        chosen = options or LeaseOptions()

        def work(engine: Any) -> Any:
            torch.set_num_threads(1)
            with counted(self.points):
                return member.work(engine, chosen.cancel or CancelToken())

        return self.manager.run(member.key, chosen, work)

    def empty(self) -> None:
        """Unloads everything, and waits until it is gone."""
        for key in {key for key, _ in self.engines}:
            self.manager.unload(key)
        end = time.monotonic() + 30
        while self.memory.resident:
            assert time.monotonic() < end, "an engine that was unloaded is still there"
            time.sleep(0.001)

    def _load(self, entry: Entry, device: str, rung: int) -> Engine:
        torch.set_num_threads(1)  # of the manager's thread
        self.gate.passed("load")
        self.engines.append((entry.card.key, rung))
        with counted(self.points):
            engine = entry.create(device, rung)
        self.memory.charge(engine, entry)
        warm_up, itself = type(engine).warm_up, weakref.proxy(engine)  # no cycle: it goes as it goes elsewhere

        def gated() -> None:
            self.gate.passed("warm up")
            with counted(self.points):
                warm_up(itself)

        engine.warm_up = gated  # pyright: ignore[reportAttributeAccessIssue]
        return engine


def roster_registry(models: Path) -> Registry:
    shelf = WeightsShelf(read_items(ROOT / "presets" / "weights.yaml"), models)
    return load_registry(ROOT / "presets" / "engines.yaml", "cpu", shelf)


def same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
