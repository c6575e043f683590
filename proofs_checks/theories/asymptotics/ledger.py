"""The machine under the laws: power-law sums (A1) and dominant balance (A2), where common tools answer wrongly.

A theory without controls: nothing is solved at a point, but its claims stand in the ledger like any other. The twins are
the answers that computer algebra systems have been seen to give (noted in the tests of `theory/asymptotics`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...making import made
from ...tables import Cell, Table

if TYPE_CHECKING:  # a record is light: SymPy is loaded when a claim is built
    import sympy as sp

    from scalecheck.theory.asymptotics.balance import Balance

TERMS_SUMMED = 10**6
"""Terms of an infinite sum added one by one; the rest by Euler and Maclaurin, to a relative 1e-15 where the step of the
summand is far below."""
FAR = 10**2000
"""The large parameter at which balances are solved numerically, in multiple precision: corrections are below 10^{-90}."""


def derivations() -> Sequence[Any]:
    """Derivations of the balances."""
    return [balance.derivation for balance in (*_sum_of_powers(), *_cubic(), *_with_logarithms())]


def claims() -> Sequence[Claim]:
    """The machine's own claims, A1 and A2."""
    makers = (_partial_sum, _mellin, _double_pole, _largest_power, _three_terms, _logarithms)
    return made("asymptotics", *makers)


def _partial_sum() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import decay

    def measure(point: NumericPoint) -> Measured:
        """S(x) = Σ_{k≤x} k^{-s} x^{s-1} has corrections x^{s-1} and 1/x: two Richardson steps on x, 4x, 16x."""
        import numpy as np

        s, sizes = point["decay"], (10**5, 4 * 10**5, 16 * 10**5)
        powers = np.arange(1, sizes[-1] + 1, dtype=float) ** -s
        values = [float(powers[:x].sum()) * x ** (s - 1) for x in sizes]
        for ratio in (4 ** (s - 1), 0.25):
            values = [(after - ratio * before) / (1 - ratio) for before, after in pairwise(values)]
        return values[0], 1e-9

    quantity, formula = "limit", 1 / (1 - decay)
    return Claim(
        id="A1.partial-sum",
        title="partial sums of a slowly decaying power",
        statement=r"For $0 < \gamma < 1$: $\sum_{k \le x} k^{-\gamma} / x^{1-\gamma} \to 1/(1-\gamma)$; for $\gamma = 1/2$ the limit is 2.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, formula),
        comparison=r"coefficient of the leading term, exactly; and sums of $1.6\cdot 10^6$ terms, extrapolated, within $10^{-8}$ relative",
        symbolic=from_derivation(_leading_of_partial_sum),
        numeric=from_numbers(measure, [{"decay": 0.5}, {"decay": 0.25}, {"decay": 0.75}]),
        twins=(
            Twin("zero", "0 (what SymPy's limit says at $\\gamma = 1/2$)", Formula(quantity, sp.S.Zero)),
            Twin("one", "1", Formula(quantity, sp.S.One)),
            Twin("inverse", r"$1/\gamma$, the same at $\gamma = 1/2$ only", Formula(quantity, 1 / decay)),
            Twin("zeta", r"$\zeta(\gamma)$ added: the constant taken for the leading term", Formula(quantity, formula + sp.zeta(decay))),
        ),
    )  # fmt: skip


