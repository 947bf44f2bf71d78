"""The song player in a real Chromium, on a real Gradio page, with a real song and what the analysis heard in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from studio.cancellation import CancelToken
from studio.media.audio import decode_song, encode_sound
from studio.media.waveform import write_waveform
from studio.pipelines.listening import analyse_pcm
from studio.settings import ROOT, Limits
from tabs.music.song_player import Slide, SongView, song_player_css, song_player_html, song_player_script
from tabs.theme import studio_theme
from tests.samples import write_song

TEMPO, SECONDS = 125.0, 16.0
# Keeps the player's own sound, and when each click was to be heard and where the song was then.
SPY = """
window.sounds = []; window.clicks = [];
const Plain = window.Audio;
window.Audio = function () { const one = new Plain(...arguments); window.sounds.push(one); return one; };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (due) {
    const stamp = this.context.getOutputTimestamp();
    const heard = stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000;
    window.clicks.push({due, song: window.sounds.at(-1).currentTime + due - heard, high: this.frequency.value > 1500});
    return start.call(this, due);
};
"""
BRIGHT = """
(name) => {
    const canvas = document.querySelector('#player .ks-sp-' + name);
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let drawn = 0, light = 0;
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 60) { drawn++; light += pixels[i] + pixels[i + 1] + pixels[i + 2]; }
    return [drawn / (pixels.length / 4), light / (3 * Math.max(1, drawn))];
}
"""  # noqa: E501
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Served:
    url: str
    view: SongView


def _view(folder: Path) -> SongView:
    song, wav = write_song(folder / "song.wav", SECONDS, TEMPO), folder / "decoded.wav"
    decode_song(song, wav, "song", Limits(), CancelToken())
    encode_sound(wav, folder / "song.m4a", CancelToken())
    analysis = analyse_pcm(wav, None, CancelToken()).to_json()
    slides = []
    for number, moment in enumerate(analysis["key_moments"]):
        Image.new("RGB", (64, 48), (30 * number, 90, 200 - 20 * number)).save(folder / f"{number}.png")
        slides.append(Slide(f"files/{number}.png", moment["timestamp"], f"Picture {number + 1}"))
    waveform = write_waveform(wav, folder / "waveform.json")
    return SongView("<b>Song</b>", "files/song.m4a", waveform, analysis, tuple(slides), shape=(4, 3))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("player")
    view, assets = _view(folder), ROOT / "assets"

    def tempo(event: gr.EventData) -> tuple[str, str]:
        heard = analyse_pcm(folder / "decoded.wav", event.tempo, CancelToken()).to_json()
        return song_player_html(replace(view, analysis=heard, typed_tempo=event.tempo)), str(event.tempo)

    async def file(request: Request) -> FileResponse:
        return FileResponse(folder / request.path_params["name"])

    with gr.Blocks(analytics_enabled=False) as page:
        player = gr.HTML(
            song_player_html(view), js_on_load=song_player_script(assets), apply_default_css=False, elem_id="player"
        )
        asked = gr.Textbox(elem_id="asked")
        gr.Button("Away", elem_id="away").click(lambda: "<section>No song</section>", None, player)
        gr.Button("Back", elem_id="back").click(lambda: song_player_html(view), None, player)
        player.tempo(tempo, None, [player, asked], show_progress="hidden")
    _, url, _ = page.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, theme=studio_theme(),
        css=(assets / "studio.css").read_text() + song_player_css(assets),
        app_kwargs={"routes": [Route("/files/{name}", file)]},
    )  # fmt: skip
    yield Served(url, view)
    page.close(verbose=False)


Open = Callable[..., Page]


VIEWPORT: Any = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without any wishes, whose cache spares each of its pages half of the loading."""
    with browser.new_context(viewport=VIEWPORT) as context:
        yield context


@pytest.fixture
def player(served: Served, browser: Browser, plain: BrowserContext) -> Iterator[Open]:
    """player(**context) opens the page; in the end nothing may have been complained of."""
    contexts, complaints = [], []

    def opened(clock: bool = False, **options: Any) -> Page:
        own = clock or options
        context = browser.new_context(**{"viewport": VIEWPORT, **options}) if own else plain
        page = context.new_page()
        contexts.append(context if own else page)
        page.set_default_timeout(20_000)
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(SPY)
        if clock:
            page.clock.install()
        page.goto(served.url)
        page.wait_for_selector("#player .ks-sp-bands li[style]", state="attached")
        page.wait_for_function("window.sounds.at(-1).readyState >= 3")
        return page

    yield opened
    for one in contexts:
        one.close()
    assert complaints == []


