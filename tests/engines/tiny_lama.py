"""A network that is called as LaMa is, saved as TorchScript: it fills holes with the known pixels' mean colour."""

from __future__ import annotations

from pathlib import Path

import torch

from studio.contracts import Weights


class TinyLama(torch.nn.Module):
    """As the real one it has convolutions, and Fourier transforms over the whole picture."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = torch.nn.Conv2d(4, 3, 3, padding=1, padding_mode="reflect", stride=1)
        torch.nn.init.zeros_(self.mix.weight)
        torch.nn.init.zeros_(self.mix.bias)

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        known = image * (1 - mask)
        height, width = image.shape[2], image.shape[3]
        again = torch.fft.irfft2(torch.fft.rfft2(known), s=[height, width])
        mean = again.sum(dim=[2, 3], keepdim=True) / (1 - mask).sum(dim=[2, 3], keepdim=True)
        return known + mask * (mean + self.mix(torch.cat([image, mask], dim=1)))


def tiny_lama(models: Path, network: torch.nn.Module | None = None) -> Weights:
    """The item in the model folder `models`, made there."""
    torch.set_num_threads(1)  # tests share their cores
    folder = models / "lama"
    folder.mkdir(parents=True, exist_ok=True)
    torch.jit.script(network or TinyLama()).save(str(folder / "big-lama.pt"))
    return Weights({"lama": folder}, models)
