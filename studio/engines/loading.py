"""Weights read from disk: strictly, safetensors before anything else, never running code that a file carries.

A file is told by its content, not its name. Nothing here goes to the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch

M = TypeVar("M")
_SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")
_SHOWN = 3


def torch_dtype(precision: str) -> torch.dtype:
    """Of contracts.Weights.precision."""
    import torch

    return {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}[precision]


def weights_file(folder: Path, stem: str) -> Path:
    """`stem` with the first suffix that is there, safetensors before pickles. Raises LoadFailed."""
    found = next((path for suffix in _SUFFIXES if (path := folder / f"{stem}{suffix}").is_file()), None)
    if found is None:
        raise LoadFailed(f"{folder} has no {stem}.safetensors")
    return found


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file by name, on the CPU. Raises LoadFailed for a file that is damaged or holds anything but
    tensors: a pickle is only read by torch's reader that runs no code."""
    import torch

    try:
        with path.open("rb") as file:
            head = file.read(9)
        # its length comes first, of which the first byte may be a pickle's
        if head[8:] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size:
            from safetensors.torch import load_file

            return load_file(str(path))
        if head[:4] == b"PK\x03\x04" or head[:1] == b"\x80":
            with path.open("rb") as file:  # by its name torch would take it for what it is called
                body = torch.load(file, map_location="cpu", weights_only=True)
        else:
            raise LoadFailed(f"{path} is neither a safetensors nor a PyTorch file")
    except (LoadFailed, MemoryError):
        raise
    except Exception as error:  # each reader has exceptions of its own for the ways in which a file is damaged
        raise LoadFailed(f"{path} can't be read: {_line(error)}") from error
    state = body.get("state_dict", body) if isinstance(body, Mapping) else None
    if not isinstance(state, Mapping) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise LoadFailed(f"{path} holds other things than tensors by name")
    return dict(state)


def load_strictly(
    module: torch.nn.Module, state: Mapping[str, torch.Tensor], source: Path, assign: bool = False
) -> None:
    """Puts `state` into `module`; with `assign` its tensors become the module's own, as one built on the meta device
    needs. Raises LoadFailed naming keys that are missing, unexpected or wrongly shaped; then nothing was changed."""
    own = module.state_dict()
    wrong = [
        f"{name} is {tuple(state[name].shape)} instead of {tuple(value.shape)}"
        for name, value in own.items()
        if name in state and state[name].shape != value.shape
    ]
    refuse_keys(source, own.keys() - state.keys(), state.keys() - own.keys(), wrong)
    module.load_state_dict(state, assign=assign)


def pretrained(model_class: type[M], folder: Path, dtype: torch.dtype, **arguments: Any) -> M:
    """`model_class.from_pretrained(folder)` of diffusers or transformers, in `dtype` on the CPU and in evaluation mode.

    Raises LoadFailed naming every key that is missing, unexpected or wrongly shaped: both libraries fill those with
    random numbers and only log it.
    """
    _check_config(folder)
    name = "dtype" if model_class.__module__.startswith("transformers") else "torch_dtype"
    if name == "dtype":
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # nothing to a person, and standard error is theirs
    try:
        model, info = model_class.from_pretrained(  # pyright: ignore[reportAttributeAccessIssue] - a mixin's method
            str(folder),
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # so that they are named
            **{name: dtype},
            **arguments,
        )
    except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
        if type(error).__name__ == "OutOfMemoryError":  # torch's, a RuntimeError: for the manager, who goes a rung down
            raise
        raise LoadFailed(f"{model_class.__name__} can't be loaded from {folder}: {_line(error)}") from error
    except Exception as error:
        # safetensors' own class is an extension's, not to be named without importing it
        if type(error).__name__ != "SafetensorError":
            raise
        raise LoadFailed(f"{folder} is damaged: {_line(error)}") from error
    wrong = [str(each[0] if isinstance(each, tuple) else each) for each in info.get("mismatched_keys", ())]
    refuse_keys(folder, info.get("missing_keys", ()), info.get("unexpected_keys", ()), wrong)
    return model.eval()


def _check_config(folder: Path) -> None:
    """Without a configuration the libraries build their largest network instead, which can take all memory there is."""
    path = folder / "config.json"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadFailed(f"{path} can't be read: {_line(error)}") from error
    if not isinstance(body, dict) or not body:
        raise LoadFailed(f"{path} describes no network")


def refuse_keys(source: Path, missing: Collection[str], unexpected: Collection[str], wrong: Collection[str]) -> None:
    """Raises LoadFailed where one of them names a key."""
    faults = [
        f"{words} {_names(keys)}"
        for words, keys in (("missing:", missing), ("unexpected:", unexpected), ("wrongly shaped:", wrong))
        if keys
    ]
    if faults:
        raise LoadFailed(f"{source} does not fit its network; {'; '.join(faults)}")


def _names(keys: Collection[str]) -> str:
    ordered = sorted(keys)
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return ", ".join(ordered[:_SHOWN]) + more


def _line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:300]