def now(page: Page) -> float:
    return float(page.get_attribute("#player [role=slider]", "aria-valuenow") or -1)


def asked(page: Page) -> str:
    page.wait_for_function("document.querySelector('#asked :is(textarea, input)').value !== ''")
    return page.input_value("#asked :is(textarea, input)")


def test_play_and_pause(player: Open):
    page = player()
    assert page.inner_text("#player .ks-sp-name b") == "<b>Song</b>"
    page.click("#player .ks-sp-play")
    page.wait_for_function("document.querySelector('#player [role=slider]').ariaValueNow > 0.6")
    assert page.locator("#player .ks-sp-pulse [data-lit]").count() <= 1
    assert page.get_attribute("#player .ks-sp-play", "aria-label") == "Pause"
    assert not page.evaluate("window.sounds.at(-1).paused")
    page.click("#player .ks-sp-play")
    page.wait_for_selector("#player [aria-label=Play]")
    stopped = page.evaluate("window.sounds.at(-1).currentTime")
    assert now(page) == pytest.approx(stopped, abs=0.1)
    page.wait_for_timeout(200)
    assert page.evaluate("window.sounds.at(-1).currentTime") == stopped


def test_a_click_a_drag_and_keys_seek(player: Open, served: Served):
    page = player()
    track = page.locator("#player .ks-sp-track")
    box = track.bounding_box()
    assert box
    track.click(position={"x": box["width"] / 4, "y": 60})
    assert now(page) == pytest.approx(SECONDS / 4, abs=0.05)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 60, steps=4)
    page.mouse.up()
    assert now(page) == pytest.approx(SECONDS * 0.75, abs=0.05)
    analysis = served.view.analysis
    assert analysis
    bars, beats = analysis["downbeat_times"], analysis["beat_times"]
    page.keyboard.press("Home")
    assert now(page) == 0
    page.keyboard.press("ArrowRight")
    following = next(time for time in bars if time > 0.01)
    assert now(page) == pytest.approx(following, abs=0.011)
    page.keyboard.press("Shift+ArrowRight")
    assert now(page) == pytest.approx(next(t for t in beats if t > following + 0.02), abs=0.011)
    page.keyboard.press("ArrowLeft")
    assert now(page) == pytest.approx(following, abs=0.011)
    page.keyboard.press("Space")
    page.wait_for_function("!window.sounds.at(-1).paused")
    page.keyboard.press("Space")
    page.wait_for_function("window.sounds.at(-1).paused")


def test_moments_are_reached_by_key_by_focus_and_by_hand(player: Open, served: Served):
    page = player()
    assert served.view.analysis
    moments = served.view.analysis["key_moments"]
    page.focus("#player [role=slider]")
    for number in (7, 3):
        page.keyboard.press(str(number))
        assert now(page) == pytest.approx(moments[number - 1]["timestamp"], abs=0.011)
        assert moments[number - 1]["description"] in page.inner_text("#player .ks-sp-words")
    page.focus("#player [data-moment='4']")
    assert page.inner_text("#player .ks-sp-words").endswith(moments[4]["description"])
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.hover("#player [data-moment='5']")
    assert page.inner_text("#player .ks-sp-words").endswith(moments[5]["description"])
    page.click("#player [data-moment='1']")
    assert now(page) == pytest.approx(moments[1]["timestamp"], abs=0.011)
    # Tab leads on and out of the player.
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("!document.querySelector('#player').contains(document.activeElement)"):
            break
    else:
        pytest.fail("the keyboard is caught in the player")


