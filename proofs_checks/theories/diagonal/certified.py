"""N3 and N7 at single points, by certificates: the state equations have one solution there, and what it is close to."""

from __future__ import annotations

import sympy as sp

from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay, dim, noise, samples, weight_decay

from ...certificates.state_evolution import certify
from ...claims import Claim, Source
from ...enclosed import Controls, Enclosed, as_numbers, by_certificate, off_by_a_millionth, off_by_two_percent
from ...network_claims import NAMES
from .points import solve_at

CLOSE = sp.Rational(1, 10**9)
"""How far a numeric value may lie from its enclosure; the numeric witness states errors near 1e-12."""
NEAR_LAW = sp.Rational(1, 100)
"""How far the risk may be from its leading law at the points below, deep inside their phases at dim = 10^12."""


def certified_claims() -> tuple[Claim, ...]:
    """What certificates say of the diagonal network."""
    return (_solved(), _laws())


def _controls(*values: str) -> Controls:
    return tuple(zip(NAMES, values, strict=True))


POINTS = (
    _controls("1000", "500", "1/10", "1", "1"),
    _controls("10000", "2000", "1/1000000", "1", "1"),
    _controls("300", "5000", "1/1000", "3/2", "1/2"),
    _controls("1000000000000", "1000000000", "1", "5/4", "1"),
)


def _solved() -> Claim:
    stated = Enclosed("risk", tuple((point, _numeric(point)) for point in POINTS), CLOSE)
    return Claim(
        id="N3.diagonal.certified",
        title="one solution of the state equations near the numeric one, by interval arithmetic",
        statement=r"At each point listed the state equations have exactly one solution $(\tau, t)$ in a stated box"
        r" around the numeric one, and its risk is the numeric risk to $10^{-9}$.",
        source=Source(("defilippis2025scaling", "bayati2012lasso"), "N3", "derived"),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=stated,
        comparison=r"Krawczyk's operator maps the box into itself in ball arithmetic; a separate checker repeats it with"
        r" interval Newton; the enclosure of the risk lies within $10^{-9}$ of the number",
        numeric=by_certificate(certify),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=off_by_a_millionth(stated),
    )


def _numeric(point: Controls) -> sp.Expr:
    """The numeric risk at a point, as the exact number that the float is."""
    return sp.Rational(solve_at(as_numbers(point)).value.risk)


def _laws() -> Claim:
    ratio = weight_decay * sp.sqrt(dim) / samples
    heavy = noise * dim / samples
    laws = (
        (
            _controls("1000000000000", "1000000000000000000", "40000000", "1", "1"),
            2 * decay / (2 * decay - 1) * ratio ** (2 - 1 / decay),
        ),
        (_controls("1000000000000", "1" + "0" * 36, "1" + "0" * 17, "3/4", "1"), dim * ratio**2),
        (_controls("1000000000000", "1000000000000000000", "1/1000000", "1", "1"), heavy),
        (_controls("1000000000000", "1" + "0" * 24, "1", "3/4", "1"), heavy),
    )
    stated = Enclosed("risk", laws, NEAR_LAW)
    return Claim(
        id="N7.diagonal.certified",
        title="leading laws of phases II, III, VIa, VIb at dim = 10^12, by interval arithmetic",
        statement=r"At $d = 10^{12}$, at one point deep inside each of the phases II, III, VIa and VIb, the risk of the"
        r" state equations' solution in a stated box is within 1\% of the leading law of its phase.",
        source=Source(("defilippis2025scaling",), "N5, N7", "derived"),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=stated,
        comparison="the enclosure of the risk lies within 1% of the law; made with Krawczyk's operator, checked with interval Newton",
        numeric=by_certificate(certify),
        rests_on=("N3.diagonal.certified",),
        twins=off_by_two_percent(stated),
    )
