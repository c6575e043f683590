"""The ledger must go red when a formula below it is wrong: plausible bugs, written into the source of one function each.

A row names a claim, a function, a piece of its source and the piece with the bug: a sign, a factor 2, an exponent off by one,
a logarithm or a term that was dropped. The claim holds without the bug and is not accepted, or breaks down, with it.
"""

import copy
import importlib
import sys
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from scalecheck.parallel import one_thread
from scalecheck.proofs_checks.agreement import Runs, against_experiment
from scalecheck.proofs_checks.certificates.checker import CertificateError, check_certificate
from scalecheck.proofs_checks.certificates.exponents import certify_exponent
from scalecheck.proofs_checks.certificates.state_evolution import certify
from scalecheck.proofs_checks.certificates.transport import certify_loss
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.court import testify as hear_witnesses

BUDGET, FLOW, MOVED = "numerics.shells.budget:", "numerics.shells.flow:", "numerics.shells.transport:"
FREE = "numerics.networks.quadratic."
INTEGRALS = f"{FREE}spectral_integrals:"
SUMS, MELLIN = "theory.asymptotics.power_sums:", "theory.asymptotics.mellin:"
SCALES, CELLS, SOLVER = "theory.asymptotics.scales:", "theory.asymptotics.cells:", "theory.asymptotics.solver:"

BUGS = [
    # claim, function, what stands there, what a bug makes of it
    ("S5.flux", f"{BUDGET}exchange", "flux[k] = 2.0 * float", "flux[k] = float"),
    ("S5.flux", f"{BUDGET}exchange", "gaps = values[p:, None] - values", "gaps = values[p:, None] + values"),
    ("S5.flux", f"{BUDGET}exchange", "flux[k] += 2.0", "flux[k] += 1.0"),
    ("S5.flux", f"{BUDGET}transfers", "2.0 * snapshot.drift", "snapshot.drift"),
    ("S5.flux", f"{BUDGET}transfers", "2.0 * c[up]", "c[up]"),
    ("S5.transfer", f"{BUDGET}transfers", "table[0, :] -= kernel", "table[0, :] += kernel"),
    ("S5.balance", f"{BUDGET}exchange", "(2 * values * c**2)", "(values * c**2)"),
    ("S5.balance", f"{BUDGET}_Work.window", "crossed[edge + 1] -= step", "crossed[edge + 1] += step"),
    ("S5.balance", f"{BUDGET}_Work.window", "index[edge + 1] = before + step", "index[edge + 1] = before - step"),
    ("S8.action", f"{FLOW}_Walk.drain", "drain *= 2.0\n", "drain *= 1.0\n"),
    ("S8.action", f"{FLOW}_Walk.drain", "drain *= pace\n", "\n"),
    ("S8.action", f"{FLOW}_forms", "[1.0, 1.0]", "[1.0, 0.0]"),
    ("S8.characteristic", f"{FLOW}_forms", "law.time_power + 1.0 if", "law.time_power if"),
    ("S8.characteristic", f"{FLOW}_forms", "[law.power - 1.0, growth]", "[law.power, growth]"),
    ("S8.log-clock", f"{FLOW}_bend", "np.logaddexp(math.log(begin), s)", "s"),
    ("S8.loss", "numerics.shells.characteristics:_answered", "source * y - decay", "(source - 1.0) * y - decay"),
    ("S8.grid", f"{MOVED}step", "np.exp(-decay)", "np.exp(-2 * decay)"),
    ("N4.quadratic.moments", f"{FREE}free_convolution:FreeConvolution.at", "height / (np.pi", "height / (2 * np.pi"),
    ("N4.quadratic.certified", f"{INTEGRALS}_spiked", "freedom / (2.0 * dim)", "freedom / dim"),
    ("N4.quadratic.certified", f"{INTEGRALS}integrals", " + _below(parts, start, variance_each, refined)", ""),
    ("N4.quadratic.certified", f"{INTEGRALS}start_at", "real + variance_each", "real - variance_each"),
    ("A1.window", f"{MELLIN}_binomial", "sp.gamma(m - shift)", "sp.gamma(m + shift)"),
    ("A1.window", f"{MELLIN}_binomial", "beta / rate", "-beta / rate"),
    ("A1.window", f"{MELLIN}_binomial", "sp.ff(-m, j)", "sp.ff(m, j)"),
    ("A1.window", f"{SUMS}_window", "transform.at(-1 / gamma)", "transform.at(1 / gamma)"),
    ("A1.window", f"{SUMS}_window", "value /= gamma", "value /= 1"),
    ("A1.double-pole", f"{SUMS}_window", "scale_log=1", "scale_log=0"),
    ("A1.double-pole", f"{SUMS}_window", "(small - large) / gamma", "(large - small) / gamma"),
    ("A1.double-pole", f"{SUMS}_window", "(small - large) / gamma", "(small - large)"),
    ("A1.double-pole", f"{SUMS}_window", "finite / gamma", "finite"),
    ("A1.double-pole", f"{SUMS}_edge", "count_log=1", "count_log=0"),
    ("A1.double-pole", f"{MELLIN}_exponential", "sp.gamma(shift) / sp.Abs(rate)", "sp.gamma(shift)"),
    ("A1.partial-sum", f"{SUMS}_euler_maclaurin", "1 / (1 - s)", "1 / (s - 1)"),
    ("A1.partial-sum", f"{SUMS}_euler_maclaurin", "sp.Rational(1, 2)", "-sp.Rational(1, 2)"),
    ("A2.three-terms", f"{CELLS}choice_rows", "gap = top - level.form(", "gap = -top + level.form("),
    ("A2.three-terms", f"{CELLS}choice_rows", "Row(top - level.form(", "Row(top + level.form("),
    ("A2.three-terms", f"{CELLS}balance_options", "signs[i] != signs[j]", "signs[i] == signs[j]"),
    ("A2.largest-power", f"{CELLS}balance_options", "combinations(tied, 2)", "combinations(tied[:-1], 2)"),
    ("A2.largest-power", f"{SOLVER}_Solver._region", "forms.append(normalised(form, self.arena))", "continue"),
    ("A2.logarithm", f"{CELLS}solve_equalities", "tail, -row[-1])", "tail, row[-1])"),
    ("A2.logarithm", f"{SCALES}Term.__mul__", "self.log_power + other.log_power", "self.log_power"),
    ("A2.logarithm", f"{SCALES}Term.__pow__", "self.log_power * exponent", "self.log_power"),
    ("N3.diagonal.certified", "proofs_checks.certificates.checker.diagonal:_integrals", "- 2 * tau * t * first + t", "+ 2 * tau * t * first + t"),
]  # fmt: skip
CACHES = ("numerics.", "theory.asymptotics.", *(f"proofs_checks.theories.{name}." for name in (
    "asymptotics", "shells", "quadratic", "diagonal.observing", "diagonal.points"
)))  # fmt: skip
"""Modules that remember what is heard here. The derived diagrams of networks, which take long, are not among them."""