@pytest.mark.parametrize(("gap", "tempo"), [(480, 125.0), (700, 85.7)])
def test_taps_give_their_tempo_after_a_pause(player: Open, gap: int, tempo: float):
    page = player(clock=True)
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    tap = page.locator("#player .ks-sp-tap")
    for number in range(6):
        # One late finger changes nothing: the median counts.
        page.clock.run_for(gap + (90 if number == 4 else 0))
        tap.dispatch_event("pointerdown", {"button": 0})
        if number == 2:
            assert page.inner_text("#player .ks-sp-said") == "Tap on: 3 of 4"
    assert page.inner_text("#player .ks-sp-said") == f"Tapped {tempo:.1f} BPM (6 taps)"
    assert page.input_value("#asked :is(textarea, input)") == ""
    page.clock.run_for(2100)
    page.clock.resume()
    assert float(asked(page)) == tempo


def test_a_real_finger_and_a_real_key_tap_and_too_few_taps_ask_nothing(player: Open):
    page = player()
    page.click("#player .ks-sp-tap")
    page.keyboard.press("Enter")
    page.keyboard.press("t")
    assert page.inner_text("#player .ks-sp-said") == "Tap on: 3 of 4"
    page.wait_for_function("document.querySelector('#player .ks-sp-said').textContent === ''")
    assert page.input_value("#asked :is(textarea, input)") == ""


def test_another_tempo_is_heard_while_the_song_plays_on(player: Open, served: Served):
    page = player()
    assert served.view.analysis
    page.click("#player .ks-sp-play")
    page.wait_for_function("window.sounds.at(-1).currentTime > 0.3")
    sounds, shown = page.evaluate("window.sounds.length"), page.inner_text("#player .ks-sp-bpm b")
    page.click("#player [data-do=set] >> nth=0")
    assert float(asked(page)) == pytest.approx(served.view.analysis["tempo"] / 2, abs=0.001)
    page.wait_for_selector("#player [data-do=heard]")
    assert page.inner_text("#player .ks-sp-bpm b") != shown
    assert "as you set it" in page.inner_text("#player .ks-sp-bpm")
    assert page.evaluate("window.sounds.length") == sounds
    assert not page.evaluate("window.sounds.at(-1).paused")
    assert page.get_attribute("#player .ks-sp-play", "aria-label") == "Pause"
    assert page.evaluate(BRIGHT, "rest")[0] > 0.2
    before = now(page)
    page.wait_for_function(f"document.querySelector('#player [role=slider]').ariaValueNow > {before + 0.2}")

    page.click("#player [data-do=heard]")
    page.wait_for_selector("#player [data-do=heard]", state="detached")
    assert asked(page) == "None"
    assert page.inner_text("#player .ks-sp-bpm b") == shown


def test_a_song_that_is_taken_away_falls_silent_and_one_that_comes_back_plays(player: Open):
    page = player()
    page.click("#player .ks-sp-play")
    page.wait_for_function("window.sounds.at(-1).currentTime > 0.3")
    page.click("#away")
    page.wait_for_selector("#player .ks-sp", state="detached")
    page.wait_for_function("window.sounds.every(sound => sound.paused)")
    page.click("#back")
    page.wait_for_selector("#player .ks-sp-bands li[style]")
    assert page.evaluate(BRIGHT, "rest")[0] > 0.2
    page.click("#player .ks-sp-play")
    page.wait_for_function("document.querySelector('#player [role=slider]').ariaValueNow > 0.3")


def test_a_typed_tempo_is_checked_before_it_is_sent(player: Open):
    page = player()
    page.fill("#player .ks-sp-field input", "900")
    page.keyboard.press("Enter")
    assert "from 20 to 400" in page.inner_text("#player .ks-sp-said")
    assert page.get_attribute("#player .ks-sp-field input", "aria-invalid") == "true"
    assert page.input_value("#asked :is(textarea, input)") == ""
    page.fill("#player .ks-sp-field input", "62.5")
    page.keyboard.press("Enter")
    assert asked(page) == "62.5"


def test_clicks_are_heard_on_the_beats(player: Open, served: Served):
    page = player()
    assert served.view.analysis
    page.click("#player .ks-sp-click")
    assert page.get_attribute("#player .ks-sp-click", "aria-pressed") == "true"
    page.click("#player .ks-sp-play")
    page.wait_for_function("window.clicks.length >= 6")
    page.click("#player .ks-sp-play")
    clicks, beats = page.evaluate("window.clicks"), served.view.analysis["beat_times"]
    for click in clicks:
        assert min(abs(click["song"] - beat) for beat in beats) < 0.06
    gaps = [b["due"] - a["due"] for a, b in pairwise(clicks)]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(60 / TEMPO, abs=0.03)
    assert {click["high"] for click in clicks} == {True, False}


