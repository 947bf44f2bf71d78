"""More pictures of the same place: what the camera may cut to while a long stretch of song lasts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from studio.music.board import Planned
from studio.music.shots import CAMERAS
from studio.music.storyboard import write_prompt

_OTHER = {"wide": ("close", "medium"), "medium": ("wide", "close"), "close": ("wide", "medium")}
_ALONE = 0.34  # share of the views without anybody: a place seen alone lets the next face count


def more_views(plan: Sequence[Planned], counts: Sequence[int], characters: int) -> tuple[tuple[Planned, ...], ...]:
    """For each stretch between two keyframes `counts` more shots, in the order to be shown.

    They start in the place of the keyframe behind and end in the place of the one ahead; framing, camera and cast
    change from picture to picture. The same arguments give the same shots.
    """
    return tuple(_stretch(plan[index], plan[index + 1], count, characters) for index, count in enumerate(counts))


def _stretch(start: Planned, end: Planned, count: int, characters: int) -> tuple[Planned, ...]:
    rng = random.Random(f"views {start.shot.seed} {end.shot.seed}")
    views: list[Planned] = []
    before = start
    for number in range(count):
        near = start if (number + 1) / (count + 1) < 0.6 else end
        framing = _OTHER[before.shot.framing][number % 2]
        cameras = [camera for camera in CAMERAS if camera not in (before.shot.camera, end.shot.camera)]
        shot = replace(
            near.shot,
            time=start.shot.time + (end.shot.time - start.shot.time) * (number + 1) / (count + 1),
            framing=framing,
            camera=rng.choice(cameras),
            characters=_cast(before.shot.characters, framing, characters, rng),
            seed=rng.randrange(2**31),
        )
        before = replace(near, shot=replace(shot, prompt=write_prompt(shot, near.style)))
        views.append(before)
    return tuple(views)


def _cast(before: tuple[int, ...], framing: str, characters: int, rng: random.Random) -> tuple[int, ...]:
    """Another of the characters than before, or, seen from afar, nobody."""
    if not characters or (framing != "close" and before and rng.random() < _ALONE):
        return ()
    others = [index for index in range(characters) if index not in before] or list(range(characters))
    return (rng.choice(others),)
