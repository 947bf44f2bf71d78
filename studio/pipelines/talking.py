"""The face says it: lips by an engine, what is behind and over them, encoded piece by piece as the frames come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.frames import frame_at
from studio.pipelines.portraits import chosen_face
from studio.requests import MessageRequest, fingerprint
from studio.store.projects import Project

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts import LipSyncRequest
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context, Stage
    from studio.pipelines.portraits import Person, Portrait
    from studio.pipelines.speaking import Spoken
    from studio.store.artifacts import Artifacts

PIECE_SECONDS = 4
"""The first talking seconds are there to be seen after one piece; a killed job loses one at most."""
GREEN = (0, 177, 64)
"""What stands in an MP4, which has no transparency: chroma key green, #00b140."""
_CAPTION_CHARACTERS = 42
"""A line of subtitles, after the BBC's guidelines (37 fixed or about 42 proportional characters)."""
_CLOSING = ".!?…。！？,;:、，"
_LIPS_VERSION = 1


@dataclass(frozen=True)
class Scene:
    """Everything that is seen and heard. `mattes`: the person in every frame of a face video, None where they aren't
    needed; `moved` whether lips follow the sound."""

    portrait: Portrait
    person: Person
    spoken: Spoken
    mattes: Path | None
    moved: bool = True


class Talking:
    """Films a scene with one engine."""

    def __init__(self, request: MessageRequest, context: Context, artifacts: Artifacts, card: EngineCard) -> None:
        self._request, self._context, self._artifacts, self._card = request, context, artifacts, card
        self._project, self._fps = Project(request.project), Fraction(request.fps)

    def frame_count(self, spoken: Spoken) -> int:
        return max(1, frame_at(spoken.seconds, self._fps))

    def film(self, scene: Scene) -> list[Path]:
        """segments/01.mp4 ..., made unless they are there."""
        count = self.frame_count(scene.spoken)
        step = PIECE_SECONDS * self._request.fps
        starts = range(0, count, step)
        paths = [self._project.segments / f"{number:02d}.mp4" for number in range(1, len(starts) + 1)]
        key = self._key(scene)
        with self._context.stage("lips", "Moving the lips", count) as stage:
            self._project.segments.mkdir(exist_ok=True)
            done = 0
            while done < len(paths) and self._artifacts.find(f"piece-{done + 1:02d}", key):
                stage.reuse(min(step, count - done * step), advance=True)
                self._context.artifact("segment", paths[done])
                done += 1
            if done < len(paths):
                what = self._lip_request(scene, count, first_frame=done * step)
                finish = self._finisher(scene)

                def film(engine: Any) -> None:
                    frames = engine.animate(what, self._context.cancel)
                    for number in range(done, len(paths)):
                        length = min(step, count - number * step)
                        self._write(paths[number], partial(finish, frames, number * step, length), scene, stage)
                        self._artifacts.record(f"piece-{number + 1:02d}", key, [paths[number]])
                        self._context.artifact("segment", paths[number])

                self._context.lease(self._card, film)
        return paths

    def film_transparent(self, scene: Scene) -> Path:
        """message.webm, VP9 with alpha, for other programs to lay over something."""
        from studio.media.transparent import AlphaWriter

        target = self._project.folder / "message.webm"
        key, count = fingerprint([self._key(scene), "webm"]), self.frame_count(scene.spoken)
        with self._context.stage("transparent", "Writing the transparent video", count) as stage:
            if self._artifacts.find("transparent", key):
                stage.reuse(count)
            else:
                what = self._lip_request(scene, count, 0)

                def film(engine: Any) -> None:
                    writer = AlphaWriter(target, scene.portrait.size, self._fps, scene.spoken.wav, self._context.cancel)
                    with writer:
                        for frame in self._freed(engine.animate(what, self._context.cancel), scene, 0):
                            writer.write(frame)
                            stage.advance()

                self._context.lease(self._card, film)
                self._artifacts.record("transparent", key, [target])
        self._context.artifact("transparent", target)
        return target

    def _write(self, target: Path, frames: Callable[[], Iterator[np.ndarray]], scene: Scene, stage: Stage) -> None:
        from studio.media.encode import VideoWriter

        with VideoWriter(target, scene.portrait.size, self._fps, self._context.cancel) as writer:
            for frame in frames():
                writer.write(frame)
                stage.preview("talking", frame)
                stage.advance()

    # ---- what the engine is asked for ----

    def _lip_request(self, scene: Scene, count: int, first_frame: int) -> LipSyncRequest:
        import numpy as np

        from studio.contracts import LipSyncRequest
        from studio.engines.hearing.activity import VoiceActivity
        from studio.media.footage import read_frames

        request, sound = self._request, scene.spoken.sound()
        footage = scene.portrait.footage
        speaking = VoiceActivity().speaking(sound, self._fps, count) if scene.moved else np.zeros(count, np.float32)
        return LipSyncRequest(
            picture=scene.person.pixels() if self._lays_over and not footage else scene.portrait.pixels(),
            sound=sound,
            fps=self._fps,
            frame_count=count,
            speaking=speaking,
            phonemes=scene.spoken.phonemes,
            frames=partial(read_frames, footage) if footage else None,
            face=chosen_face(request, scene.portrait),
            mouth=self._mouth(scene.portrait),
            motion=request.motion,
            first_frame=first_frame,
            seed=request.seed,
            notify=self._context.notice,
        )

    def _mouth(self, portrait: Portrait) -> tuple[float, float, float, float] | None:
        if self._request.mouth is None:
            return None
        scale, x, y = portrait.place
        left, top, width, height = (value * scale for value in self._request.mouth)
        return left + x, top + y, width, height

    @property
    def _lays_over(self) -> bool:
        """Whether the person is laid over something else than where they were."""
        return self._request.background != "keep"

    # ---- what is behind and over the person ----

    def _finisher(self, scene: Scene) -> Callable[[Iterator[np.ndarray], int, int], Iterator[np.ndarray]]:
        """(frames from the engine, number of the first, how many) to frames as they are encoded."""
        from itertools import islice

        compose, captions = self._composer(scene), self._captions(scene)

        def finish(frames: Iterator[np.ndarray], first: int, count: int) -> Iterator[np.ndarray]:
            # islice: the engine's generator goes on with the next piece
            freed = self._freed(islice(frames, count), scene, first)
            for number, frame in enumerate(freed, first):
                yield captions(compose(frame), number)

        return finish

    def _freed(self, frames: Iterator[np.ndarray], scene: Scene, first: int) -> Iterator[np.ndarray]:
        """The frames; those of a face video with the person's matte as their alpha where one is needed."""
        if scene.mattes is None:
            yield from frames
            return
        from itertools import islice

        import numpy as np

        from studio.engines.lip_sync.video import there_and_back
        from studio.media.footage import read_frames

        mattes = there_and_back(partial(read_frames, scene.mattes), self.frame_count(scene.spoken))
        for frame, matte in zip(frames, islice(mattes, first, None), strict=False):
            yield np.dstack([frame, matte[..., 0]])

    def _composer(self, scene: Scene) -> Callable[[np.ndarray], np.ndarray]:
        from studio.media.backgrounds import Compositor, make_background, parse_background

        if not self._lays_over:
            return lambda frame: frame
        request, size = self._request, scene.portrait.size
        limits = self._context.settings.limits
        setting = parse_background(str(request.background_picture or request.background), limits)
        behind = make_background(setting, scene.portrait.pixels(), scene.person.pixels()[..., 3], size, limits)
        if behind is None:
            import numpy as np

            behind = np.full((size.height, size.width, 3), GREEN, np.uint8)
        return Compositor(behind).over

    def _captions(self, scene: Scene) -> Callable[[np.ndarray, int], np.ndarray]:
        cues = caption_cues(scene.spoken) if self._request.captions else []
        if not cues:
            return lambda frame, _: frame
        from studio.media.lettering import Lettering
        from studio.media.overlays import Canvas, Captions, Look, Overlays

        size = scene.portrait.size
        lettering = Lettering(self._context.settings.assets / "fonts")
        canvas = Canvas(size.width, size.height, self._fps)
        captions = Captions(cues, canvas, Look(), lettering)
        if captions.missing:
            self._context.notice(f"No font on this machine can draw these characters: {captions.missing[:40]}")
        return Overlays([captions]).draw

    def _key(self, scene: Scene) -> str:
        request, portrait = self._request, scene.portrait
        person = scene.person.key if self._lays_over else ""
        picture = request.background_picture.name if request.background_picture else ""
        seen = [portrait.key, person, request.background, picture, request.captions, asdict(portrait.size)]
        how = [scene.spoken.key, request.fps, request.face, request.mouth, request.motion, request.seed, scene.moved]
        return fingerprint([self._card.key, seen, how, _LIPS_VERSION])


