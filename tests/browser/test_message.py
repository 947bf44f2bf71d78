"""The Video Message room: from a photo to a talking film, voices made and managed, faces and mouths placed."""

from __future__ import annotations

import pytest

from tests.engines.drawn_faces import portrait
from tests.pipelines.message_samples import cat, recording, save

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHOTO = "#say-portrait .ks-portrait img"


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return save(portrait(320), tmp_path_factory.mktemp("photo") / "selfie.png")


@pytest.fixture
def room(desk):
    """The message room with a new message in it."""
    return enter(desk)


def enter(one):
    one.page.click(".ks-rooms [data-room=message]")
    one.page.wait_for_selector("#say-shelf :is(.ks-shelf, .ks-shelf-empty)")
    one.page.click("#say-new")
    one.page.wait_for_selector("#say-screen [data-project='']")
    one.page.wait_for_selector("#say-photo .ks-photo-add[data-filled=no]")
    one.page.wait_for_selector("#say-voice .ks-voice >> nth=1")
    return one


def bring(page, photo) -> None:
    page.set_input_files("#say-photo input[type=file]", photo)
    page.wait_for_selector("#say-screen [data-project]:not([data-project=''])")
    page.wait_for_selector(PHOTO, timeout=60_000)


def test_what_is_missing_is_said_and_a_photo_becomes_a_talking_message(room, photo):
    one, page = room, room.page
    page.click("#say-make")
    page.wait_for_selector("#say-message .ks-bad:has-text('Photo')")
    bring(page, photo)
    page.click("#say-make")
    page.wait_for_selector("#say-message .ks-bad:has-text('Words')")
    page.wait_for_selector("#say-portrait .ks-face[aria-pressed=true]")
    page.wait_for_selector("#say-portrait .ks-checks img", timeout=60_000)
    page.fill("#say-text textarea", "Hello there. This is a test.")
    page.click("#say-hear")
    page.wait_for_selector("#say-speech p:has-text('heart')", timeout=60_000)
    page.click("#say-make")
    page.wait_for_selector("#say-screen [data-state=done] video", timeout=90_000)
    page.wait_for_function("document.querySelector('#say-screen video').readyState >= 1")
    assert page.evaluate("document.querySelector('#say-screen video').duration") == pytest.approx(3.0, abs=1.5)
    page.click("#say-details summary")
    words = page.inner_text("#say-details")
    assert "Lips with the sound" in words
    assert "Embedded voices" in words
    assert page.locator("#say-details .ks-downloads a[download]").count() == 4
    with page.expect_download() as download:
        page.click("#say-details .ks-downloads a >> nth=0")
    assert download.value.suggested_filename == "Hello there. This is a test.mp4"
    page.wait_for_selector("#say-shelf button:has-text('Hello there.')")
    page.click("#say-details [data-about]")
    page.wait_for_selector("#chat-title textarea, #chat-title input")
    page.wait_for_function("document.querySelector('.ks-view video')?.readyState >= 1")
    page.wait_for_selector("#chat-shelf button[aria-current=true]:has-text('Hello there.')")
    one.open()
    page.click(".ks-rooms [data-room=message]")
    page.wait_for_selector("#say-screen [data-state=done] video")
    assert page.input_value("#say-text textarea") == "Hello there. This is a test."
    assert one.complaints == []
    assert one.strangers == []


def test_a_drawing_speaks_where_the_pointer_puts_its_mouth(room, tmp_path):
    one, page = room, room.page
    bring(page, cat(tmp_path)[0])
    page.wait_for_selector("#say-portrait .ks-portrait[data-drawing]")
    page.fill("#say-text textarea", "Meow.")
    page.click("#say-make")
    page.wait_for_selector("#say-screen .ks-bad:has-text('mouth')", timeout=60_000)
    box = page.locator("#say-portrait .ks-portrait >> nth=0").bounding_box()
    page.locator("#say-portrait").scroll_into_view_if_needed()
    box = page.locator("#say-portrait .ks-portrait >> nth=0").bounding_box()
    page.mouse.move(box["x"] + 0.37 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.63 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_selector("#say-portrait figcaption:has-text('where you placed the mouth')")
    page.click("#say-make")
    page.wait_for_selector("#say-screen [data-state=done] video", timeout=90_000)
    assert one.complaints == []


def test_a_voice_is_made_from_a_recording_and_managed_in_place(room, tmp_path):
    one, page = room, room.page
    page.click("#say-new-voice > button")
    page.fill("#say-voice-name :is(input, textarea)", "Joe of the test")
    page.set_input_files("#say-voice-files input[type=file]", recording(tmp_path))
    page.wait_for_selector("#say-voice-files :text('joe')")
    page.click("#say-voice-make")
    page.wait_for_selector("#say-voice-said .ks-bad")  # nobody has agreed yet
    page.check("#say-voice-consent input")
    page.click("#say-voice-make")
    card = "#say-voice .ks-voice:has-text('Joe of the test')"
    page.wait_for_selector(card, timeout=60_000)
    assert page.is_checked(card + " input")
    assert "s of speech" in page.inner_text(card)
    page.on("dialog", lambda dialog: dialog.accept("Joe renamed") if dialog.type == "prompt" else dialog.accept())
    page.click(card + " button:has-text('Rename')")
    card = "#say-voice .ks-voice:has-text('Joe renamed')"
    page.wait_for_selector(card)
    page.click(card + " button:has-text('Words')")  # the dialog's answer becomes the transcript
    page.wait_for_function("document.querySelector('#say-voice-said').innerText === ''")
    with page.expect_download() as download:
        page.click(card + " a")
    kept = tmp_path / "voice.zip"
    download.value.save_as(kept)
    page.click(card + " button:has-text('Delete')")
    page.wait_for_selector(card, state="detached")
    with page.expect_file_chooser() as chooser:
        page.click("#say-voice-import")
    chooser.value.set_files(kept)
    page.wait_for_selector(card)
    assert one.complaints == []


def test_a_phone_shows_the_whole_room(tab, photo):
    one = enter(tab(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True))
    bring(one.page, photo)
    assert one.page.evaluate(OVERFLOW) == 0
    assert one.page.locator("#room-music").is_hidden()
