"""What a sound file says of itself: a quick look at the door, by content and through an allow-list of formats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.errors import BadInput
from studio.media.files import TameReader, open_regular

if TYPE_CHECKING:
    import av
    import av.container

    from studio.settings import Limits

ACCEPTED_SONG = (
    "a sound or video file with music in it (WAV, MP3, FLAC, OGG, Opus, M4A, AAC, AIFF, WMA, MP4, MKV, WebM)"
)
# No demuxer on this list opens a second file; playlists, image sequences and scripts are not on it.
SONG_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,w64,aiff,caf,flac,ogg,aac,asf"
SHORTEST_SONG = 0.9
"""Seconds: a codec may take a little off one second, and six segments still get a frame each at 8 fps."""
ACCEPTED_RECORDING = (
    "a sound or video file with a voice in it (WAV, MP3, FLAC, OGG, Opus, M4A, AAC, AIFF, WMA, MP4, MKV, WebM)"
)
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


@dataclass(frozen=True)
class SoundKind:
    """What a sound is wanted for, as refusals put it. `shortest`, `longest` in seconds; `most_bytes` of the file."""

    noun: str
    accepted: str
    shortest: float
    longest: float
    most_bytes: int

    @property
    def length_words(self) -> str:
        return f"{self.shortest:g} to {self.longest:g} seconds of sound"


def song_kind(limits: Limits) -> SoundKind:
    return SoundKind("song", ACCEPTED_SONG, SHORTEST_SONG, limits.song_seconds, limits.upload_bytes)


def recording_kind(limits: Limits) -> SoundKind:
    """A voice: how short it may be is for whoever looks for speech in it."""
    return SoundKind("recording", ACCEPTED_RECORDING, 0.0, limits.song_seconds, limits.upload_bytes)


def check_song(path: Path, parameter: str, limits: Limits) -> SongFacts:
    """A quick look at the header and the first decodable sound. Raises BadInput naming `parameter`."""
    kind = song_kind(limits)
    with open_regular(path, parameter, kind.accepted, kind.most_bytes) as file:
        return inspect_sound(file, path, parameter, kind)


def check_recording(path: Path, parameter: str, limits: Limits) -> SongFacts:
    """`check_song` for the recording of a voice."""
    kind = recording_kind(limits)
    with open_regular(path, parameter, kind.accepted, kind.most_bytes) as file:
        return inspect_sound(file, path, parameter, kind)


def inspect_sound(file: BinaryIO, path: Path, parameter: str, kind: SoundKind) -> SongFacts:
    """A quick look at a file that is open already; `path` is only for the message."""
    import av
    from av.error import FFmpegError

    options = {"protocol_whitelist": "", "format_whitelist": SONG_FORMATS}
    try:
        with av.open(TameReader(file), "r", options=options, metadata_errors="replace") as container:
            return _facts(container, path, parameter, kind)
    except (FFmpegError, OSError, ValueError, OverflowError) as error:
        reason = "it is damaged, cut off in its header, or no sound file"
        raise BadInput(parameter, path, kind.accepted, reason) from error


def _facts(container: av.container.InputContainer, path: Path, parameter: str, kind: SoundKind) -> SongFacts:
    import av

    if not container.streams.audio:
        raise BadInput(parameter, path, kind.accepted, "it holds no sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise BadInput(parameter, path, kind.accepted, "its sound is of a kind nobody decodes")
    ticks = stream.duration
    seconds = float(ticks * stream.time_base) if ticks and stream.time_base else None
    if seconds is None and container.duration and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    name = container.format.name.split(",")[0]
    lasts = seconds is None or kind.shortest <= seconds <= kind.longest + 1
    if not lasts and name not in _ESTIMATED:
        raise BadInput(parameter, path, kind.length_words, f"it lasts {seconds:.2f} seconds")
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if not _first_sound(container, stream):
        raise BadInput(parameter, path, kind.accepted, "its sound can't be decoded")
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
