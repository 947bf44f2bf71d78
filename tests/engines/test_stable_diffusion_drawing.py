"""What Stable Diffusion draws, with LoRAs and live: real classes at tiny size."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.engines.image.diffusion.prompts import PromptReader
from studio.engines.image.diffusion.schedulers import SCHEDULERS, make_scheduler
from studio.engines.image.stable_diffusion import SHARES, StableDiffusion
from studio.errors import BadInput, Cancelled, LoadFailed
from tests.engines import tiny_diffusion as tiny
from tests.engines.diffusion_samples import ITEM, asked, difference, load, paint, unlike
from tests.engines.test_image_contract import silent


@pytest.fixture
def models(diffusion_models: Path) -> Path:
    return diffusion_models


@pytest.fixture
def engine(stable_diffusion: StableDiffusion) -> StableDiffusion:
    return stable_diffusion


# ---- drawing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_equal_to_the_library_s_own_pipeline(models: Path, engine: StableDiffusion, scheduler: str) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(models / ITEM, local_files_only=True, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = make_scheduler(scheduler, "", engine.parts.network.schedule)
    request = asked(scheduler=scheduler, negative_prompt="fog", guidance=6.0)
    request = replace(request, style=replace(request.style, prompt=""))
    theirs = pipeline(
        request.shot.prompt,
        negative_prompt="fog",
        num_inference_steps=4,
        guidance_scale=6.0,
        height=64,
        width=64,
        generator=torch.Generator().manual_seed(request.seed),
        output_type="np",
    ).images[0]  # pyright: ignore[reportAttributeAccessIssue]
    assert difference(paint(engine, request), np.round(theirs * 255)) <= 1


@pytest.mark.parametrize("rung", range(len(SHARES)))
def test_every_rung_draws_the_size_asked_for(models: Path, rung: int) -> None:
    engine = load(models, "ip-adapter-sd15", rung=rung)
    engine.warm_up()
    for request in (asked(characters=1, steps=1), replace(asked(steps=3), size=Size(150, 98))):
        picture = paint(engine, request)
        assert picture.shape == (request.size.height, request.size.width, 3)
        assert picture.std() > 8
    engine.reset()
    assert engine.residue() == ""
    if SHARES[rung] == 1.0:
        assert difference(paint(engine, asked()), paint(load(models), asked())) <= 2


def test_long_prompts_are_read_to_the_end_and_no_word_is_cut(models: Path, engine: StableDiffusion) -> None:
    network = engine.parts.network
    reader = PromptReader(network.tokenizer, network.text_encoder, "cpu")
    words = [f"harbour{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(40)]
    pieces = reader.pieces(" ".join(words))
    assert all(len(piece) == 77 for piece in pieces)
    begin, end = pieces[0][0], pieces[0][-1]
    read = [[token for token in piece if token not in (begin, end)] for piece in pieces]
    spoken = [network.tokenizer.decode(tokens).split() for tokens in read]
    assert [word for words in spoken for word in words] == words
    long = "a quiet harbour " * 12
    assert unlike(paint(engine, asked(prompt=long)), paint(engine, asked(prompt=f"{long} at night")))
    assert reader.pieces("")[0][:2] == [begin, end]


def test_a_batch_draws_each_picture_as_it_is_drawn_alone(engine: StableDiffusion) -> None:
    prompts = ("short", "a longer prompt of some eighty letters, " * 3, "x" * 300)
    requests = [replace(asked(prompt=prompt, scheduler="euler a"), seed=n) for n, prompt in enumerate(prompts)]
    requests += [replace(asked(1, prompt, scheduler="euler a"), seed=n) for n, prompt in enumerate(prompts)]
    alone = [paint(engine, request) for request in requests]
    engine.batch = 3
    unet, calls = engine.parts.network.unet, []
    handle = unet.register_forward_pre_hook(lambda _module, arguments: calls.append(len(arguments[0])))
    together = engine.paint_many(requests, silent, CancelToken())
    handle.remove()
    assert calls == [6] * 8  # two batches of three, guided, four steps each
    for one, keyframe in zip(alone, together, strict=True):
        assert difference(one, keyframe.image) <= 1


def test_characters_are_in_the_picture(models: Path, engine: StableDiffusion) -> None:
    plain, somebody_else = load(models), asked(1).characters[0]
    nobody = paint(engine, asked())
    for each in (engine, plain):
        somebody = [paint(each, asked(1, likeness=share)) for share in (0.0, 0.3, 1.0)]
        assert difference(somebody[0], nobody) <= 1
        assert unlike(somebody[1], nobody)
        assert unlike(somebody[2], somebody[1])
    assert unlike(paint(engine, asked(1)), paint(engine, asked(1, strength=0.5)))
    other = replace(somebody_else, picture=somebody_else.picture[::-1, :, [2, 0, 1, 3]].copy())
    for each in (engine, plain):
        two = replace(asked(2), characters=(somebody_else, other))
        assert unlike(paint(each, asked(1)), paint(each, two))


@pytest.mark.parametrize(
    ("option", "value", "accepted"),
    [("steps", 0, "1 to 150"), ("steps", "many", "whole number"), ("guidance", float("nan"), "1 to 30"),
     ("scheduler", "heun", "euler a"), ("negative_prompt", 3, "text"), ("loras", {"x": 1}, "noir"),
     ("loras", {"noir": 9}, "-2 to 2"), ("loras", ["noir"], "mapping"), ("few_step", "turbo", "lcm"),
     ("few_step", "hyper", "hyper-sd15-lora"), ("strength", 0, "0.05"), ("likeness", 2, "0 to 1"),
     ("compile", "yes", "true or false"), ("step", 3, "steps, guidance")],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused_by_name(
    engine: StableDiffusion, option: str, value: object, accepted: str
) -> None:
    with pytest.raises(BadInput, match=accepted) as caught:
        paint(engine, asked(**{option: value}))
    assert option in str(caught.value)


def test_few_step_modes_bring_steps_guidance_and_scheduler(engine: StableDiffusion) -> None:
    seen: list[tuple[int, int]] = []
    unet = engine.parts.network.unet
    calls: list[int] = []
    handle = unet.register_forward_pre_hook(lambda _module, arguments: calls.append(len(arguments[0])))
    request = replace(asked(), options={"few_step": "lcm"})
    picture = engine.paint(request, lambda done, total: seen.append((done, total)), CancelToken()).image
    handle.remove()
    assert calls == [2] * 6  # guidance 1.5
    assert seen[-1] == (7, 7)
    engine.reset()
    without = paint(engine, replace(asked(), options={"steps": 6, "guidance": 1.5, "scheduler": "lcm"}))
    assert unlike(picture, without)
    with pytest.raises(BadInput, match="scheduler"):
        paint(engine, asked(few_step="lcm", scheduler="euler"))


def test_numbers_that_overflow_are_decoded_again_and_it_is_told(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / ITEM, tmp_path / ITEM)
    path = tmp_path / ITEM / "vae" / "diffusion_pytorch_model.safetensors"
    tiny.rewrite(path, lambda state: state | {"decoder.conv_in.weight": state["decoder.conv_in.weight"] * 3e5})
    told: list[str] = []
    request = replace(asked(), tell=told.append)
    half = load(tmp_path, precision="float16")
    picture = paint(half, request)
    assert picture.std() > 8
    assert "float32" in told[0]
    assert half.parts.network.vae.dtype == torch.float16


# ---- LoRAs ------------------------------------------------------------------------------------------------


def test_a_lora_does_what_the_library_makes_it_do(models: Path, engine: StableDiffusion, tmp_path: Path) -> None:
    """The UNet's part: the library does not read the text encoder's with this version of transformers."""
    for name in ("noir", "v1.5 oil"):
        state = load_file(models / "loras" / f"{name}.safetensors")
        kept = {key: value for key, value in state.items() if not key.startswith(("lora_te_", "text_encoder."))}
        save_file(kept, tmp_path / f"{name}.safetensors", metadata={"format": "pt"})
    ours = load(models)
    ours.parts.adapters._folder = tmp_path
    pipeline = StableDiffusionPipeline.from_pretrained(models / ITEM, local_files_only=True, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    for number, name in enumerate(("noir", "v1.5 oil")):
        pipeline.load_lora_weights(tmp_path, weight_name=f"{name}.safetensors", adapter_name=f"a{number}")
    pipeline.set_adapters(["a0", "a1"], [0.7, 0.4])
    latents, words = torch.randn(1, 4, 8, 8), torch.randn(1, 77, tiny.WIDTH)
    ours.parts.adapters.use(ours.parts.adapters.find((("noir", 0.7), ("v1.5 oil", 0.4))))
    with torch.no_grad():
        mine, theirs = (each(latents, 10, words).sample for each in (ours.parts.network.unet, pipeline.unet))
    assert torch.allclose(mine, theirs, atol=1e-5)


def test_loras_leave_no_trace(engine: StableDiffusion) -> None:
    before = paint(engine, asked())
    mixed = paint(engine, asked(loras={"noir": 0.8, "v1.5 oil": 0.3}))
    assert unlike(mixed, before)
    for lease in range(6):
        loras = {"noir": 0.8} if lease % 2 else {"v1.5 oil": 1.0}
        paint(engine, asked(lease % 2, loras=loras, steps=1))
        assert "LoRA" in engine.residue() or "IP-Adapter" in engine.residue()
        engine.reset()
        assert engine.residue() == ""
    assert difference(paint(engine, asked()), before) == 0
    assert difference(paint(engine, asked(loras={"noir": 0.8, "v1.5 oil": 0.3})), mixed) == 0
    assert difference(paint(engine, asked()), before) == 0, "one picture's LoRAs work in the next of the same lease"


def _stranger(state: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    return {**state, "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": torch.zeros(4, 2)}


def _alone(state: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    return {name: value for name, value in state.items() if "q.lora_up" not in name}


def _misshapen(state: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    return {name: value[..., :-1] if "lora_down" in name else value for name, value in state.items()}


def _loha(state: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    return {name.replace("lora_up", "hada_w1_a"): value for name, value in state.items()}


@pytest.mark.parametrize(
    ("change", "words"),
    [(_stranger, "lora_te2"), (_alone, "missing"), (_misshapen, "instead of"), (_loha, "another kind")],
)
def test_a_lora_that_does_not_fit_is_refused(
    models: Path, engine: StableDiffusion, change: Callable[..., Mapping[str, torch.Tensor]], words: str
) -> None:
    path = models / "loras" / "broken.safetensors"
    shutil.copy(models / "loras" / "noir.safetensors", path)
    tiny.rewrite(path, change)
    with pytest.raises(LoadFailed, match=words):
        paint(engine, asked(loras={"noir": 1.0, "broken": 1.0}))
    path.unlink()
    engine.reset()
    assert engine.residue() == ""


# ---- live -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extras", [(), ("taesd",)])
def test_each_step_is_shown(models: Path, extras: tuple[str, ...]) -> None:
    shown: list[np.ndarray] = []
    engine = load(models, *extras)
    picture = paint(engine, replace(asked(), show=shown.append))
    assert [each.shape for each in shown] == [(64, 64, 3)] * 4
    assert all(each.dtype == np.uint8 for each in shown)
    assert unlike(shown[0], shown[-1])
    assert difference(picture, paint(engine, asked())) == 0


def test_cancelled_within_one_step(engine: StableDiffusion) -> None:
    token, calls = CancelToken(), []
    handle = engine.parts.network.unet.register_forward_pre_hook(lambda *_: calls.append(1))

    def show(_picture: np.ndarray) -> None:
        if len(calls) == 3:
            token.cancel()

    with pytest.raises(Cancelled):
        engine.paint(replace(asked(steps=9), show=show), silent, token)
    handle.remove()
    assert len(calls) == 3


@pytest.mark.parametrize(
    "change", [{"guidance": 2.0}, {"guidance": 1.0}, {"loras": {"noir": 1.0}}, {"prompt": "a whale"}]
)
def test_steered_from_the_next_step_on(engine: StableDiffusion, change: dict[str, object]) -> None:
    def run(steer: Callable[[], Mapping[str, object]] | None) -> tuple[list[np.ndarray], np.ndarray]:
        shown: list[np.ndarray] = []
        picture = paint(engine, replace(asked(), show=shown.append, steer=steer))
        engine.reset()
        return shown, picture

    plain, picture = run(None)
    polls: list[int] = []

    def late() -> Mapping[str, object]:
        polls.append(1)
        return change if len(polls) > 2 else {}

    steered, changed = run(late)
    assert len(polls) == 4
    assert [difference(one, other) for one, other in zip(plain, steered, strict=True)][:2] == [0, 0]
    assert unlike(picture, changed)
    assert difference(run(dict)[1], picture) == 0
    with pytest.raises(BadInput, match="steps"):
        run(lambda: {"steps": 3})
