"""Where the networks are while they work and while they don't, and how attention is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel


class Placement:
    """Puts `parts`, networks in the order in which they compute, on `device`; with `offload` each is there only while
    it computes.

    On the CPU, and where the GPU shares its memory, there is nowhere to move to and `offload` changes nothing.
    """

    def __init__(self, parts: Sequence[Any], device: str, offload: bool) -> None:
        self._parts: list[Any] = list(parts)
        self._device, self._hooks = device, []
        self._cuda = device.startswith("cuda")
        if self._cuda:
            # the tensor cores' 10 bits of mantissa for what is left in float32; see torch's notes on CUDA semantics
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
        if offload and self._cuda:
            self._hang_hooks()
        else:
            self._move(device)

    def rest(self) -> None:
        """Nothing computes for now."""
        for hook in self._hooks:
            hook.offload()

    def leave(self) -> bool:
        """All of it into RAM; False where that is where it is."""
        if not self._cuda:
            return False
        self.rest()
        if not self._hooks:
            self._move("cpu")
        return True

    def enter(self) -> None:
        if not self._hooks:
            self._move(self._device)

    def close(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._parts = [], []

    def _hang_hooks(self) -> None:
        from accelerate import cpu_offload_with_hook

        previous = None
        for part in self._parts:
            _, previous = cpu_offload_with_hook(part, self._device, prev_module_hook=previous)
            self._hooks.append(previous)

    def _move(self, device: str) -> None:
        for part in self._parts:
            part.to(device)


def plain_attention(unet: UNet2DConditionModel) -> None:
    from diffusers.models.attention_processor import AttnProcessor2_0

    unet.set_attn_processor(AttnProcessor2_0())


def sliced_attention(unet: UNet2DConditionModel) -> None:
    """Half of the heads at a time, where a picture attends to itself: attention to the few words takes no room, and is
    where adapters work."""
    for name, module in unet.named_modules():
        if name.endswith("attn1"):
            attention: Any = module
            attention.set_attention_slice(max(1, attention.heads // 2))
