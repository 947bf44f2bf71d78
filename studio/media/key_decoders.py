"""Key frames decoded side by side, each as a video of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av


class KeyDecoders:
    """One decoder a thread; pictures come in the order of their packets. What can't be decoded is left out and counted
    in `broken`. `contexts` are one video's, one of them at least; used by nobody else while packets are under way."""

    def __init__(self, contexts: Sequence[av.VideoCodecContext]) -> None:
        self.broken = 0
        self._most = len(contexts) + 1
        self._free: SimpleQueue[av.VideoCodecContext] = SimpleQueue()
        for context in contexts:
            context.copy_opaque = True
            self._free.put(context)
        self._threads = ThreadPoolExecutor(len(contexts), thread_name_prefix="key frames")
        self._under_way: deque[Future[list[av.VideoFrame] | None]] = deque()

    def put(self, packet: av.Packet) -> Iterator[av.VideoFrame]:
        """The packet of a key frame; pictures that are there by now, of packets before it."""
        self._under_way.append(self._threads.submit(self._decoded, packet))
        while len(self._under_way) > self._most:
            yield from self._next()

    def rest(self) -> Iterator[av.VideoFrame]:
        """The pictures of all packets so far."""
        while self._under_way:
            yield from self._next()

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _next(self) -> list[av.VideoFrame]:
        frames = self._under_way.popleft().result()
        self.broken += frames is None
        return frames or []

    def _decoded(self, packet: av.Packet) -> list[av.VideoFrame] | None:
        from av.error import FFmpegError

        context = self._free.get()
        try:
            # Drained and emptied for each: decoders put pictures in order by counters that may go on over key frames.
            return [*context.decode(packet), *context.decode(None)]
        except EOFError:
            return []
        except FFmpegError:
            return None
        finally:
            context.flush_buffers()
            self._free.put(context)
