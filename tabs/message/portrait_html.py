"""The photo as the studio sees it: faces numbered, the mouth where a person placed it, the freed person beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.store.atomic import read_json
from tabs.job_view import Picture
from tabs.markup import escape, picture_url

if TYPE_CHECKING:
    from studio.requests import MessageRequest

Share = tuple[float, float, float, float]
"""Left, top, width, height as shares of the picture, 0..1."""


@dataclass(frozen=True)
class PortraitView:
    """`faces` the largest first, `face` the one that speaks; `mouth` None where nobody placed it; `cutout`, `before`
    None until they are there; `share` of the person that was damaged, `mended` whether that was repaired."""

    project: str
    width: int
    height: int
    photo: Picture
    faces: tuple[Share, ...]
    face: int
    mouth: Share | None
    cutout: Picture | None = None
    before: Picture | None = None
    share: float = 0.0
    mended: bool = False

    @classmethod
    def of(cls, project: str, home: Path, facts: Mapping[str, Any], request: MessageRequest) -> PortraitView:
        """Read from the message's folder."""
        width, height = facts["width"], facts["height"]
        scale, x, y = facts["place"]
        mouth = None
        if request.mouth:
            left, top, wide, high = (value * scale for value in request.mouth)
            mouth = ((left + x) / width, (top + y) / height, wide / width, high / height)
        cut = _picture(home, "cutout.png")
        repair = home / ".studio" / "cutout.json"
        told = read_json(repair) if cut and repair.is_file() else {"share": 0.0, "mended": False}
        return cls(
            project,
            width,
            height,
            _picture(home, "photo.png") or Picture("photo.png", "0"),
            tuple((x0 / width, y0 / height, w / width, h / height) for x0, y0, w, h in facts["faces"]),
            request.face,
            mouth,
            cut,
            _picture(home, ".studio/freed.png") if told["mended"] else None,
            told["share"],
            told["mended"],
        )


def portrait_html(view: PortraitView | None, looking: bool) -> str:
    """The step's second half; `looking`: the photo is being looked at."""
    if view is None:
        words = "Looking at the photo" if looking else "The photo appears here, with the faces found in it"
        return f'<div class="ks-player-empty" data-busy="{"yes" if looking else "no"}"><p>{words}</p></div>'
    faces = "".join(_face(view, number, box) for number, box in enumerate(view.faces))
    mouth = f' style="{_style(view.mouth)}"' if view.mouth else " hidden"
    drawing = "" if view.faces or view.mouth else " data-drawing"
    photo = (
        f'<div class="ks-portrait" style="--ratio:{view.width}/{view.height}"{drawing}>'
        f'<img src="{picture_url(view.project, view.photo)}" alt="The photo" draggable="false">'
        f'{faces}<i class="ks-mouth"{mouth}></i></div>'
    )
    return f'<div class="ks-portraits"><figure>{photo}{_caption(view)}</figure>{_cutout(view, looking)}</div>'


def _face(view: PortraitView, number: int, box: Share) -> str:
    chosen = number == view.face and view.mouth is None
    return (
        f'<button type="button" class="ks-face" data-face="{number}" style="{_style(box)}" '
        f'aria-pressed="{"true" if chosen else "false"}" aria-label="Face {number + 1}">'
        f"<span>{number + 1}</span></button>"
    )


def _caption(view: PortraitView) -> str:
    if view.mouth:
        words = "It speaks where you placed the mouth."
        acts = '<button type="button" data-act="no-mouth">Take the mouth away</button>'
    elif not view.faces:
        words, acts = "No face was found: draw a box where the mouth is.", ""
    else:
        count = len(view.faces)
        words = "One face was found." if count == 1 else f"{count} faces were found: click the one that speaks."
        acts = '<button type="button" data-act="mouth">Place the mouth by hand</button>'
    return f"<figcaption>{words} {acts}</figcaption>"


def _cutout(view: PortraitView, looking: bool) -> str:
    ratio = f"--ratio:{view.width}/{view.height}"
    if view.cutout is None:
        waiting = f'<div class="ks-portrait ks-checks" style="{ratio}"></div>'
        return f"<figure>{waiting}<figcaption>Freeing the person</figcaption></figure>" if looking else ""
    after = f'<img src="{picture_url(view.project, view.cutout)}" alt="The person, freed from the background">'
    words = "Freed from the background."
    if view.mended and view.before:
        before = f'<img class="ks-before" src="{picture_url(view.project, view.before)}" alt="Before it was mended">'
        words = f"Mended: {view.share:.1%} of the person was missing. Hold to see it as it was."
        return (
            f'<figure><div class="ks-portrait ks-checks" style="{ratio}" tabindex="0">{after}{before}</div>'
            f"<figcaption>{words}</figcaption></figure>"
        )
    if view.share > 0:
        words += f" {view.share:.1%} of the person looks damaged, too little to mend."
    return (
        f'<figure><div class="ks-portrait ks-checks" style="{ratio}">{after}</div>'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def _style(box: Share) -> str:
    left, top, width, height = (100 * value for value in box)
    return f"left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"


def _picture(home: Path, name: str) -> Picture | None:
    try:
        return Picture(name, str((home / name).stat().st_mtime_ns))
    except OSError:
        return None
