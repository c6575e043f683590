"""Certificates: enclosures contain the truth, the checker accepts honest documents and nothing that was tampered with."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.networks.diagonal.state_equations import solve
from scalecheck.proofs_checks.certificates.balls import ends, exact, working
from scalecheck.proofs_checks.certificates.checker import CertificateError, check_certificate
from scalecheck.proofs_checks.certificates.checker.diagonal import _equations
from scalecheck.proofs_checks.certificates.exponents import certify_exponent
from scalecheck.proofs_checks.certificates.files import check_file
from scalecheck.proofs_checks.certificates.power_law_sums import ORDER, enclosed, partition
from scalecheck.proofs_checks.certificates.state_evolution import SoftThreshold, certify
from scalecheck.proofs_checks.certificates.transport import certify_loss
from scalecheck.proofs_checks.errors import InputError
from scalecheck.theory.asymptotics.certificates import tiling_document
from scalecheck.theory.asymptotics.polyhedra import Polyhedron
from scalecheck.theory.asymptotics.tiling import prove_tiling
from scalecheck.theory.networks.diagonal.diagram import phase_diagram
from scalecheck.theory.symbols import a

POINTS = [
    # phase II, V with a penalty below every sample's share, VIa, VIb; the last two at a dim that no sum can enumerate
    {"dim": 1000, "samples": 500, "weight_decay": "0.1", "decay": 1, "noise": 1},
    {"dim": 10**4, "samples": 2000, "weight_decay": "1e-6", "decay": 1, "noise": 1},
    {"dim": 300, "samples": 5000, "weight_decay": "1e-3", "decay": "1.5", "noise": "0.5"},
    {"dim": 10**12, "samples": 10**16, "weight_decay": "1e-3", "decay": 1, "noise": 1},
    {"dim": 10**12, "samples": 10**9, "weight_decay": 1, "decay": "5/4", "noise": 1},
]


@pytest.fixture(scope="module")
def small() -> dict[str, object]:
    return certify(**POINTS[0])


@pytest.fixture(scope="module")
def tiling() -> dict[str, object]:
    found = phase_diagram()
    first = found.phases[0].region
    domain = Polyhedron.of(first.arena, first.variables, (a > 0,))
    return json.loads(json.dumps(tiling_document(prove_tiling(domain, [phase.region for phase in found.phases]))))


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point['dim']}-{point['samples']}")
def test_state_evolution_is_enclosed_and_checked(point: dict[str, object]) -> None:
    document = json.loads(json.dumps(certify(**point)))
    assert "exactly one solution" in check_certificate(document)
    numbers = solve(**{name: float(Fraction(str(value))) for name, value in point.items()})
    low, high = (float(Fraction(end)) for end in document["enclosures"]["risk"])
    assert low <= high < low * (1 + 1e-9)
    # The numeric witness's stated error must reach the enclosure.
    assert low * (1 - numbers.error - 1e-12) <= numbers.value.risk <= high * (1 + numbers.error + 1e-12)


def test_sums_contain_what_mpmath_finds() -> None:
    with working(192, ORDER + 1):
        summand = SoftThreshold(arb("0.01"), arb("0.03"))
        panels = partition(summand, Fraction(5, 4), 5000, 1e-22)
        balls = enclosed(summand, Fraction(5, 4), panels)
        with mpmath.workdps(40):
            tau, t = (mpmath.mpf(item.mid().str(50, radius=False)) for item in (arb("0.01"), arb("0.03")))
            weights = [mpmath.mpf(k) ** mpmath.mpf("-1.25") for k in range(1, 5001)]
            upper = mpmath.fsum(mpmath.erfc((t - w) / tau / mpmath.sqrt(2)) / 2 for w in weights)
            lower = mpmath.fsum(mpmath.erfc((t + w) / tau / mpmath.sqrt(2)) / 2 for w in weights)
            low, high = (mpmath.mpf(end) for end in ends(balls[1]))
            assert low - mpmath.mpf(10) ** -35 <= upper + lower <= high + mpmath.mpf(10) ** -35
    assert len(panels) < 200


def test_the_library_context_is_put_back(small: dict[str, object]) -> None:
    before = ctx.prec, ctx.cap
    check_certificate(small)
    with pytest.raises(CertificateError):
        check_certificate({**small, "bits": 100, "panels": [[1, 10]]})
    assert (ctx.prec, ctx.cap) == before


def _shifted(text: str, factor: str) -> str:
    return f"{float(Fraction(text)) * float(factor):.17e}"


@pytest.mark.parametrize("name", ["risk", "noise_level", "threshold", "degrees_of_freedom", "train_error"])
@pytest.mark.parametrize("factor", ["1.000001", "0.999999"])
def test_a_moved_enclosure_is_refused(small: dict[str, object], name: str, factor: str) -> None:
    document = copy.deepcopy(small)
    document["enclosures"][name] = [_shifted(end, factor) for end in document["enclosures"][name]]
    with pytest.raises(CertificateError, match=name):
        check_certificate(document)


@pytest.mark.parametrize("name", ["dim", "samples", "weight_decay", "decay", "noise"])
def test_other_controls_are_refused(small: dict[str, object], name: str) -> None:
    document = copy.deepcopy(small)
    document["controls"][name] = str(Fraction(document["controls"][name]) * Fraction(1001, 1000))
    with pytest.raises(CertificateError):
        check_certificate(document)


@pytest.mark.parametrize(
    "change",
    [
        {"panels": [[1, 1000], [1000, 1000]]},
        {"panels": [[1, 999]]},
        {"panels": [[1, 24]] * 30_000},
        {"unique": [["-1e0", "1e0"], ["-1e0", "1e0"]]},
        {"bits": 10**9},
        {"order": 19},
        {"order": 10**6},
        {"kind": "diagonal"},
        {"kind": ["tiling"]},
        {"controls": {}},
        {"enclosures": {}},
        {"enclosures": {"risk": ["1e999999999", "2"]}},
        {"enclosures": {"risk": ["nan", "inf"]}},
    ],
)
def test_malformed_state_evolution_is_refused(small: dict[str, object], change: dict[str, object]) -> None:
    with pytest.raises(CertificateError):
        check_certificate({**small, **change})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(["state-evolution", "local-exponent", "transport-loss", "tiling", "refutations", "?"]),
    field=st.sampled_from(
        ["controls", "panels", "unique", "inside", "bits", "order", "loss", "regions", "chamber", "cover"]
    ),
    value=json_values,
)
def test_hostile_documents_raise_one_error(kind: str, field: str, value: object) -> None:
    with pytest.raises(CertificateError):
        check_certificate({"kind": kind, field: value})


@pytest.mark.parametrize(
    "controls",
    [
        {"source": 1, "power": 2, "rate": 1, "time": 1000},
        {"source": "0.7", "power": "2.5", "rate": "0.5", "time": 10**6},
        {"source": 1, "power": 1, "rate": "0.5", "time": 1000, "direction": "down"},
        {"source": "1.5", "power": 2, "rate": "0.5", "time_power": "-0.5", "time": 10**4},
        {"source": 1, "power": 1, "rate": 1, "time": 100, "direction": "none"},
    ],
)
def test_transport_losses_are_certified(controls: dict[str, object]) -> None:
    document = certify_loss(**controls)
    assert "the loss lies between" in check_certificate(document)
    wrong = {**document, "loss": [_shifted(end, "1.000001") for end in document["loss"]]}
    with pytest.raises(CertificateError, match="loss"):
        check_certificate(wrong)


def test_modes_that_reach_zero_are_not_certified() -> None:
    with pytest.raises(CertificateError, match="covered are"):
        certify_loss(source=1, power="0.5", rate=1, time=10)


def test_local_exponent_and_its_tampering() -> None:
    point = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    document = certify_exponent(point, {**point, "samples": 10**7}, "samples")
    assert "to a power in [-1.000039" in check_certificate(document)
    with pytest.raises(CertificateError, match="exponent"):
        check_certificate({**document, "exponent": ["-1.01", "-1.005"]})
    with pytest.raises(CertificateError):
        check_certificate({**document, "by": "noise"})


def test_an_exponent_between_points_that_differ_in_more_says_so() -> None:
    """Both points are certified and the slope is theirs; but it is no power of the samples alone, and is not told as one."""
    point = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    honest = certify_exponent(point, {**point, "samples": 10**7}, "samples")
    second = certify(**{**point, "samples": 10**7, "noise": "1/2"})
    risks = [[float(Fraction(end)) for end in at["enclosures"]["risk"]] for at in (honest["first"], second)]
    slope = float(np.log10(risks[1][0] / risks[0][0]))
    forged = {**honest, "second": second, "exponent": [f"{slope - 1e-3:.12f}", f"{slope + 1e-3:.12f}"]}
    assert "as samples, noise change" in check_certificate(json.loads(json.dumps(forged)))


def _edited(document: object, draw: st.DataObject) -> object:
    """The document with one leaf replaced, removed or put elsewhere."""
    found = copy.deepcopy(document)
    path = draw.draw(st.sampled_from(_leaves(found)))
    place = found
    for key in path[:-1]:
        place = place[key]  # type: ignore[index]
    kind = draw.draw(st.sampled_from(["hostile", "number", "removed"]))
    if kind == "removed":
        del place[path[-1]]  # type: ignore[attr-defined]
    elif kind == "hostile":
        place[path[-1]] = draw.draw(
            json_values | st.sampled_from(["1e999999999", "1/0", "__import__('os')", "-0", "9" * 500])
        )  # type: ignore[index]
    else:
        place[path[-1]] = draw.draw(st.fractions(max_denominator=1000).map(str) | st.integers(-3, 3))  # type: ignore[index]
    return found


LOSS = {"source": 1, "power": 1, "rate": "0.5", "time": 1000, "direction": "down"}


@pytest.fixture(scope="module")
def lost() -> dict[str, object]:
    """The certificate of a loss."""
    return certify_loss(**LOSS)


@given(st.data())
def test_an_edited_loss_is_refused_or_still_true(lost: dict[str, object], data: st.DataObject) -> None:
    """Truth by mpmath: the loss at the controls that the edited document states, whatever they are."""
    document = _edited(json.loads(json.dumps(lost)), data)
    try:
        check_certificate(document)  # type: ignore[arg-type]
    except CertificateError:
        return
    given_, (low, high) = document["controls"], document["loss"]  # type: ignore[index]
    with mpmath.workdps(30):
        source, rate, time = (
            mpmath.mpf(Fraction(given_[n]).numerator) / Fraction(given_[n]).denominator
            for n in ("source", "rate", "time")
        )
        sign = {"down": -1, "up": 1, "none": 0}[given_["direction"]]
        grown = 1 + sign * rate
        start = 0 if Fraction(given_["time_power"]) > -1 else 1
        clock = (time - start) if not sign else mpmath.log(time) if grown == 0 else (time**grown - 1) / grown
        if sign and (Fraction(given_["power"]), Fraction(given_["time_power"])) != (1, -1):
            return  # the curved characteristics have a test of their own
        loss = source * mpmath.gammainc(source, 0, 2 * clock) / (2 * clock) ** source
        ends_ = [mpmath.mpf(Fraction(end).numerator) / Fraction(end).denominator for end in (low, high)]
        assert ends_[0] <= loss <= ends_[1]


@given(st.data())
def test_an_edited_solution_is_refused_or_says_the_same(small: dict[str, object], data: st.DataObject) -> None:
    """What is still accepted encloses the solution of the numeric witness at the stated controls."""
    document = _edited(json.loads(json.dumps(small)), data)
    try:
        check_certificate(document)  # type: ignore[arg-type]
    except CertificateError:
        return
    controls = {name: float(Fraction(value)) for name, value in document["controls"].items()}  # type: ignore[index]
    found = solve(**controls).value
    for name, (low, high) in document["enclosures"].items():  # type: ignore[index]
        value, slack = getattr(found, name), 1e-8 * abs(getattr(found, name))
        assert float(Fraction(low)) - slack <= value <= float(Fraction(high)) + slack


def test_tilings_are_checked_a_second_way(tiling: dict[str, object]) -> None:
    assert "tile the domain" in check_certificate(tiling)


def _leaves(item: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(item, dict):
        return [leaf for key, value in item.items() for leaf in _leaves(value, (*path, key))]
    if isinstance(item, list):
        return [leaf for key, value in enumerate(item) for leaf in _leaves(value, (*path, key))]
    return [path]


def test_a_tampered_region_is_refused(tiling: dict[str, object]) -> None:
    """Each number of each region moved by one: then the proofs speak of other regions, or do not hold."""
    tried = 0
    for path in _leaves(tiling["regions"], ("regions",)):
        document = copy.deepcopy(tiling)
        place = document
        for key in path[:-1]:
            place = place[key]
        if not str(place[path[-1]]).lstrip("-").isdigit():
            continue
        place[path[-1]] = str(int(place[path[-1]]) + 1) if isinstance(place[path[-1]], str) else place[path[-1]] + 1
        tried += 1
        with pytest.raises(CertificateError):
            check_certificate(document)
    assert tried > 30


def test_signs_that_the_chamber_does_not_list_are_refused(tiling: dict[str, object]) -> None:
    document = copy.deepcopy(tiling)
    document["chamber"]["signs"] = document["chamber"]["signs"][:1]
    with pytest.raises(CertificateError, match="does not follow from the chamber"):
        check_certificate(document)
    document = copy.deepcopy(tiling)
    document["chamber"]["signs"][1]["sign"] *= -1
    with pytest.raises(CertificateError, match="do not hold there"):
        check_certificate(document)


def test_files(tmp_path, small: dict[str, object]) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(small))
    found = check_file(path)
    assert found.valid
    assert found.exit_status == 0
    path.write_text(json.dumps({**small, "bits": 64, "enclosures": {"risk": ["1", "2"]}}))
    assert check_file(path).exit_status == 1
    for content in ("", "[1]", "{", '{"kind": 3}', "[" * 100_000):
        path.write_text(content)
        with pytest.raises(InputError, match="certificate"):
            check_file(path)
    with pytest.raises(InputError, match="certificate"):
        check_file(tmp_path / "none.json")


@pytest.mark.parametrize(("field", "value"), [("weight_decay", 0), ("dim", "10.5"), ("dim", 0)])
def test_points_that_have_no_certificate(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        certify(**{**POINTS[0], field: value})


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_decimal_ends_enclose(value: Fraction) -> None:
    with working(128):
        low, high = (Fraction(end) for end in ends(arb(value.numerator) / value.denominator))
    assert low <= value <= high
    assert exact(str(value)) == value


def test_derivatives_of_the_checker_are_difference_quotients() -> None:
    """Uniqueness rests on them alone: with a wrong sign in one of them honest certificates are accepted all the same."""
    names = {
        "dim": 120,
        "samples": 30,
        "weight_decay": Fraction(1, 7),
        "decay": Fraction(3, 2),
        "noise": Fraction(1, 2),
    }
    controls = {name: Fraction(value) for name, value in names.items()}
    panels = [(1, 30), (31, 60), (61, 120)]  # the last is summed by Taylor's polynomial
    here, step, cap = (arb("-0.7"), arb("-0.3")), arb(2) ** -40, ctx.cap
    with working(200):
        ctx.cap = 31
        slopes = _equations(controls, panels, 30, here)[1]
        for variable in range(2):
            ahead, behind = (
                _equations(controls, panels, 30, [log + sign * step * (k == variable) for k, log in enumerate(here)])[0]
                for sign in (1, -1)
            )
            for equation in range(2):
                quotient = (ahead[equation].mid() - behind[equation].mid()) / (2 * step)
                assert float(quotient) == pytest.approx(float(slopes[equation][variable].mid()), rel=1e-6)
        ctx.cap = cap
