"""The package `qwen_tts` (Apache-2.0), imported so that it works here, and whether it can.

It pins an old transformers. Its fork for transformers 5, `qwen-tts-compat`, computes the same on 5.17; on newer ones it
loads with most of its weights left random. It imports torchaudio and sox for a tokenizer that the published models
don't use: where those aren't installed, modules that only raise stand in for them during the import, and are gone
after.
"""

from __future__ import annotations

import importlib
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import StringIO
from types import ModuleType

from studio.errors import EngineUnavailable

TRANSFORMERS = "5.17"
_INSTALL = "install requirements-gpu.txt"
_UNUSED = ("torchaudio", "torchaudio.compliance", "torchaudio.compliance.kaldi", "sox")


def unavailable() -> str:
    """Why the package can't be used, "" when it can. Imports nothing of it."""
    if find_spec("qwen_tts") is None:
        return f"the Python package qwen-tts-compat is missing; {_INSTALL}"
    try:
        found = version("transformers")
    except PackageNotFoundError:
        return f"the Python package transformers is missing; {_INSTALL}"
    if not found.startswith(f"{TRANSFORMERS}."):
        return f"it loads its weights whole with transformers {TRANSFORMERS} only, and {found} is installed; {_INSTALL}"
    return ""


def imported(name: str) -> ModuleType:
    """The module `name` of qwen_tts. Raises EngineUnavailable."""
    if why := unavailable():
        raise EngineUnavailable("qwen-tts", why)
    if name in sys.modules:
        return sys.modules[name]
    from transformers.utils.import_utils import is_torchaudio_available

    is_torchaudio_available()  # remembered: it must not meet a stand-in
    try:
        # the package greets on standard output, which belongs to the person
        with _standing_in(), redirect_stdout(StringIO()):
            module = importlib.import_module(name)
    except ImportError as error:
        raise EngineUnavailable("qwen-tts", f"the Python package qwen_tts can't be imported: {error}") from error
    # what it tells about every sentence is nothing to a person
    logging.getLogger("transformers.generation").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Passing `repetition_penalty` with `inputs_embeds`")
    return module


class _StandIn(ModuleType):
    """A module that is not installed and that nothing needs."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        raise EngineUnavailable("qwen-tts", f"{self.__name__}.{name} was asked for, and {self.__name__} is missing")


@contextmanager
def _standing_in() -> Iterator[None]:
    missing = [name for name in _UNUSED if find_spec(name.partition(".")[0]) is None]
    for name in missing:
        module = _StandIn(name)
        module.__spec__ = ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
