"""Shares the plain solver `isolated_spikes.py` with the tests of this folder."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def isolated_spikes():
    path = Path(__file__).with_name("isolated_spikes.py")
    specification = importlib.util.spec_from_file_location("isolated_spikes", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
