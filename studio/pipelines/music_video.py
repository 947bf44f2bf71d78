"""A song and pictures become a film: seven stages, each leaving its artifacts in the project folder.

A piece whose artifact is there under the same key is not made again; that is how a killed job goes on, how a changed
seed redraws without listening again, and how an equal request answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StorageFailed
from studio.pipelines.cast import Cast, cut_out
from studio.pipelines.context import Context, Stage
from studio.pipelines.keyframes import Drawing, load_keyframe, save_keyframe
from studio.pipelines.parallel import run_all
from studio.pipelines.report import Findings, write_report
from studio.pipelines.timing import Amount
from studio.requests import MusicVideoRequest, fingerprint
from studio.store.artifacts import Artifacts
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.cancellation import CancelToken
    from studio.music.edit import EditPlan, Segment, SegmentPulse
    from studio.music.shots import Shot
    from studio.music.song import SongAnalysis

TASKS = ("cutout", "image", "video")
KEYFRAMES = 7


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Makes the film of a stored request; returns the paths of what it left."""
    film = MusicVideo(MusicVideoRequest.from_json(body), context)
    song = film.listen()
    shots = film.storyboard(song)
    cast = film.cut_out_characters()
    keyframes = film.draw(shots, cast)
    edit, segments = film.animate(song, shots, keyframes)
    video = film.join(edit, segments, song)
    return film.report(edit, video)


