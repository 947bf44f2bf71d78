"""Which devices work is spread over: by CUDA's own variable, else by what the driver's program lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.jobs.seats import seats_of
from studio.models.gpus import find_devices, parse_listing
from studio.settings import read_settings

# As printed by the driver's program on a machine with one whole card and one split in two.
LISTING = """\
GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1c4f2a5e-93c4-1d0f-5a0f-2f1c4b0d9e11)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 2g.10gb     Device  1: (UUID: MIG-GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77/5/0)
"""


def test_a_split_card_is_its_parts() -> None:
    assert parse_listing(LISTING) == (
        "GPU-1c4f2a5e-93c4-1d0f-5a0f-2f1c4b0d9e11",
        "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f",
        "MIG-GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77/5/0",
    )
    assert parse_listing("No devices were found\n") == ()


def driver(folder: Path, script: str) -> dict[str, str]:
    """An environment whose path has a program of the driver's name."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_every_card_is_found_and_one_alone_is_left_to_its_worker(tmp_path: Path) -> None:
    listing = tmp_path / "listing.txt"
    listing.write_text(LISTING)
    environment = driver(tmp_path, f'[ "$1" = -L ] && cat {listing}')
    assert find_devices(environment) == parse_listing(LISTING)
    listing.write_text(LISTING.splitlines()[0])
    assert find_devices(environment) == ()


def test_a_driver_in_trouble_and_none_at_all_are_one_worker(tmp_path: Path) -> None:
    assert find_devices(driver(tmp_path, "echo 'GPU 0: half a line'; exit 9")) == ()
    assert find_devices({"PATH": str(tmp_path / "nowhere")}) == ()


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        ("0,2", ("0", "2")),
        ("1", ()),
        ("", ()),
        ("0,-1,2", ()),
        ("MIG-a,MIG-b", ("MIG-a", "MIG-b")),
        ("3,1,1", ("3", "1")),
    ],
)
def test_what_cuda_is_told_to_see_is_what_is_used(visible: str, found: tuple[str, ...], tmp_path: Path) -> None:
    environment = driver(tmp_path, "echo never asked >&2; exit 1") | {"CUDA_VISIBLE_DEVICES": visible}
    assert find_devices(environment) == found


def test_devices_named_by_hand_are_read_and_bound(tmp_path: Path) -> None:
    devices = read_settings(tmp_path, {"KINORA_DEVICES": " cuda:1, MIG-c6d4f1ef-42e4 ,cpu"}).devices
    assert devices == ("cuda:1", "MIG-c6d4f1ef-42e4", "cpu")
    first, second, third = seats_of(devices)
    assert (first.name, first.flags, dict(first.environment)) == ("studio", ("--device", "cuda:1"), {})
    assert (second.name, second.flags) == ("studio-2", ())
    assert second.environment == {"CUDA_VISIBLE_DEVICES": "MIG-c6d4f1ef-42e4"}
    assert (third.name, third.flags) == ("studio-3", ("--device", "cpu"))
    (alone,) = seats_of(())
    assert (alone.name, alone.flags, dict(alone.environment)) == ("studio", (), {})


def test_a_device_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"KINORA_DEVICES.*'gpu:0'.*cpu \| mps \| cuda"):
        read_settings(tmp_path, {"KINORA_DEVICES": "cuda:0,gpu:0"})