def _leading_of_partial_sum() -> sp.Expr:
    """Coefficient of count^{1-γ} in Σ k^{-γ}; it leads for γ < 1."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import decay

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(u, u), Position.ABOVE)
    return next(term.coefficient for term in found.terms if sp.expand(term.count_power - 1 + decay) == 0)


def _mellin() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import decay, noise_level

    window = sp.pi / (decay * sp.sin(sp.pi / decay)) * noise_level ** (-1 / decay)
    quantity, half = "sum", sp.Rational(1, 2)
    points = [{"decay": gamma, "noise_level": tau} for gamma, tau in ((2.0, 1e-8), (3.0, 1e-10), (2.5, 1e-8))]
    return Claim(
        id="A1.window",
        title="a power sum by its Mellin transform: window and head",
        statement=r"For $\gamma > 1$, $\tau \to 0$: $\sum_{k \ge 1} \frac{k^{-\gamma}}{k^{-\gamma} + \tau} = \frac{\pi}{\gamma\sin(\pi/\gamma)}"
        r" \tau^{-1/\gamma} - \frac12 + O(\tau)$.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, window - half),
        comparison=r"the two leading terms, exactly; and the sum itself at $\tau \le 10^{-8}$, within $10^{-8}$ relative",
        symbolic=from_derivation(_window_and_head),
        numeric=from_numbers(_ridge_sum, points),
        twins=(
            Twin("head", "the head forgotten", Formula(quantity, window)),
            Twin("sign", "the head with the other sign", Formula(quantity, window + half)),
            Twin("count", r"$\tau^{-1/\gamma}$: the sum taken for a count", Formula(quantity, noise_level ** (-1 / decay) - half)),
        ),
    )  # fmt: skip


def _window_and_head() -> sp.Expr:
    """Terms of order τ^{-1/γ} and 1."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import decay, dim, noise_level

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(u / (1 + u), u, count=sp.oo), Position.INSIDE)
    kept = [term for term in found.terms if sp.expand(term.scale_power) in (0, -1 / decay)]
    return sp.Add(*(term.expression(noise_level, dim) for term in kept))


def _ridge_sum(point: NumericPoint) -> Measured:
    """Σ k^{-γ}/(k^{-γ} + τ), terms one by one and the rest by Euler and Maclaurin."""
    import numpy as np
    from scipy.integrate import quad

    gamma, tau, last = point["decay"], point["noise_level"], float(TERMS_SUMMED)
    k = np.arange(TERMS_SUMMED, 0, -1, dtype=float)
    head = float(np.sum(1 / (1 + tau * k**gamma)))
    # In v = 1/k the integral from `last` on is over a bounded interval.
    integral, error = quad(lambda v: v ** (gamma - 2) / (v**gamma + tau), 0, 1 / last, epsabs=0, epsrel=1e-12)
    edge = 1 / (1 + tau * last**gamma)
    slope = -gamma * tau * last ** (gamma - 1) * edge**2
    return head + integral - edge / 2 - slope / 12, float(error) + 1e-12 * head


def _double_pole() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import dim, noise_level

    quantity, half, area = "sum", sp.Rational(1, 2), noise_level**-2
    window = (sp.log(dim * noise_level**2) + 1 - sp.EulerGamma) * area
    points = [{"dim": d, "noise_level": tau} for d, tau in ((1e22, 1e-3), (1e25, 2e-3), (1e24, 5e-4))]
    return Claim(
        id="A1.double-pole",
        title="a power sum where two poles meet: a logarithm",
        statement=r"For $1/d \ll \tau^2 \ll 1$: $\sum_{k \le d} (1 - e^{-1/(k\tau^2)}) ="
        r" \frac{\log(d\tau^2) + 1 - \gamma_E}{\tau^2} - \frac12$ up to terms beyond all powers of $\tau$ and of order $1/(d\tau^4)$:"
        r" the power sum of $1 - e^{-u^2}$ with $\gamma = \frac12$.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, window - half),
        comparison=r"the leading terms, exactly; and the sum itself by Euler and Maclaurin, within $10^{-8}$ relative",
        symbolic=from_derivation(_window_at_a_pole),
        numeric=from_numbers(_sum_at_a_pole, points),
        twins=(
            Twin("count", "the logarithm dropped, as if the poles stood apart", Formula(quantity, area - half)),
            Twin("sign", r"$\log\tau$ with the other sign", Formula(quantity, window - 4 * sp.log(noise_level) * area - half)),
            Twin("factor", r"$\log\tau$ once instead of twice", Formula(quantity, window - sp.log(noise_level) * area - half)),
            Twin("finite", "the finite part of the transform forgotten", Formula(quantity, sp.log(dim * noise_level**2) * area - half)),
            Twin("euler", "Euler's constant forgotten", Formula(quantity, window + sp.EulerGamma * area - half)),
            Twin("head", "the head forgotten", Formula(quantity, window)),
        ),
    )  # fmt: skip


