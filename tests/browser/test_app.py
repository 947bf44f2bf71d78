"""The door: flags, the login, the named calls, and the end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from studio.settings import ROOT
from tests.browser.conftest import App
from tests.engines.drawn_faces import portrait
from tests.pipelines.message_samples import save


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--port", "0"], "--port"),
        (["--port", "70000"], "65535"),
        (["--port", "x"], "whole number"),
        (["--auth", "me"], "USER:PASSWORD"),
        (["--auth", ":"], "USER:PASSWORD"),
        (["--nonsense"], "--nonsense"),
        (["--hos", "0.0.0.0"], "--hos"),
    ],
)
def test_a_bad_flag_is_one_line_and_status_2(flags, word):
    done = subprocess.run([sys.executable, "app.py", *flags], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_address_that_is_taken_is_one_line_and_status_2(app, tmp_path):
    command = [sys.executable, "app.py", "--port", str(app.port), "--data", str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("app.py: --port")
    assert done.stderr.count("\n") == 1


def test_scripts_use_the_named_calls(app, song, character, tmp_path):
    client = Client(app.url, verbose=False, download_files=tmp_path)
    names = {name for name in client.view_api(return_format="dict")["named_endpoints"]}
    assert names == {
        "/render", "/message", "/voices", "/index", "/ask", "/status", "/cancel", "/steer", "/resume", "/projects",
        "/styles",
    }  # fmt: skip
    assert {"name", "title", "description"} <= client.predict(api_name="/styles")[0].keys()
    made = client.predict(
        song=handle_file(song), characters=[handle_file(character)], prompt="a script's film", style="watercolour",
        settings={"size": "960x540", "seed": 5, "title": "Scripted"}, api_name="/render",
    )  # fmt: skip
    status = client.predict(project=made["project"], api_name="/status")
    assert status["job"] == made["job"]
    assert status["state"] in ("queued", "running", "done")
    with pytest.raises(AppError, match="without steps"):
        client.predict(project=made["project"], changes={"guidance": 3}, api_name="/steer")
    client.predict(project=made["project"], api_name="/cancel")
    deadline = time.monotonic() + 15
    while client.predict(project=made["project"], api_name="/status")["state"] != "cancelled":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    listed = {entry["id"]: entry for entry in client.predict(api_name="/projects")}
    assert (listed[made["project"]]["title"], listed[made["project"]]["state"]) == ("Scripted", "cancelled")


def test_a_script_asks_about_a_video(app, tmp_path):
    client = Client(app.url, verbose=False, download_files=tmp_path)
    made = client.predict(video=handle_file(ROOT / "assets" / "demo" / "clip.mp4"), api_name="/index")
    assert made["state"] == "queued"
    deadline = time.monotonic() + 60
    answer = None
    while answer is None:  # it answers as soon as anything was read
        assert time.monotonic() < deadline
        with suppress(AppError):
            answer = client.predict(session=made["session"], question="How long is it?", api_name="/ask")
    assert "46" in answer["answer"]
    with pytest.raises(AppError, match="is not accepted"):
        client.predict(session="../projects", question="How long is it?", api_name="/ask")


def test_a_script_makes_a_message(app, tmp_path):
    client = Client(app.url, verbose=False, download_files=tmp_path)
    assert {"id": "speaker:joe", "name": "Joe", "language": "en"} in client.predict(api_name="/voices")
    photo = save(portrait(200), tmp_path / "me.png")
    settings = {"background": "#203040", "height": "512", "title": "By a script"}
    made = client.predict(
        photo=handle_file(photo), text="Hello.", voice="speaker:joe", settings=settings, api_name="/message"
    )
    client.predict(project=made["project"], api_name="/cancel")
    with pytest.raises(AppError, match="Words"):
        client.predict(photo=handle_file(photo), text="", api_name="/message")


def test_a_script_is_refused_in_words(app, song, character):
    client = Client(app.url, verbose=False)
    good = {"song": handle_file(song), "characters": [handle_file(character)]}
    for change, words in (
        ({"characters": []}, "Characters"),
        ({"settings": {"fps": 900}}, "Frames a second"),
        ({"settings": {"colour": 1}}, "settings"),
        ({"style": "no-such"}, "Look"),
        ({"song": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}}, ""),
        ({"song": {"path": "/etc/passwd"}}, "upload"),
    ):
        with pytest.raises(AppError) as caught:
            client.predict(**{**good, **change}, api_name="/render")
        assert words in str(caught.value)
        assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "256.1.1.1", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_one_line_and_status_2(host, tmp_path):
    command = [sys.executable, "app.py", "--host", host, "--port", "1024", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert host in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_login_guards_everything_and_a_signal_ends_it_all_until_the_next_start(browser, tmp_path):
    app = App(tmp_path / "data", "--auth", "me:secret")
    try:
        project = next(path for path in (app.data / "projects").iterdir() if "message" not in path.name)
        for path in ("config", "gradio_api/info", f"media/{project.name}/final_video.mp4", "voices/any/sample_01.wav"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(app.url + path)
        page = sign_in(browser, app)
        assert page.evaluate(f"fetch('media/{project.name}/final_video.mp4').then(r => r.status)") == 404
        deadline = time.monotonic() + 60
        while not app.worker_alive():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert app.stop(signal.SIGTERM) == 0
        assert not workers_of(app)

        app.start()
        page.context.close()
        page = sign_in(browser, app)
        assert page.input_value("#title :is(input, textarea)") == "Demo"
        assert page.locator("#shelf li").count() == 1
        page.context.close()
    finally:
        status = app.stop(signal.SIGINT)
    assert status == 0


def sign_in(browser, app: App):
    page = browser.new_context().new_page()
    page.goto(app.url)
    page.fill("input[type=text], textarea", "me")
    page.fill("input[type=password]", "secret")
    page.click("button:has-text('Login')")
    page.wait_for_selector("#characters li img")
    page.wait_for_selector("#shelf li")
    return page


def workers_of(app: App) -> list[str]:
    """Command lines of processes still at work on the app's data, within five seconds of its end."""
    deadline = time.monotonic() + 5
    while True:
        listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        left = [line for line in listing.splitlines() if str(app.data) in line]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.2)