def forget():
    """Clear what was remembered, so that the bug is met, and does not outlive its test."""
    prefixes = tuple(f"scalecheck.{name}" for name in CACHES)
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith(prefixes):
            for item in list(vars(module).values()):
                if hasattr(item, "cache_clear"):
                    item.cache_clear()


def is_green(claim_id, made_anew):
    """Made, accepted, and no witness broke down."""
    forget()
    claim = made_anew(claim_id)
    if claim is None:
        return False
    judgement, evidence = hear_witnesses(claim, Effort(quick=True))
    return judgement.verdict.accepts and not any(item.reason.startswith("broke down") for item in evidence)


@pytest.fixture(autouse=True)
def _nothing_left():
    with one_thread():
        yield
    forget()


@cache
def green_without_bugs(claim_id, made_anew):
    return is_green(claim_id, made_anew)


@pytest.mark.parametrize(("claim_id", "place", "piece", "wrong"), BUGS, ids=[f"{k}-{row[0]}" for k, row in enumerate(BUGS)])  # fmt: skip
def test_a_bug_is_seen(claim_id, place, piece, wrong, plant, made_anew):
    assert green_without_bugs(claim_id, made_anew)
    plant(place, piece, wrong)
    assert not is_green(claim_id, made_anew)


# ------------------------------------------------------------------------------------------ theory against experiment


