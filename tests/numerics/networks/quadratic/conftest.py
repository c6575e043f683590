"""The high-precision reference, which lives with the tables of problems."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference():
    """Load tests/problems/quadratic_reference.py as a module: mpmath, independent of the package."""
    path = Path(__file__).resolve().parents[3] / "problems" / "quadratic_reference.py"
    spec = importlib.util.spec_from_file_location("quadratic_reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
