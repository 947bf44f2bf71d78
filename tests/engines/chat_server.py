"""A real local HTTP server that speaks the chat completions API, as well or badly as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Act:
    """What one request gets: `pieces` streamed `pause` seconds apart, or a `status`; a stream that `breaks` off."""

    pieces: Sequence[str] = ()
    status: int = 200
    pause: float = 0.0
    breaks: bool = False
    streams: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass
class Server:
    """`acts` one a request, the last one again and again; `asked` the bodies that came, `keys` their headers."""

    acts: Sequence[Act]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    server_of: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        server = self.server_of
        act = server.acts[min(len(server.asked), len(server.acts) - 1)]
        server.asked.append({"path": self.path, **json.loads(body)})
        server.keys.append(self.headers.get("authorization"))
        self.send_response(act.status)
        for name, value in act.headers:
            self.send_header(name, value)
        if act.status != 200:
            self.end_headers()
            # a careless server repeats the key in its error
            self.wfile.write(json.dumps({"error": self.headers.get("authorization")}).encode())
            return
        if act.body or not act.streams:
            self.send_header("content-type", "text/event-stream" if act.streams else "application/json")
            self.end_headers()
            whole = {"choices": [{"message": {"role": "assistant", "content": "".join(act.pieces)}}]}
            self.wfile.write(act.body or json.dumps(whole).encode())
            return
        self._stream(act)

    def _stream(self, act: Act) -> None:
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.end_headers()
        try:
            self.wfile.write(b": hello\n\n")
            for piece in act.pieces:
                self.wfile.write(f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n".encode())
                self.wfile.flush()
                time.sleep(act.pause)
            if not act.breaks:
                self.wfile.write(b"data: [DONE]\n\n")
        except OSError:  # the client went away, as a cancelled one does
            return

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(*acts: Act) -> Iterator[Server]:
    server = Server(acts)
    handler = type("Handler", (_Handler,), {"server_of": server})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