def _window_at_a_pole() -> sp.Expr:
    """Terms of orders log/τ², 1/τ² and 1, without those that fall with d."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import dim, noise_level

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(1 - sp.exp(-(u**2)), u, sp.Rational(1, 2)), Position.INSIDE)
    kept = [term for term in found.terms if term.count_power == 0 and term.scale_power in (0, -2)]
    return sp.expand_log(sp.Add(*(term.expression(noise_level, dim) for term in kept)), force=True)


def _sum_at_a_pole(point: NumericPoint) -> Measured:
    """Σ_{k≤d} (1 - e^{-N/k}), N = 1/τ²: the antiderivative k (1 - e^{-N/k}) + N E_1(N/k), and half of both ends.

    All derivatives at k = 1 are of order e^{-N}, and the slope at d is N/d².
    """
    import mpmath

    with mpmath.workdps(40):
        count, width = mpmath.mpf(point["dim"]), 1 / mpmath.mpf(point["noise_level"]) ** 2
        ends = [(k, 1 - mpmath.exp(-width / k), width * mpmath.e1(width / k)) for k in (mpmath.mpf(1), count)]
        first, last = (k * value + rest for k, value, rest in ends)
        found = last - first + (ends[0][1] + ends[1][1]) / 2
        # What the formula leaves out, N²/d, is below 1e-9 everywhere here.
        return float(found), float(found) * 1e-15 + float(width**2 / count)


@dataclass(frozen=True)
class LargestOf:
    """The assertion that an exponent is the largest of these, everywhere."""

    pieces: tuple[sp.Expr, ...]

    def describe(self) -> str:
        """Say it in a line."""
        return f"exponent = max{self.pieces}"

    def at(self, place: Mapping[str, float]) -> float:
        """The stated exponent at a point."""
        values = [piece.subs({s: place[s.name] for s in piece.free_symbols}) for piece in self.pieces]
        return max(float(value) for value in values)


def _sum_of_powers() -> tuple[Balance, ...]:
    """x = L^a + L^b."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, x = sp.symbols("L x", positive=True)
    a, b = sp.symbols("a b", real=True)
    return solve_balances(System(large, (x,), {}, (a, b), (sp.Eq(x, large**a + large**b),)))


