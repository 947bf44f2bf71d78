"""A person's song: checked at the door, decoded once into PCM that everything after reads, encoded once to AAC.

MP3 decoders differ by 20-40 ms: analysis and film use the same decode, so that a beat is where it is heard.
"""

from __future__ import annotations

import wave
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed, brief
from studio.media.ffmpeg import file_url, run
from studio.media.files import open_regular
from studio.media.song_file import SongFacts, SoundKind, check_song, inspect_sound, recording_kind, song_kind

if TYPE_CHECKING:
    import numpy as np

    from studio.settings import Limits

__all__ = ["AAC_BITS", "SongFacts", "check_song", "decode_recording", "decode_song", "encode_sound", "read_pcm"]

AAC_BITS = 192_000


def decode_song(path: Path, wav: Path, parameter: str, limits: Limits, cancel: CancelToken) -> SongFacts:
    """Decodes the first sound track of `path` into `wav`: 16-bit stereo PCM at 44,100 or 48,000 Hz.

    Those two rates are kept, others become 48,000. One channel goes to both sides, more than two are mixed down
    without clipping. A cut off or damaged file gives what is there, with a `notice`. Raises BadInput for no sound,
    silence (nothing above -66 dBFS), less than 0.9 or more than `limits.song_seconds` seconds; Cancelled;
    StorageFailed. Nothing is left behind but a complete `wav`.
    """
    return _decode(path, wav, parameter, song_kind(limits), cancel)


def decode_recording(path: Path, wav: Path, parameter: str, limits: Limits, cancel: CancelToken) -> SongFacts:
    """`decode_song` for the recording of a voice, which may be as short as it likes."""
    return _decode(path, wav, parameter, recording_kind(limits), cancel)


def _decode(path: Path, wav: Path, parameter: str, kind: SoundKind, cancel: CancelToken) -> SongFacts:
    from studio.media.pcm import pour

    with open_regular(path, parameter, kind.accepted, kind.most_bytes) as file:
        facts = inspect_sound(file, path, parameter, kind)
        with atomic_path(wav) as partial:
            poured = pour(file, partial, facts, kind.longest, cancel)
            if not poured.frames:
                raise BadInput(parameter, path, kind.accepted, "its sound can't be decoded")
            if not kind.shortest <= poured.seconds <= kind.longest + 0.1:
                longer = "more than " if poured.seconds > kind.longest else ""
                seconds = min(poured.seconds, kind.longest)
                raise BadInput(parameter, path, kind.length_words, f"it lasts {longer}{seconds:.2f} seconds")
            if poured.silent:
                raise BadInput(parameter, path, kind.accepted, "it is silent: nothing in it is above -66 dBFS")
    return replace(facts, duration=poured.seconds, notice=poured.notice(facts, kind.noun))


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


def encode_sound(wav: Path, m4a: Path, cancel: CancelToken, span: tuple[float, float] | None = None) -> None:
    """`wav`, or its `span` (start, end in seconds), as AAC at 192 kbit/s in `m4a`; its edit list hides the encoder's
    run-in, so that it starts and ends where the sound does, to the sample. Raises Cancelled, StorageFailed."""
    cut = ["-af", f"atrim=start={span[0]:.6f}:end={span[1]:.6f},asetpts=PTS-STARTPTS"] if span else []
    with open_wav(wav) as file, atomic_path(m4a) as partial:
        arguments = ["-protocol_whitelist", "fd", "-f", "wav", "-i", "fd:", "-map", "0:a:0", *cut, "-c:a", "aac"]
        arguments += ["-b:a", str(AAC_BITS), "-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
        finished = run([*arguments, "-movflags", "+faststart", "-f", "mp4", file_url(partial)], cancel, file)
        if finished.returncode:
            raise finished.fault("encoding the sound", m4a)


def open_wav(wav: Path) -> BinaryIO:
    try:
        return wav.open("rb")
    except OSError as error:
        raise StorageFailed(f"{brief(wav, 200)} can't be read: {error.strerror}") from error