def test_zoom_shows_finer_beats_and_follows_the_playhead(player: Open):
    page = player()
    page.click("#player .ks-sp-track", position={"x": 700, "y": 60})
    at = now(page)
    page.click("#player [data-do=in]")
    assert page.get_attribute("#player .ks-sp-wave", "data-zoom") == "2.00"
    assert now(page) == at
    page.keyboard.press("Home")
    assert page.is_disabled("#player [data-do=out]") is False
    page.focus("#player [role=slider]")
    page.keyboard.press("End")
    assert page.is_visible("#player .ks-sp-playhead")
    page.click("#player [data-do=out]")
    assert page.is_disabled("#player [data-do=out]")


def test_the_night_repaints_the_song(player: Open):
    page = player(color_scheme="light")
    by_day = page.evaluate(BRIGHT, "played")
    page.evaluate("document.body.classList.add('dark')")
    page.wait_for_timeout(100)
    by_night = page.evaluate(BRIGHT, "played")
    assert by_day[0] > 0.1
    assert by_night[0] == pytest.approx(by_day[0], rel=0.1)
    assert by_night[1] > by_day[1] + 15


def test_a_phone_needs_no_sideways_scroll_and_a_finger_hits_every_moment(player: Open):
    page = player(viewport={"width": 360, "height": 780}, has_touch=True)
    assert page.evaluate(OVERFLOW) == 0
    boxes = [one.bounding_box() for one in page.locator("#player [data-moment]").all()]
    for a, b in pairwise(boxes):
        assert a
        assert b
        assert b["x"] - a["x"] >= 24
    page.tap("#player [data-moment='6']")
    assert page.inner_text("#player .ks-sp-words").startswith("7")
    page.set_viewport_size({"width": 700, "height": 780})
    page.wait_for_function("document.querySelector('#player .ks-sp-rest').width > 500")
    assert page.evaluate(BRIGHT, "rest")[0] > 0.2


VISIBLE = """
[...document.querySelectorAll('#player .ks-sp-pictures img')].flatMap(
    (image, i) => image.style.visibility === 'visible' ? [[i, image.style.opacity, image.style.transform]] : [])
"""


def test_each_picture_is_shown_at_its_time(player: Open, served: Served):
    page = player()
    page.wait_for_function(
        "[...document.querySelectorAll('#player .ks-sp-pictures img')].every(i => i.naturalWidth === 64)"
    )
    width = page.locator("#player .ks-sp-track").bounding_box()
    assert width
    ends = [slide.time for slide in served.view.slides[1:]] + [SECONDS]
    for number, (slide, end) in enumerate(zip(served.view.slides, ends, strict=True)):
        middle = (slide.time + end) / 2
        page.click("#player .ks-sp-track", position={"x": middle / SECONDS * width["width"], "y": 60})
        assert page.get_attribute("#player .ks-sp-stage", "data-slide") == str(number + 1)
        shown = page.evaluate(VISIBLE)
        assert [(one[0], one[1]) for one in shown] == [(number, "1")]
        assert shown[0][2].startswith("scale(1.")
        assert page.inner_text("#player .ks-sp-caption") == f"Picture {number + 1}"


def test_pictures_change_with_the_song_and_a_click_on_them_plays(player: Open, served: Served):
    page = player()
    change = served.view.slides[2].time
    page.focus("#player [role=slider]")
    page.keyboard.press("3")
    page.keyboard.press("Shift+ArrowLeft")
    assert now(page) < change
    assert page.get_attribute("#player .ks-sp-stage", "data-slide") == "2"
    page.click("#player .ks-sp-stage")
    page.wait_for_selector("#player .ks-sp-stage[data-slide='3']")
    assert now(page) >= change - 0.02


def test_who_wants_no_motion_gets_still_pictures(player: Open, served: Served):
    page = player(reduced_motion="reduce")
    page.focus("#player [role=slider]")
    page.keyboard.press("4")
    assert page.evaluate(VISIBLE) == [[3, "1", "none"]]