class MusicVideo:
    """The stages, in their order."""

    def __init__(self, request: MusicVideoRequest, context: Context) -> None:
        from studio.contracts import Size
        from studio.music.styles import choose_style, load_styles

        self._request, self._context = request, context
        self._project = Project(request.project)
        _check_inputs((request.audio, *request.characters))
        self._artifacts = Artifacts(self._project.folder)
        self._artifacts.clean_temporary()
        self._style = choose_style(load_styles(context.settings.presets / "styles"), request.style)
        self._engines = {task: context.engine(task, request.engines, request.substitutes) for task in TASKS}
        self._size = Size(request.width, request.height)
        self._fps = Fraction(request.fps)

    # 1
    def listen(self) -> SongAnalysis:
        """Decodes the song once and hears what is in it: analysis.json."""
        from studio.media.audio import decode_song
        from studio.music.song import SongAnalysis
        from studio.pipelines.listening import ANALYSIS_VERSION, analyse_pcm
        from studio.store.atomic import read_json, write_json

        request = self._request
        key = fingerprint([request.audio.name, request.tempo, ANALYSIS_VERSION])
        target = self._project.analysis
        with self._context.stage("listen", "Listening to the song", 1) as stage:
            if not self._artifacts.find("analysis", key):
                facts = decode_song(
                    request.audio, self._pcm, "--audio", self._context.settings.limits, self._context.cancel
                )
                song = analyse_pcm(self._pcm, request.tempo, self._context.cancel)
                write_json(target, song.to_json())
                write_json(self._project.inputs / "song.json", {"notice": facts.notice})
                self._artifacts.record("analysis", key, [target, self._pcm, self._project.inputs / "song.json"])
            else:
                stage.reuse()
            notice = read_json(self._project.inputs / "song.json")["notice"]
            if notice:
                self._context.notice(notice)
            song = SongAnalysis.from_json(read_json(target))
        self._context.artifact("analysis", target)
        self._context.plan(self._amounts(song))
        return song

    # 2
    def storyboard(self, song: SongAnalysis) -> tuple[Shot, ...]:
        """Decides what each of the seven moments shows: storyboard.json."""
        from studio.music.storyboard import make_storyboard
        from studio.store.atomic import write_json

        request = self._request
        with self._context.stage("storyboard", "Writing the storyboard", 1):
            shots = make_storyboard(song, request.prompt, self._style, len(request.characters), request.seed)
            body = {"style": self._style.name, "shots": [shot.to_json() for shot in shots]}
            write_json(self._project.storyboard, body)
        self._context.artifact("storyboard", self._project.storyboard)
        return shots

    # 3
    def cut_out_characters(self) -> Cast:
        """Frees the characters from their backgrounds: characters/1.png ..."""
        with self._context.stage("characters", "Cutting out the characters", len(self._request.characters)) as stage:
            return cut_out(self._context, stage, self._artifacts, self._engines["cutout"], self._request.characters)

    # 4
    def draw(self, shots: Sequence[Shot], cast: Cast) -> list[Drawing]:
        """Draws a keyframe for each shot: keyframes/01.png ..."""
        with self._context.stage("keyframes", "Drawing the keyframes", len(shots)) as stage:
            return [self._draw_one(shot, cast, stage) for shot in shots]

    def _draw_one(self, shot: Shot, cast: Cast, stage: Stage) -> Drawing:
        from studio.contracts import PaintRequest

        card, name = self._engines["image"], f"{shot.index + 1:02d}"
        key = fingerprint([card.key, shot.to_json(), asdict(self._style), asdict(self._size), cast.key])
        drawing = Drawing(self._project.folder, name, key)
        if self._artifacts.find(f"keyframe-{name}", key):
            stage.reuse()
        else:
            people = tuple(cast.load(index) for index in shot.characters)
            request = PaintRequest(shot, self._style, self._size, shot.seed, people)
            keyframe = self._context.lease(
                card, lambda engine: engine.paint(request, stage.within_step, self._context.cancel)
            )
            self._artifacts.record(f"keyframe-{name}", key, save_keyframe(drawing, keyframe))
            stage.preview(f"keyframe-{name}", keyframe.image, force=True)
        self._context.artifact("keyframe", drawing.image)
        stage.advance()
        return drawing

    # 5
    def animate(
        self, song: SongAnalysis, shots: Sequence[Shot], drawings: Sequence[Drawing]
    ) -> tuple[EditPlan, list[Path]]:
        """Moves from each keyframe to the next, cut to the beat: segments/01.mp4 ..., and the sound beside them."""
        from studio.music.edit import plan_edit, pulses

        edit = plan_edit(song, shots, self._fps)
        with self._context.stage("segments", "Animating the shots", edit.frame_count) as stage:
            pieces = [
                _Piece(segment, pulse, (drawings[segment.index], drawings[segment.index + 1]), tuple(shots))
                for segment, pulse in zip(edit.segments, pulses(song, edit), strict=True)
            ]
            self._project.segments.mkdir(exist_ok=True)
            work = [partial(self._animate_one, piece, stage) for piece in pieces]
            # The sound is encoded beside the pictures, so that joining is a mere copy of both.
            *paths, _ = run_all([*work, self._encode_sound], self._context.cancel)
        return edit, paths

    def _encode_sound(self, cancel: CancelToken) -> Path:
        from studio.media.audio import encode_sound

        key = fingerprint([self._request.audio.name])
        if not self._artifacts.find("sound", key):
            encode_sound(self._pcm, self._sound, cancel)
            self._artifacts.record("sound", key, [self._sound])
        return self._sound

    def _animate_one(self, piece: _Piece, stage: Stage, cancel: CancelToken) -> Path:
        from studio.contracts import Pulse, SegmentRequest
        from studio.media.encode import VideoWriter

        card, segment, name = self._engines["video"], piece.segment, f"{piece.segment.index + 1:02d}"
        target = self._project.segments / f"{name}.mp4"
        key = fingerprint([card.key, piece.key(), asdict(self._style), asdict(self._size), str(self._fps)])
        if self._artifacts.find(f"segment-{name}", key):
            stage.reuse(segment.frame_count, advance=True)
        else:
            request = SegmentRequest(
                index=segment.index,
                start=load_keyframe(piece.drawings[0]),
                end=load_keyframe(piece.drawings[1]),
                shots=(piece.shots[segment.index], piece.shots[segment.index + 1]),
                style=self._style,
                size=self._size,
                fps=self._fps,
                first_frame=segment.first_frame,
                frame_count=segment.frame_count,
                cuts=segment.cuts,
                pulse=Pulse(piece.pulse.intensity, piece.pulse.beat, piece.pulse.accent),
                seed=self._request.seed + segment.index,
            )

            def film(engine: Any) -> None:
                with VideoWriter(target, self._size, self._fps, cancel) as writer:
                    for frame in engine.animate(request, cancel):
                        writer.write(frame)
                        stage.preview("segment", frame)
                        stage.advance()

            self._context.lease(card, film, cancel)
            self._artifacts.record(f"segment-{name}", key, [target])
        self._context.artifact("segment", target)
        return target

    # 6
    def join(self, edit: EditPlan, segments: Sequence[Path], song: SongAnalysis) -> Path:
        """Joins the segments, untouched, under the original sound: final_video.mp4."""
        from studio.media.join import FilmSpec, join_film

        target = self._project.film
        pieces = [self._artifacts.key_of(f"segment-{path.stem}") for path in segments]
        key = fingerprint([pieces, self._request.audio.name])
        with self._context.stage("film", "Joining film and sound", 1) as stage:
            if self._artifacts.find("film", key):
                stage.reuse()
            else:
                frames = tuple(segment.frame_count for segment in edit.segments)
                spec = FilmSpec(self._fps, edit.frame_count, song.duration, frames)
                join_film(segments, self._sound, target, spec, self._context.cancel)
                self._artifacts.record("film", key, [target])
        self._context.artifact("video", target)
        return target

    # 7
    def report(self, edit: EditPlan, video: Path) -> Mapping[str, Any]:
        """Measures the film that was made: report.json and report.html."""
        from studio.media.probe import probe_film

        engines = {task: card.name for task, card in self._engines.items()}
        findings = Findings(probe_film(video), edit.cuts, engines, self._context.notices, self._context.seconds)
        report = write_report(self._project.folder, findings)
        self._context.artifact("report", report)
        return {"video": str(video), "report": str(report)}

    @property
    def _pcm(self) -> Path:
        return self._project.inputs / "song.wav"

    @property
    def _sound(self) -> Path:
        return self._project.segments / "sound.m4a"

    def _amounts(self, song: SongAnalysis) -> list[Amount]:
        megapixels = self._size.width * self._size.height / 1e6
        return [
            Amount("storyboard", 1),
            Amount("characters", len(self._request.characters), self._engines["cutout"].key),
            Amount("keyframes", KEYFRAMES * megapixels, self._engines["image"].key),
            Amount("segments", song.duration * self._request.fps * megapixels, self._engines["video"].key),
            Amount("film", song.duration),
        ]


def _check_inputs(files: Sequence[Path]) -> None:
    """Raises StorageFailed when a file that was copied in at admission has gone."""
    for file in files:
        if not file.is_file():
            raise StorageFailed(f"{file} is gone: its folder was moved or emptied; start the film again from its files")


@dataclass(frozen=True)
class _Piece:
    """What one segment is made from."""

    segment: Segment
    pulse: SegmentPulse
    drawings: tuple[Drawing, Drawing]
    shots: tuple[Shot, ...]

    def key(self) -> str:
        music = [track.tobytes().hex() for track in (self.pulse.intensity, self.pulse.beat, self.pulse.accent)]
        ends = [shot.to_json() for shot in self.shots[self.segment.index : self.segment.index + 2]]
        return fingerprint([asdict(self.segment), music, [d.key for d in self.drawings], ends])
