"""LoRAs put into the networks and taken out again without a trace: the weights themselves are never touched.

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models": W x + weight * (alpha / rank) * up(down(x)).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engines.loading import read_state
from studio.errors import BadInput, LoadFailed

if TYPE_CHECKING:
    import torch

UNET, TEXT = "unet", "text_encoder"
_KOHYA = {"lora_unet_": UNET, "lora_te_": TEXT}
_TEXT_PREFIX = "text_model."
_ENDINGS = {
    "down": (".lora_down.weight", ".lora.down.weight", ".lora_linear_layer.down.weight", ".lora_A.weight"),
    "up": (".lora_up.weight", ".lora.up.weight", ".lora_linear_layer.up.weight", ".lora_B.weight"),
    "alpha": (".alpha",),
}
_OLD_PROCESSOR = re.compile(r"\.processor\.to_(q|k|v|out)_lora\.(down|up)\.weight$")
_OTHER_KINDS = re.compile(r"hada_|lokr_|lora_mid|dora_scale|\.diff(_b)?$|oft_|\.glora|ia3")


@dataclass(frozen=True)
class Lora:
    """A LoRA file to be used, and how much of it."""

    name: str
    path: Path
    weight: float


@dataclass
class _Layer:
    """What a LoRA does to one layer: down (rank, in, ...), up (out, rank, ...)."""

    parts: dict[str, torch.Tensor] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        return int(self.parts["down"].shape[0])

    @property
    def alpha(self) -> float:
        return float(self.parts["alpha"]) if "alpha" in self.parts else float(self.rank)


class Adapters:
    """The LoRAs in the networks `unet` and `text_encoder`. Loaded ones stay until `clear`."""

    def __init__(self, unet: torch.nn.Module, text_encoder: torch.nn.Module, folder: Path) -> None:
        self._modules = {UNET: unet, TEXT: text_encoder}
        self._folder = folder
        self._loaded: dict[Path, str] = {}
        self._used: tuple[tuple[str, float], ...] = ()

    def find(self, wanted: Iterable[tuple[str, float]]) -> list[Lora]:
        """The files of LoRAs by name. Raises BadInput naming those there are."""
        files = {path.stem: path for path in sorted(self._folder.glob("*.safetensors"))}
        found = []
        for name, weight in wanted:
            if name not in files:
                there = ", ".join(files) or f"nothing: put .safetensors files into {self._folder}"
                raise BadInput("--option image.loras", name, there)
            found.append(Lora(name, files[name], weight))
        return found

    def use(self, loras: Sequence[Lora]) -> None:
        """From now on these and no others work, each with its weight. Raises LoadFailed for one that doesn't fit."""
        from diffusers.utils.peft_utils import set_adapter_layers, set_weights_and_activate_adapters

        active = [lora for lora in loras if lora.weight]
        for lora in active:
            if lora.path not in self._loaded:
                self._load(lora.path)
        chosen = tuple((self._loaded[lora.path], lora.weight) for lora in active)
        if chosen == self._used:
            return
        for module in self._modules.values():
            set_adapter_layers(module, enabled=bool(chosen))
            if chosen:
                names, weights = zip(*chosen, strict=True)
                set_weights_and_activate_adapters(module, list(names), list(weights))
        self._used = chosen

    def clear(self) -> None:
        """Takes all of them out: every layer is the object it was."""
        from diffusers.utils.peft_utils import recurse_remove_peft_layers

        if self._loaded:
            for module in self._modules.values():
                recurse_remove_peft_layers(module)
                module.__dict__.pop("peft_config", None)
        self._loaded, self._used = {}, ()

    def residue(self) -> str:
        """What is left of LoRAs in the networks, in words; "" when nothing is."""
        left = [
            f"{title} {name}"
            for title, module in self._modules.items()
            for name, part in module.named_modules()
            if "lora_" in name or type(part).__module__.startswith("peft.")
        ]
        left += [str(path) for path in self._loaded]
        return f"LoRA layers are left: {', '.join(left[:3])}" if left else ""

    def _load(self, path: Path) -> None:
        layers = read_lora(path, self._modules)
        name = f"lora_{len(self._loaded)}"
        # noted first: what fails halfway has to be cleared too
        self._loaded[path] = name
        for part, module in self._modules.items():
            if layers[part]:
                _put_in(module, layers[part], name)


