"""Dominant balance: how long random systems and phase diagrams take, beside what a user would otherwise run.

Run `python -m benchmarks.balance`; prints a table. Targets: a random system of 3 unknowns, 4 terms a side under 5 s; the
diagram of the LASSO's state equations for a rational γ under 2 s, for symbolic γ from cold under 20 s. The other way is to
solve the same state equations in floating point on a grid of the control plane and read regions off it: no exponent in
closed form, no boundary, no proof.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import sympy as sp

from scalecheck.theory.asymptotics.phase_diagram import phase_diagrams
from scalecheck.theory.asymptotics.solver import solve
from scalecheck.theory.asymptotics.systems import Corner, CornerFunction, System, Tail, less_by_power, much_less
from scalecheck.theory.symbols import a, b, decay, dim, noise_level, penalty, samples, threshold

from .rows import Row, growth

L = sp.Symbol("L", positive=True)
UNKNOWNS = sp.symbols("x y z", positive=True)


def random_system(seed: int, terms: int = 4) -> System:
    """Three equations in three unknowns, `terms` monomials a side with small integer exponents."""
    rng = random.Random(seed)

    def term() -> sp.Expr:
        power = rng.randint(-2, 2) * a + rng.randint(-2, 2) * b + rng.randint(-2, 2)
        unknowns = [u ** rng.choice([0, 0, 1, 1, 2, -1]) for u in UNKNOWNS]
        return rng.randint(1, 5) * L**power * sp.Mul(*unknowns)

    def side() -> sp.Expr:
        return sp.Add(*(term() for _ in range(terms)))

    return System(L, UNKNOWNS, {}, (a, b), tuple(sp.Eq(side(), side()) for _ in UNKNOWNS))


def state_equations(gamma: sp.Expr) -> System:
    """The LASSO's state equations, corners written by hand (as in tests/theory/asymptotics/test_corner_functions.py)."""
    tau, t, d = noise_level, threshold, dim
    risk, dof, mass, noise, unlearned = sp.symbols("risk dof mass noise unlearned", positive=True)
    alpha, density = t / tau, mass / sp.sqrt(2 * sp.pi)
    head, count = 2 * gamma / (2 * gamma - 1) * t ** (2 - 1 / gamma), t ** (-1 / gamma)
    above, inside, below = (much_less(1, t),), (much_less(d**-gamma, t), much_less(t, 1)), (much_less(t, d**-gamma),)
    large, tail, small = less_by_power(tau, t), Tail(alpha, mass), much_less(t, tau)
    slope = sp.sqrt(2 / sp.pi)
    everything = {risk: d * tau**2 + d * t**2, dof: d}
    tails = {risk: 4 * d * tau**2 * density / alpha**3, dof: 2 * d * density / alpha}
    corners = (
        Corner("Ib", (large, *above), {risk: unlearned, dof: sp.S.Zero}),
        Corner("II", (large, *inside), {risk: head + tau**2 * count, dof: count}),
        Corner("III", (large, *below), everything),
        Corner("V", (tail, *inside), {risk: head + tails[risk], dof: count + tails[dof]}),
        Corner("V above", (tail, *above), {risk: unlearned + tails[risk], dof: tails[dof]}),
        Corner(
            "VIa",
            (small, much_less(d**-gamma, tau)),
            {risk: d * tau**2 - 2 * slope * d * tau * t, dof: d - slope * d * alpha},
        ),
        Corner("VIb", (small, much_less(tau, d**-gamma)), everything),
    )
    return System(
        d,
        (tau, t, risk, dof),
        {samples: d**a, penalty: d ** (b + sp.Rational(1, 2))},
        (a, b),
        (sp.Eq(samples * tau**2, noise + risk), sp.Eq(t * samples, t * dof + penalty)),
        (a > 0,),
        {decay: (decay > sp.Rational(1, 2),)} if gamma.free_symbols else {},
        (CornerFunction("", corners),),
    )


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Seconds of a run, and what it returned."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def diagram(gamma: sp.Expr) -> object:
    """The diagram of the risk, boundary laws included."""
    system = state_equations(gamma)
    return phase_diagrams(system, system.unknowns[2], lambda balance: balance.corners[0])


def sympy_limit() -> tuple[float, object]:
    """SymPy on the smallest case, log(x^a + x^b)/log x: it names one of the two exponents, whichever is larger."""
    x, p, q = sp.symbols("x p q", positive=True)
    return timed(lambda: sp.limit(sp.log(x**p + x**q) / sp.log(x), x, sp.oo))


def here() -> tuple[float, object]:
    """The same case here."""
    system = System(L, UNKNOWNS[:1], {}, (a, b), (sp.Eq(UNKNOWNS[0], L**a + L**b),))
    seconds, chambers = timed(lambda: solve(system))
    balances = chambers[0].outcome.balances  # type: ignore[index]
    return seconds, {m.region.inequalities: m.exponents[UNKNOWNS[0]] for m in balances}


def rows(quick: bool) -> list[Row]:
    """For the common table: growth with the terms of a system, and what a symbolic decay costs beside a rational one.

    There is no rival to time: SymPy answers the smallest case with the wrong exponent, as the note says.
    """
    wrong = sympy_limit()[1]
    few, many = (random_system(1, terms) for terms in (2, 4))
    found = [
        growth(
            "balance.terms-4",
            lambda: solve(few),
            lambda: solve(many),
            2.0,
            repeats=1,
            warm=False,
            note=f"SymPy says {wrong} of max(p, q)",
        ),
        growth(
            "balance.gamma-7/3",
            lambda: diagram(sp.Rational(5, 4)),
            lambda: diagram(sp.Rational(7, 3)),
            1.0,
            repeats=1,
            warm=False,
            note="against gamma 5/4",
        ),
    ]
    if not quick:
        rational, symbolic = (lambda: diagram(sp.Rational(7, 3))), (lambda: diagram(decay))
        found.append(
            growth("balance.gamma-symbolic", rational, symbolic, 1.0, repeats=1, warm=False, note="against gamma 7/3")
        )
    return found


def main() -> None:
    """Print the tables."""
    for name, (seconds, answer) in (("SymPy", sympy_limit()), ("here", here())):
        print(f"log(x^p + x^q)/log x by {name:36s} {seconds:8.3f} s   {answer}")
    lines = []
    for seed in range(5):
        system = random_system(seed)
        seconds, chambers = timed(lambda system=system: solve(system))  # type: ignore[misc]
        found = chambers[0].outcome  # type: ignore[index]
        lines.append(
            (f"random system {seed}: {len(found.balances)} balances, {len(found.discarded)} refuted", seconds, 5)
        )
    for gamma, target in ((sp.Rational(5, 4), 2), (sp.Rational(7, 3), 2), (decay, 20)):
        seconds, chambers = timed(lambda gamma=gamma: diagram(gamma))  # type: ignore[misc]
        tiles = all(c.outcome.tiles for c in chambers)  # type: ignore[attr-defined]
        lines.append((f"diagonal diagram, gamma = {gamma}, tiles: {tiles}", seconds, target))
    for name, seconds, target in lines:
        print(f"{name:60s} {seconds:8.2f} s   target {target} s   {'ok' if seconds < target else 'MISSED'}")


if __name__ == "__main__":
    main()
