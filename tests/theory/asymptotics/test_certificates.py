"""Certificates survive being written down; every disturbance of a number in one is caught (a mutation census)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.certificates import (
    MalformedCertificateError,
    check_document,
    refutation_document,
    tiling_document,
)
from scalecheck.theory.asymptotics.phase_diagram import phase_diagrams
from scalecheck.theory.asymptotics.solver import solve
from scalecheck.theory.asymptotics.systems import System
from scalecheck.theory.asymptotics.tiling import prove_tiling

L, x, y = sp.symbols("L x y", positive=True)
a, b = sp.symbols("a b", real=True)
gamma = sp.Symbol("gamma", positive=True)


def system() -> System:
    equation = sp.Eq(x, L ** (gamma * a) + L**b + L ** (-gamma * b))
    return System(L, (x,), {}, (a, b), (equation,), (a > 0,), {gamma: (gamma > 1,)})


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    (chamber,) = phase_diagrams(system(), x, lambda m: str(m.exponents[x]), boundary_laws=False)
    found = chamber.outcome
    proof = prove_tiling(found.domain, [p.region for p in found.phases])
    return json.loads(json.dumps(tiling_document(proof)))  # type: ignore[no-any-return]


def test_a_written_tiling_is_accepted(document: dict[str, Any]) -> None:
    assert check_document(document)


def test_written_refutations_are_accepted() -> None:
    equations = (sp.Eq(x + y * L**a, L**b + x * y), sp.Eq(y**2 + x, L ** (a + b) + y * L**2))
    (chamber,) = solve(System(L, (x, y), {}, (a, b), equations))
    proofs = [d.proof for d in chamber.outcome.discarded]
    written = json.loads(json.dumps(refutation_document(proofs, chamber.outcome.arena)))
    assert proofs
    assert check_document(written)


def numbers(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every number of a certificate."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from numbers(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from numbers(value, (*path, index))
    elif isinstance(node, str) and path[-1] != "kind":
        yield path


def test_every_disturbed_number_is_caught(document: dict[str, Any]) -> None:
    disturbed = 0
    for path in numbers({k: document[k] for k in ("cover", "disjoint", "regions")}):
        changed = copy.deepcopy(document)
        node: Any = changed
        for key in path[:-1]:
            node = node[key]
        step = (
            1 if isinstance(node, list) and isinstance(node[-1], list) else sp.Rational(1, 7)
        )  # polynomials are integral
        node[path[-1]] = str(sp.Rational(node[path[-1]]) + step)
        disturbed += 1
        assert not check_document(changed), f"a change at {path} went unnoticed"
    assert disturbed > 50


@pytest.mark.parametrize("power", [-1, True, 1.0])
def test_a_power_below_zero_is_refused(document: dict[str, Any], power: object) -> None:
    """The library reads g^-1 as g."""
    changed = copy.deepcopy(document)
    changed["chamber"]["signs"][0]["polynomial"][0][1][0] = power
    with pytest.raises(ValueError, match="powers must be integers, none below 0"):
        check_document(changed)


@pytest.mark.parametrize("integer", [-1.9, " -1 ", "1.0", True, 1])
def test_a_coefficient_that_is_no_integer_is_refused(document: dict[str, Any], integer: object) -> None:
    changed = copy.deepcopy(document)
    changed["chamber"]["signs"][0]["polynomial"][0][0] = integer
    with pytest.raises(ValueError, match="integer: got"):
        check_document(changed)


def test_a_monomial_that_is_listed_twice_is_refused(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    listed = changed["chamber"]["signs"][0]["polynomial"]
    listed.insert(0, ["7", listed[0][1]])
    with pytest.raises(ValueError, match="listed twice"):
        check_document(changed)


def test_a_sign_that_the_chamber_does_not_list_is_not_believed(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    assert changed["chamber"]["signs"]
    changed["chamber"]["signs"] = []
    assert not check_document(changed)


def test_a_chamber_whose_point_contradicts_it_is_refused(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    for entry in changed["chamber"]["signs"]:
        entry["sign"] = -entry["sign"]
    assert not check_document(changed)


@pytest.mark.parametrize(
    "broken", [{}, {"kind": "tiling"}, {"kind": 3, "parameters": [], "variables": [], "chamber": {}}]
)
def test_what_is_no_certificate_is_called_so(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedCertificateError):
        check_document(broken)
