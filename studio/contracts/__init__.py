"""What every engine of a task promises. One abstract class a task; engines/ holds the implementations.

Pictures are sRGB uint8 arrays, (height, width, 3) or (height, width, 4) with straight alpha. Engines are made and
closed by the model manager alone; each call gets a `CancelToken` and checks it between frames or steps.
"""

from __future__ import annotations

from studio.contracts.engine import Engine, Progress, Size, Weights
from studio.contracts.footage import (
    ChatEngine,
    ChatRequest,
    SceneReading,
    VideoAsked,
    VisionEngine,
    WatchRequest,
)
from studio.contracts.pictures import (
    Cutout,
    CutoutEngine,
    ImageEngine,
    InpaintEngine,
    Keyframe,
    Layer,
    PaintRequest,
    Pulse,
    SegmentRequest,
    VideoEngine,
    View,
)
from studio.contracts.sound import (
    Box,
    LipSyncEngine,
    LipSyncRequest,
    Sound,
    Speech,
    SpeechEngine,
    SpeechRequest,
    Transcript,
    TranscriptEngine,
    VoiceReference,
)

__all__ = [
    "Box",
    "ChatEngine",
    "ChatRequest",
    "Cutout",
    "CutoutEngine",
    "Engine",
    "ImageEngine",
    "InpaintEngine",
    "Keyframe",
    "Layer",
    "LipSyncEngine",
    "LipSyncRequest",
    "PaintRequest",
    "Progress",
    "Pulse",
    "SceneReading",
    "SegmentRequest",
    "Size",
    "Sound",
    "Speech",
    "SpeechEngine",
    "SpeechRequest",
    "Transcript",
    "TranscriptEngine",
    "VideoAsked",
    "VideoEngine",
    "View",
    "VisionEngine",
    "VoiceReference",
    "WatchRequest",
    "Weights",
]
