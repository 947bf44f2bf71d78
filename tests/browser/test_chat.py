"""The Video Chat room: a video is brought, read, looked through, asked; answers lead to their moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.settings import ROOT
from tests.engines.chat_server import Act, serving

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TIME = "document.querySelector('.ks-view video').currentTime"
QUESTION = "#chat-question :is(input, textarea)"
TITLE = "#chat-title :is(input, textarea)"
CLIP = ROOT / "assets" / "demo" / "clip.mp4"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The first scenes of the demo's clip: a title, a lighthouse, a trail."""
    from studio.media.clip import cut_clip

    target = tmp_path_factory.mktemp("clip") / "island.mp4"
    from studio.cancellation import CancelToken

    cut_clip(CLIP, 0.0, 18.0, target, CancelToken())
    return target


def enter(one) -> None:
    one.page.click(".ks-rooms [data-room=chat]")
    one.page.wait_for_selector("#chat-shelf :is(.ks-shelf, .ks-shelf-empty)")


def new(one) -> None:
    one.page.click("#chat-new")
    one.page.wait_for_selector(".ks-view[data-empty=yes]", state="attached")


def bring(page, file: Path) -> None:
    page.set_input_files("#chat-add input[type=file]", file)
    page.wait_for_selector(".ks-view[data-empty=no]")


def ask(page, question: str, selector: str = ".ks-answer:not([aria-busy])") -> str:
    before = page.locator(f"#chat-talk {selector}").count()
    page.fill(QUESTION, question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "([selector, before]) => document.querySelectorAll('#chat-talk ' + selector).length > before",
        arg=[selector, before],
    )
    return page.locator(f"#chat-talk {selector}").last.inner_text()


def read(page) -> None:
    page.wait_for_selector("#chat-reading [data-state=done]", state="attached", timeout=120_000)


@pytest.fixture(scope="module")
def read_through(desk, clip):
    """The room with a session whose video was brought there and read."""
    enter(desk)
    new(desk)
    page = desk.page
    bring(page, clip)
    page.wait_for_function("document.querySelector('.ks-view video').readyState >= 1")
    page.wait_for_selector("#chat-reading .ks-progress:not([hidden])")
    page.wait_for_selector(".ks-scenes button")
    read(page)
    return desk


def test_from_an_upload_to_a_clicked_citation(read_through):
    one, page = read_through, read_through.page
    assert page.locator(".ks-scenes button").count() == 3
    assert page.locator(".ks-scenes img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.click(".ks-scenes button >> nth=2")
    page.wait_for_function(f"{TIME} > 14.9")
    page.click(".ks-view [data-pane=words]")
    page.fill(".ks-view-search", "LIGHTHOUSE")
    page.wait_for_selector(".ks-lines mark")
    page.click(".ks-lines button >> nth=0")
    page.wait_for_function(f"{TIME} > 6 && {TIME} < 14")
    assert page.locator(".ks-asks button").count() >= 2
    page.click(".ks-asks button >> nth=0")
    page.wait_for_selector("#chat-talk .ks-answer[data-state=sure]")
    assert "1884" in ask(page, "When was the lighthouse built?")
    page.locator("#chat-talk .ks-cite").last.hover()
    page.wait_for_selector("#chat-talk .ks-cite-card q:visible")
    assert "1884" in page.locator("#chat-talk .ks-cite-card:visible").inner_text()
    page.evaluate("document.querySelector('.ks-view video').pause()")
    page.locator("#chat-talk .ks-cite > button").last.click()
    page.wait_for_function(f"{TIME} > 6 && {TIME} < 10")
    assert "not in this video" in ask(page, "What does the elephant eat?")
    with page.expect_download() as download:
        page.click("#chat-export summary")
        page.click("#chat-export a >> nth=0")
    assert "1884" in Path(download.value.path()).read_text()
    one.open()
    enter(one)
    page.wait_for_selector("#chat-talk .ks-question:has-text('elephant')")
    assert one.complaints == []
    assert one.strangers == []


def test_a_clip_is_taken_along(read_through):
    page = read_through.page
    page.evaluate("document.querySelector('.ks-view video').pause()")
    page.evaluate("document.querySelector('.ks-view video').currentTime = 2")
    page.wait_for_function(f"{TIME} >= 2")
    page.click("[data-do=from]")
    page.evaluate("document.querySelector('.ks-view video').currentTime = 4")
    page.wait_for_function(f"{TIME} >= 4")
    page.click("[data-do=to]")
    with page.expect_download() as download:
        page.click(".ks-view-clip a")
    assert Path(download.value.path()).stat().st_size > 10_000
    assert download.value.suggested_filename.endswith(".mp4")


def test_a_language_model_answers_only_when_it_is_switched_on(read_through):
    one, page = read_through, read_through.page
    with serving(Act(("The lighthouse was built ", "in 1884 [e3]."))) as server:
        ask(page, "What is this place called?")
        assert server.asked == []
        page.click("#chat-model button >> nth=0")
        page.fill("#chat-model-url :is(input, textarea)", server.url)
        page.fill("#chat-model-name :is(input, textarea)", "tiny")
        page.fill("#chat-model-key input", "sk-very-secret")
        page.click("#chat-model-use")
        page.wait_for_selector("#chat-by-model label:has-text('tiny at 127.0.0.1')")
        ask(page, "Tell me about the lighthouse")
        assert server.asked
        assert server.keys[0] == "Bearer sk-very-secret"
        page.uncheck("#chat-by-model input")
        before = len(server.asked)
        ask(page, "Tell me about the trail")
        assert len(server.asked) == before
    assert "sk-very-secret" not in page.content()
    kept = [path for path in one.app.data.rglob("*") if path.is_file() and path.suffix in (".json", ".sqlite", ".log")]
    assert not [path for path in kept if b"sk-very-secret" in path.read_bytes()]


def test_on_a_phone_at_night(tab, read_through):
    one = tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    enter(one)
    page = one.page
    page.tap(f"#chat-shelf button:has-text('{read_through.page.input_value(TITLE)}')")
    page.wait_for_selector("#chat-talk .ks-question:has-text('elephant')")
    ask(page, "What does the screen say?")
    page.locator("#chat-talk .ks-cite > button").first.tap()
    assert page.evaluate(OVERFLOW) == 0
    assert one.complaints == []


def test_a_session_is_deleted(read_through):
    page = read_through.page
    page.once("dialog", lambda dialog: dialog.accept())
    title = page.input_value(TITLE)
    page.click("#chat-delete")
    page.wait_for_selector(f"#chat-shelf button:has-text('{title}')", state="detached")


def test_what_is_no_video_is_refused_in_words(desk, tmp_path):
    enter(desk)
    new(desk)
    page = desk.page
    (tmp_path / "notes.mp4").write_text("#EXTM3U\nhttp://127.0.0.1:1/secret.ts\n")
    page.set_input_files("#chat-add input[type=file]", tmp_path / "notes.mp4")
    page.wait_for_selector("#chat-message [role=alert]")
    assert page.locator(".ks-view[data-empty=yes]").count() == 1
