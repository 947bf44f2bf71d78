"""A song and pictures become a film: eight stages, each leaving its artifacts in the project folder.

A piece whose artifact is there under the same key is not made again; that is how a killed job goes on, how a changed
seed redraws without listening again, and how an equal request answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StorageFailed
from studio.pipelines.board import planned_shots
from studio.pipelines.cast import Cast, cut_out
from studio.pipelines.context import Context
from studio.pipelines.drawings import Drawer, Sheet, Wanted
from studio.pipelines.filming import Camera, Format, Picture, pieces_of
from studio.pipelines.overlays import FilmFacts, OverlayMaker
from studio.pipelines.parallel import run_all
from studio.pipelines.report import Findings, write_report
from studio.pipelines.timing import Amount
from studio.requests import MusicVideoRequest, fingerprint
from studio.store.artifacts import Artifacts
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.cancellation import CancelToken
    from studio.models.cards import EngineCard
    from studio.music.board import Planned
    from studio.music.edit import EditPlan
    from studio.music.song import SongAnalysis

TASKS = ("cutout", "image", "video")
KEYFRAMES = 7


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Goes as far as the stored request wants; returns the paths of what it left."""
    request = MusicVideoRequest.from_json(body)
    film = MusicVideo(request, context)
    song = film.listen()
    if request.goal == "song":
        return film.result("analysis")
    plan = film.storyboard(song)
    cast = film.cut_out_characters()
    keyframes = film.draw(plan, cast)
    if request.goal == "storyboard":
        return film.result("storyboard")
    edit = film.edit(song, plan)
    views = film.draw_views(edit, plan, cast)
    segments = film.animate(song, edit, keyframes, views)
    film.join(edit, segments, song)
    film.report(edit)
    return film.result("film", "report")


