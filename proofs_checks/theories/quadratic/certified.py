"""N4 and N7 at single points, by certificates: the state equations have one solution there, and what it is close to."""

from __future__ import annotations

import sympy as sp

from scalecheck.theory.symbols import decay, dim, noise, samples, weight_decay

from ...certificates.quadratic import certify
from ...claims import Claim, Source
from ...enclosed import Controls, Enclosed, as_numbers, by_certificate, off_by_a_millionth, off_by_two_percent
from ...network_claims import NAMES
from .observing import ASSUMED, PAPERS
from .points import solve_at

CLOSE = sp.Rational(1, 10**8)
"""How far a numeric value may lie from its enclosure; enclosures are 1e-9 wide, and the numeric witness states errors near 1e-12."""
NEAR_LAW = sp.Rational(1, 100)
"""How far the risk may be from its leading law at the points below, deep inside their phases."""


def certified_claims() -> tuple[Claim, ...]:
    """What certificates say of the quadratic network."""
    return (_solved(), _laws())


def _controls(*values: str) -> Controls:
    return tuple(zip(NAMES, values, strict=True))


POINTS = (
    # the threshold in the bulk, beyond it between two outliers, beyond all of them, and just below interpolation
    _controls("1000", "100000", "1/100", "1", "1"),
    _controls("10000", "1000000", "1/2", "3/2", "1"),
    _controls("1000", "30000", "30", "1", "1"),
    _controls("10000", "100000", "1/1000000", "1", "1"),
    _controls("10000", "1000000000", "3", "1", "1"),
)


def _solved() -> Claim:
    stated = Enclosed("risk", tuple((point, _numeric(point)) for point in POINTS), CLOSE)
    return Claim(
        id="N4.quadratic.certified",
        title="one solution of the state equations near the numeric one, by interval arithmetic",
        statement=r"At each point listed the state equations (deterministic closure) have exactly one solution $(\tau, t)$"
        r" in a stated box around the numeric one, and its risk is the numeric risk to $10^{-8}$.",
        source=Source(PAPERS, "N4", "derived"),
        assumptions=ASSUMED,
        assertion=stated,
        comparison=r"interval Newton in ball arithmetic, on path integrals of powers of the teacher's resolvent that the"
        r" numeric witness does not use; the enclosure of the risk lies within $10^{-8}$ of the number",
        numeric=by_certificate(certify),
        rests_on=("N4.quadratic.risk", "N4.quadratic.degrees_of_freedom"),
        twins=off_by_a_millionth(stated),
    )


def _numeric(point: Controls) -> sp.Expr:
    """The numeric risk at a point, as the exact number that the float is."""
    return sp.Rational(solve_at(as_numbers(point)).value.risk)


def _laws() -> Claim:
    share = samples / dim
    threshold = weight_decay * sp.sqrt(dim) / (4 * share)
    heavy = noise * dim / (4 * share)
    laws = (
        (
            _controls("1000000000000", "1" + "0" * 24, "30000", "1", "1"),
            4 * decay / (2 * decay - 1) * threshold ** (2 - 1 / decay),
        ),
        (_controls("1000", "1" + "0" * 22, "1" + "0" * 10, "1", "1"), 2 * dim * threshold**2),
        (_controls("1000000000000", "1" + "0" * 28, "1/1000", "3", "1"), heavy),
        (_controls("1000", "1" + "0" * 16, "1/1000000", "1", "1"), 2 * heavy),
        (_controls("1000000000000", "1" + "0" * 20, "1" + "0" * 12, "1", "1"), 2 * sp.zeta(2 * decay)),
    )
    stated = Enclosed("risk", laws, NEAR_LAW)
    return Claim(
        id="N7.quadratic.certified",
        title="leading laws of phases Ib, II, III, VIa, VIb at single points, by interval arithmetic",
        statement=r"At one point deep inside each of the phases Ib, II and VIa at $d = 10^{12}$, and III and VIb at"
        r" $d = 10^3$, the risk of the state equations' solution in a stated box is within 1\% of the leading law of its phase.",
        source=Source(PAPERS, "N5, N7", "derived"),
        assumptions=ASSUMED,
        assertion=stated,
        comparison="the enclosure of the risk lies within 1% of the law; shown by interval Newton",
        numeric=by_certificate(certify),
        rests_on=("N4.quadratic.certified",),
        twins=off_by_two_percent(stated),
    )
