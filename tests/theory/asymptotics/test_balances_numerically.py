"""Random systems against numbers at huge L: every predicted balance is a root, and every root found is a predicted balance.

The numeric side knows nothing of the engine: the equations in logarithmic variables u = log(unknown)/log L, at log L = 4000,
by Newton's method with exact Jacobians, from the prediction and from random starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.balance import Balance
from scalecheck.theory.asymptotics.polyhedra import Polyhedron
from scalecheck.theory.asymptotics.solver import solve
from scalecheck.theory.asymptotics.systems import System

L = sp.Symbol("L", positive=True)
NAMES = sp.symbols("x y z", positive=True)
a, b = sp.symbols("a b", real=True)
LOG_L = 4000.0
MARGIN = 0.03
"""Distance from boundaries, in exponents; what is negligible is then below e^{-100}."""


@dataclass(frozen=True)
class Monomials:
    """One side of an equation: coefficients, base exponents (a, b, 1), exponents of the unknowns."""

    coefficients: tuple[int, ...]
    base: tuple[tuple[int, int, int], ...]
    unknowns: tuple[tuple[int, ...], ...]

    def expression(self) -> sp.Expr:
        powers = [L ** (i * a + j * b + k) for i, j, k in self.base]
        products = [sp.Mul(*(u**n for u, n in zip(NAMES, row))) for row in self.unknowns]
        return sp.Add(*(c * p * q for c, p, q in zip(self.coefficients, powers, products)))

    def log_value(self, u: np.ndarray, point: tuple[float, float]) -> tuple[float, np.ndarray]:
        """log of the side divided by log L, and its gradient (softmax weights times exponents)."""
        exponents = np.array(self.unknowns, dtype=float)
        base = np.array(self.base, dtype=float) @ np.array([*point, 1.0])
        values = LOG_L * (base + exponents @ u) + np.log(np.array(self.coefficients, dtype=float))
        top = values.max()
        weights = np.exp(values - top)
        total = weights.sum()
        return float((top + np.log(total)) / LOG_L), (weights / total) @ exponents


def sides(unknowns: int, terms: int) -> st.SearchStrategy[Monomials]:
    small = st.integers(-2, 2)
    return st.builds(
        Monomials,
        st.tuples(*[st.integers(1, 5)] * terms),
        st.tuples(*[st.tuples(small, small, small)] * terms),
        st.tuples(*[st.tuples(*[st.sampled_from([0, 0, 1, 1, 2, -1])] * unknowns)] * terms),
    )


def equations(unknowns: int, terms: int) -> st.SearchStrategy[list[tuple[Monomials, Monomials]]]:
    side = sides(unknowns, terms)
    return st.lists(st.tuples(side, side), min_size=unknowns, max_size=unknowns)


def newton(rows: list[tuple[Monomials, Monomials]], start: np.ndarray, point: tuple[float, float]) -> np.ndarray | None:
    u = start.copy()
    for _ in range(60):
        if not np.abs(u).max() <= 300:  # out there rounding makes roots of its own, and an infinite step has no value
            return None
        pairs = [(left.log_value(u, point), right.log_value(u, point)) for left, right in rows]
        residual = np.array([p[0] - q[0] for p, q in pairs])
        if np.abs(residual).max() < 1e-13:
            return u
        jacobian = np.array([p[1] - q[1] for p, q in pairs])
        if np.linalg.cond(jacobian) > 1e9:
            return None
        u = u - np.linalg.solve(jacobian, residual)
    return None


def side_of(region: Polyhedron, point: dict[sp.Symbol, sp.Rational]) -> int:
    """1 well inside, -1 well outside, 0 too close to the boundary to tell numerically."""
    slacks = [float(f.to_sympy().subs(point)) for f in region.forms]
    if all(s > MARGIN for s in slacks):
        return 1
    return -1 if any(s < -MARGIN for s in slacks) else 0


def predicted(balance: Balance, point: dict[sp.Symbol, sp.Rational], unknowns: int) -> np.ndarray:
    values = []
    for unknown in NAMES[:unknowns]:
        constant = balance.constants.get(unknown)
        shift = 0.0 if constant is None else float(sp.log(constant)) / LOG_L
        values.append(float(balance.exponents[unknown].subs(point)) + shift)
    return np.array(values)


def check(rows: list[tuple[Monomials, Monomials]], place: tuple[int, int], seed: int) -> None:
    unknowns = len(rows)
    for left, right in rows:  # a term on both sides cancels exactly for the engine, and never quite for floating point
        assume(not set(zip(left.base, left.unknowns)) & set(zip(right.base, right.unknowns)))
    system = System(
        L,
        NAMES[:unknowns],
        {},
        (a, b),
        tuple(sp.Eq(left.expression(), right.expression(), evaluate=False) for left, right in rows),
    )
    try:
        (chamber,) = solve(system)
    except ValueError:  # an equation that holds identically
        assume(False)
    solution = chamber.outcome
    assume(not solution.undecided)
    point = {a: sp.Rational(place[0], 97), b: sp.Rational(place[1], 89)}
    numbers = (float(point[a]), float(point[b]))
    inside = [m for m in solution.balances if side_of(m.region, point) == 1]
    unclear = any(side_of(m.region, point) == 0 for m in solution.balances)
    for balance in inside:
        guess = predicted(balance, point, unknowns)
        if not balance.exists or balance.unsolved:
            continue
        root = newton(rows, guess, numbers)
        assert root is not None, f"no root near {balance.exponents}"
        assert np.abs(root - guess).max() < 1e-9, f"{balance.exponents}: {root} against {guess}"
    if unclear:
        return
    rng = np.random.default_rng(seed)
    for _ in range(12):
        root = newton(rows, rng.normal(scale=4, size=unknowns), numbers)
        if root is not None:
            distances = [np.abs(root - predicted(m, point, unknowns)).max() for m in inside]
            assert distances, f"a root {root} where no balance is predicted"
            assert min(distances) < 20 / LOG_L, f"root {root} is none of {[m.exponents for m in inside]}"


places = st.tuples(st.integers(-300, 300), st.integers(-300, 300))
relaxed = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@given(equations(1, 4), places, st.integers(0, 99))
@relaxed
def test_one_unknown(rows: list[tuple[Monomials, Monomials]], place: tuple[int, int], seed: int) -> None:
    check(rows, place, seed)


@given(equations(2, 3), places, st.integers(0, 99))
@relaxed
def test_two_unknowns(rows: list[tuple[Monomials, Monomials]], place: tuple[int, int], seed: int) -> None:
    check(rows, place, seed)


@pytest.mark.slow
@given(equations(3, 3), places, st.integers(0, 99))
@settings(relaxed, max_examples=5)
def test_three_unknowns(rows: list[tuple[Monomials, Monomials]], place: tuple[int, int], seed: int) -> None:
    check(rows, place, seed)


def test_a_wrong_exponent_is_caught() -> None:
    """Negative control: moving a predicted exponent by 1/50 moves it off every root."""
    rows = [(Monomials((1,), ((0, 0, 0),), ((1,),)), Monomials((1, 2), ((1, 0, 0), (0, 1, 0)), ((0,), (0,))))]
    root = newton(rows, np.array([0.5]), (0.5, 0.25))
    assert root is not None
    assert abs(root[0] - 0.5) < 1e-9
    assert abs(root[0] - 0.52) > 20 / LOG_L
