"""The public diagram of ridge against the map of numeric exponents, and the record as the door finds it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy as sp

import scalecheck
from scalecheck.numerics.networks.ridge.exponent_map import exponent_map
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theory


@pytest.mark.parametrize(("capacity", "source"), [("2", "1/4"), ("3", "1/2"), ("3/2", "4/3"), ("2", "1")])
def test_the_map_shows_the_derived_exponents(capacity, source):
    """Off the edges every pixel has the exponent of its region; log corrections at r = 1 are allowed for."""
    diagram = scalecheck.phases("ridge", capacity=capacity, source=source)
    b_values, c_values = np.linspace(-3.97, 1.93, 12), np.linspace(-2.9, 6.9, 11)
    found = exponent_map(
        samples=1e25, capacity=float(sp.Rational(capacity)), source=float(sp.Rational(source)), b=b_values, c=c_values
    ).value
    checked = 0
    for i, x in enumerate(b_values):
        for j, y in enumerate(c_values):
            point = {sp.Symbol("b", real=True): x, sp.Symbol("c", real=True): y}
            rows = [r for r in diagram.phases if min(float((q.gts - q.lts).subs(point)) for q in r.region) > 0.3]
            if rows:
                assert abs(found.exponent[i, j] - float(rows[0].exponent.subs(point))) < 0.06
                checked += 1
    assert checked > 40


def test_json_holds_what_the_contract_asks():
    document = json.loads(json.dumps(scalecheck.phases("ridge").to_json()))
    assert document["large"] == "samples"
    assert document["tiles"]
    assert set(document["phases"][0]) >= {"name", "exponent", "constant", "log", "region"}
    assert len(document["phases"]) == 12


def test_the_removable_point_has_its_constant():
    rows = scalecheck.phases("ridge", capacity="2", source="1/2")
    assert rows.phase("regularised-noiseless").constant == sp.Rational(1, 2)


@pytest.mark.parametrize(("capacity", "source"), [("2", "1/4"), ("3", "1/3"), ("2", "3/2"), ("3/2", "1/2")])
def test_laws_on_boundaries_are_met(capacity, source):
    """The solver on each line that carries a law; a constant off by 2% is not met."""
    diagram = scalecheck.phases("ridge", capacity=capacity, source=source)
    b, c = sp.symbols("b c", real=True)
    carrying = [row for row in diagram.boundaries if row.constant is not None]
    assert len(carrying) == 3
    for row in carrying:
        exponent, size = float(sp.Rational(capacity)), 1e12
        height = {"effective": 0.5 - exponent, "regularised": 1 - exponent / 2, "over": 1.6}[
            row.between[0].split("-")[0]
        ]
        place = {b: height, c: float(row.equation.rhs.subs(b, height))}
        found = scalecheck.solve(
            "ridge",
            samples=size,
            ridge=size**height,
            noise=size ** -place[c],
            capacity=exponent,
            source=float(sp.Rational(source)),
        ).to_json()["risk"]
        stated = float(row.constant.subs(place)) * size ** float(row.exponent.subs(place))
        assert found == pytest.approx(stated, rel=0.008, abs=0)
        assert found != pytest.approx(1.02 * stated, rel=0.008, abs=0)


@pytest.mark.parametrize("value", ["0", "-1", "x"])
def test_unusable_parameters_are_refused(value):
    with pytest.raises(InputError, match="source"):
        scalecheck.phases("ridge", source=value)


def test_the_record_is_found_and_speaks():
    record = theory("ridge")
    assert record.kind == "model"
    point = scalecheck.solve("ridge", samples="1e6", ridge=0, capacity=2, source=0.5, noise=0.1)
    assert point.to_json()["model"] == "ridge"
    assert point.value.risk == pytest.approx(0.1, rel=1e-4)
    with pytest.raises(InputError, match="source"):
        scalecheck.solve("ridge", samples=10, ridge=0, capacity=9, source=3, noise=0)
    with pytest.raises(InputError, match="samples"):
        scalecheck.solve("ridge", samples=10.5, ridge=0.1, capacity=2, source=0.5, noise=0, simulate=2)


def test_every_claim_has_two_twins_and_ids_are_unique():
    claims = theory("ridge").claims()
    assert len({claim.id for claim in claims}) == len(claims) >= 25
    assert all(len(claim.twins) >= 2 for claim in claims)


@pytest.mark.parametrize("name", ["R.ridge.effective-ridge", "X.l2.noise", "R.ridge.regularised-noisy"])
def test_numeric_witnesses_refute_twins_by_themselves(name):
    """The numbers alone tell a claim from its false twins, the moved edges among them."""
    (claim,) = [item for item in theory("ridge").claims() if item.id == name]
    effort = Effort(quick=True)
    assert claim.numeric(claim.assertion, effort).outcome.value == "holds"
    assert {claim.numeric(twin.assertion, effort).outcome.value for twin in claim.twins} == {"fails"}
