"""The photo of a message: upright, at the film's size, its faces found, its person freed and mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.requests import MessageRequest, fingerprint
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts import Box, Size
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context
    from studio.store.artifacts import Artifacts

SURE = 0.5
"""Below this confidence of the cut-out its edge is a guess (contracts.Cutout), and the person is told so."""
PAPER = (236, 233, 228)
MOST_OWN_LINES = 720
"""Of a film at its photo's own size: what a phone shows, and a third of the work of 1080."""
_PHOTO_VERSION = 1


@dataclass(frozen=True)
class Portrait:
    """`picture`: photo.png at the film's size, or a face video's first frame. `footage`: the video's upright copy, None
    for a photo. `faces`: boxes in `picture`, the largest first. `place`: (scale, x, y) by which a point of the upright
    photo is found in `picture`: times the scale, then moved."""

    picture: Path
    size: Size
    faces: tuple[Box, ...]
    place: tuple[float, float, float]
    footage: Path | None
    key: str

    def pixels(self) -> np.ndarray:
        """(h, w, 3); what the picture leaves clear is paper."""
        from studio.media.layers import read_layer

        return over(read_layer(self.picture), PAPER)


@dataclass(frozen=True)
class Person:
    """The freed person: cutout.png, (h, w, 4) over the whole picture. `share`: how much of the person the cut-out had
    damaged; `mended` whether that was repaired."""

    cutout: Path
    confidence: float
    share: float
    mended: bool
    key: str

    def pixels(self) -> np.ndarray:
        from studio.media.layers import read_layer

        return read_layer(self.cutout)


