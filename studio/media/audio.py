"""A person's song: checked at the door, decoded once into PCM that everything after reads, encoded once to AAC.

MP3 decoders differ by 20-40 ms: analysis and film use the same decode, so that a beat is where it is heard.
"""

from __future__ import annotations

import wave
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed, brief
from studio.media.ffmpeg import file_url, run
from studio.media.files import open_regular

if TYPE_CHECKING:
    import av.container
    import numpy as np

    from studio.settings import Limits

ACCEPTED_SONG = (
    "a sound or video file with music in it (WAV, MP3, FLAC, OGG, Opus, M4A, AAC, AIFF, WMA, MP4, MKV, WebM)"
)
# No demuxer on this list opens a second file; playlists, image sequences and scripts are not on it.
SONG_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,w64,aiff,caf,flac,ogg,aac,asf"
SHORTEST_SONG = 0.9
"""Seconds: a codec may take a little off one second, and six segments still get a frame each at 8 fps."""
AAC_BITS = 192_000
_RATES = range(4_000, 768_001)
_MOST_CHANNELS = 64
_ESTIMATED = frozenset({"mp3", "aac"})
_PACKETS_TRIED = 50


@dataclass(frozen=True)
class SongFacts:
    """What a sound file says of itself. `format` the container's name, `sample_rate` in Hz, `channels` as in the
    file, `layout` ffmpeg's name for them.

    duration_hint  seconds as announced, None when not announced; an estimate for MP3 and AAC
    duration       seconds decoded, None before decoding
    notice         what was wrong with the file and is mended, in words; "" when nothing was
    """

    format: str
    sample_rate: int
    channels: int
    layout: str
    duration_hint: float | None
    duration: float | None = None
    notice: str = ""


def check_song(path: Path, parameter: str, limits: Limits) -> SongFacts:
    """A quick look at the header and the first decodable sound. Raises BadInput naming `parameter`."""
    with open_regular(path, parameter, ACCEPTED_SONG, limits.upload_bytes) as file:
        return inspect_song(file, path, parameter, limits)


def inspect_song(file: BinaryIO, path: Path, parameter: str, limits: Limits) -> SongFacts:
    """`check_song` on a file that is open already; `path` is only for the message."""
    import av
    from av.error import FFmpegError

    options = {"protocol_whitelist": "", "format_whitelist": SONG_FORMATS}
    try:
        with av.open(file, "r", options=options, metadata_errors="replace") as container:
            return _facts(container, path, parameter, limits)
    except (FFmpegError, ValueError, OverflowError) as error:
        reason = "it is damaged, cut off in its header, or no sound file"
        raise BadInput(parameter, path, ACCEPTED_SONG, reason) from error


def _facts(container: av.container.InputContainer, path: Path, parameter: str, limits: Limits) -> SongFacts:
    import av

    if not container.streams.audio:
        raise BadInput(parameter, path, ACCEPTED_SONG, "it holds no sound")
    stream = container.streams.audio[0]
    ticks = stream.duration
    seconds = float(ticks * stream.time_base) if ticks and stream.time_base else None
    if seconds is None and container.duration and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    name = container.format.name.split(",")[0]
    lasts = seconds is None or SHORTEST_SONG <= seconds <= limits.song_seconds + 1
    if not lasts and name not in _ESTIMATED:
        raise BadInput(parameter, path, _length(limits), f"it lasts {seconds:.2f} seconds")
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if not _first_sound(container, stream):
        raise BadInput(parameter, path, ACCEPTED_SONG, "its sound can't be decoded")
    rate, channels = rate or stream.codec_context.sample_rate, channels or stream.codec_context.channels
    if rate not in _RATES:
        raise BadInput(parameter, path, "4000 to 768000 samples a second", f"it has {rate}")
    if not 1 <= channels <= _MOST_CHANNELS:
        raise BadInput(parameter, path, f"1 to {_MOST_CHANNELS} channels", f"it has {channels}")
    return SongFacts(name, rate, channels, stream.codec_context.layout.name, seconds)


