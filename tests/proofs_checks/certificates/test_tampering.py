"""Attacks on the checker: each certificate is made false in one place, and must be refused with a reason that names it.

Three of them were accepted once: a cut by the form 0, a field beside the controls that was printed as one of them, and a local
exponent between points that differed in more than the control it named.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.certificates import checker
from scalecheck.proofs_checks.certificates.checker import CertificateError, check_certificate
from scalecheck.proofs_checks.certificates.checker.reading import told
from scalecheck.proofs_checks.certificates.exponents import certify_exponent
from scalecheck.proofs_checks.certificates.files import check_file
from scalecheck.proofs_checks.certificates.quadratic import certify as certify_quadratic
from scalecheck.proofs_checks.certificates.state_evolution import certify
from scalecheck.proofs_checks.certificates.transport import certify_loss
from scalecheck.proofs_checks.errors import InputError

POINT = {"dim": 1000, "samples": 500, "weight_decay": "0.1", "decay": 1, "noise": 1}


@pytest.fixture(scope="module")
def point() -> dict[str, object]:
    return certify(**POINT)


@pytest.fixture(scope="module")
def loss() -> dict[str, object]:
    return certify_loss(source=1, power=2, rate=1, time=1000)


@pytest.fixture(scope="module")
def slope() -> dict[str, object]:
    heavy = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    return certify_exponent(heavy, {**heavy, "samples": 10**7}, "samples")


def test_the_checker_imports_nothing_of_the_makers() -> None:
    for path in Path(checker.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path
                assert node.level == 1 or "scalecheck" not in str(node.module), path
            if isinstance(node, ast.Import):
                assert all(not name.name.startswith("scalecheck") for name in node.names), path


def _objects(item: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(item, dict):
        return [path, *(found for key, value in item.items() for found in _objects(value, (*path, key)))]
    if isinstance(item, list):
        return [found for key, value in enumerate(item) for found in _objects(value, (*path, key))]
    return []


def _at(document: object, path: tuple[object, ...]) -> dict[str, object]:
    for key in path:
        document = document[key]  # type: ignore[index]
    return document  # type: ignore[return-value]


@pytest.fixture(scope="module")
def quadratic() -> dict[str, object]:
    return certify_quadratic(dim=50, samples=500, weight_decay="0.1", decay=1, noise=1)


@pytest.mark.parametrize("name", ["point", "quadratic", "loss", "slope"])
def test_no_object_takes_a_field_more_or_less(name: str, request: pytest.FixtureRequest) -> None:
    document = request.getfixturevalue(name)
    for path in _objects(document):
        more = copy.deepcopy(document)
        _at(more, path)["Riemann"] = "proved"
        with pytest.raises(CertificateError, match="Riemann"):
            check_certificate(more)
        for field in _at(document, path):
            if path[-1:] != ("enclosures",):
                fewer = copy.deepcopy(document)
                del _at(fewer, path)[field]
                with pytest.raises(CertificateError, match=rf"{field}|kind"):
                    check_certificate(fewer)


@pytest.mark.parametrize("box", ["unique", "inside"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_box_beside_the_solution_is_refused(point: dict[str, object], box: str, side: int) -> None:
    """Moved by its own width: another box, without a solution."""
    document = copy.deepcopy(point)
    low, high = (Fraction(end) for end in document[box][side])
    document[box][side] = [f"{float(low + 2 * (high - low)):.17e}", f"{float(high + 2 * (high - low)):.17e}"]
    with pytest.raises(CertificateError, match=r"Newton|narrow box"):
        check_certificate(document)


def test_a_solution_on_the_rim_of_the_box_is_refused(point: dict[str, object]) -> None:
    """The stated box ends where the solution lies: the ball around it, wider by rounding, is not what is stated."""
    document = copy.deepcopy(point)
    document["unique"][0][1] = document["inside"][0][1] = document["inside"][0][0]
    with pytest.raises(CertificateError, match="does not map this box into itself"):
        check_certificate(document)


def test_swapped_and_truncated_numbers_are_refused(point: dict[str, object]) -> None:
    for one, other in (("samples", "dim"), ("weight_decay", "noise")):
        document = copy.deepcopy(point)
        controls = document["controls"]
        controls[one], controls[other] = controls[other], controls[one]
        with pytest.raises(CertificateError):
            check_certificate(document)
    for name, pair in point["enclosures"].items():
        document = copy.deepcopy(point)
        document["enclosures"][name] = [re.sub(r"(\.\d{12})\d*", r"\1", end) for end in pair]
        with pytest.raises(CertificateError, match=name):
            check_certificate(document)


def test_the_risk_must_be_stated(point: dict[str, object]) -> None:
    document = copy.deepcopy(point)
    del document["enclosures"]["risk"]
    with pytest.raises(CertificateError, match="risk"):
        check_certificate(document)


def test_statements_hold_every_number_rounded_outwards(point: dict[str, object], loss: dict[str, object]) -> None:
    statement = check_certificate(point)
    for pair in [*point["unique"], *point["enclosures"].values()]:
        assert told((Fraction(pair[0]), Fraction(pair[1]))) in statement
    assert "direction = down" in check_certificate(loss)
    assert "nothing is said of solutions elsewhere" in statement


@given(st.fractions(), st.fractions(min_value=0, max_value=10**6))
def test_told_intervals_contain_what_they_tell(low: Fraction, width: Fraction) -> None:
    ends = [Fraction(end) for end in told((low, low + width))[1:-1].split(", ")]
    assert ends[0] <= low <= low + width <= ends[1]


def test_a_slope_names_everything_that_moved(slope: dict[str, object]) -> None:
    heavy = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    noisier = certify_exponent(heavy, {**heavy, "samples": 10**7, "noise": 100}, "samples")
    assert "as samples, noise change" in check_certificate(noisier)
    assert "as samples changes" in check_certificate(slope)
    with pytest.raises(CertificateError, match="exponent"):
        check_certificate({**slope, "first": slope["second"], "second": slope["second"]})
    with pytest.raises(CertificateError, match="exponent: it is"):
        check_certificate({**slope, "exponent": ["-0.51", "-0.49"]})


@pytest.mark.parametrize("theory", ["diagonal", "quadratic", None])
def test_a_loss_of_another_theory_is_refused(loss: dict[str, object], theory: object) -> None:
    with pytest.raises(CertificateError, match="theory"):
        check_certificate({**loss, "theory": theory})


def test_a_rate_that_no_ball_tells_from_one_is_not_taken_for_one() -> None:
    document = certify_loss(source=1, power=1, rate=1, time=100)
    assert check_certificate(document)
    near = copy.deepcopy(document)
    near["controls"]["rate"] = "1." + "0" * 39 + "1"
    with pytest.raises(CertificateError):
        check_certificate(near)


# --- tilings: the line, cut at 0 -------------------------------------------------------------------------------------


def _form(a: object, constant: object = "0") -> dict[str, object]:
    return {"coefficients": {"a": a}, "constant": constant}


def _no_point() -> dict[str, object]:
    rows = [{**_form("1"), "kind": "> 0"}, {**_form("-1"), "kind": "> 0"}]
    return {"rows": rows, "multipliers": ["1", "1"]}


def _line() -> dict[str, object]:
    """a > 0 and a < 0 tile the line, for a parameter g > 1."""
    return {
        "kind": "tiling",
        "parameters": ["g"],
        "variables": ["a"],
        "chamber": {"point": ["2"], "signs": [{"polynomial": [["1", [1]], ["-1", [0]]], "sign": 1}]},
        "domain": [],
        "regions": [[_form("1")], [_form("-1")]],
        "disjoint": [{"pair": [0, 1], "proof": _no_point()}],
        "cover": {"cut": _form("1"), "negative": {"inside": 1}, "positive": {"inside": 0}},
    }


ZERO = {"coefficients": {}, "constant": "0"}
NOTHING = {"rows": [{**ZERO, "kind": "> 0"}], "multipliers": ["1"]}
G_MINUS_2 = [[["1", [1]], ["-2", [0]]], [["1", [0]]]]
ONE_OVER_G_MINUS_2 = [G_MINUS_2[1], G_MINUS_2[0]]


def _parts(item: dict[str, object], *changes: tuple[tuple[object, ...], object]) -> dict[str, object]:
    document = copy.deepcopy(item)
    for path, value in changes:
        _at(document, path[:-1])[path[-1]] = value  # type: ignore[index]
    return document


def test_the_line_is_tiled() -> None:
    assert "2 regions tile" in check_certificate(_line())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ([(("cover",), {"cut": ZERO, "negative": {"empty": NOTHING}, "positive": {"empty": NOTHING}})], "cut needs"),
        ([(("cover", "cut"), _form(G_MINUS_2))], "cut needs"),
        ([(("regions",), []), (("disjoint",), [])], "regions: none"),
        ([(("regions",), [[_form("1")]]), (("disjoint",), [])], "allowed are 0 to 0"),
        ([(("cover", "negative"), {"inside": -1})], "allowed are 0 to 1"),
        ([(("cover", "negative"), {"inside": 0})], "does not have"),
        ([(("cover", "negative"), {"inside": 1, "empty": NOTHING})], "cover"),
        ([(("disjoint",), [])], "every pair"),
        ([(("disjoint",), [{"pair": [0, 1], "proof": proof} for proof in (NOTHING, _no_point())])], "two proofs"),
        ([(("disjoint", 0, "pair"), [False, True])], "two numbers"),
        ([(("chamber", "point"), ["3", "4"])], "one number for each"),
        ([(("disjoint", 0, "proof", "rows"), _no_point()["rows"][:1])], "as many multipliers"),
        ([(("disjoint", 0, "proof", "multipliers"), ["1", "-1"])], "negative multiplier"),
        ([(("disjoint", 0, "proof", "multipliers"), ["1", "2"])], "still contains"),
        ([(("disjoint", 0, "proof", "multipliers"), [ONE_OVER_G_MINUS_2] * 2)], "does not follow from the chamber"),
        ([(("disjoint", 0, "proof", "rows", 0, "kind"), "= 0")], "does not have|no contradiction"),
        ([(("regions", 0, 0, "coefficients", "a"), ONE_OVER_G_MINUS_2)], "does not follow from the chamber"),
        ([(("regions", 0, 0, "constant"), "1")], "does not have"),
        ([(("domain",), [_form("1", "1")])], None),
        ([(("chamber", "signs", 0, "sign"), -1)], "do not hold there"),
        ([(("chamber", "signs", 0, "polynomial"), [["1", [1]], ["5", [1]], ["-1", [0]]])], "listed twice"),
        ([(("chamber", "signs", 0, "sign"), True)], "a sign 1 or -1"),
        ([(("variables",), ["a", "g"])], "name of its own"),
        ([(("variables",), ["a", ""])], "name of its own"),
        ([(("claim",), "the diagram of the quadratic network")], "claim"),
    ],
)
def test_a_tiling_changed_in_one_place(change: list[tuple[tuple[object, ...], object]], why: str | None) -> None:
    document = _parts(_line(), *change)
    if why is None:  # a smaller domain is tiled too: still true
        assert check_certificate(document)
        return
    with pytest.raises(CertificateError, match=why):
        check_certificate(document)


@pytest.mark.parametrize("power", [-1, -(2**70), 61, True, "1", 1.0, None])
def test_a_power_that_is_none_is_refused(power: object) -> None:
    """Of g^-1 the library makes g: that x > 1/g and x < 1 exclude each other for g > 1 was certified, and x = 3/4 is in both at g = 2."""
    line = {key: _line()[key] for key in ("parameters", "variables", "chamber")}
    minus_power = [[["-1", [power]]], [["1", [0]]]]
    rows = [{**_form("1", minus_power), "kind": "> 0"}, {**_form("-1", "1"), "kind": "> 0"}]
    document = {"kind": "refutations", **line, "proofs": [{"rows": rows, "multipliers": ["1", "1"]}]}
    with pytest.raises(CertificateError, match="powers that are integers from 0 to 60"):
        check_certificate(document)
    rows[0]["constant"] = [[["-1", [1]]], [["1", [0]]]]
    assert "1 systems" in check_certificate(document), "x > g and x < 1 do exclude each other for g > 1"


def test_no_refutation_is_no_statement() -> None:
    line = {key: _line()[key] for key in ("parameters", "variables", "chamber")}
    assert "1 systems" in check_certificate({"kind": "refutations", **line, "proofs": [_no_point()]})
    with pytest.raises(CertificateError, match="proofs: none"):
        check_certificate({"kind": "refutations", **line, "proofs": []})


def test_a_name_that_stands_twice_in_a_file_is_no_certificate(tmp_path: Path, point: dict[str, object]) -> None:
    text = json.dumps(point)
    path = tmp_path / "twice.json"
    path.write_text(text[:-1] + ', "kind": "state-evolution"}')
    with pytest.raises(InputError, match="twice"):
        check_file(path)
    path.write_text(text.replace('"bits": 192', '"bits": NaN'))
    with pytest.raises(InputError, match="NaN"):
        check_file(path)
