"""A sample of the quadratic network's ledger: accepted, every twin refuted; and its tools for averages and sides."""

import math

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.averages import Average, on_draws
from scalecheck.proofs_checks.boundaries import BoundaryLaw, Crossing
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.registry import theory
from scalecheck.proofs_checks.sides import SCALES, by_sides, settled
from scalecheck.theory.symbols import a, b

SAMPLE = (
    "N2.quadratic.objective",
    "N2.quadratic.penalty",
    "N4.quadratic.divergence",
    "N4.quadratic.risk",
    "N7.quadratic.III",
    "N7.quadratic.VIb",
    "N7.quadratic.peak",
    "N8.quadratic.merging",
    "N9.quadratic.Ib.underfitting",
    "N9.quadratic.II.overfitting",
    "N9.quadratic.II.underfitting",
    "N9.quadratic.nothing",
)
x, scale = sp.symbols("x scale", positive=True)


@pytest.fixture(scope="module")
def claims():
    """The ledger by id."""
    return {claim.id: claim for claim in theory("quadratic").claims()}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_claim_is_accepted_and_its_twins_refuted(claims, name):
    found = hear(claims[name])
    assert found.as_expected, (found.judgement, found.toothless)


def test_ids_are_those_of_the_theory_and_rest_on_claims_that_exist(claims):
    known = set(claims) | {claim.id for claim in theory("diagonal").claims()}
    for claim in claims.values():
        assert claim.id.split(".")[1] == "quadratic"
        assert set(claim.rests_on) <= known, claim.id


def test_every_section_has_claims(claims):
    assert {name.split(".")[0] for name in claims} == {"N2", "N4", "N5", "N6", "N7", "N8", "N9", "N10", "N11"}


def draws(shift):
    """Normal numbers about a mean, at one place."""
    generator = np.random.default_rng(1)
    return lambda seed: [{"scale": 1.0, "x": shift + generator.standard_normal(20000)}]


@pytest.mark.parametrize(("shift", "outcome"), [(0.0, Outcome.HOLDS), (0.5, Outcome.FAILS)])
def test_averages(shift, outcome):
    assert on_draws(draws(shift))(Average(x, scale), Effort()).outcome is outcome


def test_averages_without_resolution_decide_nothing():
    wide = on_draws(lambda seed: [{"scale": 1.0, "x": np.random.default_rng(2).standard_normal(50)}])
    assert wide(Average(x, scale), Effort()).outcome is Outcome.UNDECIDED


def test_slopes_settle_with_an_honest_error():
    logs = [math.log(3 * s**-0.4 * (1 + 2 * s**-0.15)) for s in SCALES]
    found = settled(logs)
    assert abs(found.value + 0.4) <= 2 * found.error + 1e-4


def two_powers(dim, a_value, b_value, parameters):
    """max(dim^-a, dim^-2a·dim): the exponents meet at a = 1. The level is passed there too."""
    log = math.log(dim)
    return max(-a_value, 1 - 2 * a_value) * log, (a_value - 1) * log


def law(place, continuous=True):
    """The stated boundary of these powers."""
    crossing = Crossing("a", (0.4, 1.8), 0, ())
    return BoundaryLaw(
        ("left", "right"), sp.Eq(a, place, evaluate=False), (b < 0,), continuous, (1 - 2 * a, -a), (crossing,)
    )


@pytest.mark.parametrize(
    ("stated", "outcome"),
    [(law(1), Outcome.HOLDS), (law(sp.Rational(21, 20)), Outcome.FAILS), (law(1, continuous=False), Outcome.FAILS)],
)
def test_sides(stated, outcome):
    assert by_sides(two_powers)(stated, Effort()).outcome is outcome
