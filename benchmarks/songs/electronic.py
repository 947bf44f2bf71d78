"""Styles made of machines."""

from __future__ import annotations

from benchmarks.songs.score import Part, Style

TRAP = Style(
    "half_time_trap",
    (130, 154),
    {
        "kick": Part("K", ("X.........x.....", "X.....x.......x.")),
        "clap": Part("C", ("........X.......",)),
        "hat": Part("H", ("x.x.x.x.x.x.x.x.", "x.x.x.xxx.x.xxxx"), 0.35),
        "sub": Part(
            "sub",
            (
                "X.........x.....",
                "X.....x.........",
            ),
            0.8,
            "bass",
            octave=-1,
        ),
        "bells": Part("pluck", ("x...x...x..x....",), 0.5, "arp", octave=1),
        "pad": Part("pad", ("X...............",), 0.3, "chord", hold=1.0),
    },
    (
        ("intro", 4, "bells pad"),
        ("verse", 8, "kick clap hat sub bells"),
        ("hook", 8, "kick clap hat sub bells pad"),
        ("outro", 4, "bells pad hat"),
    ),
    kit={"K": "808"},
    human=0.0,
    chord_bars=2,
)
DUBSTEP = Style(
    "dubstep",
    (138, 146),
    {
        "kick": Part("K", ("X...............", "X.........x.....")),
        "snare": Part("S", ("........X.......",)),
        "hat": Part("H", ("..x...x...x...x.", "x.x.x.x.x.x.x.x."), 0.3),
        "growl": Part("growl", ("X..x..x.X..x....", "X.......x..x..x."), 0.6, "bass"),
        "pad": Part("pad", ("X...............",), 0.4, "chord", hold=1.0),
        "arp": Part("synth", ("x.x.x.x.x.x.x.x.",), 0.4, "arp", octave=1),
    },
    (
        ("intro", 8, "pad arp"),
        ("drop", 8, "kick snare hat growl"),
        ("breakdown", 4, "pad arp"),
        ("drop", 8, "kick snare hat growl arp"),
    ),
    kit={"K": "tight", "S": "fat"},
    human=0.0,
    chord_bars=2,
)
HOUSE = Style(
    "house_drumless",
    (118, 130),
    {
        "kick": Part("K", ("X...X...X...X...",)),
        "clap": Part("C", ("....X.......X...",), 0.7),
        "hat": Part("O", ("..x...x...x...x.",), 0.35),
        "shaker": Part("A", ("xxxxxxxxxxxxxxxx",), 0.25),
        "bass": Part("bass", ("..x...x...x...x.", "..x..xx...x..xx."), 0.7, "bass"),
        "stab": Part("synth", ("X..x..x...x..x..",), 0.5, "chord"),
        "pad": Part("pad", ("X...............",), 0.4, "chord", hold=1.0),
        "keys": Part("piano", ("x..x..x...x.....",), 0.5, "chord"),
    },
    (
        ("intro", 4, "kick hat"),
        ("groove", 8, "kick clap hat shaker bass stab"),
        ("breakdown", 12, "pad keys"),
        ("drop", 8, "kick clap hat shaker bass stab"),
    ),
    kit={"K": "house"},
    human=0.0,
)
TECHNO = Style(
    "techno",
    (126, 145),
    {
        "kick": Part("K", ("X...X...X...X...",)),
        "hat": Part("O", ("..x...x...x...x.",), 0.3),
        "rim": Part("R", ("...x......x..x..",), 0.4),
        "bass": Part("sub", (".xxx.xxx.xxx.xxx",), 0.5, "bass"),
        "acid": Part("synth", ("x.xx.xx.x.xx.x.x",), 0.4, "arp"),
        "pad": Part("pad", ("X...............",), 0.3, "chord", hold=1.0),
    },
    (
        ("intro", 8, "kick hat"),
        ("build", 8, "kick hat rim bass"),
        ("breakdown", 4, "acid pad"),
        ("peak", 8, "kick hat rim bass acid"),
    ),
    kit={"K": "house"},
    human=0.0,
    chord_bars=4,
)
DNB = Style(
    "drum_and_bass",
    (168, 178),
    {
        "kick": Part("K", ("X.........x.....", "X.....x...x.....")),
        "snare": Part("S", ("....X.......X...", "....X..o.o..X...")),
        "hat": Part("H", ("x.x.x.x.x.x.x.x.",), 0.3),
        "ghost": Part("A", ("xxxxxxxxxxxxxxxx",), 0.2),
        "reese": Part("growl", ("X...............", "X.......x......."), 0.6, "bass"),
        "pad": Part("pad", ("X...............",), 0.4, "chord", hold=1.0),
        "keys": Part("piano", ("X.....x.....x...",), 0.4, "chord"),
    },
    (
        ("intro", 8, "pad keys hat"),
        ("drop", 16, "kick snare hat ghost reese"),
        ("breakdown", 8, "pad keys"),
        ("drop", 8, "kick snare hat ghost reese keys"),
    ),
    kit={"K": "tight", "S": "tight"},
    human=0.001,
    chord_bars=2,
)
AMBIENT = Style(
    "ambient",
    (60, 90),
    {
        "pad": Part("pad", ("X...............",), 0.6, "chord", hold=1.0),
        "drone": Part("drone", ("X...............",), 0.4, "bass", octave=0, hold=1.0),
        "plucks": Part("pluck", ("x.......x...x...", "x...x.......x..."), 0.35, "arp", octave=1),
        "bells": Part("piano", ("....x.......x...",), 0.25, "arp", octave=1),
        "pulse": Part("K", ("X...x...X...x...",), 0.2),
    },
    (
        ("intro", 2, "pad drone"),
        ("theme", 6, "pad drone plucks"),
        ("swell", 6, "pad drone plucks bells pulse"),
        ("outro", 2, "pad plucks"),
    ),
    kit={"K": "soft"},
    human=0.006,
    room=(0.3, 0.7),
    fills=False,
)
HIP_HOP = Style(
    "hip_hop",
    (82, 98),
    {
        "kick": Part("K", ("X.....x.X.x.....", "X......xX.x....."), 1.0),
        "snare": Part("S", ("....X.......X...",)),
        "hat": Part("H", ("x.x.x.x.x.x.x.xx",), 0.35),
        "bass": Part("bass", ("X.....x.X.......",), 0.8, "bass"),
        "keys": Part("piano", ("X......x..x.....", "X..............."), 0.5, "chord"),
        "rap": Part("voice", ("xxx.xx.xx.xxx.xx",), 0.6, "lead", octave=-1),
    },
    (
        ("intro", 2, "keys"),
        ("verse", 8, "kick snare hat bass keys rap"),
        ("hook", 6, "kick snare hat bass keys"),
        ("outro", 2, "keys hat"),
    ),
    swing=(0.1, 0.33),
    human=0.005,
    fills=False,
)
SLOW_RNB = Style(
    "slow_rnb",
    (64, 78),
    {
        "kick": Part("K", ("X......xX.......", "X.........x.....")),
        "snare": Part("C", ("....X.......X...",)),
        "hat": Part("H", ("x.x.x.x.x.x.x.x.",), 0.3),
        "bass": Part("sub", ("X......xX.......",), 0.8, "bass"),
        "keys": Part("organ", ("X.......x.......",), 0.4, "chord"),
        "lead": Part("voice", ("x.x.x.xx..x.x...",), 0.7, "lead"),
    },
    (
        ("intro", 2, "keys hat"),
        ("verse", 6, "kick snare hat bass keys lead"),
        ("chorus", 6, "kick snare hat bass keys lead"),
    ),
    kit={"K": "soft"},
    human=0.004,
)
POP = Style(
    "pop",
    (96, 128),
    {
        "kick": Part(
            "K",
            ("X...X...X...X...", "X.....x.X...X..."),
        ),
        "snare": Part("C", ("....X.......X...",), 0.9),
        "hat": Part("H", ("x.x.x.x.x.x.x.x.",), 0.3),
        "bass": Part("bass", ("X.x.x.x.X.x.x.x.",), 0.6, "bass"),
        "keys": Part("piano", ("X...x...X...x...",), 0.5, "chord"),
        "pad": Part("pad", ("X...............",), 0.3, "chord", hold=1.0),
        "lead": Part("voice", ("x.x.x.x.x...x.x.",), 0.8, "lead"),
    },
    (
        ("intro", 4, "keys"),
        ("verse", 8, "kick hat bass lead"),
        ("chorus", 8, "kick snare hat bass keys pad lead"),
        ("bridge", 4, "keys pad lead"),
        ("chorus", 4, "kick snare hat bass keys pad lead"),
    ),
    kit={"K": "house"},
    human=0.002,
)
SYNTHWAVE = Style(
    "synthwave",
    (84, 116),
    {
        "kick": Part("K", ("X.......X.......", "X.......X...x...")),
        "snare": Part("S", ("....X.......X...",)),
        "hat": Part("H", ("xxxxxxxxxxxxxxxx",), 0.25),
        "bass": Part("synth", ("xxxxxxxxxxxxxxxx", ".xxx.xxx.xxx.xxx"), 0.7, "bass", octave=0),
        "pad": Part("pad", ("X...............",), 0.5, "chord", hold=1.0),
        "lead": Part("strings", ("x...x...x.x.x...",), 0.6, "lead"),
    },
    (
        ("intro", 4, "bass pad"),
        ("verse", 8, "kick snare hat bass pad"),
        ("chorus", 8, "kick snare hat bass pad lead"),
        ("outro", 2, "pad bass"),
    ),
    kit={"S": "gated"},
    human=0.0,
)
AFROBEAT = Style(
    "afrobeat",
    (100, 122),
    {
        "kick": Part("K", ("X.....x.X.....x.", "X..x..x.X..x....")),
        "snare": Part("R", ("...X..X....X..X.", "....X.....X....."), 0.6),
        "shaker": Part("A", ("xoxoxoxoxoxoxoxo",), 0.5),
        "conga": Part("G", ("..x..xx...x..xx.",), 0.5),
        "bass": Part("bass", ("X..x..x.x.......", "X..x..x....x.x.."), 0.8, "bass"),
        "guitar": Part("pluck", ("x..x..x...x.x...",), 0.5, "arp", octave=1),
        "lead": Part("voice", ("x..x..x.x.......",), 0.6, "lead"),
    },
    (
        ("intro", 4, "shaker guitar"),
        ("verse", 8, "kick snare shaker conga bass guitar"),
        ("chorus", 8, "kick snare shaker conga bass guitar lead"),
    ),
    kit={"K": "soft"},
    human=0.004,
    fills=False,
)
DISCO = Style(
    "disco",
    (112, 126),
    {
        "kick": Part("K", ("X...X...X...X...",), 0.8),
        "snare": Part("S", ("....X.......X...",), 0.8),
        "hat": Part("O", ("..X...X...X...X.",), 0.5),
        "closed": Part("H", ("x.xxx.xxx.xxx.xx",), 0.25),
        "bass": Part("bass", ("X.x.X.x.X.x.X.x.",), 0.8, "bass", hold=0.5),
        "strings": Part("strings", ("X.......x...x...",), 0.4, "chord"),
        "guitar": Part("strum", ("..xx..xx..xx..xx",), 0.4, "chord"),
    },
    (
        ("intro", 4, "kick hat"),
        ("verse", 8, "kick snare hat bass guitar"),
        ("chorus", 8, "kick snare hat closed bass guitar strings"),
        ("break", 2, "bass guitar"),
        ("chorus", 4, "kick snare hat closed bass guitar strings"),
    ),
    human=0.003,
)
ELECTRONIC = (TRAP, DUBSTEP, HOUSE, TECHNO, DNB, AMBIENT, HIP_HOP, SLOW_RNB, POP, SYNTHWAVE, AFROBEAT, DISCO)
