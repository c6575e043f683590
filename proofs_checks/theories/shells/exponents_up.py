"""S10, upward transport: escape for b > 1, a faster clock for b = 1, a lifted bottom for b < 1."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from scalecheck.theory.shells.letters import time

from ...claims import Twin
from .assertions import controls
from .exponents import LAZY, UP, Row, a, b, beta, c, kept, law_of_row, m

x = sp.Symbol("y", positive=True)
q, mu = 1 - b, m + 1
SIMILAR = sp.Eq(m, b - 2)


def doubling(last: float, count: int = 4) -> tuple[float, ...]:
    """log t at times that double, the last being given: stretched laws end where the loss is about e^-2700."""
    return tuple(last - math.log(2) * k for k in range(count - 1, -1, -1))


def upward_rows() -> tuple[Row, ...]:
    """b > 1 and b = 1."""
    one = sp.Eq(b, 1)
    lazy = law_of_row(UP, (b > 1, m < b - 2), -a, LAZY, controls("3/4", "5/2", "-1/4", "1/2"))
    escape = law_of_row(
        UP,
        (b > 1, m > b - 2),
        -a * mu / (b - 1),
        (mu / (c * (b - 1))) ** (a / (b - 1)),
        controls("3/4", "5/2", "3/2", "1/2"),
    )
    p = 1 / (b - 1)
    travelled = x * sp.hyper([p, p], [1 + p], c * x ** (b - 1))
    similar = law_of_row(
        UP, (b > 1, SIMILAR), -a, sp.Integral(a * x ** (a - 1) * sp.exp(-2 * travelled), (x, 0, c**-p)),
        controls("3/4", "5/2", "1/2", "1/2"),
    )  # fmt: skip
    fast = law_of_row(
        UP, (one, sp.Eq(m, -1)), -a * (1 + c), a * sp.gamma(a) * ((1 + c) / 2) ** a, controls("3/4", 1, -1, "1/2")
    )
    runaway = law_of_row(
        UP, (one, m > -1), a * m, a * sp.gamma(a) * (c / 2) ** a, controls("1/3", 1, "1/2", "3/4"),
        action=a * c * time**mu / mu, times=doubling(6.0),
    )  # fmt: skip
    displaced = law_of_row(UP, (one, m < -1), -a, LAZY * sp.exp(a * c / mu), controls("3/4", 1, "-3/2", "1/2"))
    return (
        Row("lazy", "upward transport too late to matter", r"$\sigma=+1$, $b>1$, $m<b-2$: $L \simeq a\Gamma(a)(2t)^{-a}$.", lazy,
            -a * mu / (b - 1), (("every_m", (b > 1, m <= b - 2), controls("3/4", "5/2", "1/2", "1/2")),)),
        Row("self-similar-escape", "escape on the lazy scale",
            r"$\sigma=+1$, $b>1$, $m=b-2$: $L \simeq t^{-a}\int_0^{c^{-p}} a y^{a-1} e^{-2G(y)}\,dy$, $p=1/(b-1)$.", similar, -2 * c**-p,
            others=(Twin("lazy_constant", "the lazy constant", replace(similar, constant=LAZY)),)),
        Row("escape", "escape before dissipation",
            r"$\sigma=+1$, $b>1$, $m>b-2$: $L \simeq ((m+1)/(c(b-1)))^{a/(b-1)}\, t^{-a(m+1)/(b-1)}$.", escape, -a,
            (("every_m", (b > 1, m > -1), controls("3/4", "5/2", "-1/4", "1/2")),),
            (Twin("off", r"$b$ off by 0.1", replace(escape, exponent=-a * mu / (b - sp.Rational(9, 10)))),)),
        Row("fast-clock", "feature learning as a faster clock",
            r"$\sigma=+1$, $b=1$, $m=-1$: $L \simeq a\Gamma(a)((1+c)/2)^a t^{-a(1+c)}$.", fast, -a,
            others=(Twin("lazy", "the lazy law where transport rules", replace(fast, exponent=-a, constant=LAZY)),), stated=True),
        Row("runaway", "a clock that runs away",
            r"$\sigma=+1$, $b=1$, $m>-1$: $L \simeq a\Gamma(a)(c/2)^a\, t^{am}\, e^{-ac\,t^{m+1}/(m+1)}$.", runaway, None,
            others=(Twin("survival", r"$e^{-2act^{m+1}/(m+1)}$: a 2 too many", replace(runaway, action=2 * a * c * time**mu / mu)),)),
        Row("displaced", "a spectrum displaced upward by a finite factor",
            r"$\sigma=+1$, $b=1$, $m<-1$: $L \simeq a\Gamma(a) e^{ac/(m+1)}(2t)^{-a}$; not the lazy law.", displaced, -a * (1 + c),
            others=(Twin("lazy", "the lazy law: the finite factor overlooked (S10 has no such row)", replace(displaced, constant=LAZY)),)),
    )  # fmt: skip


def lifted_rows() -> tuple[Row, ...]:
    """b < 1: even λ = 0 moves up, and the loss falls faster than any power."""
    watson = a / q * sp.gamma(a / q) * 2 ** (-a / q)
    lowest = 2 * (c * q / mu) ** (1 / q) * time ** (1 + mu / q) / (1 + mu / q)
    growth = 1 + mu * (1 / q - 1)
    lifted = law_of_row(
        UP, (b < 1, m > -1, b * m + 1 > 0), -a * growth / q, watson * ((c * q / mu) ** (1 / q - 1) / (q * growth)) ** (-a / q),
        controls("1/2", "1/2", "1/2", "1/2"), action=lowest, times=(2.1, 2.4, 2.7, 3.0),
    )  # fmt: skip
    wall = law_of_row(
        UP, (b < 1, m > -1, sp.Eq(b * m + 1, 0)), 0, watson * ((c * q / mu) ** (1 / q - 1) / q) ** (-a / q),
        controls("1/2", -1, 1, "1e-40"), log=-a / q, action=lowest, times=doubling(26.97, 5),
    )  # fmt: skip
    size = (c * q / mu) ** (-1 / mu) / mu * beta(1 / mu, -1 / q - 1 / mu)
    together = law_of_row(
        UP, (b < 1, m > -1, b * m + 1 < 0), 0, kept(size, 1 + q / mu), controls("1/4", -2, 2, "1/2"),
        action=lowest, times=doubling(4.0),
    )  # fmt: skip
    return (
        Row("lifted", "the bottom of the spectrum is lifted",
            r"$\sigma=+1$, $b<1$, $m>-1$, $1+bm>0$: $L \simeq C\, t^{-a(1+bm)/(1-b)^2}\, e^{-2I_0(t)}$,"
            r" $I_0 = (c(1-b)/(m+1))^{1/(1-b)}\, t^{1+\frac{m+1}{1-b}}/(1+\frac{m+1}{1-b})$.", lifted, None,
            (("no_wall", (b < 1, m > -1), controls("1/4", -2, 2, "1/2")),),
            (Twin("survival", r"$e^{-I_0}$: the dissipation's 2 forgotten", replace(lifted, action=lowest / 2)),)),
        Row("lifted-wall", "the excess action is a logarithm",
            r"$\sigma=+1$, $b<1$, $m>-1$, $1+bm=0$: $L \simeq C\,(\log t)^{-a/(1-b)}\, e^{-2I_0(t)}$.", wall, None, slow=True),
        Row("lifted-together", "all modes are lifted together",
            r"$\sigma=+1$, $b<1$, $m>-1$, $1+bm<0$: $L \simeq C\, e^{-2I_0(t)}$ (the wall $1+bm=0$ is missing in S10).", together,
            None, (("no_wall", (b < 1, m > -1), controls("1/2", "1/2", "1/2", "1/10")),)),
        *_slow_clocks(watson),
    )  # fmt: skip


def _slow_clocks(watson: sp.Expr) -> tuple[Row, ...]:
    """m = -1 and m < -1."""
    log = sp.log(time)
    on_log = 2 * (c * q) ** (1 / q) * log ** (1 + 1 / q) / (1 + 1 / q) * sp.hyper([1 + 1 / q], [2 + 1 / q], log)
    logarithmic = law_of_row(
        UP, (b < 1, sp.Eq(m, -1)), -a / q, watson * ((c * q) ** (1 / q - 1) / q) ** (-a / q),
        controls("1/2", "1/2", -1, "1e-5"), log=-a * (1 / q - 1) / q, action=on_log, times=doubling(25.1, 6),
    )  # fmt: skip
    whole, passed = -c * q / mu, 1 - time**mu
    action = 2 * whole ** (1 / q) / (-mu) * passed ** (1 + 1 / q) / (1 + 1 / q)
    action *= sp.hyper([1 + 1 / q, 1 - 1 / mu], [2 + 1 / q], passed)
    floor = law_of_row(
        UP, (b < 1, m < -1), -a / q, watson * (whole ** (1 / q - 1) / q) ** (-a / q), controls("1/2", "1/2", "-3/2", "1e-8"),
        action=action, times=doubling(44.0),
    )  # fmt: skip
    return (
        Row("lifted-log", "lifted on a logarithmic clock",
            r"$\sigma=+1$, $b<1$, $m=-1$: $L \simeq C\, t^{-a/(1-b)} (\log t)^{-ab/(1-b)^2} e^{-2I_0(t)}$.", logarithmic, None, slow=True),
        Row("lifted-floor", "lifted to a floor",
            r"$\sigma=+1$, $b<1$, $m<-1$: $L \simeq C\, t^{-a/(1-b)} e^{-2I_0(t)}$, $I_0 \simeq (c(1-b)/|m+1|)^{1/(1-b)}\,t$.", floor, None),
    )  # fmt: skip
