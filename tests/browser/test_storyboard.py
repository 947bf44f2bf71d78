"""Directing: set the tempo, edit and redraw cards, watch the slideshow, compare, carry a project away and back."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

CARD = "#board .ks-card[data-index='{}']"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ALL_DRAWN = (
    "[...document.querySelectorAll('#board .ks-card img')].filter(i => i.complete && i.naturalWidth > 0).length === 7"
)


@pytest.fixture(scope="module")
def carried(desk, song, character, tmp_path_factory):
    """A project whose storyboard is drawn, as its page hands it out."""
    file = tmp_path_factory.mktemp("carried") / "Directed.zip"
    desk.new_project("Directed", song, character)
    desk.hear()
    desk.page.click("#draw")
    desk.page.wait_for_function(ALL_DRAWN, timeout=60_000)
    desk.page.wait_for_selector("#task .ks-task", state="hidden")
    with desk.page.expect_download() as download:
        desk.page.click("#export a")
    download.value.save_as(file)
    return file


@pytest.fixture
def drawn(desk, carried):
    """The page with a copy of that project of its own."""
    page = desk.page
    known = {path.name for path in (desk.app.data / "projects").iterdir()}
    bring(page, carried)
    page.wait_for_function(
        "known => !['', ...known].includes(document.querySelector('#screen [data-project]').dataset.project)",
        arg=sorted(known),
    )
    page.wait_for_function(ALL_DRAWN)
    page.wait_for_selector("#player .ks-sp-bpm b")
    return desk


def bring(page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("#import")
    chooser.value.set_files(file)


def picture(page, index: int) -> str:
    return page.get_attribute(CARD.format(index) + " img", "src").split("?")[0]


def test_the_tempo_is_set_by_hand_and_taken_back_and_all_is_edited_before_anything_is_drawn(desk, song, character):
    one, page = desk, desk.page
    one.new_project("Edited first", song, character)
    one.hear()
    page.wait_for_selector("#player .ks-sp-bpm b:has-text('120')")
    page.click("#player [aria-label='Half the tempo']")
    page.wait_for_selector("#player .ks-sp-bpm b:text-matches('^(59|60)')")
    page.wait_for_selector("#player .ks-sp-bpm:has-text('as you set it')")
    page.click("#player [data-do=heard]")
    page.wait_for_selector("#player .ks-sp-bpm b:has-text('120')")
    assert one.complaints == []

    assert page.locator("#board .ks-card img").count() == 0
    page.click(CARD.format(2) + " [data-act=edit]")
    page.fill(".ks-editor textarea", "a quiet desert under a huge moon")
    page.select_option(".ks-editor select[name=camera]", "orbit")
    page.uncheck(".ks-editor input[name=characters]")
    page.click(".ks-save")
    page.wait_for_selector(CARD.format(2) + " .ks-prompt:has-text('a quiet desert under a huge moon')")
    assert "desert" in page.inner_text(CARD.format(2) + " .ks-facts-line")
    assert "orbit" in page.inner_text(CARD.format(2) + " .ks-facts-line")
    one.open()
    page.wait_for_selector(CARD.format(2) + " .ks-prompt:has-text('a quiet desert under a huge moon')")
    assert page.locator("#board .ks-card img").count() == 0
    assert one.complaints == []

    page.click(CARD.format(1) + " [data-act=edit]")
    page.fill(".ks-editor input[name=time]", "500")
    page.click(".ks-save")
    page.wait_for_selector("#message .ks-bad:has-text('time of shot 2')")


def test_redo_back_forth_and_lock(drawn):
    page = drawn.page
    first = picture(page, 3)
    page.click(CARD.format(3) + " [data-act=redo]")
    page.wait_for_selector(CARD.format(3) + " .ks-version:has-text('2 / 2')", timeout=60_000)
    second = picture(page, 3)
    assert second != first
    page.click(CARD.format(3) + " [data-act=back]")
    page.wait_for_selector(CARD.format(3) + " .ks-version:has-text('1 / 2')")
    assert picture(page, 3) == first
    page.click(CARD.format(3) + " [data-act=forth]")
    page.wait_for_selector(CARD.format(3) + " .ks-version:has-text('2 / 2')")
    assert picture(page, 3) == second
    assert page.get_attribute(CARD.format(3), "data-settled") == "yes"

    other = picture(page, 4)
    page.click(CARD.format(4) + " [data-act=lock]")
    page.wait_for_selector(CARD.format(4) + "[data-settled=yes]")
    page.check("#style input[value='woodcut']", force=True)
    page.wait_for_function("document.querySelectorAll('#board .ks-undrawn').length === 5")
    assert (picture(page, 3), picture(page, 4)) == (second, other)
    page.wait_for_selector("#draw:has-text('Draw 5 shots anew')")
    assert drawn.complaints == []


def test_two_looks_side_by_side_and_the_better_one_is_taken(drawn):
    page = drawn.page
    page.click("#compare > button")
    page.click("#compare-start")
    page.wait_for_selector("#message .ks-bad")
    for engine, panel in (("Stable Diffusion", "visible"), ("As in the project", "hidden")):
        page.click("#compare-b-image-engine input")
        page.click(f"[role=option]:has-text('{engine}')")
        page.wait_for_selector("#compare-b-image-options .ks-options summary", state=panel)
    page.click("#compare-b-style input")
    page.click("[role=option]:has-text('Woodcut')")
    page.click("#compare-start")
    page.wait_for_selector("#comparison video >> nth=1", timeout=90_000)
    page.wait_for_function("[...document.querySelectorAll('#comparison video')].every(v => v.readyState >= 1)")
    captions = page.locator("#comparison figcaption").all_inner_texts()
    assert "Neon night" in captions[0]
    assert "Woodcut" in captions[1]
    assert all("of work" in words and "MB" in words for words in captions)
    page.click("#comparison [data-use]")
    page.wait_for_function("document.querySelector(\"#style input[value='woodcut']\").checked")


def test_a_project_brought_back_is_whole_and_its_slideshow_follows_the_song(drawn, carried, tmp_path):
    page = drawn.page
    names = {Path(name).name for name in zipfile.ZipFile(carried).namelist()}
    assert "project.json" in names
    assert page.input_value("#title :is(input, textarea)").startswith("Directed")
    page.wait_for_function("document.querySelectorAll('#player .ks-sp-pictures img').length === 7")
    page.click("#player [data-moment='4']")
    page.wait_for_function("document.querySelector('#player .ks-sp-stage').dataset.slide === '5'")
    page.click("#player [data-do=play]")
    page.wait_for_function("document.querySelector('#player .ks-sp-stage').dataset.slide >= '6'", timeout=20_000)
    assert drawn.complaints == []

    file = tmp_path / "evil.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    bring(page, file)
    page.wait_for_selector("#message .ks-bad")


def test_a_phone_shows_and_edits_the_storyboard(tab):
    phone = tab(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = phone.page
    page.click("#shelf button:has-text('Demo')")
    page.wait_for_function("document.querySelector('#title :is(input, textarea)').value === 'Demo'")
    page.wait_for_selector("#board .ks-card:nth-of-type(7) [data-act=edit]", timeout=60_000)
    assert page.evaluate(OVERFLOW) == 0
    page.tap(CARD.format(0) + " [data-act=edit]")
    box = page.locator(".ks-editor").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    page.wait_for_selector(".ks-editor", state="detached")
