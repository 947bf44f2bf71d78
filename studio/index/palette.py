"""The names colours go by in questions, and which name of the index each one means."""

from __future__ import annotations

from studio.index.words import stem

_NAMES = {
    "black": "black", "white": "white", "grey": "grey", "gray": "grey", "red": "red", "orange": "orange",
    "yellow": "yellow", "green": "green", "blue": "blue", "purple": "purple", "violet": "purple", "pink": "pink",
    "brown": "brown", "cyan": "cyan", "turquoise": "cyan", "teal": "cyan", "magenta": "magenta", "beige": "beige",
    "gold": "yellow", "navy": "blue", "maroon": "red",
}  # fmt: skip
COLOURS = {stem(name): meant for name, meant in _NAMES.items()}


def like(asked: str, found: str) -> bool:
    """Whether the stem `asked` means the colour named `found`, such as "dark blue"."""
    wanted = COLOURS.get(asked, asked)
    return wanted in found.casefold().replace("gray", "grey").split()
