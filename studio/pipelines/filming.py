"""From keyframes to segments: each is animated by an engine and encoded as its frames come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.pipelines.drawings import Drawing, load_drawing
from studio.requests import fingerprint

if TYPE_CHECKING:
    from fractions import Fraction

    from studio.cancellation import CancelToken
    from studio.contracts import SegmentRequest, Size
    from studio.models.registry import EngineCard
    from studio.music.board import Planned
    from studio.music.edit import Segment, SegmentPulse
    from studio.pipelines.context import Context, Stage
    from studio.pipelines.overlays import OverlayMaker
    from studio.store.artifacts import Artifacts


@dataclass(frozen=True)
class Picture:
    """A shot with its drawing."""

    planned: Planned
    drawing: Drawing

    def key(self) -> list[Any]:
        shot = self.planned.shot
        return [self.drawing.key, shot.camera, shot.framing, shot.intensity]


@dataclass(frozen=True)
class Piece:
    """What one segment is made from. `ends` are the pictures it leaves from and lands on, `views` those between."""

    segment: Segment
    pulse: SegmentPulse
    ends: tuple[Picture, Picture]
    views: tuple[Picture, ...]
    seed: int

    @property
    def name(self) -> str:
        return f"{self.segment.index + 1:02d}"

    def key(self) -> list[Any]:
        music = [track.tobytes().hex() for track in (self.pulse.intensity, self.pulse.beat, self.pulse.accent)]
        pictures = [picture.key() for picture in (*self.ends, *self.views)]
        return [asdict(self.segment), music, pictures, self.seed]


@dataclass(frozen=True)
class Format:
    """What a film is asked to be. `options`: {task: {option: value}} for the engines."""

    size: Size
    fps: Fraction
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Camera:
    """Films pieces with one engine, each once; `overlays` makes what stands over the frames."""

    def __init__(
        self, context: Context, artifacts: Artifacts, card: EngineCard, film: Format, overlays: OverlayMaker
    ) -> None:
        self._context, self._artifacts, self._card, self._format = context, artifacts, card, film
        self._overlays = overlays

    def film(self, piece: Piece, stage: Stage, cancel: CancelToken) -> Path:
        """The segment as segments/NN.mp4, made unless it is there."""
        target = self._context.project / "segments" / f"{piece.name}.mp4"
        style = asdict(piece.ends[0].planned.style)
        options = self._format.options.get("video")
        film = [asdict(self._format.size), str(self._format.fps), *([options] if options else [])]
        key = fingerprint([self._card.key, piece.key(), style, film, self._overlays.key])
        if self._artifacts.find(f"segment-{piece.name}", key):
            stage.reuse(piece.segment.frame_count, advance=True)
        else:
            self.write(piece, target, stage, cancel)
            self._artifacts.record(f"segment-{piece.name}", key, [target])
        self._context.artifact("segment", target)
        return target

    def write(self, piece: Piece, target: Path, stage: Stage, cancel: CancelToken, most: int | None = None) -> int:
        """Encodes the segment's frames, its first `most` of them, into `target`; returns how many."""
        from studio.media.encode import VideoWriter

        count = min(most or piece.segment.frame_count, piece.segment.frame_count)
        asked, overlay = self._request(piece), self._overlays.make()

        def film(engine: Any) -> None:
            advance = _Advance(stage)
            show = partial(stage.preview, "segment")
            request = replace(asked, show=show, progress=advance.beforehand)
            with VideoWriter(target, self._format.size, self._format.fps, cancel) as writer:
                # the count first: zip must not ask the engine for a frame that nobody wants
                for number, frame in zip(range(count), engine.animate(request, cancel), strict=False):
                    shown = overlay(frame, request.first_frame + number)
                    writer.write(shown)
                    stage.preview("segment", shown)
                    advance.frame()

        self._context.lease(self._card, film, cancel)
        return count

    def _request(self, piece: Piece) -> SegmentRequest:
        from studio.contracts import Pulse, SegmentRequest, View

        start, end = piece.ends
        return SegmentRequest(
            index=piece.segment.index,
            start=load_drawing(start.drawing),
            end=load_drawing(end.drawing),
            shots=(start.planned.shot, end.planned.shot),
            style=start.planned.style,
            size=self._format.size,
            fps=self._format.fps,
            first_frame=piece.segment.first_frame,
            frame_count=piece.segment.frame_count,
            cuts=piece.segment.cuts,
            pulse=Pulse(piece.pulse.intensity, piece.pulse.beat, piece.pulse.accent),
            seed=piece.seed,
            options=self._format.options.get("video", {}),
            views=tuple(View(v.planned.shot, partial(load_drawing, v.drawing)) for v in piece.views),
        )


class _Advance:
    """Counts a segment's frames, of which an engine may say beforehand that work for them is done."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._ahead = stage, 0.0

    def beforehand(self, frames: float) -> None:
        self._ahead += frames
        self._stage.advance(frames)

    def frame(self) -> None:
        counted = min(1.0, self._ahead)
        self._ahead -= counted
        self._stage.advance(1.0 - counted)


def pieces_of(
    segments: Sequence[tuple[Segment, SegmentPulse]],
    pictures: Sequence[Picture],
    views: Sequence[Sequence[Picture]],
    seed: int,
) -> list[Piece]:
    """`pictures` are the seven keyframes, `views` the more pictures of each of the six stretches between them."""
    return [
        Piece(
            segment,
            pulse,
            (pictures[segment.index], pictures[segment.index + 1]),
            tuple(views[segment.index]),
            seed + segment.index,
        )
        for segment, pulse in segments
    ]
