"""Weights fetched from a hub that stands on this machine: whole, resumed, damaged, closed, gone."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled, StorageFailed, StudioError
from studio.models.fetching import FetchPlan, RemoteFile, check_room, fetch, plan_fetch
from studio.models.weights import WeightsItem, WeightsShelf

COMMIT = "c" * 40
BIG = bytes(range(256)) * 12_000
ITEM = WeightsItem("tiny", "Tiny", "MIT", "owner/tiny", files=("config.json", "unet/*.safetensors"))


@dataclass
class Hub:
    """`files` by path; `cut` bytes after which a connection breaks, once a request; `ranges` whether it knows them."""

    files: dict[str, bytes]
    cut: int = 0
    ranges: bool = True
    status: int = 200
    code: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


def answer(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            hub.asked.append((path, self.headers.get("Range", "")))
            if path.startswith("/api/") and hub.status != 200:
                self.send_response(hub.status)
                self.send_header("X-Error-Code", hub.code)
                self.end_headers()
            elif path == "/api/models/owner/tiny/revision/main":
                self._json({"id": "owner/tiny", "sha": COMMIT, "siblings": []})
            elif path == f"/api/models/owner/tiny/tree/{COMMIT}":
                self._json([self._entry(name, content) for name, content in hub.files.items()])
            elif path.startswith(f"/owner/tiny/resolve/{COMMIT}/"):
                self._file(hub.files[path.split(f"{COMMIT}/")[1]])
            else:
                self.send_response(404)
                self.end_headers()

        def _entry(self, name: str, content: bytes) -> dict:
            blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            entry: dict = {"type": "file", "path": name, "size": len(content), "oid": blob}
            if len(content) > 1000:
                entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
            return entry

        def _json(self, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _file(self, content: bytes) -> None:
            wanted = self.headers.get("Range") if hub.ranges else None
            at = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("content-length", str(len(content) - at))
            self.end_headers()
            sent = content[at : at + hub.cut] if hub.cut else content[at:]
            self.wfile.write(sent)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    known = Hub({"config.json": b"{}", "unet/model.safetensors": BIG, "unet/model.bin": b"x", "README.md": b"hello"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answer(known))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    from huggingface_hub import constants

    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


def quiet(done: int) -> None:
    """Progress nobody watches."""


def bring(models: Path) -> Path:
    return fetch(plan_fetch(ITEM), models, quiet, CancelToken())


def test_what_the_item_names_is_fetched_and_nothing_else(hub, tmp_path):
    plan = plan_fetch(ITEM)
    assert plan.commit == COMMIT
    assert {file.path for file in plan.files} == {"config.json", "unet/model.safetensors"}
    assert plan.size == len(BIG) + 2
    seen: list[int] = []
    folder = fetch(plan, tmp_path, seen.append, CancelToken())
    assert (folder / "unet" / "model.safetensors").read_bytes() == BIG
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["config.json", "model.safetensors"]
    assert seen == sorted(seen)
    assert seen[-1] == plan.size
    assert WeightsShelf([ITEM], tmp_path).find("tiny") == folder


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub, tmp_path, ranges):
    hub.cut, hub.ranges = len(BIG) // 2, ranges
    if ranges:
        assert (bring(tmp_path) / "unet" / "model.safetensors").read_bytes() == BIG
        again = next(asked for _, asked in hub.asked if asked)
        assert int(again.removeprefix("bytes=").rstrip("-")) > len(BIG) // 4
        return
    with pytest.raises(StudioError, match="breaks off within unet/model"):
        bring(tmp_path)
    assert WeightsShelf([ITEM], tmp_path).find("tiny") is None
    hub.cut = 0
    assert (bring(tmp_path) / "unet" / "model.safetensors").read_bytes() == BIG


def test_paused_it_goes_on_another_time_and_counts_as_nothing_meanwhile(hub, tmp_path):
    token = CancelToken()
    with pytest.raises(Cancelled):
        fetch(plan_fetch(ITEM), tmp_path, lambda done: done > 1_000_000 and token.cancel(), token)
    shelf = WeightsShelf([ITEM], tmp_path)
    assert shelf.find("tiny") is None
    hub.asked.clear()
    bring(tmp_path)
    (range_asked,) = [each[1] for each in hub.asked if each[0].endswith("model.safetensors")]
    assert int(range_asked.removeprefix("bytes=").rstrip("-")) > 1_000_000
    assert shelf.find("tiny") is not None
    assert not [path for path in (tmp_path / ".fetching").rglob("*") if path.is_file()]


def test_a_damaged_file_is_refused_and_fetched_anew(hub, tmp_path):
    plan = plan_fetch(ITEM)
    hub.files["unet/model.safetensors"] = BIG[:-1] + b"?"
    with pytest.raises(StudioError, match="arrived damaged"):
        fetch(plan, tmp_path, quiet, CancelToken())
    hub.files["unet/model.safetensors"] = BIG
    fetch(plan, tmp_path, quiet, CancelToken())


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [(404, "RepoNotFound", "has no owner/tiny"), (403, "GatedRepo", "asks for consent"), (500, "", "answers 500")],
)
def test_a_closed_or_broken_hub_is_told_in_words(hub, status, code, words):
    hub.status, hub.code = status, code
    with pytest.raises(StudioError, match=words):
        plan_fetch(ITEM)


def test_without_a_network_it_says_so(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(StudioError, match="may be offline"):
        plan_fetch(ITEM)


def test_files_that_vanished_and_weights_of_ones_own_are_told(hub):
    del hub.files["config.json"]
    with pytest.raises(StudioError, match=r"has no config\.json any more"):
        plan_fetch(ITEM)
    with pytest.raises(BadInput, match="put it there"):
        plan_fetch(WeightsItem("own", "Own", "MIT", notice="put it there yourself"))


def test_a_full_disk_is_known_before(tmp_path):
    huge = FetchPlan(ITEM, COMMIT, (RemoteFile("a", 10**15),))
    with pytest.raises(StorageFailed, match=r"1000000\.5 GB are needed .* free"):
        check_room([huge], tmp_path)
    assert check_room([], tmp_path) > 0
