"""Which errors are breakdowns: every one that a witness defines, and no defect."""

import importlib
import inspect
import pkgutil

import pytest

from scalecheck.proofs_checks.breakdowns import POSSIBLE, is_breakdown, is_of_a_witness
from scalecheck.proofs_checks.errors import InputError


def own_errors(package):
    """Every error that is defined below a package."""
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        for _, kind in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(kind, Exception) and kind.__module__ == info.name and not kind.__name__.startswith("_"):
                yield kind


WITNESSES = ("scalecheck.theory", "scalecheck.numerics", "scalecheck.proofs_checks.certificates")
ERRORS = sorted({kind for package in WITNESSES for kind in own_errors(package)}, key=lambda kind: kind.__name__)


def test_they_are_found():
    names = {kind.__name__ for kind in ERRORS}
    assert {
        "ExpansionMismatch",
        "NotConverged",
        "DerivationError",
        "DomainError",
        "DivergentSum",
        "NoTilingError",
    } <= names


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_what_a_witness_defines_is_a_breakdown_and_met_where_breakdowns_are_caught(kind):
    error = kind.__new__(kind)
    assert isinstance(error, POSSIBLE)
    assert is_breakdown(error)
    assert is_of_a_witness(error)


def test_a_theory_from_outside_may_derive_its_own():
    class NoSolution(ArithmeticError):
        pass

    assert is_breakdown(NoSolution())
    assert is_of_a_witness(NoSolution())


@pytest.mark.parametrize("error", [ValueError("x"), TypeError("x"), KeyError("x"), RuntimeError("x"), NotImplementedError(), InputError("x", 1, "y")], ids=repr)  # fmt: skip
def test_defects_and_bad_input_are_none(error):
    assert not is_breakdown(error)
    assert not is_of_a_witness(error)


def test_plain_arithmetic_decides_nothing_but_is_nobodys_way_to_say_so():
    assert is_breakdown(ZeroDivisionError())
    assert not is_of_a_witness(ZeroDivisionError())
