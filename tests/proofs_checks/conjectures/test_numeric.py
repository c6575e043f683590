"""What numbers say of one curve, asked about several exponents; the curve itself is fitted once."""

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures import numeric
from scalecheck.proofs_checks.conjectures.numeric import Curve, agrees, estimated
from scalecheck.proofs_checks.evidence import Outcome

SCALES = tuple(np.geomspace(1e2, 1e7, 10))
CURVE = Curve({sp.Symbol("x"): sp.S.One}, SCALES, tuple(s**-0.5 for s in SCALES), (1e-9,) * 10, False)


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [(-0.5, Outcome.HOLDS), (-0.51, Outcome.UNDECIDED), (-0.6, Outcome.FAILS), (0.5, Outcome.FAILS)],
)
def test_an_exponent_is_judged_by_what_is_expected_of_it(expect, outcome):
    assert agrees(estimated(CURVE, expect), expect) is outcome


def test_a_curve_is_fitted_once_and_another_curve_anew(monkeypatch):
    asked, fit = [], numeric.estimate_exponent
    monkeypatch.setattr(numeric, "estimate_exponent", lambda *a, **k: asked.append(a) or fit(*a, **k))
    numeric._estimated.cache_clear()
    for expect in (-0.5, -0.6, -0.5):
        estimated(CURVE, expect)
    assert len(asked) == 1
    steeper = Curve(CURVE.point, SCALES, tuple(s**-0.6 for s in SCALES), CURVE.errors, False)
    assert agrees(estimated(steeper, -0.6), -0.6) is Outcome.HOLDS
    assert len(asked) == 2