def caption_cues(spoken: Spoken) -> list[Any]:
    """The words in lines of reading length, each shown while it is said. [] where no word's time is known."""
    from studio.music.cues import Cue, Word
    from studio.speech.timing import as_written

    lines: list[list[Any]] = []
    length = 0
    for word in as_written(spoken.words, " ".join(spoken.texts)):
        full = length + 1 + len(word.text) > _CAPTION_CHARACTERS
        closed = lines and lines[-1][-1].text[-1:] in _CLOSING and length > _CAPTION_CHARACTERS / 3
        ended = lines and (full or closed or word.start - lines[-1][-1].end > 0.45)
        if not lines or ended:
            lines.append([])
            length = -1
        lines[-1].append(word)
        length += 1 + len(word.text)
    cues = []
    for number, line in enumerate(lines):
        following = lines[number + 1][0].start if number + 1 < len(lines) else spoken.seconds
        end = min(max(line[-1].end + 0.3, line[0].start + 0.8), max(following, line[-1].end))
        parts = [Word(w.start, max(w.end, w.start + 0.01), w.text + " " * (w is not line[-1])) for w in line]
        cues.append(
            Cue(line[0].start, max(end, line[-1].end + 0.01), "".join(part.text for part in parts), tuple(parts))
        )
    return cues
