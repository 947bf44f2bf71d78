"""A message whose mouth a network paints: from tiny weights in the model folder to the film and its report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from studio.cancellation import CancelToken
from studio.compose import known_engines
from studio.engines.faces import FaceFinder
from studio.media.footage import read_frames
from studio.media.probe import probe_film
from studio.models.manager import build_manager
from studio.pipelines import video_message
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.requests import MessageRequest
from studio.settings import read_settings
from studio.store.projects import ProjectStore
from tests.engines.drawn_faces import portrait
from tests.engines.tiny_lama import tiny_lama
from tests.engines.tiny_musetalk import tiny_musetalk
from tests.pipelines.message_samples import recording, save


def test_from_photo_and_recording_to_a_film(tmp_path: Path) -> None:
    tiny_musetalk(tmp_path / "models")
    tiny_lama(tmp_path / "models")
    settings = read_settings(tmp_path / "data", {"KINORA_MODELS": str(tmp_path / "models")})
    registry = known_engines(settings)
    manager = build_manager(registry, "cpu")
    folder = ProjectStore(settings.projects).create("message").folder
    (folder / "inputs").mkdir(exist_ok=True)
    photo, said = save(portrait(256), folder / "inputs" / "photo.png"), folder / "inputs" / "said.wav"
    shutil.copy(recording(tmp_path, 1.0), said)
    engines = {"lip_sync": "musetalk", "inpaint": "lama"}
    request = MessageRequest(
        folder, photo, audio=said, lines=256, fps=12, motion=0.0, engines=engines, substitutes=False
    )
    parts = ContextParts(settings, manager, registry, Timings(tmp_path / "timings.json"))
    try:
        video_message.run(request.to_json(), Context(folder, CancelToken(), lambda *_: None, lambda: None, parts))
    finally:
        manager.close()

    told = json.loads((folder / "report.json").read_text())
    assert told["lip_sync"]["engine"] == "musetalk"
    assert told["engines"] == {"cutout": "u2net", "inpaint": "lama", "lip_sync": "musetalk"}
    assert probe_film(folder / "message.mp4").frame_count == 12
    frames = np.stack(list(read_frames(folder / "message.mp4"))).astype(int)
    points = FaceFinder().find(portrait(256))[0].landmarks[:, :2].round().astype(int)
    moved = np.ptp(frames, axis=0).max(axis=2)
    assert moved[points[13, 1] - 3 : points[13, 1] + 3, points[13, 0]].min() > 20  # the mouth
    assert moved[: points[2, 1] - 8].max() < 12  # above it only the encoder's own
