"""A music video whose pictures and motion published networks make: from tiny weights to the film and its report."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from studio.cancellation import CancelToken
from studio.compose import known_engines
from studio.events import EventKind
from studio.media.probe import probe_film
from studio.models.manager import build_manager
from studio.pipelines import music_video
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.requests import MusicVideoRequest
from studio.settings import read_settings
from studio.store.projects import ProjectStore
from tests.engines.diffusion_samples import write_models
from tests.engines.tiny_video_diffusion import save_stable_video
from tests.samples import write_character, write_song


def test_from_song_and_picture_to_a_film(tmp_path: Path) -> None:
    models = write_models(tmp_path / "models")
    save_stable_video(models / "stable-video-diffusion")
    settings = read_settings(tmp_path / "data", {"KINORA_MODELS": str(models)})
    registry = known_engines(settings)
    manager = build_manager(registry, "cpu")
    folder = ProjectStore(settings.projects).create("film").folder
    (folder / "inputs").mkdir(exist_ok=True)
    song, singer = write_song(folder / "inputs" / "song.wav", 4.0), write_character(folder / "inputs" / "singer.png")
    request = MusicVideoRequest(
        song, (singer,), folder, prompt="a night drive", style="anime-sky", width=256, height=256, fps=8, seed=3,
        engines={"image": "stable-diffusion", "video": "stable-video"}, substitutes=False,
        options={"image": {"steps": 2}, "video": {"steps": 1}},
    )  # fmt: skip
    heard: list[tuple[EventKind, dict[str, object]]] = []
    residents: set[str | None] = set()

    def emit(kind: EventKind, data: object) -> None:
        heard.append((kind, dict(data)))  # type: ignore[call-overload]
        residents.add(manager.snapshot()["resident"])

    parts = ContextParts(settings, manager, registry, Timings(tmp_path / "timings.json"))
    try:
        music_video.run(request.to_json(), Context(folder, CancelToken(), emit, lambda: None, parts))
    finally:
        manager.close()

    told = json.loads((folder / "report.json").read_text())
    assert told["engines"] == {"cutout": "u2net", "image": "stable-diffusion", "video": "stable-video"}
    film = probe_film(folder / "final_video.mp4")
    assert (film.width, film.height, film.frame_count) == (256, 256, 32)
    assert film.audio_video_difference_ms is not None
    assert film.audio_video_difference_ms < 1000 / 8
    keyframes = sorted((folder / "keyframes").glob("*.png"))
    assert len(keyframes) == 7
    assert len({Image.open(path).tobytes() for path in keyframes}) == 7
    assert residents - {None} == {"image/stable-diffusion", "video/stable-video"}
    previews = [data for kind, data in heard if kind == "preview"]
    assert {"keyframes", "segments"} <= {data["stage"] for data in previews}
