"""Makes .venv and installs the pinned requirements: `make setup`; --gpu `make gpu`, --dev `make test`.

Needs Python 3.11 or newer and nothing else from Python. Two things come from the system: the libraries EGL and GL that
the painter's graphics library is linked to, and, for the page tests, Chromium. Where they are missing this script
installs them if it may (Debian and Ubuntu, as root or with passwordless sudo), and otherwise names the packages.
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LIBRARIES = {"EGL": "libegl1", "GL": "libgl1"}
# Torch's build depends on the machine: pip chooses it. The other one asks for sound libraries that it uses for nothing
# the studio needs, in versions of which there is no build for every machine: it comes without what it asks for.
TORCH = "torch==2.13.0"
ALONE = ("qwen-tts-compat==0.1.1.post1",)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    interpreter = find_interpreter()
    if interpreter is None:
        print(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    gpu, dev = "--gpu" in sys.argv[1:], "--dev" in sys.argv[1:]
    make_environment(interpreter)
    if gpu:
        pip("install", TORCH)
    install("requirements-gpu.txt" if gpu else "requirements-dev.txt" if dev else "requirements.txt")
    if gpu:
        pip("install", "--no-deps", *ALONE)
    if sys.platform == "linux":
        packages = [package for name, package in LIBRARIES.items() if not ctypes.util.find_library(name)]
        if dev and not any(map(shutil.which, BROWSERS)):
            packages.append("chromium")
        if packages:
            install_system(packages)
    return 0


def find_interpreter() -> str | None:
    """This interpreter where it is new enough, else a newer one on the path."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - this file alone is also read by older ones
        return sys.executable
    return next(filter(None, (shutil.which(f"python3.{minor}") for minor in (13, 12, 11, 14))), None)


def python() -> str:
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def make_environment(interpreter: str) -> None:
    if Path(python()).exists():
        return
    # Debian leaves this part of Python to a package of its own.
    if subprocess.run([interpreter, "-c", "import ensurepip, venv"], check=False, stderr=subprocess.DEVNULL).returncode:
        install_system(["python3-venv"])
    subprocess.run([interpreter, "-m", "venv", str(VENV)], check=True)


def pip(*arguments: str) -> bool:
    """Whether it went well; raises where anything but uv could not be installed."""
    command = [python(), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check="uv" not in arguments).returncode == 0


def install(requirements: str) -> None:
    """By uv, which takes seconds; by pip where uv has no build for this machine."""
    arguments = ["install", "-r", str(ROOT / requirements)]
    if pip("install", "uv"):
        # Not "pip sync": nothing that another list installed is taken away.
        subprocess.run([python(), "-m", "uv", "pip", *arguments, "--quiet", "--python", python()], check=True)
    else:
        pip(*arguments)


def install_system(packages: list[str]) -> None:
    """Installs Debian packages where that is possible without asking; names them where it isn't."""
    apt = shutil.which("apt-get")
    sudo = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo", "-n"]
    may = apt and (
        not sudo or (shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False).returncode == 0)
    )
    if may:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=False, env=environment)
        install_command = [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        if subprocess.run(install_command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0:
            return
    print(f"Please install from your system's packages: {' '.join(packages)}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
