"""Language models of transformers, for every engine that lets one write: held in full precision, 8 or 4 bits, loaded
strictly, and made to write with a hand on the switch.

What a model writes is followed token by token: a cancel ends it at the next one, and so does a model that only repeats
itself.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from studio.cancellation import CancelToken
from studio.engines.loading import pretrained, torch_dtype
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

M = TypeVar("M")
FULL, EIGHT_BITS, FOUR_BITS, ON_CPU = "full precision", "8-bit weights", "4-bit weights", "on the CPU"
"""How a rung holds its weights, in the words of the cards."""
_KEPT_WHOLE = ("lm_head", "model.visual")
"""Parts that are never quantized: the output head, and eyes, where few bits save little and cost much."""
_SHARE = {FULL: 1.0, EIGHT_BITS: 0.65, FOUR_BITS: 0.45}
"""Of weights published in 16 bits, what stays in memory; heads and eyes stay whole."""
_LONGEST_PERIOD = 40
_TIMES, _LEAST = 3, 12
"""A run of tokens said so often in a row, and so many of them, is a model that has run away."""
_PENALTY = 1.05
"""The repetition penalty that Qwen2.5's own generation_config.json asks for."""


@dataclass(frozen=True)
class Hold:
    """How a model is held: `bits` FULL, EIGHT_BITS or FOUR_BITS, on `device` ("cpu", "cuda", "cuda:1", "mps")."""

    bits: str
    device: str


def hold_on(device: str, rung: str) -> Hold:
    """How `rung`, one of the four words above, is had on `device`."""
    # bitsandbytes has no kernels for Apple's GPU: what its memory can't hold whole is computed on the CPU there
    if rung == ON_CPU or (device == "mps" and rung != FULL):
        return Hold(FOUR_BITS, "cpu")
    return Hold(rung, device)


def settled_hold(wanted: Hold) -> tuple[Hold, str]:
    """`wanted` as it can be had here, with a notice in words where that is another: 8 bits for 4 that can't be
    computed on this device. Raises LoadFailed where neither can."""
    if wanted.bits == FULL:
        return wanted, ""
    why = quantizing_fails(wanted)
    if not why:
        return wanted, ""
    other = Hold(EIGHT_BITS, wanted.device)
    if wanted.bits == FOUR_BITS and not quantizing_fails(other):
        return other, f"4-bit weights can't be computed on {wanted.device} ({why}); 8-bit weights are used instead"
    raise LoadFailed(f"{wanted.bits} can't be computed on {wanted.device}: {why}")


def quantizing_fails(hold: Hold) -> str:
    """Why a small layer held so can't be computed; "" where it can."""
    import torch

    try:
        from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt

        if hold.bits == FOUR_BITS:
            layer: torch.nn.Module = Linear4bit(64, 64, quant_type="nf4", compute_dtype=torch.float32)
        else:
            layer = Linear8bitLt(64, 64, has_fp16_weights=False)
        with torch.no_grad():
            out = layer.to(hold.device)(torch.ones(2, 64, device=hold.device))
        return "" if bool(torch.isfinite(out).all()) else "it gives no numbers"
    except (ImportError, RuntimeError, ValueError, NotImplementedError, AttributeError) as error:
        if type(error).__name__ == "OutOfMemoryError":
            raise
        return re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:160]


def load(model_class: type[M], folder: Path, hold: Hold, precision: str) -> M:
    """The model of `folder`, strict about every key, where `hold` has it. Raises LoadFailed."""
    _check_config(folder)
    _check_room(folder, hold, precision)
    # what was to be float16 on a GPU is computed on the CPU as it was trained: half the memory, and no overflow
    dtype = torch_dtype("bfloat16" if hold.device == "cpu" and precision == "float16" else precision)
    arguments: dict[str, Any] = {"attn_implementation": "sdpa", "device_map": {"": hold.device}}
    if hold.bits != FULL:
        arguments["quantization_config"] = _quantization(hold.bits, dtype)
    return pretrained(model_class, folder, dtype, **arguments)


def _check_config(folder: Path) -> None:
    """Raises LoadFailed for a folder whose config.json names no network: the library would take its default one, of
    full size."""
    path = folder / "config.json"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadFailed(f"{path} can't be read: {type(error).__name__}: {error}") from error
    if not isinstance(body, dict) or not body.get("architectures") or "model_type" not in body:
        raise LoadFailed(f"{path} names no network")


