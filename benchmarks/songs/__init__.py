"""Songs with known beats, downbeats, tempo, metre and section borders, played from scores by small synthesizers."""

from benchmarks.songs.catalogue import NEGATIVES, STYLES, make_negative, make_song
from benchmarks.songs.score import Song, Truth

__all__ = ["NEGATIVES", "STYLES", "Song", "Truth", "make_negative", "make_song"]