def read_lora(path: Path, modules: Mapping[str, torch.nn.Module]) -> dict[str, dict[str, _Layer]]:
    """{network: {layer: what is done to it}} of a file in the layout of kohya-ss or of diffusers.

    Raises LoadFailed naming tensors that have no place in the networks or are wrongly shaped.
    """
    state = read_state(path)
    if any(_OTHER_KINDS.search(name) for name in state):
        raise LoadFailed(
            f"{path} is of another kind than LoRA (LoHa, LoKr, DoRA, ...), which this engine does not read"
        )
    places = {part: dict(_places(part, module)) for part, module in modules.items()}
    layers: dict[str, dict[str, _Layer]] = {part: {} for part in modules}
    unknown = []
    for name, value in state.items():
        part, written, kind = _parsed(name)
        layer = places.get(part, {}).get(written)
        if layer is None or not kind:
            unknown.append(name)
        else:
            layers[part].setdefault(layer, _Layer()).parts[kind] = value
    if unknown:
        shown = ", ".join(sorted(unknown)[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        raise LoadFailed(f"{path} does not fit Stable Diffusion 1.x, it may be made for another family: {shown}")
    if not any(layers.values()):
        raise LoadFailed(f"{path} holds no LoRA")
    for part, module in modules.items():
        for name, layer in layers[part].items():
            _fit(path, f"{part}.{name}", layer, module.get_submodule(name))
    return layers


def _places(part: str, module: torch.nn.Module) -> Iterable[tuple[str, str]]:
    """(how files write it, its name) of each layer that a LoRA may change; with dots as in diffusers, and with
    underscores as in kohya-ss."""
    import torch

    for found, layer in module.named_modules():
        name = re.sub(r"\.base_layer$", "", found)  # where another LoRA is in already
        if ".lora_" in name or not isinstance(layer, torch.nn.Linear | torch.nn.Conv2d):
            continue
        written = [name]
        if part == TEXT:
            written.append(_TEXT_PREFIX + name.removeprefix(_TEXT_PREFIX))
        for spelling in written:
            yield spelling, name
            yield spelling.replace(".", "_"), name


def _parsed(name: str) -> tuple[str, str, str]:
    """Network, layer as written, and "down", "up" or "alpha"; "" for what isn't understood."""
    name = _OLD_PROCESSOR.sub(lambda m: f".to_{m[1]}{'.0' if m[1] == 'out' else ''}.lora.{m[2]}.weight", name)
    name = name.removeprefix("base_model.model.")
    kind = next((kind for kind, endings in _ENDINGS.items() if name.endswith(endings)), "")
    ending = next((ending for ending in _ENDINGS.get(kind, ()) if name.endswith(ending)), "")
    written = name[: len(name) - len(ending)]
    for prefix, part in _KOHYA.items():
        if written.startswith(prefix):
            return part, written.removeprefix(prefix), kind
    part, _, rest = written.partition(".")
    return part, rest, kind


def _fit(path: Path, name: str, layer: _Layer, module: Any) -> None:
    """Brings down and up into the shapes that peft's layers have. Raises LoadFailed where they can't be."""
    missing = {"down", "up"} - layer.parts.keys()
    if missing:
        raise LoadFailed(f"{path} does not fit its network; missing: {name}, {' and '.join(sorted(missing))}")
    weight, rank = getattr(module, "base_layer", module).weight, layer.rank
    flat = weight.ndim == 2
    shapes = {
        "down": (rank, *weight.shape[1:]),
        "up": (weight.shape[0], rank) if flat else (weight.shape[0], rank, 1, 1),
    }
    for kind, shape in shapes.items():
        value = layer.parts[kind]
        count = 1
        for side in shape:
            count *= side
        if value.numel() != count or value.shape[:2] != shape[:2]:
            wrong = f"{name} {kind} is {tuple(value.shape)} instead of {shape}"
            raise LoadFailed(f"{path} does not fit its network; wrongly shaped: {wrong}")
        layer.parts[kind] = value.reshape(shape)


def _put_in(module: torch.nn.Module, layers: Mapping[str, _Layer], name: str) -> None:
    import torch
    from peft import LoraConfig, inject_adapter_in_model

    config = LoraConfig(
        r=1,
        target_modules=f"({'|'.join(map(re.escape, layers))})",
        rank_pattern={f"^{re.escape(place)}": layer.rank for place, layer in layers.items()},
        alpha_pattern={f"^{re.escape(place)}": layer.alpha for place, layer in layers.items()},
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Already found a `peft_config`")  # that there are several is the point
        inject_adapter_in_model(config, module, adapter_name=name)
    with torch.no_grad():
        for place, layer in layers.items():
            target: Any = module.get_submodule(place)
            weight = target.get_base_layer().weight
            for part, kind in ((target.lora_A[name], "down"), (target.lora_B[name], "up")):
                part.to(dtype=weight.dtype, device=weight.device)
                part.weight.copy_(layer.parts[kind])
