"""What a request wants over the pictures of its film, made ready: captions, a title card, the sound drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.requests import MusicVideoRequest, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from studio.media.overlays import Canvas, Look
    from studio.music.board import Planned
    from studio.pipelines.context import Context

_BANDS = 32
_MOST_TOLD = 40


@dataclass(frozen=True)
class FilmFacts:
    """What overlays follow: the decoded song, the film's frames a second, how many there are, its length in seconds."""

    pcm: Path
    fps: Fraction
    frame_count: int
    seconds: float


class OverlayMaker:
    """Makes a film's overlays, a set for each segment, since segments are filmed side by side."""

    def __init__(self, request: MusicVideoRequest, plan: Sequence[Planned], film: FilmFacts, context: Context) -> None:
        self._request, self._plan, self._film, self._context = request, plan, film, context
        self._levels: np.ndarray | None = self._measure() if request.visualizer else None

    @property
    def key(self) -> str:
        """Changes with everything that is shown; "" where nothing is."""
        request, shot = self._request, self._plan[0].shot
        if not (request.captions or request.title or request.artist or request.visualizer):
            return ""
        film = asdict(self._film) | {"pcm": request.audio.name, "fps": str(self._film.fps)}
        words = [request.captions.name if request.captions else "", request.title, request.artist]
        return fingerprint([words, request.visualizer, film, list(shot.palette), self._plan[0].style.medium])

    def make(self) -> Callable[[np.ndarray, int], np.ndarray]:
        """From a frame and its number in the film to the frame with what stands over it."""
        if not self.key:
            return lambda frame, _: frame
        from studio.media.lettering import Lettering
        from studio.media.overlays import HEIGHT, Canvas, Captions, Overlays, TitleCard, look_for
        from studio.music.lyrics import read_lyrics

        request, film = self._request, self._film
        canvas = Canvas(request.width, request.height, film.fps)
        look = look_for(self._plan[0].shot.palette, self._plan[0].style.medium)
        lettering = Lettering(self._context.settings.assets / "fonts")
        overlays: list[Any] = [self._visualizer(canvas, look)] if self._levels is not None else []
        if request.captions:
            cues = read_lyrics(request.captions, "--captions", self._context.settings.limits)
            captions = Captions(cues, canvas, look, lettering, lift=HEIGHT + 0.03 if overlays else 0.0)
            self._tell_missing("captions", captions.missing)
            overlays.append(captions)
        if request.title or request.artist:
            card = TitleCard(request.title, request.artist, canvas, look, lettering, seconds=film.seconds)
            self._tell_missing("title", card.missing)
            overlays.append(card)
        return Overlays(overlays).draw

    def _visualizer(self, canvas: Canvas, look: Look) -> Any:
        from studio.media.overlays import Spectrum, Waveform

        assert self._levels is not None
        return (Spectrum if self._request.visualizer == "spectrum" else Waveform)(self._levels, canvas, look)

    def _measure(self) -> np.ndarray:
        from studio.media.audio import read_pcm
        from studio.music.bands import band_levels

        samples, rate = read_pcm(self._film.pcm)
        return band_levels(samples, rate, self._film.fps, self._film.frame_count, _BANDS)

    def _tell_missing(self, what: str, characters: str) -> None:
        if characters:
            shown = characters[:_MOST_TOLD]
            self._context.notice(f"No font on this machine can draw these characters of the {what}: {shown}")
