"""Styles that catch trackers out: odd bars, slow feels, a loose drummer, songs that begin late or end early."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.songs.acoustic import ROCK, SHUFFLE
from benchmarks.songs.electronic import HIP_HOP, HOUSE
from benchmarks.songs.score import Part, Style

FIVE_FOUR = Style(
    "five_four",
    (96, 184),
    {
        "kick": Part("K", ("X.....X...", "X.....X..x")),
        "snare": Part("S", ("..x...x.x.", "....X...X.", "..X.....X."), 0.6),
        "ride": Part("D", ("X.x.X.x.X.",), 0.4),
        "bass": Part("bass", ("X..x..X.X.",), 0.8, "bass"),
        "vamp": Part("piano", ("X..x..X.X.",), 0.5, "chord"),
        "lead": Part("voice", ("x.x.xx.x..",), 0.6, "lead"),
    },
    (
        ("intro", 4, "vamp ride"),
        ("theme", 8, "kick snare ride bass vamp"),
        ("solo", 8, "kick snare ride bass vamp lead"),
        ("outro", 4, "vamp bass ride"),
    ),
    metre=5,
    steps=2,
    human=0.005,
    fills=False,
)
SEVEN_FOUR = Style(
    "seven_beats",
    (110, 210),
    {
        "kick": Part("K", ("X.....X.......", "X.....X...x...")),
        "snare": Part("S", ("..X.X...X.X...", "....X.....X...", "..X...X...X.X."), 0.8),
        "hat": Part("H", ("X.X.X.X.X.X.X.",), 0.35),
        "bass": Part("bass", ("X.xx..X...x.x.",), 0.8, "bass"),
        "guitar": Part("power", ("X.....X...X...",), 0.4, "chord", octave=-1),
        "lead": Part("organ", ("x.x.xx..x.x.x.",), 0.5, "lead"),
    },
    (
        ("intro", 2, "bass hat"),
        ("verse", 8, "kick snare hat bass"),
        ("chorus", 6, "kick snare hat bass guitar lead"),
        ("outro", 2, "bass guitar hat"),
    ),
    metre=7,
    steps=2,
    human=0.004,
    fills=False,
)
SLOW_BLUES = replace(
    SHUFFLE,
    name="slow_blues",
    tempo=(52, 80),
    parts={
        **SHUFFLE.parts,
        "hat": Part("H", ("XxxXxxXxxXxx",), 0.35),
        "guitar": Part("piano", ("XxxXxxXxxXxx",), 0.4, "chord"),
    },
    arrangement=(
        ("intro", 2, "guitar bass"),
        ("verse", 6, "kick snare hat bass guitar"),
        ("solo", 4, "kick snare hat bass guitar lead"),
    ),
)
SOUL_BALLAD = Style(
    "soul_six_eight",
    (44, 66),
    {
        "kick": Part("K", ("X....x", "X.....")),
        "snare": Part("R", ("...X..",), 0.8),
        "hat": Part("D", ("xxxxxx",), 0.3),
        "bass": Part("bass", ("X..x..", "X....x"), 0.8, "bass"),
        "triplets": Part("piano", ("Xxxxxx",), 0.5, "chord"),
        "lead": Part("voice", ("x..xx.",), 0.8, "lead"),
    },
    (
        ("intro", 4, "triplets"),
        ("verse", 8, "kick hat bass triplets lead"),
        ("chorus", 10, "kick snare hat bass triplets lead"),
    ),
    metre=2,
    steps=3,
    human=0.008,
    rubato=0.006,
    fills=False,
)
LOOSE = replace(ROCK, name="live_drummer", tempo=(84, 152), human=0.014, rubato=0.01)
DOUBLE_KICK = Style(
    "double_kick_metal",
    (92, 132),
    {
        "kick": Part("K", ("xxxxxxxxxxxxxxxx", "xx.xxx.xxx.xxx.x")),
        "snare": Part("S", ("....X.......X...", "....X.......X.xx")),
        "crash": Part("O", ("X...X...X...X...",), 0.4),
        "bass": Part("bass", ("xxxxxxxxxxxxxxxx",), 0.5, "bass"),
        "guitar": Part("power", ("x.xxx.xxx.xxx.xx", "X.....x.....x..."), 0.5, "chord", hold=0.6, octave=-1),
    },
    (
        ("intro", 4, "guitar"),
        ("verse", 8, "kick snare crash bass guitar"),
        ("breakdown", 4, "guitar crash"),
        ("chorus", 8, "kick snare crash bass guitar"),
    ),
    kit={"K": "tight", "S": "fat"},
    human=0.003,
)
REGGAETON = Style(
    "reggaeton",
    (86, 104),
    {
        "kick": Part("K", ("X...X...X...X...",)),
        "snare": Part("S", ("...x..x....x..x.",), 0.8),
        "hat": Part("H", ("x.x.x.x.x.x.x.x.",), 0.25),
        "bass": Part("sub", ("X..x..x.X..x..x.",), 0.7, "bass"),
        "pluck": Part("pluck", ("x..x..x.x..x..x.", "x.x...x.x.....x."), 0.5, "arp", octave=1),
        "lead": Part("voice", ("x.xxx.x.x.xx....",), 0.6, "lead"),
    },
    (
        ("intro", 4, "pluck"),
        ("verse", 8, "kick snare hat bass lead"),
        ("chorus", 8, "kick snare hat bass pluck lead"),
        ("outro", 4, "pluck hat"),
    ),
    kit={"K": "house"},
    human=0.001,
)
COUNTRY = Style(
    "country_train",
    (92, 124),
    {
        "kick": Part("K", ("X.......X.......",), 0.7),
        "train": Part("S", ("ooooXoooooooXooo", "ooxoXooxooxoXoox"), 0.6),
        "bass": Part("bass", ("X.......X.......", "X...x...X...x..."), 0.8, "bass"),
        "strum": Part("strum", ("..x.X.xx..x.X.xx",), 0.5, "chord"),
        "lead": Part("pluck", ("x.xxx.x.x.x.xxx.",), 0.6, "lead"),
    },
    (
        ("intro", 4, "strum bass"),
        ("verse", 8, "kick train bass strum"),
        ("chorus", 8, "kick train bass strum lead"),
        ("outro", 2, "strum bass"),
    ),
    kit={"S": "brush", "K": "soft"},
    human=0.007,
    fills=False,
)
ORCHESTRAL = Style(
    "orchestral",
    (62, 108),
    {
        "low": Part("strings", ("X.......x.......", "X...x...x...x..."), 0.7, "bass", hold=0.8, octave=1),
        "ostinato": Part("strings", ("x.x.x.x.x.x.x.x.", "xxx.xxx.xxx.xxx."), 0.4, "arp", hold=0.5),
        "chords": Part("strings", ("X.......X.......",), 0.5, "chord", hold=0.95),
        "timpani": Part("T", ("X...............", "X.......X.x.x.x."), 0.7),
        "lead": Part("organ", ("x...x.x.x...x...",), 0.5, "lead"),
    },
    (
        ("intro", 2, "low chords"),
        ("theme", 6, "ostinato low chords"),
        ("climax", 6, "ostinato low chords timpani lead"),
        ("outro", 2, "chords low"),
    ),
    human=0.012,
    rubato=0.012,
    room=(0.15, 0.5),
    fills=False,
)
PAD_FIRST = replace(HOUSE, name="pad_first", tempo=(100, 132), lead_in=(9, 20), opening=("pad", "noise", "voices"))
NOISE_FIRST = replace(ROCK, name="noise_first", tempo=(80, 160), lead_in=(9, 20), opening=("noise", "voices", "pad"))
LONG_DRUMLESS = replace(
    HOUSE,
    name="house_long_drumless",
    arrangement=(
        ("groove", 8, "kick clap hat shaker bass stab"),
        ("breakdown", 24, "pad keys"),
        ("drop", 8, "kick clap hat shaker bass stab"),
    ),
)
ENDS_EARLY = replace(HIP_HOP, name="ends_early", tempo=(76, 104), after=(12, 30))
UNCOMMON = (
    FIVE_FOUR, SEVEN_FOUR, SLOW_BLUES, SOUL_BALLAD, LOOSE, DOUBLE_KICK, REGGAETON, COUNTRY, ORCHESTRAL,
    PAD_FIRST, NOISE_FIRST, LONG_DRUMLESS, ENDS_EARLY,
)  # fmt: skip
