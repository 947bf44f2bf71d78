"""A stranger's video in a wrapping of ours: its first picture and sound alone, copied, and nothing else of the file.

Subtitles, attachments, data, chapters and names stay behind, so that no later stage, and no browser, opens them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import BadInput, StudioError
from studio.media.clip import EVEN, SOURCE
from studio.media.ffmpeg import Ffmpeg, file_url, run
from studio.media.files import TameReader, open_regular
from studio.media.footage import ACCEPTED_FOOTAGE, FOOTAGE_FORMATS, check_footage

if TYPE_CHECKING:
    import av
    import av.container

    from studio.settings import Limits


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PICTURE_CODECS = _names(
    "h264 hevc av1 vp8 vp9 mpeg4 mpeg2video mpeg1video mjpeg prores dnxhd h263 msmpeg4v2 msmpeg4v3 theora dvvideo ffv1 "
    "huffyuv ffvhuff utvideo rawvideo png qtrle cinepak svq3 wmv2 vc1 cfhd vvc"
)
SOUND_CODECS = _names(
    "aac mp3 mp2 ac3 eac3 dts truehd opus vorbis flac alac amr_nb amr_wb adpcm_ms adpcm_ima_wav adpcm_ima_qt wmav1 "
    "wmav2 wavpack qdm2"
)
_MP4 = _names("h264 hevc av1 vp9 mpeg4"), _names("aac mp3 opus flac alac ac3 eac3")
_WEBM = _names("vp8 vp9 av1"), _names("opus vorbis")
_SUFFIXES = {"mp4": ".mp4", "webm": ".webm", "matroska": ".mkv"}
_NO_NAMES = ["-map_metadata", "-1", "-map_metadata:s:v", "-1", "-map_metadata:s:a", "-1"]
_PLAIN = [*_NO_NAMES, "-map_chapters", "-1", "-sn", "-dn"]
_PLAYED_PICTURES, _PLAYED_SOUNDS = _names("h264 vp8 vp9 av1"), _names("aac mp3 opus vorbis flac")
_PLAYED_PIXELS = ("yuv420p", "yuvj420p")
_PROXY_HEIGHT, _PROXY_WIDTH = 720, 1280


@dataclass(frozen=True)
class Tracks:
    """The first moving picture and sound: their places in the container and codecs; "" and None without sound. `delay`:
    seconds from the first picture to the first sound, below 0 where the sound begins first."""

    picture: int
    picture_codec: str
    pixels: str
    sound: int | None
    sound_codec: str
    delay: float = 0.0

    @property
    def wrapping(self) -> str:
        """The muxer that holds both as they are, one that browsers play where there is one."""
        for name, (pictures, sounds) in (("mp4", _MP4), ("webm", _WEBM)):
            if self.picture_codec in pictures and (not self.sound_codec or self.sound_codec in sounds):
                return name
        return "matroska"


def read_tracks(path: Path, parameter: str, limits: Limits) -> Tracks:
    """Raises BadInput naming `parameter` for what is no video, or of a codec that isn't accepted."""
    import av
    from av.error import FFmpegError

    options = {"protocol_whitelist": "", "format_whitelist": FOOTAGE_FORMATS}
    with open_regular(path, parameter, ACCEPTED_FOOTAGE, limits.upload_bytes) as file:
        try:
            with av.open(TameReader(file), "r", options=options, metadata_errors="replace") as container:
                return _tracks(container, path, parameter)
        except (FFmpegError, OSError, ValueError, OverflowError) as error:
            reason = "it is damaged, cut off in its header, or no video"
            raise BadInput(parameter, path, ACCEPTED_FOOTAGE, reason) from error


def _tracks(container: av.container.InputContainer, path: Path, parameter: str) -> Tracks:
    moving = [one for one in container.streams.video if one.codec_context and not int(one.disposition) & 0x400]
    if not moving:
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "it holds no moving picture")
    heard = next((one for one in container.streams.audio if one.codec_context), None)
    picture = moving[0].codec_context.codec.canonical_name
    sound = heard.codec_context.codec.canonical_name if heard else ""
    if picture not in PICTURE_CODECS:
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, f"its pictures are in {picture}")
    if sound and sound not in SOUND_CODECS and not sound.startswith("pcm_"):
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, f"its sound is in {sound}")
    pixels, place = moving[0].codec_context.pix_fmt or "", heard.index if heard else None
    return Tracks(moving[0].index, picture, pixels, place, sound, _begin(heard) - _begin(moving[0]) if heard else 0.0)


