"""How long until the page is served: the studio against a bare Gradio page.

    python -m benchmarks.page_start

From the start of the process to the first whole answer of GET /, each in a process of its own, turn about, one round
before that to warm the disk. Prints medians and their ratio.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
PATIENCE_SECONDS = 120.0

BARE = """
import sys
import gradio as gr
with gr.Blocks(analytics_enabled=False) as page:
    name = gr.Textbox(label="Name")
    name.submit(lambda text: text, name, gr.Textbox())
page.launch(server_port=int(sys.argv[1]), quiet=True)
"""


def main() -> None:
    seconds: dict[str, list[float]] = {"bare Gradio page": [], "studio": []}
    for turn in range(ROUNDS + 1):
        for name, measured in seconds.items():
            with tempfile.TemporaryDirectory() as data:
                took = seconds_to_page(name, data)
            if turn:
                measured.append(took)
    bare, ours = (statistics.median(each) for each in seconds.values())
    print(f"studio: {ours:.2f} s until the page is served (median of {ROUNDS}), its worker starting beside it")
    print(f"    {ours / bare:8.2f}x  bare Gradio page ({bare:.2f} s)")


def seconds_to_page(name: str, data: str) -> float:
    port = free_port()
    studio = [sys.executable, "app.py", "--port", str(port), "--data", data]
    command = studio if name == "studio" else [sys.executable, "-c", BARE, str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/")
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def wait_for_page(url: str) -> None:
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no page at {url} within {PATIENCE_SECONDS:g} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
