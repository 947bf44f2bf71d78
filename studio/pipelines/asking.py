"""A question about a session's videos, answered from what was read of them so far. Light: no engine is loaded."""

from __future__ import annotations

from pathlib import Path

from studio.errors import BadInput
from studio.index.answers import Answer, Turn
from studio.pipelines.video_index import read_indexes


def ask(session: Path, question: str, history: tuple[Turn, ...] = ()) -> Answer:
    """The surest answer of all videos of the session in the folder `session`. Raises BadInput for an empty or overlong
    question, and where nothing was read yet."""
    from studio.index.answering import answer

    indexes = read_indexes(session)
    if not indexes:
        raise BadInput("SESSION", session.name, "a session of which something was read", "its video is not read yet")
    answers = [answer(index, question, history) for _, index in indexes]
    return max(answers, key=lambda one: (not one.abstained, one.confidence))


def frame_at(session: Path, given: Answer, time: float) -> Path | None:
    """The picture kept last before `time` seconds of the video that the answer is from; None where there is none."""
    for folder, index in read_indexes(session):
        if index.video.duration < given.coverage.total_seconds - 1e-6:
            continue
        frames = sorted((folder / "frames").glob("*.jpg"))
        before = [frame for frame in frames if int(frame.stem) <= round(1000 * time) + 1]
        return before[-1] if before else next(iter(frames), None)
    return None
