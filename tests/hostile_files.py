"""Broken, disguised and hostile files, made with real codecs, for every test that lets strangers' files in."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import zlib
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

SECRET_FREQUENCY = 3000.0
"""Hz of the tone in the file that playlists in disguise point at: nothing accepted may ever contain it."""


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def tone(seconds: float, rate: int = 44_100, frequency: float = 440.0, channels: int = 2) -> np.ndarray:
    """A float64 (n, channels) tone of amplitude 0.4."""
    t = np.arange(round(seconds * rate)) / rate
    return np.repeat(0.4 * np.sin(2 * np.pi * frequency * t)[:, None], channels, 1)


def write_wav(path: Path, samples: np.ndarray, rate: int = 44_100, floating: bool = False) -> Path:
    """`samples` (n, channels) as 16-bit or 32-bit float WAV, whatever they hold."""
    kind, width = (3, 4) if floating else (1, 2)
    content = samples.astype("<f4") if floating else (samples * 32767).astype("<i2")
    channels = samples.shape[1]
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * width, channels * width, width * 8)
    data = content.tobytes()
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def picture(width: int = 64, height: int = 48, seed: int = 0) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def png_header_only(width: int, height: int) -> bytes:
    """A PNG that announces width x height pixels and holds none: a decompression bomb's door."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + _chunk(b"IEND", b"")
    )


def png_bomb(side: int) -> bytes:
    """A complete PNG of side x side black pixels in a few kilobytes."""
    squeeze = zlib.compressobj(9)
    data = b"".join(squeeze.compress(b"\0" * (side + 1)) for _ in range(side)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def build_songs(folder: Path) -> dict[str, Path]:
    """Sound files no reader may accept, by what is wrong with them."""
    secret = write_wav(folder / "secret.wav", tone(3, frequency=SECRET_FREQUENCY))
    ffmpeg("-i", str(secret), str(folder / "secret.mp3"))
    ffmpeg("-i", str(secret), "-c:a", "aac", "-f", "mpegts", str(folder / "secret.ts"))
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{folder}/secret.ts\n#EXT-X-ENDLIST\n"
    concat = f"ffconcat version 1.0\nfile '{folder}/secret.mp3'\n"
    texts = {
        "hls as mp3": ("hls.mp3", hls),
        "hls as mp4": ("hls.mp4", hls),
        "hls as wav": ("hls.wav", hls),
        "ffconcat as mp3": ("concat.mp3", concat),
        "ffconcat as mp4": ("concat.mp4", concat),
        "sdp as mp3": ("sdp.mp3", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"),
        "html as mp3": ("page.mp3", "<!doctype html><p>song</p>"),
        "text as wav": ("text.wav", "RIFF and roll\n" * 50),
    }
    found = {name: _text(folder / file, text) for name, (file, text) in texts.items()}
    noise = np.random.default_rng(0).bytes(50_000)
    whole = (folder / "secret.mp3").read_bytes()
    ffmpeg("-i", str(secret), "-c:a", "aac", str(folder / "whole.m4a"))
    moov_less = (folder / "whole.m4a").read_bytes()[:8000]
    ffmpeg("-f", "lavfi", "-i", "testsrc2=d=1:s=64x64", str(folder / "mute.mp4"))
    found |= {
        "empty": _bytes(folder / "empty.mp3", b""),
        "one byte": _bytes(folder / "one.mp3", b"\xff"),
        "noise": _bytes(folder / "noise.mp3", noise),
        "header only": _bytes(folder / "head.mp3", whole[:60]),
        "index missing": _bytes(folder / "cut.m4a", moov_less),
        "picture as mp3": _picture_bytes(folder / "picture.mp3", "PNG"),
        "film without sound": folder / "mute.mp4",
        "no samples": write_wav(folder / "none.wav", np.zeros((0, 2))),
        "too short": write_wav(folder / "short.wav", tone(0.2)),
        "rate of 1 Hz": write_wav(folder / "rate.wav", tone(3), rate=1),
        "folder": _folder(folder / "folder.mp3"),
        "pipe": _pipe(folder / "pipe.mp3"),
        "dangling link": _link(folder / "dangling.mp3", folder / "nothing"),
        "device": Path("/dev/zero"),
        "missing": folder / "missing.mp3",
        "name too long": folder / ("x" * 300 + ".mp3"),
    }
    return found


def build_silent_songs(folder: Path) -> dict[str, Path]:
    """Sound files that only decoding shows to be none."""
    rng = np.random.default_rng(0)
    return {
        "silent": write_wav(folder / "silent.wav", np.zeros((88_200, 2))),
        "constant": write_wav(folder / "constant.wav", np.full((88_200, 2), 0.3)),
        "converter noise": write_wav(folder / "hiss.wav", rng.integers(-2, 3, (88_200, 2)) / 32767),
        "nothing but NaN": write_wav(folder / "nan_only.wav", np.full((88_200, 2), np.nan), floating=True),
    }


def build_pictures(folder: Path) -> dict[str, Path]:
    """Pictures no reader may accept, by what is wrong with them."""
    sound = write_wav(folder / "sound.png", tone(1))
    whole = {kind: _encoded(kind, size=(300, 300)) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF")}
    found = {f"{kind} cut off": _bytes(folder / f"cut.{kind}", data[: len(data) // 2]) for kind, data in whole.items()}
    texts = {
        "svg as png": '<svg xmlns="http://www.w3.org/2000/svg" width="64"><image href="/etc/passwd"/></svg>',
        "eps as png": "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n",
        "pdf as png": "%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n",
        "html as png": "<!doctype html><img src=x>",
        "xpm as png": '/* XPM */\nstatic char *a[] = {"16 16 1 1", "a c #000000"};\n',
    }
    found |= {name: _text(folder / f"{name.split(maxsplit=1)[0]}.png", text) for name, text in texts.items()}
    found |= {
        "empty": _bytes(folder / "empty.png", b""),
        "noise": _bytes(folder / "noise.png", np.random.default_rng(1).bytes(20_000)),
        "huge and hollow": _bytes(folder / "hollow.png", png_header_only(2**31 - 1, 2**31 - 1)),
        "too many pixels": _bytes(folder / "many.png", png_header_only(12_000, 12_000)),
        "bomb": _bytes(folder / "bomb.png", png_bomb(20_000)),
        "tiny": _bytes(folder / "tiny.png", _encoded("PNG", size=(15, 200))),
        "ico": _picture_bytes(folder / "icon.png", "ICO"),
        "sound": sound,
        "transparent": _transparent(folder / "clear.png"),
        "floating point": _floating(folder / "float.tiff"),
        "folder": _folder(folder / "folder.png"),
        "pipe": _pipe(folder / "pipe.png"),
        "dangling link": _link(folder / "dangling.png", folder / "nothing"),
        "device": Path("/dev/zero"),
        "missing": folder / "missing.png",
    }
    return found


def _text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _encoded(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    picture(*size).save(buffer, kind)
    return buffer.getvalue()


def _picture_bytes(path: Path, kind: str) -> Path:
    return _bytes(path, _encoded(kind))


def _transparent(path: Path) -> Path:
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(path)
    return path


def _floating(path: Path) -> Path:
    Image.fromarray(np.full((64, 64), np.nan, np.float32)).save(path)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path
