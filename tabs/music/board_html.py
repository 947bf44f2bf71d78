"""The storyboard's seven cards: picture, time, prompt, and what a director does with them.

The markup holds no script; assets/board.js opens the editor and triggers "card" with {index, act, changes}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.music.shots import CAMERAS, FRAMINGS, HOURS, MOODS, SETTINGS, WEATHERS
from tabs.job_view import Picture
from tabs.markup import escape, picture_url

_WORDS = {
    "setting": SETTINGS, "hour": HOURS, "weather": WEATHERS, "mood": MOODS, "framing": FRAMINGS, "camera": CAMERAS,
}  # fmt: skip
_LOCK = '<path d="M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 {end}"/>'
_ICONS = {
    "redo": '<path d="M15.5 6.5A6.5 6.5 0 1 0 16.5 11M16 3v4h-4"/>',
    "edit": '<path d="M4 16l1-4 8-8 3 3-8 8z"/>',
    "back": '<path d="M12 4l-6 6 6 6"/>',
    "forth": '<path d="M8 4l6 6-6 6"/>',
    "lock": _LOCK.format(end="6 0V9"),
    "unlock": _LOCK.format(end="5.5-1.6"),
}


@dataclass(frozen=True)
class CardView:
    """A shot as shown. `picture` None until it is drawn; `version` of `versions`, from 1, 0 for none of them;
    `drawing`: its picture is being made; `shot` as storyboard.json has it; `steered`: how its picture was steered while
    it was drawn, "" where it wasn't."""

    shot: Mapping[str, Any]
    look: str
    settled: bool
    picture: Picture | None
    version: int
    versions: int
    drawing: bool
    steered: str = ""


@dataclass(frozen=True)
class Coming:
    """A rough of the picture that is being drawn for the card `index`."""

    index: int
    picture: Picture


@dataclass(frozen=True)
class BoardView:
    """`characters`: how many there are. `refusal`: why the storyboard can't be shown, "" when it can. `coming`: what is
    being drawn, None where nothing is."""

    project: str
    width: int
    height: int
    characters: int
    cards: tuple[CardView, ...] = ()
    refusal: str = ""
    coming: Coming | None = None

    @property
    def drawn(self) -> bool:
        return any(card.picture for card in self.cards)


def board_script(assets: Path) -> str:
    return (assets / "board.js").read_text(encoding="utf-8")


def board_html(board: BoardView | None) -> str:
    if board is None:
        return '<p class="ks-board-empty">Once the song is heard, its seven moments stand here as shots to direct.</p>'
    if board.refusal:
        return f'<div class="ks-banner ks-bad" role="alert"><p>{escape(board.refusal)}</p></div>'
    data = escape(json.dumps({"words": _WORDS, "characters": board.characters}))
    cards = "".join(_card(board, card) for card in board.cards)
    ratio = f"--ratio:{board.width}/{board.height}"
    return f'<ol class="ks-board" data-board="{data}" style="{ratio}" aria-label="Storyboard">{cards}</ol>'


def _card(board: BoardView, card: CardView) -> str:
    shot = card.shot
    number, minutes = shot["index"] + 1, _clock(shot["time"])
    facts = " · ".join([*shot["setting"], shot["hour"], shot["framing"], shot["camera"].replace("_", " ")])
    return (
        f'<li class="ks-card" data-index="{shot["index"]}" data-shot="{escape(json.dumps(dict(shot)))}"'
        f' data-settled="{"yes" if card.settled else "no"}">'
        f'<figure>{_picture(board, card)}<span class="ks-number">{number}</span>'
        f"<time>{minutes}</time>{_lock(card, number)}</figure>"
        f"<h3>{escape(_sentence(shot['description']))}</h3>"
        f'<p class="ks-prompt" title="{escape(shot["prompt"])}">{escape(shot["prompt"])}</p>'
        f'<p class="ks-facts-line">{escape(facts)}</p>{_steered(card, number)}{_tools(card, number)}</li>'
    )


def _picture(board: BoardView, card: CardView) -> str:
    number = card.shot["index"] + 1
    if card.picture:
        large, small = picture_url(board.project, card.picture), picture_url(board.project, card.picture, small=True)
        return (
            f'<a href="{large}" target="_blank" rel="noopener" title="Shot {number}, full size">'
            f'<img src="{small}" alt="Shot {number}: {escape(card.shot["prompt"][:160])}"></a>'
        )
    coming = board.coming
    if card.drawing and coming and coming.index == card.shot["index"]:
        rough = picture_url(board.project, coming.picture)
        return f'<div class="ks-undrawn ks-coming"><img src="{rough}" alt="Shot {number} as it comes"></div>'
    colours = ", ".join(escape(colour) for colour in reversed(card.shot["palette"]))
    words = "Drawing" if card.drawing else "Not drawn yet"
    return (
        f'<div class="ks-undrawn" data-drawing="{"yes" if card.drawing else "no"}"'
        f' style="background-image:linear-gradient(180deg, {colours})"><span>{words}</span></div>'
    )


def _steered(card: CardView, number: int) -> str:
    if not card.steered:
        return ""
    ask = f"Draw shot {number} by its settings alone; a steered picture stays among its versions"
    return (
        f'<p class="ks-steered" title="{escape(card.steered)}">Steered {escape(card.steered)} '
        f'<button type="button" data-act="plain" title="{escape(ask)}">Draw as set</button></p>'
    )


def _lock(card: CardView, number: int) -> str:
    act = "unlock" if card.settled else "lock"
    ask = f"Shot {number} is kept as it is; unlock it"
    words = ask if card.settled else f"Keep shot {number} as it is, whatever changes"
    return _button(act, words, "ks-lock", pressed=card.settled)


def _tools(card: CardView, number: int) -> str:
    shown = str(card.version) if card.version else "new"
    back = _button("back", f"Shot {number}: the version before", disabled=not card.versions or card.version == 1)
    forth = _button(
        "forth", f"Shot {number}: the version after", disabled=not card.version or card.version == card.versions
    )
    many = "yes" if card.versions > bool(card.version) else "no"
    count = f'<span class="ks-version">{shown} / {card.versions}</span>'
    steps = f'<span class="ks-versions" data-many="{many}">{back}{count}{forth}</span>'
    redo = _button("redo", f"Draw shot {number} otherwise", words="Redo", disabled=card.drawing)
    return f'<div class="ks-card-tools">{_button("edit", f"Edit shot {number}", words="Edit")}{redo}{steps}</div>'


def _button(
    act: str, label: str, css: str = "", words: str = "", *, disabled: bool = False, pressed: bool | None = None
) -> str:
    state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
    return (
        f'<button type="button" class="{css}" data-act="{act}" aria-label="{escape(label)}" title="{escape(label)}"'
        f'{state}{" disabled" if disabled else ""}><svg viewBox="0 0 20 20" aria-hidden="true">{_ICONS[act]}</svg>'
        f"{words}</button>"
    )


def _clock(seconds: float) -> str:
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
