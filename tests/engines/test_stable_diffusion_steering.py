"""Stable Diffusion steered while it draws, and what becomes of the drawing: real classes at tiny size."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.engines.image.stable_diffusion import StableDiffusion
from studio.errors import Cancelled
from studio.models.cards import EngineCard
from studio.models.devices import cpu_device
from studio.models.manager import ModelManager
from studio.models.registry import Registry
from studio.music.board import Planned
from studio.pipelines.cast import Cast
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.drawings import Drawer, Drawing, Sheet, Wanted, load_drawing
from studio.pipelines.timing import Timings
from studio.settings import Settings
from studio.store.artifacts import Artifacts
from studio.store.steered import Steered, Turn
from tests.engines import tiny_diffusion as tiny
from tests.engines.diffusion_samples import asked, difference, load, unlike
from tests.engines.test_image_contract import silent

CARD = EngineCard("sd", "image", "Tiny", "tests:None", options="studio.engines.image.diffusion.options:OPTIONS")


@pytest.fixture
def engine(stable_diffusion: StableDiffusion) -> Iterator[StableDiffusion]:
    yield stable_diffusion
    stable_diffusion.batch = 1
    stable_diffusion.reset()


class Person:
    """Says `words` from the second step of all on."""

    def __init__(self, **words: object) -> None:
        self.words, self.asked = words, 0
        self.noted: list[tuple[int, int, int, Mapping[str, Any]]] = []

    def say(self) -> Mapping[str, Any]:
        self.asked += 1
        return self.words if self.asked > 2 else {}

    def hear(self, number: int) -> Callable[[int, int, Mapping[str, Any]], None]:
        return lambda step, steps, values: self.noted.append((number, step, steps, values))


def draw(engine: StableDiffusion, person: Person | None, size: int = 64) -> list[np.ndarray]:
    requests = [replace(asked(prompt=f"a lighthouse {n}"), seed=n, size=Size(size, size)) for n in range(2)]
    if person:
        requests = [replace(one, steer=person.say, noted=person.hear(n)) for n, one in enumerate(requests)]
    engine.batch = 2
    pictures = [keyframe.image for keyframe in engine.paint_many(requests, silent, CancelToken())]
    engine.reset()
    return pictures


@pytest.mark.parametrize("words", [{"guidance": 2.0, "loras": {"noir": 1.0}}, {"words": "a whale, " * 16}])
def test_pictures_drawn_together_are_steered_together_and_each_hears_from_which_step(
    engine: StableDiffusion, words: dict[str, object]
) -> None:
    person = Person(**words)
    for plain, steered in zip(draw(engine, None), draw(engine, person), strict=True):
        assert difference(plain, steered) > 0
    assert person.asked == 4, "asked once a step for both"
    assert person.noted == [(0, 3, 4, words), (1, 3, 4, words)]


def test_added_words_are_an_option_like_the_others(engine: StableDiffusion) -> None:
    request = asked()
    whole = replace(request.shot, prompt=f"a lighthouse, {request.style.prompt}, a whale")
    added = engine.paint(asked(words="a whale"), silent, CancelToken()).image
    written = replace(request, shot=whole, style=replace(request.style, prompt=""))
    assert difference(added, engine.paint(written, silent, CancelToken()).image) == 0
    assert difference(added, engine.paint(request, silent, CancelToken()).image) > 0


def test_a_second_pass_counts_on_and_what_was_said_in_one_picture_s_holds_in_the_next_s(
    engine: StableDiffusion,
) -> None:
    person = Person(guidance=3.0)
    person.asked = -2  # heard at the fifth asking: after four steps together, in the first picture's own
    draw(engine, person, size=128)
    assert [(number, step) for number, step, _, _ in person.noted] == [(0, 5), (1, 5)]


def test_a_lora_that_does_not_fit_is_left_out_with_a_word_and_the_picture_goes_on(
    diffusion_models: Path, engine: StableDiffusion, tmp_path: Path
) -> None:
    shutil.copytree(diffusion_models / "loras", tmp_path / "loras")
    tiny.rewrite(tmp_path / "loras" / "noir.safetensors", lambda state: {f"x{k}": v for k, v in state.items()})
    (plain, _), told = draw(engine, None), []
    folder = engine.parts.adapters._folder
    engine.parts.adapters._folder = tmp_path / "loras"
    person = Person(loras={"noir": 1.0}, guidance=2.0)
    request = replace(asked(prompt="a lighthouse 0"), seed=0, steer=person.say, noted=person.hear(0), tell=told.append)
    picture = engine.paint(request, silent, CancelToken()).image
    engine.parts.adapters._folder = folder
    assert difference(picture, plain) == 0
    assert person.noted == []
    assert len(told) == 1
    assert "noir" in told[0]


# ---- the drawing ------------------------------------------------------------------------------------------


class NoCast(Cast):
    def load(self, index: int) -> Any:
        raise AssertionError(f"character {index} is in no shot")


class Desk:
    """A project folder, a worker's context, and a drawer with the tiny engine."""

    def __init__(self, folder: Path, engine: StableDiffusion) -> None:
        self.folder, self.notices, self.steps = folder, [], 0
        self.then: Callable[[int], None] = lambda _step: None
        registry = Registry()
        registry.register(CARD, lambda _name, _device, _rung: engine)
        self.manager = ModelManager(registry, cpu_device())
        self.parts = ContextParts(Settings(folder / "data"), self.manager, registry, Timings(folder / "timings.json"))
        self.wanted = Wanted(Planned(asked().shot, asked().style), "keyframe-03")
        self.shot = replace(asked().shot, index=2)

    def draw(self, anew: bool = False) -> Drawing:
        context = Context(self.folder, CancelToken(), self._heard, lambda: None, self.parts)
        self.notices.clear()
        self.steps = 0

        def read() -> Mapping[str, Any]:
            self.steps += 1
            self.then(self.steps)
            return self.said

        self.said: Mapping[str, Any] = {}
        self.context, context.controls.read = context, read  # type: ignore[method-assign]
        sheet = Sheet(CARD, Size(64, 64), {"steps": 4}, steered=True)
        drawer = Drawer(context, Artifacts(self.folder), sheet, NoCast(self.folder, ""))
        with context.stage("keyframes", "Drawing", 1) as stage:
            return drawer.draw(Planned(self.shot, asked().style), stage, "keyframe-03", anew)

    def steer(self, step: int, **words: object) -> None:
        def then(now: int) -> None:
            if now == step:
                self.said = words

        self.then = then

    def _heard(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "notice":
            self.notices.append(data["text"])


@pytest.fixture
def desk(tmp_path: Path, diffusion_models: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, load(diffusion_models))
    yield made
    made.manager.close()


def test_a_steered_drawing_says_so_is_kept_and_is_never_taken_for_the_one_as_set(desk: Desk) -> None:
    plain = desk.draw()
    as_set = load_drawing(plain).image
    assert (desk.steps, desk.notices) == (4, [])

    Artifacts(desk.folder).forget(plain.piece)
    desk.steer(3, guidance=1.5)
    steered = desk.draw()
    assert steered.key != plain.key
    assert unlike(load_drawing(steered).image, as_set)
    assert Steered(desk.folder).turns(steered.key) == (Turn(3, 4, {"guidance": 1.5}),)
    assert desk.notices == ["From step 3 of 4, shot 3 is drawn with guidance 1.5"]

    desk.steer(99)
    assert desk.draw() == steered
    assert desk.steps == 0
    assert desk.notices == ["Shot 3 is kept as it was steered, from step 3 of 4 with guidance 1.5"]

    assert desk.draw(anew=True) == plain, "a comparison is of settings"
    assert difference(load_drawing(plain).image, as_set) == 0
    Steered(desk.folder).drop(plain.key)
    assert desk.draw() == plain
    Steered(desk.folder).show(steered.key)
    assert desk.draw() == steered
    (desk.folder / ".studio" / "drawings" / steered.key / "steered.json").write_text("{")
    assert desk.draw() == plain, "a steered drawing without its note is none"


def test_cancelling_still_works_after_steering(desk: Desk) -> None:
    def then(now: int) -> None:
        if now == 2:
            desk.said = {"guidance": 1.5}
        if now == 3:
            desk.context.cancel.cancel()

    desk.then = then
    with pytest.raises(Cancelled):
        desk.draw()
    assert desk.steps == 3
    assert not (desk.folder / ".studio" / "steered").exists()
