"""Text as pictures: it is there, in the shipped faces alone where they suffice, broken and balanced."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from studio.media.lettering import FACES, Lettering, Run, TypeStyle, can_track
from studio.settings import ROOT

FONTS = ROOT / "assets" / "fonts"
WHITE = (255, 255, 255, 255)


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering(FONTS)


def ink(picture: np.ndarray) -> tuple[int, int]:
    """First and last column with ink."""
    columns = np.flatnonzero(picture[..., 3].max(axis=0))
    return int(columns[0]), int(columns[-1])


@pytest.mark.parametrize("face", sorted(FACES))
def test_every_face_draws_european_scripts_without_the_system(lettering: Lettering, face: str) -> None:
    for text in ("Où est l’été — “naïve”…", "Привет, їжак", "Đường xưa lối cũ", "Łódź Ğ ß Ø", "Ένα φως"):
        assert lettering.missing(text) == ""
        style = TypeStyle(face, 40)
        whole = lettering.picture([Run(text, WHITE)], style, 900, 20)
        assert whole[..., 3].max() == 255
        assert np.count_nonzero(whole[..., 3]) > 40 * len(text)


def test_fonts_and_licences_are_shipped_small() -> None:
    assert sum(file.stat().st_size for file in FONTS.iterdir()) < 2_000_000
    licences = [file.read_text() for file in FONTS.glob("OFL-*.txt")]
    assert len(licences) == len(FACES)
    assert all("SIL OPEN FONT LICENSE" in text and "Copyright" in text for text in licences)


def test_a_machine_without_fonts_draws_the_same_latin_and_tells_what_it_lacks(tmp_path) -> None:
    (tmp_path / "fonts.conf").write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    code = (
        "import zlib\nfrom pathlib import Path\nfrom studio.media.lettering import *\n"
        f"x = Lettering(Path({str(FONTS)!r}))\n"
        "p = x.picture([Run('Same everywhere', (255, 255, 255, 255))], TypeStyle('sans', 40), 600, 10)\n"
        "print(zlib.crc32(p), ascii(x.missing('a夜b夜ع')), x.clean('a夜b'))"
    )
    bare = os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "HOME": str(tmp_path)}
    outputs = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        for env in (bare, dict(os.environ))
    ]
    checksums = [output.stdout.split()[0] for output in outputs]
    assert checksums[0] == checksums[1]
    assert outputs[0].stdout.split()[1:] == [ascii("夜ع"), "ab"]


def test_lines_break_and_balance(lettering: Lettering) -> None:
    style, text = TypeStyle("sans", 30), "When the city lights go down we are driving on and on"
    full = lettering.measure(text, style, 560)
    width = lettering.balanced(text, style, 560)
    assert full.lines == 2
    assert lettering.measure(text, style, width).lines == 2
    assert width < 0.85 * 560
    assert lettering.measure(text, style, width - 30).lines == 3


def test_balancing_never_breaks_a_word(lettering: Lettering) -> None:
    style = TypeStyle("sans", 60, tracking=0.16)
    assert lettering.balanced("Midnight Coast", style, 420) >= lettering.measure("Midnight", style, 1e6).width


def test_unseen_runs_take_their_place(lettering: Lettering) -> None:
    style = TypeStyle("sans", 40)
    both = lettering.picture([Run("left ", WHITE), Run("right", WHITE)], style, 400, 10)
    first = lettering.picture([Run("left ", WHITE), Run("right", None)], style, 400, 10)
    second = lettering.picture([Run("left ", None), Run("right", WHITE)], style, 400, 10)
    assert ink(first)[0] == ink(both)[0]
    assert ink(second)[1] == ink(both)[1]
    assert ink(first)[1] < ink(second)[0]


def test_right_to_left_text_runs_from_the_right(lettering: Lettering) -> None:
    letters = "שלום"
    if lettering.missing(letters):  # no font for it here; then it must say so
        assert lettering.missing(letters) == letters
        return
    style = TypeStyle("sans", 40)
    first = lettering.picture([Run(letters + " ", WHITE), Run("abc.", None)], style, 400, 10)
    second = lettering.picture([Run(letters + " ", None), Run("abc.", WHITE)], style, 400, 10)
    assert ink(second)[1] < ink(first)[0]


def test_letters_of_joined_scripts_are_not_set_apart(lettering: Lettering) -> None:
    assert can_track("Midnight Coast 12")
    assert can_track("夜の海")
    assert not can_track("مرحبا")
    assert not can_track("हिन्दी")
    wide, plain = (lettering.measure("Wide", TypeStyle("sans", 40, t), 900).width for t in (0.2, 0.0))
    assert wide - plain == pytest.approx(4 * 8, abs=1)