def _first_sound(container: av.container.InputContainer, stream: av.AudioStream) -> bool:
    """Whether one frame of sound comes out of the first packets; one broken packet is no reason to give up."""
    from av.error import FFmpegError

    for packet in islice(container.demux(stream), _PACKETS_TRIED):
        try:
            if any(frame.samples for frame in packet.decode()):
                return True
        except FFmpegError:
            continue
    return False


def _length(limits: Limits) -> str:
    return f"{SHORTEST_SONG:g} to {limits.song_seconds:g} seconds of sound"


def decode_song(path: Path, wav: Path, parameter: str, limits: Limits, cancel: CancelToken) -> SongFacts:
    """Decodes the first sound track of `path` into `wav`: 16-bit stereo PCM at 44,100 or 48,000 Hz.

    Those two rates are kept, others become 48,000. One channel goes to both sides, more than two are mixed down
    without clipping. A cut off or damaged file gives what is there, with a `notice`. Raises BadInput for no sound,
    silence (nothing above -66 dBFS), less than 0.9 or more than `limits.song_seconds` seconds; Cancelled;
    StorageFailed. Nothing is left behind but a complete `wav`.
    """
    from studio.media.pcm import pour

    with open_regular(path, parameter, ACCEPTED_SONG, limits.upload_bytes) as file:
        facts = inspect_song(file, path, parameter, limits)
        with atomic_path(wav) as partial:
            poured = pour(file, partial, facts, limits.song_seconds, cancel)
            if not poured.frames:
                raise BadInput(parameter, path, ACCEPTED_SONG, "its sound can't be decoded")
            if not SHORTEST_SONG <= poured.seconds <= limits.song_seconds + 0.1:
                longer = "more than " if poured.seconds > limits.song_seconds else ""
                seconds = min(poured.seconds, limits.song_seconds)
                raise BadInput(parameter, path, _length(limits), f"it lasts {longer}{seconds:.2f} seconds")
            if poured.silent:
                raise BadInput(parameter, path, ACCEPTED_SONG, "it is silent: nothing in it is above -66 dBFS")
    return replace(facts, duration=poured.seconds, notice=poured.notice(facts))


def read_pcm(wav: Path) -> tuple[np.ndarray, int]:
    """A 16-bit PCM file as float32 (n, channels) in -1..1, and its sample rate. Raises StorageFailed if damaged."""
    import numpy as np

    try:
        with closing(wave.open(str(wav), "rb")) as reader:
            channels, width, rate, count, _, _ = reader.getparams()
            content = reader.readframes(count)
    except (OSError, EOFError, wave.Error) as error:
        raise StorageFailed(f"{brief(wav, 200)} is missing or damaged: {error}") from error
    if width != 2 or len(content) != count * channels * 2:
        raise StorageFailed(f"{brief(wav, 200)} is damaged: it is cut off or not 16-bit PCM")
    samples = np.frombuffer(content, "<i2").reshape(-1, channels).astype(np.float32)
    samples *= 1 / 32768
    return samples, rate


def encode_sound(wav: Path, m4a: Path, cancel: CancelToken) -> None:
    """`wav` as AAC at 192 kbit/s in `m4a`; its edit list hides the encoder's run-in, so that it starts and ends
    where `wav` does, to the sample. Raises Cancelled, StorageFailed."""
    with open_wav(wav) as file, atomic_path(m4a) as partial:
        arguments = ["-protocol_whitelist", "fd", "-f", "wav", "-i", "fd:", "-map", "0:a:0", "-c:a", "aac"]
        arguments += ["-b:a", str(AAC_BITS), "-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
        finished = run([*arguments, "-movflags", "+faststart", "-f", "mp4", file_url(partial)], cancel, file)
        if finished.returncode:
            raise finished.fault("encoding the sound", m4a)


def open_wav(wav: Path) -> BinaryIO:
    try:
        return wav.open("rb")
    except OSError as error:
        raise StorageFailed(f"{brief(wav, 200)} can't be read: {error.strerror}") from error
