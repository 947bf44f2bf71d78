"""A real Chromium before the real app.py, both started here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from studio.settings import ROOT
from tests.samples import write_character, write_song

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LEAVING = ("AbortError", "Connection errored out")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


# Not for the whole run: while Playwright is up, its event loop makes asyncio.run fail in every other test.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.fail("the page tests need Chromium: install the package chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield chromium
        chromium.close()


class App:
    """app.py as a process of its own; `url` ends with a slash."""

    def __init__(self, data: Path, *flags: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.data, self._flags = data, flags
        self.start()

    def start(self) -> None:
        self._log = (self.data.parent / f"app-{self.port}.log").open("ab")
        command = [sys.executable, "app.py", "--port", str(self.port), "--data", str(self.data), *self._flags]
        # As the newest process of its own group, so that a stuck one can be ended with all it started.
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log, start_new_session=True)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url + "health", timeout=5)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"app.py did not start: {Path(self._log.name).read_text()[-2000:]}")

    def worker_alive(self) -> bool:
        try:
            return urllib.request.urlopen(self.url + "health", timeout=10).status == 200
        except urllib.error.HTTPError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        finally:
            self._log.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One studio for all tests that don't end it."""
    running = App(tmp_path_factory.mktemp("studio") / "data")
    yield running
    running.stop()


class Tab:
    """A page of the studio that keeps what the browser complained of and what it asked strangers for."""

    def __init__(self, browser: Browser, app: App, **context: object) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})  # type: ignore[arg-type]
        self.app, self.complaints, self.strangers = app, [], []
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note)
        self.open()

    def _note(self, request) -> None:
        if not request.url.startswith((self.app.url, "data:", "blob:")):
            self.strangers.append(request.url)

    def open(self) -> None:
        """Loads, or reloads, and waits until the page has found its project."""
        before = list(self.complaints)
        self.page.goto(self.app.url)
        # A page that is left cuts off its own stream, and Gradio's client says so in the console.
        left = [words for words in self.complaints[len(before) :] if not any(sign in words for sign in _LEAVING)]
        self.complaints[:] = before + left
        self.page.wait_for_selector("#shelf .ks-shelf, #shelf .ks-shelf-empty")
        self.page.wait_for_selector("#screen .ks-frame")

    def new_project(self, title: str, song: Path, character: Path) -> None:
        self.page.click("#new")
        self.page.wait_for_selector("#screen [data-project='']")
        self.page.wait_for_function("document.querySelectorAll('#characters li').length === 0")
        self.page.wait_for_selector("#player .ks-player-empty")
        self.page.fill("#title :is(input, textarea)", title)
        self.page.set_input_files("#characters input[type=file]", character)
        self.page.wait_for_selector("#characters li img")
        self.page.set_input_files("#song input[type=file]", song)

    def hear(self) -> None:
        """Waits until the song was heard and the storyboard written for it."""
        self.page.wait_for_selector("#screen [data-project]:not([data-project=''])")
        self.page.wait_for_selector("#player .ks-sp-bpm b")
        self.page.wait_for_function("document.querySelectorAll('#board .ks-card').length === 7")

    def render(self) -> None:
        self.page.click("#render")
        self.page.wait_for_selector("#screen .ks-progress:not([hidden])")

    def wait_for_state(self, state: str, seconds: float = 90) -> None:
        self.page.wait_for_selector(f"#screen [data-state={state}]", timeout=1000 * seconds)


@contextmanager
def tabs(browser: Browser, app: App) -> Iterator[Callable[..., Tab]]:
    """make(**context) opens the studio in a browser of its own, as another person would."""
    opened: list[Tab] = []

    def make(**context: object) -> Tab:
        opened.append(Tab(browser, app, **context))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()


@pytest.fixture
def tab(browser: Browser, app: App) -> Iterator[Callable[..., Tab]]:
    with tabs(browser, app) as make:
        yield make


@pytest.fixture(scope="module")
def desk(browser: Browser, app: App) -> Iterator[Tab]:
    """One tab for tests that begin with a new project and leave nothing behind: a page takes seconds to load."""
    with tabs(browser, app) as make:
        yield make(color_scheme="light")


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("song") / "short_song.wav", seconds=6)


@pytest.fixture(scope="session")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be caught while it renders."""
    return write_song(tmp_path_factory.mktemp("song") / "long_song.wav", seconds=60)


@pytest.fixture(scope="session")
def character(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_character(tmp_path_factory.mktemp("character") / "singer.png")
