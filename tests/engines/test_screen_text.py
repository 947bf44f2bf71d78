"""Text in pictures: drawn with the studio's fonts, read back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from studio.engines.vision.screen_text import Line, TextReader
from studio.engines.vision.screen_text_boxes import may_hold_text
from studio.engines.vision.screen_text_clean import LONGEST, clean
from studio.engines.vision.screen_text_order import in_reading_order
from studio.errors import BadInput
from studio.settings import ROOT

FONTS: Path = ROOT / "assets" / "fonts"


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader()


def drawn(
    *texts: tuple[str, tuple[int, int], int, object], back: object = (30, 60, 90), font: str = "Manrope-SemiBold.ttf"
) -> Image.Image:
    picture = Image.new("RGB", (640, 360), back)
    draw = ImageDraw.Draw(picture)
    for text, place, size, colour in texts:
        draw.text(place, text, font=ImageFont.truetype(str(FONTS / font), size), fill=colour)
    return picture


def words(reader: TextReader, picture: Image.Image) -> list[str]:
    return [line.text for line in reader.read(np.asarray(picture))]


def photo() -> Image.Image:
    rng = np.random.default_rng(5)
    layers = []
    for grain in (8, 16, 40):
        noise = (rng.random((360 // grain + 2, 640 // grain + 2, 3)) * 255).astype(np.uint8)
        layers.append(np.asarray(Image.fromarray(noise).resize((640, 360), Image.Resampling.BICUBIC), float))
    return Image.fromarray(np.clip(np.mean(layers, axis=0) * 1.4 - 70, 0, 255).astype(np.uint8))


def test_a_slide_is_read_with_places_and_confidence(reader: TextReader) -> None:
    picture = drawn(("Quarterly Results 2025", (40, 30), 40, "white"), ("Revenue: 14.7% more", (40, 200), 20, "yellow"))
    title, figures = reader.read(np.asarray(picture))
    assert (title.text, figures.text) == ("Quarterly Results 2025", "Revenue: 14.7% more")
    assert 0.9 < figures.confidence <= 1
    left, top, wide, high = title.box
    assert left == pytest.approx(40 / 640, abs=0.02)
    assert 30 / 360 - 0.02 < top < 50 / 360
    assert 0.6 < wide < 0.85
    assert 0.08 < high < 0.2


@pytest.mark.parametrize(
    ("back", "colour"),
    [
        ((120, 120, 120), (146, 146, 146)),
        ((200, 30, 40), "black"),
        ((120, 120, 120), (120, 150, 120)),
        ("white", "black"),
    ],
)
def test_faint_and_coloured_text_is_read(reader: TextReader, back: object, colour: object) -> None:
    assert words(reader, drawn(("Harbour gate seven", (60, 150), 40, colour), back=back)) == ["Harbour gate seven"]


def test_text_on_a_photograph_is_read(reader: TextReader) -> None:
    picture = photo()
    assert words(reader, picture) == []
    font = ImageFont.truetype(str(FONTS / "Oswald-Medium.ttf"), 36)
    ImageDraw.Draw(picture).text((60, 290), "LIVE FROM MADRID", font=font, fill="white")
    assert words(reader, picture) == ["LIVE FROM MADRID"]


@pytest.mark.parametrize("degrees", [-20, 7, 90, 270])
def test_turned_text_is_read(reader: TextReader, degrees: int) -> None:
    picture = drawn(("Platform 12 to Bristol", (80, 150), 36, "white"))
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(30, 60, 90))
    assert words(reader, turned) == ["Platform 12 to Bristol"]


def test_small_and_accented_text_is_read(reader: TextReader) -> None:
    text = "Größe, naïve, São Paulo, Čeština, Kraków"
    assert words(reader, drawn((text, (20, 100), 16, (210, 210, 210)), back=(18, 18, 24))) == [text]


@pytest.mark.parametrize("back", ["black", (90, 90, 90), (250, 240, 230)])
def test_a_plain_picture_is_not_looked_at_by_a_network(back: object) -> None:
    reader = TextReader()
    reader._detection = None  # pyright: ignore[reportAttributeAccessIssue]  # a call would fail
    assert reader.read(np.asarray(Image.new("RGB", (1280, 720), back))) == ()


def test_a_ramp_holds_no_text_and_a_corner_of_it_is_found() -> None:
    ramp = np.repeat(np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], 360, axis=0).repeat(3, axis=2)
    assert may_hold_text(ramp) is None
    letters = np.array(drawn(("here", (400, 300), 20, "white")))
    part = may_hold_text(letters)
    assert part is not None
    left, top, right, bottom = part
    assert 330 < left <= 400
    assert 230 < top <= 305
    assert 440 < right < 560
    assert bottom > 320


def test_noise_holds_no_text(reader: TextReader) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    assert reader.read(noise) == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (900, 2, 3), (31, 33, 3)])
def test_odd_sizes_are_read(reader: TextReader, shape: tuple[int, ...]) -> None:
    assert isinstance(reader.read(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)), tuple)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
)
def test_what_is_no_picture_is_refused(reader: TextReader, picture: np.ndarray) -> None:
    with pytest.raises(BadInput, match="picture"):
        reader.read(picture)


def test_columns_are_read_one_after_the_other(reader: TextReader) -> None:
    left = [
        (f"left part {each}", (40, 90 + 40 * index), 20, "white") for index, each in enumerate(("one", "two", "three"))
    ]
    right = [(f"right part {each}", (380, 90 + 40 * index), 20, "white") for index, each in enumerate(("one", "two"))]
    title, foot = (
        ("A title over both of the columns", (60, 20), 32, "white"),
        ("a note that stands under all of these lines", (40, 300), 22, "white"),
    )
    expected = [each[0] for each in (title, *left, *right, foot)]
    assert words(reader, drawn(title, *right, foot, *left)) == expected


def test_parts_of_a_line_are_joined_and_cells_are_not() -> None:
    first = Line("Revenue", 0.9, (0.1, 0.5, 0.2, 0.05))
    near, far = Line("grew", 0.8, (0.315, 0.502, 0.1, 0.05)), Line("14 %", 1.0, (0.7, 0.5, 0.1, 0.05))
    joined, cell = in_reading_order([far, near, first], 16 / 9)
    assert (joined.text, cell.text) == ("Revenue grew", "14 %")
    assert joined.box == pytest.approx((0.1, 0.5, 0.315, 0.052))
    assert joined.confidence == pytest.approx(0.85)


def test_threads_may_share_a_reader(reader: TextReader) -> None:
    pictures = [np.asarray(drawn((f"Number {each}", (60, 150), 40, "white"))) for each in (11, 22, 33, 44)]
    with ThreadPoolExecutor(4) as pool:
        assert [lines[0].text for lines in pool.map(reader.read, pictures)] == [
            "Number 11",
            "Number 22",
            "Number 33",
            "Number 44",
        ]


def test_text_is_kept_on_one_line_and_bounded() -> None:
    assert clean("a\x1b[31m b\n\tc\u202e\u200b d\ue000") == "a[31m b c d"
    assert clean("e\u0301") == "é"
    assert len(clean("x" * 5000)) == LONGEST
    assert clean(" \x00 ") == ""