class MusicVideo:
    """The stages, in their order."""

    def __init__(self, request: MusicVideoRequest, context: Context) -> None:
        from studio.contracts import Size
        from studio.music.styles import load_styles

        self._request, self._context = request, context
        self._project = Project(request.project)
        _check_inputs(request.files)
        self._artifacts = Artifacts(self._project.folder)
        self._artifacts.clean_temporary()
        self._styles = load_styles(context.settings.presets / "styles")
        self._engines = {task: context.engine(task, request.engines, request.substitutes) for task in TASKS}
        self._format = Format(Size(request.width, request.height), Fraction(request.fps), request.options)

    # 1
    def listen(self) -> SongAnalysis:
        """Decodes the song once and hears what is in it: analysis.json."""
        from studio.music.song import SongAnalysis
        from studio.pipelines.listening import ANALYSIS_VERSION, analyse_pcm
        from studio.store.atomic import read_json, write_json

        request, target = self._request, self._project.analysis
        key = fingerprint([request.audio.name, request.tempo, ANALYSIS_VERSION])
        with self._context.stage("listen", "Listening to the song", 1) as stage:
            self._decode()
            if self._artifacts.find("analysis", key):
                stage.reuse()
            else:
                write_json(target, analyse_pcm(self.pcm, request.tempo, self._context.cancel).to_json())
                self._artifacts.record("analysis", key, [target])
            song = SongAnalysis.from_json(read_json(target))
        self._context.artifact("analysis", target)
        self._context.plan(self._amounts(song))
        return song

    def _decode(self) -> None:
        """The song as PCM, which everything after reads, and as the outline that the page draws."""
        from studio.media.audio import decode_song
        from studio.media.waveform import write_waveform
        from studio.store.atomic import read_json, write_json

        key = fingerprint([self._request.audio.name])
        facts_file = self._project.inputs / "song.json"
        if not self._artifacts.find("song", key):
            limits = self._context.settings.limits
            facts = decode_song(self._request.audio, self.pcm, "--audio", limits, self._context.cancel)
            write_json(facts_file, {"notice": facts.notice})
            write_waveform(self.pcm, self._project.waveform)
            self._artifacts.record("song", key, [self.pcm, facts_file, self._project.waveform])
        notice = read_json(facts_file)["notice"]
        if notice:
            self._context.notice(notice)

    # 2
    def storyboard(self, song: SongAnalysis) -> tuple[Planned, ...]:
        """Decides what each of the seven moments shows: storyboard.json."""
        from studio.music.board import board_json
        from studio.store.atomic import write_json

        with self._context.stage("storyboard", "Writing the storyboard", 1):
            plan = self.plan(song)
            write_json(self._project.storyboard, board_json(self._request.style, plan))
        self._context.artifact("storyboard", self._project.storyboard)
        return plan

    def plan(self, song: SongAnalysis) -> tuple[Planned, ...]:
        return planned_shots(self._request, song, self._styles)

    # 3
    def cut_out_characters(self) -> Cast:
        """Frees the characters from their backgrounds: characters/1.png ..."""
        with self._context.stage("characters", "Cutting out the characters", len(self._request.characters)) as stage:
            return cut_out(self._context, stage, self._artifacts, self._engines["cutout"], self._request.characters)

    # 4
    def draw(self, plan: Sequence[Planned], cast: Cast) -> list[Picture]:
        """Draws a keyframe for each shot: keyframes/01.png ..."""
        drawer = self.drawer(cast, steered=True)
        pictures = []
        wanted = [Wanted(planned, f"keyframe-{planned.shot.index + 1:02d}") for planned in plan]
        with self._context.stage("keyframes", "Drawing the keyframes", len(plan)) as stage:
            for planned, drawing in zip(plan, drawer.draw_all(wanted, stage), strict=True):
                self._context.artifact("keyframe", drawer.publish(planned, drawing))
                stage.advance()
                pictures.append(Picture(planned, drawing))
        return pictures

    def edit(self, song: SongAnalysis, plan: Sequence[Planned]) -> EditPlan:
        from studio.music.edit import plan_edit

        return plan_edit(song, [planned.shot for planned in plan], self._format.fps)

    # 5
    def draw_views(self, edit: EditPlan, plan: Sequence[Planned], cast: Cast) -> list[list[Picture]]:
        """Draws more pictures of the places where a stretch between two keyframes is long."""
        from studio.music.edit import view_counts
        from studio.music.views import more_views

        drawer = self.drawer(cast, steered=True)
        wanted = more_views(plan, view_counts(edit), len(self._request.characters))
        pictures: list[list[Picture]] = [[] for _ in wanted]
        places = [(number, planned) for number, stretch in enumerate(wanted) for planned in stretch]
        with self._context.stage("views", "Drawing more views", len(places)) as stage:
            views = [Wanted(planned, "view", plan[planned.shot.index]) for _, planned in places]
            drawings = drawer.draw_all(views, stage)
            for (number, planned), drawing in zip(places, drawings, strict=True):
                pictures[number].append(Picture(planned, drawing))
                stage.advance()
        return pictures

    # 6
    def animate(
        self, song: SongAnalysis, edit: EditPlan, pictures: Sequence[Picture], views: Sequence[Sequence[Picture]]
    ) -> list[Path]:
        """Moves from each keyframe to the next, cut to the beat: segments/01.mp4 ..., and the sound beside them."""
        from studio.music.edit import pulses

        camera = self.camera(song, edit)
        pulsed = list(zip(edit.segments, pulses(song, edit), strict=True))
        pieces = pieces_of(pulsed, pictures, views, self._request.seed)
        with self._context.stage("segments", "Animating the shots", edit.frame_count) as stage:
            self._project.segments.mkdir(exist_ok=True)
            work = [partial(camera.film, piece, stage) for piece in pieces]
            # The sound is encoded beside the pictures, so that joining is a mere copy of both.
            *paths, _ = run_all([*work, self._encode_sound], self._context.cancel)
        return paths

    def _encode_sound(self, cancel: CancelToken) -> Path:
        from studio.media.audio import encode_sound

        key = fingerprint([self._request.audio.name])
        if not self._artifacts.find("sound", key):
            encode_sound(self.pcm, self._sound, cancel)
            self._artifacts.record("sound", key, [self._sound])
        return self._sound

    def drawer(self, cast: Cast, steered: bool = False) -> Drawer:
        """`steered`: a person may change their mind while it draws, where the engine can."""
        card, options = self._engines["image"], self._format.options.get("image", {})
        live = steered and bool(self._context.registry.schema(card).live)
        sheet = Sheet(card, self._format.size, options, live)
        return Drawer(self._context, self._artifacts, sheet, cast)

    def camera(self, song: SongAnalysis, edit: EditPlan) -> Camera:
        facts = FilmFacts(self.pcm, self._format.fps, edit.frame_count, song.duration)
        overlays = OverlayMaker(self._request, self.plan(song), facts, self._context)
        return Camera(self._context, self._artifacts, self._engines["video"], self._format, overlays)

    # 7
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
                spec = FilmSpec(self._format.fps, edit.frame_count, song.duration, frames)
                join_film(segments, self._sound, target, spec, self._context.cancel)
                self._artifacts.record("film", key, [target])
        self._context.artifact("video", target)
        return target

    # 8
    def report(self, edit: EditPlan) -> Path:
        """Measures the film that was made: report.json."""
        from studio.media.probe import probe_film

        film = probe_film(self._project.film)
        findings = Findings(film, edit.cuts, self._engines, self._context.notices, self._context.seconds)
        report = write_report(self._project.folder, findings)
        self._context.artifact("report", report)
        return report

    def result(self, *names: str) -> Mapping[str, Any]:
        """The paths of what was asked for."""
        paths = {
            "analysis": self._project.analysis,
            "storyboard": self._project.storyboard,
            "film": self._project.film,
            "report": self._project.report,
        }
        return {"video" if name == "film" else name: str(paths[name]) for name in names}

    @property
    def engine_names(self) -> dict[str, str]:
        """{task: name}."""
        return {task: card.name for task, card in self._engines.items()}

    @property
    def engine_keys(self) -> frozenset[str]:
        return frozenset(card.key for card in self._engines.values())

    def card(self, task: str) -> EngineCard:
        """The engine that does `task`."""
        return self._engines[task]

    @property
    def fps(self) -> Fraction:
        return self._format.fps

    @property
    def pcm(self) -> Path:
        return self._project.inputs / "song.wav"

    @property
    def _sound(self) -> Path:
        return self._project.segments / "sound.m4a"

    def _amounts(self, song: SongAnalysis) -> list[Amount]:
        size = self._format.size
        megapixels = size.width * size.height / 1e6
        return [
            Amount("storyboard", 1),
            Amount("characters", len(self._request.characters), self._engines["cutout"].key),
            Amount("keyframes", KEYFRAMES * megapixels, self._engines["image"].key),
            Amount("views", song.duration * megapixels, self._engines["image"].key),
            Amount("segments", song.duration * self._request.fps * megapixels, self._engines["video"].key),
            Amount("film", song.duration),
        ]


def _check_inputs(files: Sequence[Path]) -> None:
    """Raises StorageFailed when a file that was copied in at admission has gone."""
    for file in files:
        if not file.is_file():
            raise StorageFailed(f"{file} is gone: its folder was moved or emptied; start the film again from its files")