def _check_room(folder: Path, hold: Hold, precision: str) -> None:
    """Raises MemoryError where the CPU's memory is too small for the weights, while that can still be said: the system
    would end the whole process."""
    if hold.device != "cpu":
        return
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    needed = stored * (_SHARE[hold.bits] if hold.bits != FULL or precision != "float32" else 2.0)
    free = _free_memory()
    if free is not None and needed > free:
        raise MemoryError(
            f"{folder.name} in {hold.bits} takes {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free"
        )


def _free_memory() -> float | None:
    """Bytes that Linux can still give; None elsewhere."""
    path = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+(\d+) kB", path.read_text()) if path.is_file() else None
    return 1024.0 * int(found[1]) if found else None


def _quantization(bits: str, dtype: torch.dtype) -> Any:
    from transformers import BitsAndBytesConfig

    if bits == EIGHT_BITS:
        # it warns at every layer of every token that it computes in float16, as it is meant to
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=list(_KEPT_WHOLE))
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(_KEPT_WHOLE),
    )


# ---- writing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writing:
    """How long a text may get, in tokens, and the tokens that end it and fill up beside a longer one."""

    most: int
    ends: tuple[int, ...]
    pad: int


def writing(model: PreTrainedModel, tokenizer: Any, most: int) -> Writing:
    """With the ends that the model's own generation_config.json or its tokenizer names."""
    known = getattr(model.generation_config, "eos_token_id", None)
    ends = tuple(known) if isinstance(known, (list, tuple)) else () if known is None else (int(known),)
    if tokenizer.eos_token_id is not None and tokenizer.eos_token_id not in ends:
        ends += (int(tokenizer.eos_token_id),)
    if not ends:
        raise LoadFailed(f"{tokenizer.name_or_path} names no token that ends a text")
    return Writing(most, ends, int(tokenizer.pad_token_id if tokenizer.pad_token_id is not None else ends[0]))


def write(
    model: PreTrainedModel,
    inputs: Mapping[str, torch.Tensor],
    plan: Writing,
    cancel: CancelToken,
    heard: Callable[[Sequence[Sequence[int]]], None] | None = None,
) -> list[list[int]]:
    """The likeliest continuation of each row of `inputs` (input_ids (n, length), padded on the left), as tokens without
    their end; a row that came to repeat itself ends where that began. `heard` gets the rows so far after each token.

    Raises Cancelled within one token, OutOfMemory's kin from torch.
    """
    import torch
    from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

    begin = inputs["input_ids"].shape[1]

    class Watch(StoppingCriteria):
        def __call__(self, input_ids: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:  # type: ignore[override]
            cancel.check()
            rows = _rows(input_ids[:, begin:], plan)
            if heard is not None:
                heard(rows)
            return torch.tensor([sound_length(row) < len(row) for row in rows], device=input_ids.device)

    how = GenerationConfig(
        do_sample=False,
        max_new_tokens=plan.most,
        repetition_penalty=_PENALTY,
        eos_token_id=list(plan.ends),
        pad_token_id=plan.pad,
    )
    cancel.check()
    with torch.inference_mode():
        generate = cast("Any", model).generate
        told = generate(**inputs, generation_config=how, stopping_criteria=StoppingCriteriaList([Watch()]))
    return [row[: sound_length(row)] for row in _rows(told[:, begin:], plan)]


def _rows(ids: torch.Tensor, plan: Writing) -> list[list[int]]:
    """The tokens of each row up to its end."""
    rows = []
    for row in ids.tolist():
        end = next((at for at, token in enumerate(row) if token in plan.ends), len(row))
        rows.append(row[:end])
    return rows


def sound_length(tokens: Sequence[int]) -> int:
    """How many of `tokens` come before they only say again what they said: all, for a text that is sound."""
    count = len(tokens)
    for period in range(1, min(_LONGEST_PERIOD, count // _TIMES) + 1):
        run = period
        while run < count and tokens[count - 1 - run] == tokens[count - 1 - run + period]:
            run += 1
        if run >= max(_TIMES * period, _LEAST):
            return count - run + period
    return count


def tidied(text: str, most: int) -> str:
    """What a model wrote as one printable line of at most `most` characters, ended at a sentence where it was cut."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) > most:
        line = line[:most].rsplit(" ", 1)[0]
    if not line or line[-1] in ".!?。！？\"'”’)":
        return line
    whole = re.match(r".*[.!?。！？][\"'”’)]*(?=\s|$)", line)
    return whole.group() if whole else f"{line.rstrip(' ,;:-')}…"
