"""Writes the README's list of files: every one tracked by git, in one line, from its own first line of words.

python scripts/file_list.py            rewrites the list
python scripts/file_list.py --check    ends with status 1 when it is out of date
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
START, END = "<!-- files -->", "<!-- end of files -->"
# What can't say it itself.
WORDS = {
    ".ci/run": "what continuous integration runs",
    ".gitignore": "what git leaves out",
    "CHANGELOG.md": "what changed, by version",
    "benchmarks/results/diffusion_cpu.json": "kept figures: load, batch and previews of a tiny network on a CPU",
    "benchmarks/results/weights_endurance_cpu.json": "kept figures: every weights engine loaded, swapped and run short",
    "benchmarks/results/weights_swaps_cpu.json": "kept figures: swaps of tiny networks against plain loading on a CPU",
    "benchmarks/results/weights_swaps_cpu_medium.json": "kept figures: the same with a network of middling size",
    "LICENSE": "MIT",
    "Makefile": "run, test, setup, demo, check, bench, screenshots, gallery, lock",
    "README.md": "this page",
    "packages.txt": "system packages a Space installs",
    "pyproject.toml": "settings of ruff, pyright, pytest and import-linter",
    "requirements.in": "what the studio needs, by name",
    "requirements.txt": "the same with everything it pulls in, pinned",
    "requirements-dev.in": "what tests, checks and benchmarks need, by name",
    "requirements-dev.txt": "the same, pinned",
    "assets/studio.css": "the page's looks",
    "assets/board.js": "the storyboard's cards and their editor, in the browser",
    "assets/options.js": "the fields of an engine's options, drawn in the browser",
    "assets/message.css": "the looks of the message room",
    "assets/photo.js": "the photo of a message: chosen, dropped or pasted, in the browser",
    "assets/portrait.js": "faces chosen and mouths drawn, in the browser",
    "assets/voices.js": "the voices to choose from, in the browser",
    "assets/icon.svg": "the page's icon",
    "requirements-gpu.in": "what the published models need, by name",
    "requirements-gpu.txt": "the same, pinned",
    "studio/music/metre.npz": "the learned weights of `metre.py`",
}
GROUPS = {
    r"presets/styles/.*\.yaml": ("presets/styles/*.yaml", "the looks a film can have, one a file"),
    r"assets/styles/.*": ("assets/styles/*.jpg", "a picture of each look, made by `scripts/make_style_pictures.py`"),
    r"assets/models/.*": ("assets/models/*", "the small networks that come with the studio, their origin and licence"),
    r"studio/speech/readings/.*": (
        "studio/speech/readings/*.yaml",
        "how figures and signs are read, a language a file",
    ),
    r"assets/fonts/.*": ("assets/fonts/*", "the faces of captions and titles, with their licences (OFL)"),
    r"assets/song_player/.*": ("assets/song_player/*", "the song player in the browser: waveform, sound, slideshow"),
    r"assets/chat/.*": ("assets/chat/*", "the video chat room in the browser: player, timeline, words, conversation"),
    r"assets/words/.*": ("assets/words/*", "which words mean alike, out of WordNet, with its licence"),
    r"assets/demo/.*": ("assets/demo/*", "the demo's song, characters, portrait and clip, made by `scripts/`"),
    r"benchmarks/films/natural/.*": (
        "benchmarks/films/natural/*.yaml",
        "videos as a recogniser hears them, with questions as people ask them",
    ),
    **{
        rf"tests/{part}/.*": (f"tests/{part}/*.py", f"tests of {words}")
        for part, words in {
            "benchmarks": "the songs with known truth",
            "browser": "the page, in Chromium",
            "engines": "every engine, by the contract of its task",
            "index": "questions about a video, answered or refused",
            "jobs": "the job table, the worker and its supervisor, killed at every turn",
            "media": "files in and out, hostile ones too",
            "models": "the model manager and its invariants",
            "music": "analysis, storyboard, styles and edit",
            "pipelines": "the whole way from files to film",
            "speech": "sentences, figures read out, phonemes, visemes",
            "store": "projects, checkpoints, atomic writes",
            "tabs": "what the page shows, without a browser",
        }.items()
    },
    r"docs/gallery/.*": ("docs/gallery/*", "three short films and their keyframes, made by `make gallery`"),
    r"docs/images/.*": ("docs/images/*", "pictures of the real thing, made by `make screenshots`"),
}


def main() -> int:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    wanted = f"{before}{START}\n{listing()}\n{END}{after}"
    if "--check" in sys.argv[1:]:
        return int(text != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


def listing() -> str:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = sorted(
        set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n"))
    )
    lines: dict[str, str] = {}
    for name in names:
        path = ROOT / name
        if not path.is_file() or (path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip()):
            continue
        shown, words = next((group for pattern, group in GROUPS.items() if re.fullmatch(pattern, name)), (name, None))
        lines[shown] = f"| `{shown}` | {words or describe(path, name)} |"
    return "\n".join(["| file | |", "|---|---|", *lines.values()])


def describe(path: Path, name: str) -> str:
    """The first sentence of a module's docstring, a document's title, a YAML file's first comment."""
    if name in WORDS:
        return WORDS[name]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        words = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].replace("\n", " ")
    elif path.suffix == ".md":
        words = text.split("\n", 1)[0].lstrip("# ")
    else:
        words = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")), "")
    if not words:
        raise SystemExit(f"{name} says nowhere what it is: give it a docstring, a title or a line in {__file__}")
    return words.rstrip(".").replace("|", "\\|")


if __name__ == "__main__":
    raise SystemExit(main())
