"""Run as a program: speaks standard input with espeak-ng in the voice named, and writes what it knows of the sound.

One line of JSON {rate, words: seconds[], phonemes: [IPA, seconds][]}, then 16-bit samples.
"""

from __future__ import annotations

import ctypes
import json
import sys

import espeakng_loader

WORD, PHONEME, END = 1, 7, 0


class Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", Name),
    )


def main(voice: str, text: bytes) -> None:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    words: list[float] = []
    phonemes: list[tuple[str, float]] = []
    pieces: list[bytes] = []

    def heard(samples, count, events):
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, count * 2))
        index = 0
        while events[index].type != END:
            event = events[index]
            if event.type == WORD:
                words.append(event.audio_position / 1000)
            elif event.type == PHONEME:
                phonemes.append((event.id.string.decode("utf-8", "replace"), event.audio_position / 1000))
            index += 1
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
    callback = kind(heard)
    rate = library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 1 | 2)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_ng_SetRandSeed(1)  # breathy voices are partly noise
    library.espeak_Synth(text, len(text) + 1, 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    head = json.dumps({"rate": rate, "words": words, "phonemes": phonemes})
    sys.stdout.buffer.write(head.encode() + b"\n" + b"".join(pieces))


main(sys.argv[1], sys.stdin.buffer.read())
