"""The page as a person meets it: the first look, and the way from a song to a film that plays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PLAYS = (
    "async () => { const v = document.querySelector('#screen video'); v.muted = true; await v.play(); return true; }"
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_demo_only_waits_for_render_and_a_song_becomes_a_film_that_plays(desk, song, character):
    one, page = desk, desk.page
    page.click("#shelf button:has-text('Demo')")
    page.wait_for_function("document.querySelector('#title :is(input, textarea)').value === 'Demo'")
    page.wait_for_function("document.querySelectorAll('#characters li img').length === 2")
    page.wait_for_function("[...document.querySelectorAll('#characters img')].every(i => i.naturalWidth > 0)")
    assert page.input_value("#prompt textarea")
    assert page.is_checked("#style input[value='neon-night']")
    assert page.is_enabled("#render")
    page.wait_for_timeout(500)
    assert one.complaints == []
    assert one.strangers == []

    one.new_project("By the <b>sea</b>", song, character)
    one.hear()
    one.render()
    page.wait_for_selector("#screen .ks-frame img")
    one.wait_for_state("done")
    page.wait_for_function("document.querySelector('#screen video').readyState >= 2")
    assert abs(page.evaluate("document.querySelector('#screen video').duration") - 6.0) < 0.1
    assert page.evaluate(PLAYS)
    page.wait_for_function("document.querySelector('#screen video').currentTime > 0.3")
    assert page.locator("#details .ks-strip img").count() == 7
    page.wait_for_function("[...document.querySelectorAll('.ks-strip img')].every(i => i.naturalWidth > 0)")

    page.click(".ks-report summary")
    assert "Time per stage" in page.inner_text(".ks-report")
    with page.expect_download() as download:
        page.click(".ks-downloads a:has-text('Video')")
    assert download.value.suggested_filename.endswith(".mp4")
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"
    with page.expect_download() as download:
        page.click(".ks-downloads a:has-text('Report')")
    assert json.loads(Path(download.value.path()).read_text())["duration_seconds"] == pytest.approx(6.0, abs=0.1)
    assert page.locator("#shelf b b").count() == 0
    assert one.complaints == []
    assert one.strangers == []


def anew(desk):
    """The desk's page with an empty project in it, whatever was there before."""
    page = desk.page
    page.click("#shelf button:has-text('Demo')")
    page.wait_for_function("document.querySelectorAll('#characters li img').length === 2")
    page.click("#new")
    page.wait_for_function("document.querySelectorAll('#characters li').length === 0")
    return page


def test_nothing_chosen_is_refused_with_the_reason(desk):
    page = anew(desk)
    page.wait_for_selector("#screen [data-state=empty]")
    page.click("#render")
    page.wait_for_selector("#message .ks-bad")
    assert "needs its song" in page.inner_text("#message")


def test_a_file_that_is_no_song_is_refused_with_the_reason(desk, character, tmp_path):
    bad = tmp_path / "song.mp3"
    bad.write_text("<html>not a song</html>" * 100)
    page = anew(desk)
    before = page.locator("#shelf li").count()
    desk.new_project("Bad", bad, character)
    page.wait_for_selector("#message .ks-bad:has-text('Song: ')")
    words = page.inner_text("#message")
    assert words.startswith("Song: ")
    assert "Accepted" in words
    assert "Traceback" not in words
    assert str(tmp_path) not in words
    page.wait_for_timeout(1000)
    assert page.locator("#shelf li").count() == before


def test_characters_come_and_go(desk, character):
    page = anew(desk)
    page.set_input_files("#characters input[type=file]", [character] * 9)
    page.wait_for_function("document.querySelectorAll('#characters li').length === 8")
    assert not page.is_visible("#characters .ks-add")
    page.click("[aria-label='Remove character 3']")
    assert page.locator("#characters li").count() == 7
    assert page.is_visible("#characters .ks-add")


def test_on_a_phone_nothing_is_wider_than_the_screen(tab, tmp_path):
    phone = tab(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = phone.page
    page.wait_for_function("document.querySelectorAll('#characters li').length > 0")
    page.click("#advanced button")
    page.click("#workbench button")
    page.wait_for_selector("#workbench .ks-engines")
    assert page.evaluate(OVERFLOW) == 0
    page.screenshot(path=tmp_path / "phone.png", full_page=True)


def as_the_machine_has_it(desk, scheme: str):
    """The desk's page loaded on a machine with this colour scheme, the lamp never touched."""
    desk.page.evaluate("localStorage.removeItem('kinora-theme')")
    desk.page.emulate_media(color_scheme=scheme)
    desk.open()
    return desk.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_day_and_night_each_have_readable_colours(desk, tmp_path, scheme):
    page = as_the_machine_has_it(desk, scheme)
    paper, ink = page.evaluate(
        "['backgroundColor', 'color'].map(name => getComputedStyle(document.querySelector(name === 'color' ?"
        " '.ks-cast legend' : '.ks-cast'))[name].match(/\\d+/g).slice(0, 3).map(Number))"
    )
    light, dark = sorted(map(luminance, (paper, ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 7
    assert (luminance(paper) > 0.5) == (scheme == "light")
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)


def test_the_lamp_switches_and_is_remembered(desk):
    page = as_the_machine_has_it(desk, "light")
    page.click(".ks-lamp")
    assert page.evaluate("document.body.classList.contains('dark')")
    desk.open()
    page.wait_for_function("document.body.classList.contains('dark')")


def test_everything_is_reached_with_the_keyboard(desk, character):
    page = anew(desk)
    page.set_input_files("#characters input[type=file]", [character])
    page.wait_for_function("document.querySelectorAll('#characters li').length > 0")
    wanted = {"lamp", "title", "new", "characters", "prompt", "style", "size", "render", "shelf"}
    seen = set()
    page.focus(".ks-lamp")
    for _ in range(150):
        seen |= set(
            page.evaluate(
                "() => { const e = document.activeElement, out = []; if (e.matches('.ks-lamp')) out.push('lamp');"
                " for (let n = e; n; n = n.parentElement) if (n.id) out.push(n.id); return out; }"
            )
        )
        page.keyboard.press("Tab")
        if wanted <= seen:
            break
    assert wanted <= seen


def luminance(colour: list[float]) -> float:
    """Relative luminance of WCAG 2: 0..1 from 0..255 sRGB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
