"""Certificates of the quadratic network: enclosures contain the truth, found a second way, and false documents are refused."""

from __future__ import annotations

import copy
import json
import math
from fractions import Fraction

import pytest
from flint import acb, arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.networks.quadratic.state_equations import solve
from scalecheck.proofs_checks.certificates.checker import CertificateError, check_certificate
from scalecheck.proofs_checks.certificates.checker.quadratic import _Equations
from scalecheck.proofs_checks.certificates.checker.reading import ball
from scalecheck.proofs_checks.certificates.checker.resolvent import Resolvent
from scalecheck.proofs_checks.certificates.quadratic import certify
from scalecheck.proofs_checks.errors import InputError

NAMES = ("dim", "samples", "weight_decay", "decay", "noise")
POINTS = [
    # threshold in the bulk, beyond all eigenvalues, between two outliers, near interpolation; a dim that no sum enumerates
    (100, 2000, "0.1", 1, 1),
    (1000, 3 * 10**4, "30", 1, 1),
    (10**4, 10**6, "0.5", "1.5", 1),
    (10**4, 10**5, "1e-6", 1, 1),
    (10**12, 10**24, "3e4", 1, 1),
]
OBSERVABLES = ("risk", "noise_level", "threshold", "degrees_of_freedom", "train_error")


def _point(values: tuple[object, ...]) -> dict[str, object]:
    return dict(zip(NAMES, values, strict=True))


@pytest.fixture(autouse=True)
def _context():
    before = ctx.prec
    yield
    ctx.prec = before


@pytest.fixture(scope="module")
def small() -> dict[str, object]:
    return certify(**_point(POINTS[0]))


@pytest.mark.parametrize("values", POINTS, ids=str)
def test_points_are_enclosed_and_checked(values: tuple[object, ...]) -> None:
    document = json.loads(json.dumps(certify(**_point(values))))
    statement = check_certificate(document)
    assert "quadratic network have exactly one solution in the stated box" in statement
    assert "closure = deterministic" in statement
    found = solve(**{name: float(Fraction(str(value))) for name, value in _point(values).items()})
    low, high = (float(Fraction(end)) for end in document["enclosures"]["risk"])
    assert low < found.value.risk < high < low * (1 + 1e-7)


@given(
    dim=st.integers(1, 60),
    load=st.floats(0.05, 20),
    weight_decay=st.floats(1e-4, 10),
    decay=st.floats(0.55, 3),
    noise=st.floats(0.01, 3),
)
@settings(max_examples=15, deadline=None)
def test_random_points(dim: int, load: float, weight_decay: float, decay: float, noise: float) -> None:
    point = {"dim": dim, "samples": load * dim**2, "weight_decay": weight_decay, "decay": decay, "noise": noise}
    try:
        document = certify(**point)
    except NotConverged:
        return
    low, high = (float(Fraction(end)) for end in document["enclosures"]["risk"])
    assert low <= solve(**point).value.risk <= high
    moved = copy.deepcopy(document)
    moved["enclosures"]["risk"] = [f"{float(Fraction(end)) * 1.001:.16e}" for end in document["enclosures"]["risk"]]
    with pytest.raises(CertificateError, match="risk"):
        check_certificate(moved)


@pytest.mark.parametrize(("dim", "decay"), [(300, "3/4"), (500, "1"), (40, "2")])
@pytest.mark.parametrize("point", ["0.003+0.0001j", "0.1+0.001j", "0.41+0j", "2+0j", "0.003+1j"])
def test_the_resolvent_is_the_sum(dim: int, decay: str, point: str) -> None:
    ctx.prec = 120
    omega, order = acb(complex(point)), Fraction(decay)
    resolvent = Resolvent(dim, order, abs(complex(point)))
    spectrum = [arb(k) ** (-ball(order)) for k in range(1, dim + 1)]
    value = sum((1 / (omega - s) for s in spectrum), acb(0))
    slope = -sum((1 / (omega - s) ** 2 for s in spectrum), acb(0))
    for found, truth in ((resolvent.at(omega), value), (resolvent.derivative(omega), slope)):
        assert found.overlaps(truth)
        assert found.rad() < 1e-25 * abs(truth).upper()
    assert resolvent.largest(omega) >= abs(value)
    assert (resolvent.squares() - sum((s**2 for s in spectrum), arb(0))).contains(0)


def test_a_tail_of_any_length_is_summed() -> None:
    """At dim = 10^12 against the digamma function: Σ 1/(ω - 1/k) = Σ k/(ωk - 1) has a closed form."""
    ctx.prec = 140
    dim, omega = 10**12, acb("0.2", "0.3")
    pole = 1 / omega
    closed = (dim + pole * ((dim + 1 - pole).digamma() - (1 - pole).digamma())) / omega
    found = Resolvent(dim, Fraction(1), 0.36).at(omega)
    assert found.overlaps(closed)
    assert found.rad() < 1e-15 * abs(closed).upper()