def _begin(stream: av.VideoStream | av.AudioStream) -> float:
    return float(stream.start_time * stream.time_base) if stream.start_time is not None and stream.time_base else 0.0


def rewrapped(path: Path, stem: Path, parameter: str, limits: Limits) -> Path | None:
    """`path` copied, not encoded, into `stem` with the suffix of its new wrapping; None where none takes its streams as
    they are. Raises BadInput as `read_tracks`, StorageFailed when the disk is full."""
    tracks = read_tracks(path, parameter, limits)
    target = stem.with_name(stem.name + _SUFFIXES[tracks.wrapping])
    if target.is_file():
        return target
    arguments = [*_source(tracks), "-c", "copy", *_PLAIN]
    if tracks.wrapping == "mp4":
        arguments += ["-movflags", "+faststart", *(("-tag:v", "hvc1") if tracks.picture_codec == "hevc" else ())]
    try:
        with open_regular(path, parameter, ACCEPTED_FOOTAGE, limits.upload_bytes) as file, atomic_path(target) as new:
            finished = run([*arguments, "-f", tracks.wrapping, file_url(new)], CancelToken(), file)
            if finished.returncode:
                raise finished.fault("copying the video", target)
            check_footage(new, parameter, limits)
    except BadInput:
        return None
    except StudioError as error:
        if error.kind == "storage_failed":
            raise
        return None
    return target


def plays_in_browsers(path: Path, limits: Limits) -> bool:
    """Whether Chromium plays a video that `rewrapped` or `encode` made, going by its codecs."""
    tracks = read_tracks(path, "FILE", limits)
    return (
        path.suffix in (".mp4", ".webm")
        and tracks.picture_codec in _PLAYED_PICTURES
        and tracks.pixels in _PLAYED_PIXELS
        and (not tracks.sound_codec or tracks.sound_codec in _PLAYED_SOUNDS)
    )


def encode(path: Path, target: Path, limits: Limits, cancel: CancelToken, small: bool = False) -> Iterator[float]:
    """`path` as H.264 and AAC in `target` (MP4), each picture at its own time; `small` for a preview of 1280 x 720 at
    most. Yields how many seconds of it are done, several times a second. Raises BadInput, StorageFailed, StudioError,
    Cancelled; `target` is whole or not there."""
    tracks = read_tracks(path, "FILE", limits)
    scale = f"scale=min(1\\,min({_PROXY_WIDTH}/iw\\,{_PROXY_HEIGHT}/ih))*iw:-1:force_original_aspect_ratio=disable,"
    quality = ["-preset", "veryfast", "-crf", "26" if small else "18", "-threads", "1" if small else "0"]
    arguments = [*_source(tracks), "-vf", f"{scale if small else ''}{EVEN},format=yuv420p", "-fps_mode", "passthrough"]
    arguments += ["-c:v", "libx264", *quality, "-c:a", "aac", "-b:a", "128k" if small else "192k", *_PLAIN]
    arguments += ["-movflags", "+faststart", "-progress", "pipe:1", "-stats_period", "0.3", "-f", "mp4"]
    with path.open("rb") as file, atomic_path(target) as new:
        ffmpeg = Ffmpeg([*arguments, file_url(new)], cancel, stdin=file, stdout=subprocess.PIPE)
        try:
            yield from _progress(ffmpeg.stdout)
            finished = ffmpeg.finish()
        finally:
            ffmpeg.kill()
        if finished.returncode:
            raise finished.fault("encoding the video", target)


def _progress(stream: IO[bytes]) -> Iterator[float]:
    with closing(open(stream.fileno(), closefd=False, encoding="ascii", errors="replace")) as lines:
        for line in lines:
            name, _, value = line.strip().partition("=")
            if name == "out_time_us" and value.lstrip("-").isdigit():
                yield max(0.0, int(value) / 1e6)


def _source(tracks: Tracks) -> list[str]:
    chosen = [*SOURCE, "-fflags", "+genpts", "-i", "fd:", "-map", f"0:{tracks.picture}"]
    return [*chosen, "-map", f"0:{tracks.sound}"] if tracks.sound is not None else chosen
