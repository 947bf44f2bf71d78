"""Text and JSON written atomically, and JSON read back with a clear word when it is damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.atomic import atomic_path
from studio.errors import StorageFailed, brief

__all__ = ["atomic_path", "read_json", "write_json", "write_text"]


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 atomically. Raises StorageFailed."""
    _write(path, text.encode("utf-8", "surrogatepass"))


def write_json(path: Path, value: object) -> None:
    """Writes `value` atomically. Raises StorageFailed; ValueError for NaN and infinities, which JSON lacks."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
    # a file name that is no Unicode holds lone surrogates: their backslash form is valid JSON and comes back the same
    _write(path, text.encode("utf-8", "backslashreplace"))


def read_json(path: Path) -> Any:
    """What `write_json` wrote. Raises StorageFailed when the file is missing, unreadable or damaged."""
    try:
        return json.loads(path.read_bytes().decode("utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError as error:
        raise StorageFailed(f"{brief(path, 200)} is missing") from error
    except OSError as error:
        raise StorageFailed(f"{brief(path, 200)} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise StorageFailed(f"{brief(path, 200)} is damaged: {error}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _write(path: Path, content: bytes) -> None:
    with atomic_path(path) as partial, partial.open("wb") as file:
        file.write(content)