class PortraitMaker:
    """Makes both, each under its key in the project."""

    def __init__(self, request: MessageRequest, context: Context, artifacts: Artifacts) -> None:
        self._request, self._context, self._artifacts = request, context, artifacts
        self._project = Project(request.project)

    # ---- the picture ----

    def look(self) -> Portrait:
        """photo.png and photo.json: what the faces are found in."""
        photo = self._request.photo
        assert photo is not None
        target, facts_file = self._project.folder / "photo.png", self._project.folder / "photo.json"
        key = fingerprint([photo.name, self._request.lines, self._request.fps, _PHOTO_VERSION])
        with self._context.stage("photo", "Looking at the photo", 1) as stage:
            if self._artifacts.find("photo", key):
                stage.reuse()
            else:
                self._read(photo, target, facts_file)
                footage = [self.footage] if read_json(facts_file)["moves"] else []
                self._artifacts.record("photo", key, [target, facts_file, *footage])
        facts = read_json(facts_file)
        self._context.artifact("photo", target)
        from studio.contracts import Size

        faces = tuple(tuple(box) for box in facts["faces"])
        footage = self.footage if facts["moves"] else None
        return Portrait(target, Size(facts["width"], facts["height"]), faces, tuple(facts["place"]), footage, key)

    @property
    def footage(self) -> Path:
        return self._project.inputs / "face.mp4"

    def _read(self, photo: Path, target: Path, facts_file: Path) -> None:
        from studio.engines.faces.finder import find_faces
        from studio.media.layers import write_layer

        picture, place, moves = self._film_picture(photo)
        faces = find_faces(picture[..., :3])
        write_layer(target, _opaque(picture))
        height, width = picture.shape[:2]
        write_json(
            facts_file,
            {
                "width": width,
                "height": height,
                "place": place,
                "moves": moves,
                "faces": [[round(float(value), 2) for value in face.box] for face in faces],
            },
        )

    def _film_picture(self, photo: Path) -> tuple[np.ndarray, tuple[float, float, float], bool]:
        """The picture at the film's size, its place (Portrait.place), and whether it is the first one of a video."""
        from studio.media.footage import copy_footage, looks_like_footage, read_first_frame, read_frames
        from studio.media.portrait import fitted, read_photo, video_size

        limits, cancel = self._context.settings.limits, self._context.cancel
        moves = looks_like_footage(photo)
        picture = read_first_frame(photo, "--photo", limits) if moves else read_photo(photo, limits)
        height, width = picture.shape[:2]
        own = MOST_OWN_LINES if height > MOST_OWN_LINES else None
        size = video_size(width, height, self._request.lines or own)
        scale = max(size.width / width, size.height / height)
        place = (scale, (size.width - scale * width) / 2, (size.height - scale * height) / 2)
        if not moves:
            return fitted(picture, size.width, size.height), place, False
        copy_footage(photo, self.footage, size, Fraction(self._request.fps), limits, cancel)
        return next(read_frames(self.footage)), place, True

    # ---- the person ----

    def free(self, portrait: Portrait, cutter: EngineCard) -> Person:
        """The person without the background, as the engine sees it: .studio/freed.png."""
        target, facts_file = self._inner("freed.png"), self._inner("freed.json")
        key = fingerprint([portrait.key, cutter.key])
        with self._context.stage("cutout", "Freeing the person from the background", 1) as stage:
            if self._artifacts.find("freed", key):
                stage.reuse()
            else:
                from studio.media.layers import write_layer
                from studio.media.portrait import placed

                photo, size = self._whole(portrait), portrait.size
                cut = self._context.lease(cutter, lambda engine: engine.cut_out(photo, self._context.cancel))
                freed = placed(cut.picture, cut.place, size.width, size.height)
                write_layer(target, freed)
                write_json(facts_file, {"confidence": float(cut.confidence)})
                self._artifacts.record("freed", key, [target, facts_file])
                stage.preview("cutout", over_checks(freed), force=True)
        confidence = read_json(facts_file)["confidence"]
        if confidence < SURE:
            self._context.notice(
                "The person could not be freed cleanly from the background; a picture with a plain background, or "
                "keeping the background, works best."
            )
        return Person(target, confidence, 0.0, False, key)

    def mend(self, portrait: Portrait, freed: Person, repairer: EngineCard) -> Person:
        """cutout.png: the freed person, with what the cut-out damaged repaired where that is more than a trace."""
        from studio.engines.inpaint.repair import RepairOptions, repair_cutout
        from studio.media.layers import write_layer

        settings, request = self._context.settings, self._request
        wanted = request.repair and settings.repair_enabled
        threshold = settings.repair_threshold if wanted else 1.0
        target, facts_file = self._project.folder / "cutout.png", self._inner("cutout.json")
        key = fingerprint([freed.key, repairer.key, threshold, request.face])
        with self._context.stage("repair", "Mending what the cut-out damaged", 1) as stage:
            if self._artifacts.find("cutout", key):
                stage.reuse()
            else:
                before, photo = freed.pixels(), self._whole(portrait)
                face = chosen_face(request, portrait)
                # What came without a background has no more pixels than it shows.
                seen = photo if photo.shape[2] == 3 else None

                def mend(engine: Any) -> Any:
                    options = RepairOptions(engine.repair, threshold)
                    return repair_cutout(before, seen, face, options, self._context.cancel)

                result = self._context.lease(repairer, mend)
                write_layer(target, result.picture)
                write_json(facts_file, {"share": float(result.share_before), "mended": bool(result.repaired)})
                self._artifacts.record("cutout", key, [target, facts_file])
                if result.repaired:
                    stage.preview("mended", over_checks(result.picture), force=True)
        facts = read_json(facts_file)
        self._context.artifact("cutout", target)
        if not wanted and facts["share"] > settings.repair_threshold:
            self._context.notice(f"The cut-out damaged {facts['share']:.1%} of the person; mending is switched off.")
        return Person(target, freed.confidence, facts["share"], facts["mended"], key)

    def mattes(self, portrait: Portrait, cutter: EngineCard) -> Path:
        """The person's matte for every frame of a face video, as a video beside its copy."""
        from studio.media.encode import VideoWriter
        from studio.media.footage import read_frames
        from studio.media.portrait import placed

        footage, size = portrait.footage, portrait.size
        assert footage is not None
        target, fps = self._project.inputs / "mattes.mp4", Fraction(self._request.fps)
        key = fingerprint([portrait.key, cutter.key, "mattes"])
        with self._context.stage("mattes", "Freeing the person in every frame", 1) as stage:
            if self._artifacts.find("mattes", key):
                stage.reuse()
                return target

            def cut(engine: Any) -> None:
                with VideoWriter(target, size, fps, self._context.cancel) as writer:
                    for frame in read_frames(footage):
                        cutout = engine.cut_out(frame, self._context.cancel)
                        alpha = placed(cutout.picture, cutout.place, size.width, size.height)[..., 3]
                        writer.write(alpha[..., None].repeat(3, axis=2))
                        stage.report()

            self._context.lease(cutter, cut)
            self._artifacts.record("mattes", key, [target])
        return target

    def _whole(self, portrait: Portrait) -> np.ndarray:
        """The picture with the alpha that it came with, if it came with one."""
        from studio.media.layers import read_layer

        picture = read_layer(portrait.picture)
        return picture if bool((picture[..., 3] < 255).any()) else picture[..., :3]

    def _inner(self, name: str) -> Path:
        folder = self._project.folder / ".studio"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name


def chosen_face(request: MessageRequest, portrait: Portrait) -> Box | None:
    """The face that speaks, None where a person placed the mouth or no face is found. Raises BadInput."""
    from studio.errors import BadInput

    if not portrait.faces:
        return None
    if request.face >= len(portrait.faces):
        accepted = f"0 to {len(portrait.faces) - 1}" if len(portrait.faces) > 1 else "0"
        raise BadInput("--face", request.face, accepted, f"{len(portrait.faces)} faces were found")
    return portrait.faces[request.face]


def over_checks(picture: np.ndarray) -> np.ndarray:
    """(h, w, 4) over the light and dark squares that mean transparency."""
    import numpy as np

    height, width = picture.shape[:2]
    side = max(4, height // 32)
    rows, columns = np.arange(height) // side, np.arange(width) // side
    return over(picture, np.where((rows[:, None] + columns) % 2, 208, 236)[..., None])


def over(picture: np.ndarray, behind: np.ndarray | Sequence[int]) -> np.ndarray:
    """(h, w, 4) over a colour or a picture."""
    import numpy as np

    alpha = picture[..., 3:].astype(np.float32) / 255
    return np.rint(picture[..., :3] * alpha + np.asarray(behind, np.float32) * (1 - alpha)).astype(np.uint8)


def _opaque(picture: np.ndarray) -> np.ndarray:
    import numpy as np

    if picture.shape[2] == 4:
        return picture
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
