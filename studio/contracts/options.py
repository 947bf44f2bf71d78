"""What an engine may be asked beside its request. One description checks the values, whoever gives them, and tells a
page which fields to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.checks import check_choice, check_integer, check_number
from studio.errors import BadInput

KINDS = ("whole", "number", "choice", "flag", "text", "mix")
LIVE, ONLY_LIVE = "also", "only"


@dataclass(frozen=True)
class Choice:
    """One value of a choice.

    needs     the item of weights without which it can't be had, "" for none
    defaults  what other options are at where this is chosen
    without   options that it leaves no say in
    """

    value: str
    words: str
    needs: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """One thing that can be asked.

    kind     "whole" and "number" from `low` to `high`; "choice" of `choices`; "flag"; "text" of at most `most`
             characters; "mix", {name: weight from `low` to `high`} of at most `most` names
    label    what a page calls it;  help  a few words more
    default  what holds where nothing is said; None where the engine finds it, or "" and {} for none
    usual    of a mix: the weight a name begins with;  step  by which a page moves it
    live     LIVE where it may be changed between two steps of a picture too, ONLY_LIVE where only then
    shown    whether a page offers it
    """

    name: str
    kind: str
    label: str
    default: Any = None
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    most: int = 0
    usual: float = 1.0
    choices: tuple[Choice, ...] = ()
    help: str = ""
    live: str = ""
    shown: bool = True

    def read(self, parameter: str, value: Any) -> Any:
        """`value` as the engine takes it: a mix as ((name, weight), ...). Raises BadInput naming `parameter`."""
        match self.kind:
            case "whole":
                return check_integer(parameter, value, int(self.low), int(self.high))
            case "number":
                return check_number(parameter, value, self.low, self.high)
            case "choice":
                return check_choice(parameter, value, tuple(choice.value for choice in self.choices))
            case "flag":
                if not isinstance(value, bool):
                    raise BadInput(parameter, value, "true or false")
                return value
            case "text":
                if not isinstance(value, str) or len(value) > self.most:
                    raise BadInput(parameter, value, f"text of at most {self.most} characters")
                return value
            case _:
                return self._read_mix(parameter, value)

    def _read_mix(self, parameter: str, value: Any) -> tuple[tuple[str, float], ...]:
        accepted = f'a mapping of at most {self.most} names to weights, such as {{"film-noir": 0.8}}'
        if not isinstance(value, Mapping) or len(value) > self.most or not all(isinstance(key, str) for key in value):
            raise BadInput(parameter, value, accepted)
        weights = ((key, check_number(f"{parameter}.{key}", one, self.low, self.high)) for key, one in value.items())
        return tuple(weights)

    def chosen(self, value: Any) -> Choice | None:
        return next((choice for choice in self.choices if choice.value == value), None)


@dataclass(frozen=True)
class Schema:
    """All options of an engine of `task`. `rule`: called with (a value's parameter by name, all values read), raises
    BadInput where values don't go together."""

    task: str
    options: tuple[Option, ...] = ()
    rule: Callable[[Callable[[str], str], Mapping[str, Any]], None] | None = field(default=None, compare=False)

    @property
    def live(self) -> tuple[Option, ...]:
        """Those that may be changed between two steps."""
        return tuple(option for option in self.options if option.live)

    def parameter(self, name: str) -> str:
        """What a refusal calls the option, as the command line does."""
        return f"--option {self.task}.{name}"

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked: `values`, and what the choices among them bring along; the others stand at their defaults.

        Raises BadInput naming the option, its value and what is accepted.
        """
        known = {option.name: option for option in self.options if option.live != ONLY_LIVE}
        given = self._read(values, known)
        brought: dict[str, Any] = {}
        for name, value in given.items():
            choice = known[name].chosen(value)
            if choice is None:
                continue
            for other in choice.without:
                if other in given:
                    accepted = f"no {other} beside {name}={value}, which has its own"
                    raise BadInput(self.parameter(other), values[other], accepted)
            brought |= choice.defaults
        read = {**brought, **given}
        if self.rule:
            self.rule(self.parameter, read)
        return read

    def read_live(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is changed between two steps. Raises BadInput."""
        return self._read(values, {option.name: option for option in self.live})

    def _read(self, values: Mapping[str, Any], known: Mapping[str, Option]) -> dict[str, Any]:
        for name in values:
            if name not in known:
                accepted = f"an option out of {', '.join(known)}" if known else "nothing: this engine has no options"
                raise BadInput(self.parameter(name), values[name], accepted)
        return {name: known[name].read(self.parameter(name), value) for name, value in values.items()}


def option_json(option: Option) -> dict[str, Any]:
    """The option as a page's script reads it."""
    return asdict(option)
