"""Managers over fake devices, closed and checked for leaks at the end of each test."""

from __future__ import annotations

import gc

import pytest

from tests.models.fakes import Studio


@pytest.fixture
def studio():
    made = []

    def make(**options):
        made.append(Studio(**options))
        return made[-1]

    yield make
    for each in made:
        assert each.manager.close(), "the manager did not end"
        assert each.world.memory.used == 0


@pytest.fixture(autouse=True, scope="module")
def _quick_collections():
    """The fakes collect garbage as the real thing does: spare it the test runner's own objects."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
