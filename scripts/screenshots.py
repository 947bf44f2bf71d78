"""The README's pictures, from a real run: the demo is rendered through the page by Chromium and looked at.

    python scripts/screenshots.py [--out docs/images]

Leaves studio.png (desktop, light), studio-dark.png, studio-rendering.png, studio-phone.png of the music video room,
message.png of the message room and chat.png of the video chat room. Needs the program Chromium; downloads nothing.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
DESKTOP = {"width": 1360, "height": 1440}
PHONE = {"width": 390, "height": 844}
RENDER_SECONDS = 900.0
SHOWN_AT = 0.45  # share of the film's length
ALL_DRAWN = (
    "[...document.querySelectorAll('#board .ks-card img')].filter(i => i.complete && i.naturalWidth > 0).length === 7"
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the README's pictures.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    out = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sys.exit("screenshots need the program Chromium: apt-get install chromium, or Chrome")
    with tempfile.TemporaryDirectory() as data, studio(Path(data)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        render_and_look(browser, url, out)
        look_by_night_and_on_a_phone(browser, url, out)
        talk_and_look(browser, url, out)
        ask_and_look(browser, url, out)
        browser.close()


@contextmanager
def studio(data: Path) -> Iterator[str]:
    """app.py on a free port, with the demo in an empty data folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen([sys.executable, "app.py", "--port", str(port), "--data", str(data)], cwd=ROOT)
    try:
        while process.poll() is None and not answers(url + "health"):
            time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(url: str) -> bool:
    """Whether the studio is there with its worker."""
    try:
        return urllib.request.urlopen(url, timeout=10).status == 200
    except (urllib.error.URLError, OSError):
        return False


def open_page(browser: Browser, url: str, size: dict, scheme: str) -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=1.5)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#shelf li")
    page.wait_for_function("[...document.querySelectorAll('#characters img')].every(i => i.naturalWidth > 0)")
    return page


def render_and_look(browser: Browser, url: str, out: Path) -> None:
    page = open_page(browser, url, DESKTOP, "light")
    page.wait_for_function(ALL_DRAWN, timeout=1000 * RENDER_SECONDS)  # the demo draws itself
    page.wait_for_timeout(1500)
    page.screenshot(path=out / "studio.png")
    page.click("#render")
    page.wait_for_function("document.querySelectorAll('.ks-strip img').length >= 5", timeout=1000 * RENDER_SECONDS)
    show_stage(page)
    page.screenshot(path=out / "studio-rendering.png")
    page.wait_for_selector("#screen [data-state=done]", timeout=1000 * RENDER_SECONDS)
    page.context.close()


def look_by_night_and_on_a_phone(browser: Browser, url: str, out: Path) -> None:
    page = open_page(browser, url, DESKTOP, "dark")
    show_film(page)
    page.click(".ks-report summary")
    show_stage(page)
    page.screenshot(path=out / "studio-dark.png")
    page.context.close()
    page = open_page(browser, url, PHONE, "light")
    show_film(page)
    page.evaluate("document.getElementById('board-head').scrollIntoView({block: 'start'}); scrollBy(0, -12)")
    page.wait_for_timeout(400)
    page.screenshot(path=out / "studio-phone.png")
    page.context.close()


def talk_and_look(browser: Browser, url: str, out: Path) -> None:
    page = open_page(browser, url, {**DESKTOP, "height": 2030}, "light")
    page.click(".ks-rooms [data-room=message]")
    page.wait_for_selector("#say-portrait .ks-checks img", timeout=1000 * RENDER_SECONDS)
    page.click("#say-hear")
    page.wait_for_selector("#say-speech p", timeout=1000 * RENDER_SECONDS)
    page.click("#say-make")
    page.wait_for_selector("#say-screen [data-state=done] video", timeout=1000 * RENDER_SECONDS)
    page.evaluate(
        "() => new Promise(done => { const v = document.querySelector('#say-screen video');"
        f" v.onseeked = done; v.currentTime = v.duration * {SHOWN_AT}; }})"
    )
    page.mouse.move(0, 0)
    page.wait_for_timeout(3500)
    page.screenshot(path=out / "message.png")
    page.context.close()


QUESTIONS = ("When does the last ferry leave?", "Who looks after the lighthouse?", "How many visitors were there?",
             "Is there a dog in the video?")  # fmt: skip


def ask_and_look(browser: Browser, url: str, out: Path) -> None:
    page = open_page(browser, url, {**DESKTOP, "height": 1000}, "light")
    page.click(".ks-rooms [data-room=chat]")
    page.wait_for_selector("#chat-reading [data-state=done]", state="attached", timeout=1000 * RENDER_SECONDS)
    for number, question in enumerate(QUESTIONS):
        page.fill("#chat-question :is(input, textarea)", question)
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelectorAll('#chat-talk .ks-answer').length > {number}")
    page.locator("#chat-talk .ks-cite > button").nth(0).click()
    page.wait_for_timeout(1500)
    page.evaluate("document.querySelector('.ks-view video').pause(); scrollTo(0, 0)")
    page.locator("#chat-talk .ks-cite").nth(3).hover()
    page.wait_for_timeout(3500)
    page.screenshot(path=out / "chat.png")
    page.context.close()


def show_stage(page: Page) -> None:
    page.evaluate("document.getElementById('bench').scrollIntoView({block: 'end'}); scrollBy(0, 40)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(600)


def show_film(page: Page) -> None:
    """A moment inside the film stands on the screen."""
    page.wait_for_function("(document.querySelector('#screen video') || {}).readyState >= 2")
    page.evaluate(
        "() => new Promise(done => { const v = document.querySelector('#screen video');"
        f" v.onseeked = done; v.currentTime = v.duration * {SHOWN_AT}; }})"
    )
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.mouse.move(0, 0)
    page.wait_for_timeout(3500)  # until the player's buttons have faded


if __name__ == "__main__":
    main()