def simulated_claim(made_anew):
    """The claim that simulations of the diagonal network agree, its runs drawn about the prediction at the truth."""
    module = importlib.import_module("scalecheck.proofs_checks.theories.diagonal.experiments")
    claim = made_anew(AGREEMENT)

    def runs(observable, point, seed):
        drawn = np.random.default_rng([seed, int(point["dim"])]).standard_normal(240)
        return Runs(list(module._predict(observable, point) * (1 + 0.5 * drawn / np.sqrt(point["dim"]))))

    return replace(claim, numeric=against_experiment(module._predict, runs, SIZES), symbolic=None)


AGREEMENT = "N10.diagonal.minimiser.risk"
SIZES = [
    {"dim": d, "samples": 0.75 * d, "weight_decay": 0.5, "decay": 1.0, "noise": 0.5} for d in (32.0, 64.0, 128.0, 256.0, 512.0)
]  # fmt: skip
COMPARATOR = [
    ("_row", "bias = runs.mean / predicted, BIAS / point", "bias = runs.mean / predicted, BIAS * point"),
    ("_row", "if excess > REJECT", "if excess < REJECT"),
    ("_row", "/ stderr\n", "* stderr\n"),
    ("_changed", "value * float(factors.get(name, 1))", "value"),
    ("_slope", "(x - x_mean) * (y - y_mean)", "(x - x_mean) * (x_mean - y)"),
]


def test_agreement_is_as_expected(made_anew):
    assert hear(simulated_claim(made_anew)).as_expected


@pytest.mark.parametrize(("name", "piece", "wrong"), COMPARATOR)
def test_a_broken_comparator_is_seen(name, piece, wrong, plant, made_anew):
    """It cannot say yes, or it lets a falsehood pass: the claim is not as the ledger expects."""
    plant(f"proofs_checks.agreement:{name}", piece, wrong)
    assert not hear(simulated_claim(made_anew)).as_expected


# ------------------------------------------------------------------------------------------ the checker of certificates


def moved(document, path, share):
    """The interval at a path moved up by a share of its upper end."""
    changed = copy.deepcopy(document)
    *outer, last = path
    part = changed
    for key in outer:
        part = part[key]
    part[last] = [f"{float(Fraction(end)) * (1 + share):.17e}" for end in part[last]]
    return changed


@cache
def attacks():
    """False certificates: an enclosure, a slope and a loss beside the truth, and boxes beside the solution."""
    point = certify(dim=1000, samples=500, weight_decay="0.1", decay=1, noise=1)
    heavy = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    slope = certify_exponent(heavy, {**heavy, "samples": 10**7}, "samples")
    loss = certify_loss(source=1, power=2, rate=1, time=1000)
    beside = moved(moved(point, ("unique", 0), 1e-4), ("inside", 0), 1e-4)
    beside["enclosures"] = {"risk": ["0", "1000"]}  # true of any box, so that Newton's operator alone can refuse it
    return (
        *(moved(point, ("enclosures", "risk"), share) for share in (1e-6, -1e-6)),
        *(moved(slope, ("exponent",), share) for share in (1e-6, -1e-6)),
        *(moved(loss, ("loss",), share) for share in (1e-6, -1e-6)),
        beside,
    )


def accepted(document):
    try:
        check_certificate(document)
    except CertificateError:
        return False
    return True


CHECKER = [
    ("reading:within", "value - ball(stated[0]) >= 0 and ball(stated[1]) - value >= 0", "True"),
    ("reading:within", "value - ball(stated[0]) >= 0 and", ""),
    ("reading:within", " and ball(stated[1]) - value >= 0", ""),
    ("reading:within", "value - ball(stated[0]) >= 0 and ball(stated[1]) - value >= 0", "value.is_finite()"),
    ("reading:strictly_within", " and value - ball(stated[0]) > 0 and ball(stated[1]) - value > 0", ""),
    ("reading:check_enclosures", "if not within(truth[name], pair)", "if within(truth[name], pair) is None"),
]


def test_attacks_are_refused():
    assert not any(map(accepted, attacks()))


@pytest.mark.parametrize(("place", "piece", "wrong"), CHECKER)
def test_a_checker_that_says_inside_is_seen(place, piece, wrong, plant):
    attacks()
    plant(f"proofs_checks.certificates.checker.{place}", piece, wrong)
    assert any(map(accepted, attacks()))
