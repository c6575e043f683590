"""S10, downward transport: rows with b > 1, with b = 1, and with b < 1."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from scalecheck.theory.shells.letters import born

from ...claims import Twin
from .assertions import controls
from .exponents import DOWN, LATER, LAZY, Row, a, b, beta, c, kept, law_of_row, m

star = c ** (-1 / (b - 1))
"""x*, the attracting point of the self-similar flow."""
p = 1 / (b - 1)
x = sp.Symbol("y", positive=True)
SIMILAR = sp.Eq(m, b - 2)
EARLY = (5.0, 10.0, 20.0, 40.0)


def steep_rows() -> tuple[Row, ...]:
    """b > 1: lazy, the three rows on m = b - 2, frozen."""
    lazy = law_of_row(DOWN, (b > 1, m < b - 2), -a, LAZY, controls("3/4", "5/2", "-1/4", "1/2"))
    travelled = x * sp.hyper([p, p], [1 + p], -c * x ** (b - 1))
    whole = sp.Integral(a * x ** (a - 1) * sp.exp(-2 * travelled), (x, 0, sp.oo))
    similar = law_of_row(
        DOWN, (b > 1, SIMILAR, a < 2 * star), -a, whole, controls("3/4", "5/2", "1/2", "1/2"), controls("1/2", 2, 0, 1)
    )
    tail = sp.exp(2 * star * p * (sp.digamma(p) + sp.EulerGamma - sp.log(c)))
    edge = law_of_row(
        DOWN, (b > 1, SIMILAR, a > 2 * star), -2 * star, a / (a - 2 * star) * tail,
        controls(6, "5/2", "1/2", "1/2"), controls(3, 2, 0, 2),
    )  # fmt: skip
    wall = law_of_row(
        DOWN, (b > 1, SIMILAR, sp.Eq(a, 2 * star)), -2 * star, 2 * star * tail, controls("8/9", "3/2", "-1/2", "3/2"),
        log=sp.S.One, times=LATER,
    )  # fmt: skip
    frozen = law_of_row(
        DOWN, (b > 1, m > b - 2), 0, kept(_frozen_size(), 1 - (b - 1) / (m + 1)), controls("3/4", "5/2", "3/2", "1/2")
    )
    return (
        Row("lazy", "transport too late to matter",
            r"$\sigma=-1$, $b>1$, $m<b-2$: $L \simeq a\Gamma(a)(2t)^{-a}$, as without drift.", lazy, -2 * star,
            (("all_slow", (b > 1, m <= b - 2), controls("3/4", "5/2", "1/2", "1/2")),), stated=True),
        Row("self-similar", "the source rules",
            r"$\sigma=-1$, $b>1$, $m=b-2$, $a<2x_*$: $L \simeq t^{-a}\int_0^\infty a y^{a-1} e^{-2G(y)}\,dy$.", similar, -2 * star,
            (("every_source", (b > 1, SIMILAR), controls(6, "5/2", "1/2", "1/2")),),
            (Twin("lazy_constant", "the lazy constant", replace(similar, constant=LAZY)),), stated=True),
        Row("frontier", "the frontier rules",
            r"$\sigma=-1$, $b>1$, $m=b-2$, $a>2x_*$: $L \simeq \frac{a}{a-2x_*} e^{2 x_* p(\psi(p)+\gamma_E-\log c)} t^{-2x_*}$, $p=1/(b-1)$.",
            edge, -a, (("every_source", (b > 1, SIMILAR), controls("3/4", "5/2", "1/2", "1/2")),),
            (Twin("half", r"$t^{-x_*}$: the dissipation's 2 forgotten", replace(edge, exponent=-star)),
             Twin("steeper", r"$x_* = c^{-1/b}$", replace(edge, exponent=-2 * c ** (-1 / b)))), stated=True),
        Row("frontier-log", "source and frontier in balance",
            r"$\sigma=-1$, $b>1$, $m=b-2$, $a=2x_*$: $L \simeq 2x_* e^{2 x_* p(\psi(p)+\gamma_E-\log c)}\, t^{-2x_*}\log t$.", wall, None,
            stated=True),
        Row("frozen", "transport faster than dissipation",
            r"$\sigma=-1$, $b>1$, $m>b-2$: a plateau $L_\infty>0$.", frozen, -a,
            (("all_fast", (b > 1, m >= b - 2), controls("3/4", "5/2", "1/2", "1/2")),),
            (Twin("denied", "no plateau: the lazy law", replace(frozen, exponent=-a, constant=LAZY)),), stated=True),
    )  # fmt: skip


def _frozen_size() -> sp.Expr:
    return (c * (b - 1) / (m + 1)) ** (-1 / (m + 1)) / (m + 1) * beta(1 / (m + 1), 1 / (b - 1) - 1 / (m + 1))


def clock_rows() -> tuple[Row, ...]:
    """b = 1: the spectrum is rescaled as a whole, and so is time."""
    one, marginal = sp.Eq(b, 1), sp.Eq(m, -1)
    slow = law_of_row(
        DOWN, (one, marginal, c < 1), a * (c - 1), a * sp.gamma(a) * ((1 - c) / 2) ** a, controls("3/4", 1, -1, "1/2")
    )
    logarithmic = law_of_row(
        DOWN, (one, marginal, sp.Eq(c, 1)), 0, LAZY, controls("3/4", 1, -1, 1), log=-a, times=LATER
    )
    stopped = law_of_row(DOWN, (one, marginal, c > 1), 0, kept(1 / (c - 1), sp.S.One), controls("3/4", 1, -1, 3))
    size = ((m + 1) / c) ** (1 / (m + 1)) / (m + 1) * sp.gamma(1 / (m + 1))
    quickly = law_of_row(
        DOWN, (one, m > -1), 0, kept(size, sp.S.One), controls("3/4", 1, "1/2", "1/2"), times=(2.0, 4.0, 8.0, 16.0)
    )
    displaced = law_of_row(DOWN, (one, m < -1), -a, LAZY * sp.exp(-a * c / (m + 1)), controls("3/4", 1, "-3/2", "1/2"))
    return (
        Row("slow-clock", "a slower clock", r"$\sigma=-1$, $b=1$, $m=-1$, $c<1$: $L \simeq a\Gamma(a)((1-c)/2)^a t^{-a(1-c)}$.", slow, -a,
            (("every_rate", (one, marginal), controls("3/4", 1, -1, 3)),),
            (Twin("mirrored", r"$c \to 1-c$: $t^{-ac}$", replace(slow, exponent=-a * c, points=(controls("3/4", 1, -1, "1/3"),))),),
            stated=True),
        Row("log-clock", "a logarithmic clock", r"$\sigma=-1$, $b=1$, $m=-1$, $c=1$: $L \simeq a\Gamma(a)(2\log t)^{-a}$.", logarithmic, -a,
            stated=True),
        Row("stopped-clock", "a clock that stops", r"$\sigma=-1$, $b=1$, $m=-1$, $c>1$: a plateau,"
            r" $L_\infty = a\,(2K)^{-a}\gamma(a, 2K)$ with $K = 1/(c-1)$.", stopped, a * (1 - c),
            others=(Twin("denied", "no plateau: a logarithm as at $c=1$", replace(stopped, constant=LAZY, log=-a)),), stated=True),
        Row("stopped-exponentially", "a clock that stops at once",
            r"$\sigma=-1$, $b=1$, $m>-1$: a plateau, $K = \int_0^\infty e^{-c s^{m+1}/(m+1)}ds$.", quickly, -a),
        Row("displaced", "a spectrum displaced by a finite factor",
            r"$\sigma=-1$, $b=1$, $m<-1$: $L \simeq a\Gamma(a) e^{-ac/(m+1)}(2t)^{-a}$; not the lazy law.", displaced, sp.S.Zero,
            others=(Twin("lazy", "the lazy law: the finite factor overlooked (S10 has no such row)", replace(displaced, constant=LAZY)),)),
    )  # fmt: skip


def arriving_rows() -> tuple[Row, ...]:
    """b < 1: modes arrive at λ = 0 in finite time with energy left; always a plateau."""
    q, mu = 1 - b, m + 1
    arrested = law_of_row(
        DOWN, (b < 1, m > -1), 0, kept((mu / (c * q)) ** (1 / mu) / mu * beta(1 / mu, 1 + 1 / q), 1 + q / mu),
        controls("3/4", "1/2", "1/2", "1/2"), times=EARLY,
    )  # fmt: skip
    level = born**q / (c * q)
    on_log = (c * q) ** (1 / q) * sp.exp(level) * sp.lowergamma(1 + 1 / q, level)
    logarithmic = law_of_row(
        DOWN, (b < 1, sp.Eq(m, -1)), 0, _remaining(on_log, sp.S.One), controls("3/4", "1/2", -1, "1/2"), times=EARLY
    )
    wall = c * (b - 1) - 1
    spent, whole = _finite_clock()
    finite = law_of_row(
        DOWN,
        (b < 1, m < -1, m > wall),
        0,
        _remaining(spent, sp.S.One),
        controls("3/4", "1/2", "-3/2", "3/2"),
        times=EARLY,
    )
    edge = law_of_row(
        DOWN, (b < 1, m < -1, m < wall), 0, _remaining(spent, whole ** (1 / q)), controls("3/4", "1/2", "-3/2", "1/2")
    )
    on_wall = law_of_row(
        DOWN, (b < 1, m < -1, sp.Eq(m, wall)), 0, _remaining(spent, sp.S.One), controls("3/4", "1/2", "-3/2", 1)
    )
    return (
        Row("arrested", "arrested at zero", r"$\sigma=-1$, $b<1$, $m>-1$: a plateau in closed form.", arrested, -a,
            (("every_power", (b < 2, m > -1), controls("3/4", "7/4", "-1/2", "1/2")),),
            (Twin("denied", "no plateau: the lazy law", replace(arrested, exponent=-a, constant=LAZY)),)),
        Row("arrested-log", "arrested on a logarithmic clock", r"$\sigma=-1$, $b<1$, $m=-1$: a plateau, one quadrature.", logarithmic, -a),
        Row("arrested-finite", "all arrive within a finite clock",
            r"$\sigma=-1$, $b<1$, $m<-1$, $c(1-b)+m+1>0$: a plateau, every mode arrives.", finite, -a,
            (("no_wall", (b < 1, m < -1), controls("3/4", "1/2", "-3/2", "1/2")),)),
        Row("arrested-edge", "those below an edge arrive within a finite clock",
            r"$\sigma=-1$, $b<1$, $m<-1$, $c(1-b)+m+1<0$: a plateau; modes born above $(c(1-b)/|m+1|)^{1/(1-b)}$ dissipate.", edge, -a,
            (("no_wall", (b < 1, m < -1), controls("3/4", "1/2", "-3/2", "3/2")),),
            (Twin("edge", "the edge at half the clock", replace(edge, constant=_remaining(spent, (whole / 2) ** (1 / q)))),)),
        Row("arrested-wall", "the last mode just arrives", r"$\sigma=-1$, $b<1$, $m<-1$, $c(1-b)+m+1=0$: the same plateau.", on_wall, -a),
    )  # fmt: skip


def _finite_clock() -> tuple[sp.Expr, sp.Expr]:
    """The action of a mode up to its arrival for m < -1, and the whole clock κ = c(1-b)/|m+1|."""
    q, mu = 1 - b, m + 1
    whole = -c * q / mu
    share = born**q / whole
    order = 1 + 1 / q
    hyper = sp.hyper([order, order + 1 / mu], [order + 1], share)
    action = (whole - born**q) ** (1 / q) * (1 - share) ** (1 / mu) / (-mu) * share**order / order * hyper
    return action, whole


def _remaining(spent: sp.Expr, reach: sp.Expr) -> sp.Expr:
    return sp.Integral(a * born ** (a - 1) * sp.exp(-2 * spent), (born, 0, reach))
