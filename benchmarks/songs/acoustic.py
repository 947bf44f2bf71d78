"""Styles played by bands."""

from __future__ import annotations

from benchmarks.songs.score import Part, Style

ROCK = Style(
    "rock",
    (100, 150),
    {
        "kick": Part("K", ("X.......X.x.....", "X.......X.......")),
        "snare": Part("S", ("....X.......X...",), 0.9),
        "hat": Part("H", ("X.x.X.x.X.x.X.x.",), 0.35),
        "ride": Part("D", ("X...X...X...X...",), 0.3),
        "bass": Part("bass", ("X.x.x.x.X.x.x.x.",), 0.6, "bass"),
        "guitar": Part("power", ("X.....x.X...x...",), 0.4, "chord", octave=-1),
        "lead": Part("voice", ("x...x.x.x.x.x...",), 0.6, "lead"),
    },
    (
        ("intro", 4, "guitar hat"),
        ("verse", 8, "kick snare hat bass lead"),
        ("chorus", 8, "kick snare ride bass guitar lead"),
        ("verse", 4, "kick snare hat bass"),
        ("chorus", 4, "kick snare ride bass guitar lead"),
    ),
    human=0.006,
)
PUNK = Style(
    "punk",
    (160, 190),
    {
        "kick": Part("K", ("X...x.x.X.......", "X.......X.x.....")),
        "snare": Part("S", ("....X.......X...",)),
        "hat": Part("O", ("X.x.X.x.X.x.X.x.",), 0.3),
        "bass": Part("bass", ("x.x.x.x.x.x.x.x.",), 0.6, "bass"),
        "guitar": Part("power", ("x.x.x.x.x.x.x.x.",), 0.4, "chord", octave=-1),
        "lead": Part("voice", ("x.x.x.x.x.x.x...",), 0.6, "lead"),
    },
    (
        ("intro", 4, "guitar"),
        ("verse", 12, "kick snare hat bass guitar lead"),
        ("breakdown", 4, "bass kick"),
        ("chorus", 12, "kick snare hat bass guitar lead"),
    ),
    human=0.006,
)
SHUFFLE = Style(
    "shuffle",
    (88, 132),
    {
        "kick": Part("K", ("X.....X.x...", "X.....X.....")),
        "snare": Part("S", ("...X.....X..",)),
        "hat": Part("H", ("X.xX.xX.xX.x",), 0.35),
        "bass": Part("bass", ("X.xX.xX.xX.x", "X..X..X..X.x"), 0.7, "bass"),
        "guitar": Part("strum", ("X.xX.xX.xX.x",), 0.4, "chord"),
        "lead": Part("organ", ("x.xx.x..xx..",), 0.4, "lead"),
    },
    (
        ("intro", 4, "guitar bass"),
        ("verse", 8, "kick snare hat bass guitar"),
        ("solo", 8, "kick snare hat bass guitar lead"),
        ("outro", 2, "kick hat bass"),
    ),
    steps=3,
    human=0.006,
    fills=False,
)
WALTZ = Style(
    "waltz",
    (90, 180),
    {
        "bass": Part("bass", ("X.....",), 0.7, "bass"),
        "piano": Part("piano", ("..x.x.",), 0.5, "chord"),
        "lead": Part("strings", ("x.x.xx", "x...x."), 0.6, "lead"),
        "snare": Part("S", ("..o.o.",), 0.4),
        "kick": Part("K", ("X.....",), 0.6),
        "left": Part("piano", ("X.....",), 0.6, "bass", octave=1),
    },
    (
        ("intro", 4, "left piano"),
        ("theme", 12, "bass piano lead"),
        ("theme", 12, "kick snare bass piano lead"),
        ("outro", 4, "left piano"),
    ),
    metre=3,
    steps=2,
    kit={"S": "brush", "K": "soft"},
    human=0.008,
    rubato=0.008,
    fills=False,
)
BALLAD = Style(
    "piano_ballad",
    (58, 84),
    {
        "left": Part("piano", ("X.......x.......", "X.......x...x..."), 0.6, "bass", octave=1),
        "chords": Part("piano", ("X...x...x...x...",), 0.4, "chord"),
        "arp": Part("piano", ("x.x.x.x.x.x.x.x.",), 0.5, "arp"),
        "lead": Part("voice", ("x...x.x...x.x...",), 0.7, "lead"),
        "strings": Part("strings", ("X...............",), 0.3, "chord", hold=1.0),
    },
    (
        ("intro", 2, "left arp"),
        ("verse", 4, "left chords lead"),
        ("chorus", 4, "left arp lead strings"),
        ("outro", 2, "left arp"),
    ),
    human=0.012,
    rubato=0.035,
    room=(0.1, 0.4),
    fills=False,
)
FUNK = Style(
    "funk",
    (92, 118),
    {
        "kick": Part("K", ("X..x......x..x..", "X.....x...x.....")),
        "snare": Part("S", ("....X..o.o..X..o",)),
        "hat": Part("H", ("XxxxXxxxXxxxXxxx",), 0.3),
        "bass": Part("bass", ("X..x..x...x.x..x", "X..x....x.xx..x."), 0.8, "bass", hold=0.5),
        "guitar": Part("strum", ("..xx.xx...xx.x.x",), 0.4, "chord", octave=1),
        "horns": Part("synth", ("......X......X..", "................"), 0.6, "chord"),
    },
    (
        ("intro", 4, "hat guitar"),
        ("groove", 8, "kick snare hat bass guitar"),
        ("horns", 8, "kick snare hat bass guitar horns"),
        ("break", 2, "hat bass"),
        ("groove", 4, "kick snare hat bass guitar horns"),
    ),
    kit={"K": "tight", "S": "tight"},
    swing=(0, 0.12),
    human=0.004,
)
JAZZ = Style(
    "jazz_swing",
    (110, 190),
    {
        "ride": Part("D", ("X..X.xX..X.x",), 0.5),
        "pedal": Part("H", ("...x.....x..",), 0.4),
        "bass": Part("bass", ("X..x..X..x..",), 0.9, "bass"),
        "comp": Part("piano", ("X....x......", "..x...x....."), 0.4, "chord"),
        "lead": Part("piano", ("x.xx.xx.xx.x",), 0.7, "lead"),
        "brush": Part("S", ("...o.o...o..",), 0.3),
    },
    (
        ("intro", 4, "bass ride"),
        ("head", 8, "bass ride pedal comp lead"),
        ("solo", 12, "bass ride pedal comp lead brush"),
        ("outro", 4, "bass ride pedal"),
    ),
    steps=3,
    kit={"S": "brush"},
    human=0.007,
    fills=False,
)
SKA = Style(
    "strong_offbeats",
    (120, 165),
    {
        "kick": Part("K", ("X.......X.......", "X.......X.....x."), 0.7),
        "snare": Part("R", ("....X.......X...",), 0.5),
        "hat": Part("O", ("..X...X...X...X.",), 0.35),
        "chop": Part("strum", ("..X...X...X...X.",), 1.0, "chord"),
        "bass": Part("bass", ("X...x...X...x...",), 0.5, "bass"),
        "lead": Part("organ", ("x.x.x...x.x.....",), 0.3, "lead"),
    },
    (
        ("intro", 4, "chop bass"),
        ("verse", 8, "kick snare hat chop bass"),
        ("chorus", 8, "kick snare hat chop bass lead"),
        ("outro", 4, "kick hat chop bass"),
    ),
    human=0.005,
)
REGGAE = Style(
    "reggae",
    (66, 84),
    {
        "kick": Part("K", ("........X.......", "X.......X......."), 0.9),
        "snare": Part("R", ("........X.......",), 0.6),
        "hat": Part("H", ("x.X.x.X.x.X.x.X.",), 0.3),
        "skank": Part("strum", ("....X.......X...",), 0.8, "chord"),
        "bass": Part("bass", ("X..x..x.X...x.x.", "X..x....X.x....."), 0.9, "bass"),
        "bubble": Part("organ", ("..x...x...x...x.",), 0.3, "chord", hold=0.5),
    },
    (
        ("intro", 2, "skank bass"),
        ("verse", 6, "kick snare hat skank bass bubble"),
        ("chorus", 6, "kick snare hat skank bass bubble"),
    ),
    human=0.006,
)
BOSSA = Style(
    "bossa",
    (112, 150),
    {
        "kick": Part("K", ("X.....xxX.....xx",), 0.6),
        "rim": Part("R", ("X.....X.....X...", "....X.....X....."), 0.6),
        "shaker": Part("A", ("x.x.x.x.x.x.x.x.",), 0.4),
        "bass": Part("bass", ("X.....x.X.....x.",), 0.8, "bass"),
        "guitar": Part("pluck", ("X...x..x..x.x...",), 0.6, "chord"),
        "lead": Part("voice", ("x..x..x.x..x....",), 0.6, "lead"),
    },
    (
        ("intro", 4, "guitar bass"),
        ("verse", 8, "kick rim shaker bass guitar lead"),
        ("verse", 8, "kick rim shaker bass guitar lead"),
        ("outro", 4, "guitar shaker"),
    ),
    kit={"K": "soft"},
    human=0.006,
    fills=False,
)
FOLK = Style(
    "folk_guitar",
    (84, 124),
    {
        "thumb": Part("pluck", ("X...x...X...x...",), 0.8, "bass", octave=1),
        "fingers": Part("pluck", ("..x...xx..x...xx", "..x.x.x...x.x.x."), 0.6, "arp"),
        "lead": Part("voice", ("x...x...x.x.x...",), 0.8, "lead"),
        "strings": Part("strings", ("X...............",), 0.3, "chord", hold=1.0),
    },
    (("intro", 4, "thumb fingers"), ("verse", 8, "thumb fingers lead"), ("chorus", 8, "thumb fingers lead strings")),
    human=0.01,
    rubato=0.012,
    fills=False,
)
SIX_EIGHT = Style(
    "six_eight",
    (50, 72),
    {
        "kick": Part("K", ("X.....", "X...x.")),
        "snare": Part("S", ("...X..",), 0.8),
        "hat": Part("H", ("XxxXxx",), 0.3),
        "bass": Part("bass", ("X..x.x",), 0.7, "bass"),
        "arp": Part("pluck", ("xxxxxx",), 0.6, "arp"),
        "lead": Part("voice", ("x.xx.x",), 0.6, "lead"),
    },
    (
        ("intro", 4, "arp"),
        ("verse", 8, "kick snare hat bass arp lead"),
        ("chorus", 10, "kick snare hat bass arp lead"),
        ("outro", 4, "arp bass"),
    ),
    metre=2,
    steps=3,
    human=0.006,
    fills=False,
)
GRADUAL = Style(
    "gradual_tempo",
    (90, 125),
    {**ROCK.parts, "shaker": Part("A", ("x.x.x.x.x.x.x.x.",), 0.3)},
    (
        ("intro", 4, "guitar hat"),
        ("verse", 8, "kick snare hat bass lead"),
        ("chorus", 8, "kick snare ride bass guitar lead shaker"),
        ("verse", 6, "kick snare hat bass"),
    ),
    human=0.006,
    drift=(0.72, 1.4),
)
LATE = Style(
    "late_start",
    (88, 130),
    ROCK.parts,
    (
        ("verse", 8, "kick snare hat bass lead"),
        ("chorus", 8, "kick snare ride bass guitar lead"),
        ("outro", 4, "kick hat bass"),
    ),
    human=0.005,
    lead_in=(7, 16),
)
ACOUSTIC = (ROCK, PUNK, SHUFFLE, WALTZ, BALLAD, FUNK, JAZZ, SKA, REGGAE, BOSSA, FOLK, SIX_EIGHT, GRADUAL, LATE)