@pytest.mark.parametrize("start", [acb("0.17", "0.34"), acb("0.03", "0.002"), acb("0.4", 0)])
def test_path_integrals_are_those_of_the_library(start: acb) -> None:
    ctx.prec = 100
    start = acb(start.real.mid(), start.imag.mid())
    resolvent = Resolvent(30, Fraction(1), 0.03)
    found = resolvent.powers(start)
    corner, end = acb(start.real, 1), acb(3)
    integrands = (
        (found.second, lambda w, _: resolvent.at(w) ** 2),
        (found.third, lambda w, _: resolvent.at(w) ** 3),
        (found.lifted, lambda w, _: w * resolvent.at(w) ** 2),
        (found.twice, lambda w, _: w * w * resolvent.at(w)),
    )
    for value, integrand in integrands:
        whole = acb.integral(integrand, start, corner) + acb.integral(integrand, corner, end)
        assert value.imag.overlaps(whole.imag)  # real parts differ by where the path ends
        assert value.imag.rad() < 1e-18 * (1 + abs(value).upper())


def test_derivatives_are_difference_quotients(small: dict[str, object]) -> None:
    ctx.prec = 128
    controls = {name: Fraction(text) for name, text in small["controls"].items()}
    box = tuple((Fraction(side[0]), Fraction(side[1])) for side in small["inside"])
    equations, middle = _Equations.of(controls, small["start"], box), [sum(side) / 2 for side in box]
    _, slopes = equations([ball(side) for side in middle])
    step = Fraction(1, 10**9)
    for column in range(2):
        ends = []
        for sign in (1, -1):
            moved = [side + sign * step * (place == column) for place, side in enumerate(middle)]
            ends.append(equations([ball(side) for side in moved])[0])
        for row in range(2):
            quotient = (ends[0][row] - ends[1][row]) / (2 * ball(step))
            assert abs(quotient - slopes[row][column]) < 1e-5 * (1 + abs(slopes[row][column]))


@pytest.mark.parametrize("name", OBSERVABLES)
@pytest.mark.parametrize("factor", [1.00001, 0.99999])
def test_a_moved_enclosure_is_refused(small: dict[str, object], name: str, factor: float) -> None:
    document = copy.deepcopy(small)
    document["enclosures"][name] = [f"{float(Fraction(end)) * factor:.16e}" for end in small["enclosures"][name]]
    with pytest.raises(CertificateError, match=name):
        check_certificate(document)


@pytest.mark.parametrize("name", [*NAMES, "width"])
@pytest.mark.parametrize("factor", [Fraction(1001, 1000), 2])
def test_other_controls_are_refused(small: dict[str, object], name: str, factor: Fraction) -> None:
    document = copy.deepcopy(small)
    document["controls"][name] = str(Fraction(document["controls"][name]) * factor)
    with pytest.raises(CertificateError):
        check_certificate(document)


@pytest.mark.parametrize("box", ["unique", "inside"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_box_beside_the_solution_is_refused(small: dict[str, object], box: str, side: int) -> None:
    document = copy.deepcopy(small)
    low, high = (float(end) for end in document[box][side])
    document[box][side] = [f"{end + 2 * (high - low):.17e}" for end in (low, high)]
    with pytest.raises(CertificateError, match=r"Newton|narrow box"):
        check_certificate(document)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"closure": "finite"}, "closure"),
        ({"theory": "diagonal"}, "unknown fields|closure"),
        ({"theory": "ridge"}, "theory"),
        ({"start": ["0.0698", "0"]}, "start|Newton"),
        ({"start": ["0.0698", "-0.158"]}, "first quadrant"),
        ({"start": ["0", "0"]}, "first quadrant"),
        ({"start": ["0.5", "1e-30"]}, "start|Newton"),
        ({"start": ["1"]}, "start"),
        ({"unique": [["-1", "1"], ["-1", "1"]]}, "unique|narrow box"),
        ({"bits": 10**6}, "bits"),
        ({"panels": []}, "panels"),
    ],
)
def test_changed_documents_are_refused(small: dict[str, object], change: dict[str, object], why: str) -> None:
    with pytest.raises(CertificateError, match=why):
        check_certificate({**small, **change})


def test_another_start_that_leads_to_the_same_point_proves_the_same(small: dict[str, object]) -> None:
    """The start says only where to look."""
    moved = [f"{float(end) * 1.01:.17e}" for end in small["start"]]
    assert check_certificate({**small, "start": moved}) == check_certificate(small)


def test_a_slope_of_the_quadratic_network() -> None:
    points = [certify(**_point((100, samples, "0.1", 1, 1))) for samples in (2000, 2200)]
    risks = [sum(float(end) for end in point["enclosures"]["risk"]) / 2 for point in points]
    slope = math.log(risks[1] / risks[0]) / math.log(1.1)
    document = {
        "kind": "local-exponent",
        "first": points[0],
        "second": points[1],
        "by": "samples",
        "exponent": [f"{slope - 1e-7:.16e}", f"{slope + 1e-7:.16e}"],
    }
    assert "quadratic network the risk goes with samples" in check_certificate(document)
    with pytest.raises(CertificateError, match="exponent"):
        check_certificate({**document, "exponent": ["-0.1", "-0.05"]})


@pytest.mark.parametrize(("field", "value"), [("weight_decay", 0), ("dim", "10.5"), ("dim", 0), ("width", 99)])
def test_points_that_have_no_certificate(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        certify(**{**_point(POINTS[0]), field: value})


def test_exact_recovery_has_no_certificate() -> None:
    with pytest.raises(NotConverged):
        certify(dim=10, samples=10**5, weight_decay="1e-200", decay=1, noise=0)