def _cubic() -> tuple[Balance, ...]:
    """y³ + ε^a y = ε^b, ε = 1/L, a, b > 0."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, y = sp.symbols("L y", positive=True)
    a, b = sp.symbols("a b", real=True)
    equation = sp.Eq(y**3 + large**-a * y, large**-b)
    return solve_balances(System(large, (y,), {}, (a, b), (equation,), (a > 0, b > 0)))


def from_balances(found: Callable[[], Sequence[Balance]], sign: int, domain: tuple[sp.Basic, ...] = ()) -> Witness:
    """A symbolic witness: in the region of each balance its exponent (times `sign`) is a stated piece that no other exceeds.

    The regions must cover the domain up to boundaries: a balance that was not found would say nothing otherwise.
    """

    def witness(assertion: LargestOf, effort: Effort) -> Evidence:
        from scalecheck.theory.asymptotics.exact import Form

        rows: list[dict[str, Cell]] = []
        balances = found()
        for balance in balances:
            (exponent,) = (sign * value for value in balance.exponents.values())
            region = balance.region
            # A piece may be stated in any form; what reduces to zero is zero, what to an affine form can be compared.
            gaps = [_reduced(exponent - piece) for piece in assertion.pieces]
            largest = all(
                gap == 0 or region.implies(Form.of(region.arena.field, gap, region.variables)) for gap in gaps
            )
            where = ", ".join(map(str, region.inequalities))
            rows.append({"exponent": str(exponent), "where": where, "largest": largest and 0 in gaps})
        covered = bool(rows) and _covers(balances, domain)
        outcome = Outcome.HOLDS if covered and all(row["largest"] for row in rows) else Outcome.FAILS
        reason = f"{len(rows)} balances, exponents {outcome.value}; their regions {'cover' if covered else 'do not cover'} the domain"
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of(rows))

    return witness


def _reduced(gap: sp.Expr) -> sp.Expr:
    """A difference in the one form in which zero is zero and an affine form is affine."""
    import sympy as sp

    return sp.expand(sp.simplify(gap.doit()))


def _covers(balances: Sequence[Balance], domain: tuple[sp.Basic, ...]) -> bool:
    """Whether nothing of the domain is left when all regions are taken away."""
    from scalecheck.theory.asymptotics.polyhedra import Polyhedron

    region = balances[0].region
    whole = Polyhedron.of(region.arena, region.variables, domain)
    return next(iter(whole.minus([balance.region for balance in balances])), None) is None


def at_huge_scale(measure: Callable[[float, float], float], points: Sequence[tuple[float, float]]) -> Witness:
    """A numeric witness: the exponent at L = 10^2000 against the stated one, within 1e-3 (constants enter as 1/log L)."""

    def witness(assertion: LargestOf, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for a, b in points:
            measured, stated = measure(a, b), assertion.at({"a": a, "b": b})
            outcome = Outcome.HOLDS if abs(measured - stated) <= 1e-3 else Outcome.FAILS
            rows.append({"a": a, "b": b, "measured": measured, "stated": stated, "outcome": outcome.value})
        worst = Outcome.FAILS if any(row["outcome"] == Outcome.FAILS.value for row in rows) else Outcome.HOLDS
        return Evidence(
            "numeric", worst, Firmness.NUMBERS, f"{len(rows)} points at L = 10^2000, within 1e-3", Table.of(rows)
        )

    return witness


def _largest_power() -> Claim:
    import mpmath
    import sympy as sp

    a, b = sp.symbols("a b", real=True)

    def measure(first: float, second: float) -> float:
        large = mpmath.mpf(FAR)
        return float(mpmath.log(large**first + large**second) / mpmath.log(large))

    return Claim(
        id="A2.largest-power",
        title="a sum of two powers with symbolic exponents",
        statement=r"$\log(x^a + x^b)/\log x \to \max(a, b)$.",
        source=Source((), "A2", "derived"),
        assertion=LargestOf((a, b)),
        comparison=r"exponents and regions of all balances, exactly; and numbers at $x = 10^{2000}$ within $10^{-3}$",
        symbolic=from_balances(_sum_of_powers, 1),
        numeric=at_huge_scale(measure, [(1.0, 0.5), (-1.0, 2.0), (0.25, -0.5), (0.5, 0.75)]),
        twins=(
            Twin("last", "$b$ (what SymPy's limit says)", LargestOf((b,))),
            Twin("first", "$a$", LargestOf((a,))),
            Twin("mean", "$(a + b)/2$", LargestOf(((a + b) / 2,))),
        ),
    )


def _three_terms() -> Claim:
    import mpmath
    import sympy as sp

    a, b = sp.symbols("a b", real=True)

    def measure(first: float, second: float) -> float:
        with mpmath.workdps(50):
            small = 1 / mpmath.mpf(FAR)
            linear, constant = small**first, small**second
            # The left side increases in y: bisection on log y cannot miss the one positive root.
            low, high = mpmath.mpf(0), 4 * max(first, second, 1.0)
            for _ in range(60):
                middle = (low + high) / 2
                y = small**middle
                low, high = (middle, high) if y**3 + linear * y > constant else (low, middle)
            return float(low)

    return Claim(
        id="A2.three-terms",
        title="a three-term balance with symbolic exponents",
        statement=r"The positive root of $y^3 + \varepsilon^a y = \varepsilon^b$, $a, b > 0$, is of order"
        r" $\varepsilon^{\max(b/3,\, b - a)}$ as $\varepsilon \to 0$.",
        source=Source((), "A2", "derived"),
        assertion=LargestOf((b / 3, b - a)),
        comparison=r"exponents and regions of all balances, exactly; and the root at $\varepsilon = 10^{-2000}$ within $10^{-3}$",
        symbolic=from_balances(_cubic, -1, (a > 0, b > 0)),
        numeric=at_huge_scale(measure, [(1.0, 1.0), (1.0, 2.0), (2.0, 2.5), (0.5, 3.0)]),
        twins=(
            Twin("cube", "$b/3$ always: the linear term dropped", LargestOf((b / 3,))),
            Twin("linear", "$b - a$ always: the cube dropped", LargestOf((b - a,))),
            Twin(
                "moved",
                "the two regions divided 5% further up",
                LargestOf((b / 3, sp.Rational(20, 21) * b - a + a / 42)),
            ),
        ),
    )


def _with_logarithms() -> tuple[Balance, ...]:
    """x² + L^a (log L)² x = L^{2a} (log L)³: all three terms tie in powers of L, logarithms decide."""
    import sympy as sp

    from scalecheck.theory.asymptotics.solver import solve_balances
    from scalecheck.theory.asymptotics.systems import System

    large, x = sp.symbols("L x", positive=True)
    a = sp.Symbol("a", real=True)
    equation = sp.Eq(x**2 + large**a * sp.log(large) ** 2 * x, large ** (2 * a) * sp.log(large) ** 3)
    return solve_balances(System(large, (x,), {}, (a,), (equation,)))


def _log_exponent() -> sp.Expr:
    """The exponent of log L in x, one and the same in every balance."""
    from scalecheck.theory.identities import DerivationError

    found = {value for balance in _with_logarithms() for value in balance.log_exponents.values()}
    if len(found) != 1:
        raise DerivationError(f"expected one exponent of log L, got {sorted(map(str, found))}")
    return found.pop()


def _logarithms() -> Claim:
    import mpmath
    import sympy as sp

    quantity = "exponent of log L"

    def measure(point: NumericPoint) -> Measured:
        """log(x/L^a)/log log L at L = e^{10^12}; what is left is of order 1/log L."""
        with mpmath.workdps(50):
            log = mpmath.mpf(10) ** 12
            scale = mpmath.exp(point["a"] * log)
            linear, constant = scale * log**2, scale**2 * log**3
            x = 2 * constant / (linear + mpmath.sqrt(linear**2 + 4 * constant))
            return float(mpmath.log(x / scale) / mpmath.log(log)), 1e-12

    return Claim(
        id="A2.logarithm",
        title="a balance that powers leave open and logarithms decide",
        statement=r"The positive root of $x^2 + L^a (\log L)^2 x = L^{2a} (\log L)^3$ is of order $L^a \log L$ as $L \to \infty$.",
        source=Source((), "A2", "derived"),
        assertion=Formula(quantity, sp.S.One),
        comparison=r"the exponent of all balances at the level of logarithms, exactly; and the root at $L = e^{10^{12}}$, within $10^{-8}$",
        symbolic=from_derivation(_log_exponent),
        numeric=from_numbers(measure, [{"a": 1.0}, {"a": -0.5}, {"a": 0.25}]),
        twins=(
            Twin("square", "3/2: the linear term dropped, or its logarithms", Formula(quantity, sp.Rational(3, 2))),
            Twin("none", "no logarithm: powers alone", Formula(quantity, sp.S.Zero)),
            Twin("coefficient", "3: the logarithms of the coefficient dropped", Formula(quantity, sp.Integer(3))),
        ),
    )
