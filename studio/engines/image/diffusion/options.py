"""What a person may set of a picture, read from PaintRequest.options and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.checks import check_choice, check_integer, check_number
from studio.engines.image.diffusion.schedulers import DEFAULT_SCHEDULER, FEW_STEP, SCHEDULERS
from studio.errors import BadInput

STEPS, GUIDANCE = 20, 7.5
LIKENESS = 0.6
MOST_LORAS = 8
MOST_CHARACTERS = 2000
"""Of a negative prompt."""


@dataclass(frozen=True)
class Sampling:
    """How a picture is sampled.

    guidance   1 leaves the prompt unenforced and needs half the work;  few_step  "", or a name of FEW_STEP
    loras      (name, weight) in the order given;  strength  0..1 how much of a start is drawn anew, None to find it
    likeness   0..1, how much characters look like their pictures;  compile  whether torch.compile is tried
    """

    steps: int = STEPS
    guidance: float = GUIDANCE
    negative_prompt: str = ""
    scheduler: str = DEFAULT_SCHEDULER
    loras: tuple[tuple[str, float], ...] = ()
    few_step: str = ""
    strength: float | None = None
    likeness: float = LIKENESS
    compile: bool = field(default=False)


def read_options(options: Mapping[str, Any]) -> Sampling:
    """Raises BadInput naming the option, its value and what is accepted."""
    check_names(options, _READERS)
    read: dict[str, Any] = {name: _READERS[name](_parameter(name), value) for name, value in options.items()}
    mode = FEW_STEP.get(read.get("few_step", ""))
    if mode is None:
        return Sampling(**read)
    if "scheduler" in read:
        accepted = f"no scheduler beside few_step={read['few_step']}, which has its own"
        raise BadInput(_parameter("scheduler"), read["scheduler"], accepted)
    read = {"steps": mode.steps, "guidance": mode.guidance, **read, "scheduler": mode.scheduler}
    return Sampling(**read)


@dataclass(frozen=True)
class Change:
    """What is changed in the middle of a picture; None leaves it."""

    guidance: float | None = None
    loras: tuple[tuple[str, float], ...] | None = None
    prompt: str | None = None
    negative_prompt: str | None = None


def read_change(values: Mapping[str, Any]) -> Change:
    """What PaintRequest.steer said. Raises BadInput."""
    check_names(values, _CHANGES)
    return Change(**{name: _CHANGES[name](_parameter(name), value) for name, value in values.items()})


def check_names(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in given:
        if name not in known:
            raise BadInput(_parameter(name), given[name], f"an option out of {', '.join(known)}")


def _parameter(name: str) -> str:
    return f"--option image.{name}"


def _steps(name: str, value: Any) -> int:
    return check_integer(name, value, 1, 150)


def _guidance(name: str, value: Any) -> float:
    return check_number(name, value, 1.0, 30.0)


def _share(name: str, value: Any) -> float:
    return check_number(name, value, 0.0, 1.0)


def _strength(name: str, value: Any) -> float:
    return check_number(name, value, 0.05, 1.0)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise BadInput(name, value, f"text of at most {MOST_CHARACTERS} characters")
    return value


def _scheduler(name: str, value: Any) -> str:
    return check_choice(name, value, tuple(SCHEDULERS))


def _few_step(name: str, value: Any) -> str:
    return check_choice(name, value, ("", *FEW_STEP))


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(name, value, "true or false")
    return value


def _loras(name: str, value: Any) -> tuple[tuple[str, float], ...]:
    accepted = f'a mapping of at most {MOST_LORAS} names to weights, such as {{"film-noir": 0.8}}'
    if not isinstance(value, Mapping) or len(value) > MOST_LORAS or not all(isinstance(key, str) for key in value):
        raise BadInput(name, value, accepted)
    return tuple((key, check_number(f"{name}.{key}", weight, -2.0, 2.0)) for key, weight in value.items())


_CHANGES: Mapping[str, Callable[[str, Any], Any]] = {
    "guidance": _guidance,
    "loras": _loras,
    "prompt": _text,
    "negative_prompt": _text,
}
_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "steps": _steps,
    "guidance": _guidance,
    "negative_prompt": _text,
    "scheduler": _scheduler,
    "loras": _loras,
    "few_step": _few_step,
    "strength": _strength,
    "likeness": _share,
    "compile": _flag,
}
