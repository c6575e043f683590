"""The ledger must go red when a layer is wrong: for each family of claims one broken layer, and nothing is accepted.

Each row breaks one thing by a little (a constant by 2%, a boundary by 5%, the noise level by 1%) below a claim that holds
when nothing is broken; the same testimony is heard before and after.
"""

import importlib
import math
from dataclasses import replace
from functools import cache

import pytest
import sympy as sp

from scalecheck.parallel import one_thread
from scalecheck.proofs_checks.boundaries import by_crossing
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.court import testify as hear_witnesses
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.registry import theory
from scalecheck.theory.symbols import noise_level

HOUSE = "scalecheck.proofs_checks.theories."
TWO_PERCENT = sp.Rational(51, 50)


def scaled_field(*names):
    """A function whose result has these fields too large by 2%."""
    return lambda old: lambda *a: replace(found := old(*a), **{n: getattr(found, n) * TWO_PERCENT for n in names})


def scaled_risk(factor):
    """State evolution whose risk and parts are too large by a factor."""

    def broken(old):
        def solve(controls):
            found = old(controls)
            parts = {name: value * factor for name, value in vars(found.value.decomposition).items()}
            value = replace(
                found.value, risk=found.value.risk * factor, decomposition=replace(found.value.decomposition, **parts)
            )
            return replace(found, value=value)

        return solve

    return broken


def times(factor):
    return lambda old: lambda *a: old(*a) * factor


def louder(old):
    """An observer that hears everything 2% too large."""
    return lambda point: {name: (value * 1.02, error) for name, (value, error) in old(point).items()}


def moved_boundaries(old):
    return lambda: [
        replace(row, equation=sp.Eq(row.equation.lhs, sp.expand(row.equation.rhs * sp.Rational(21, 20))))
        for row in old()
    ]


def one_phase_less(old):
    return lambda: old()[1:]


def wider_noise(old):
    return lambda: replace(old(), above=old().above.subs(noise_level, noise_level * sp.Rational(101, 100)))


def scaled_parts(old):
    return lambda name: {k: replace(v, leading=v.leading * TWO_PERCENT) for k, v in old(name).items()}


def shifted_grid(_):
    """A state evolution that takes λ d^{0.05} for λ."""
    from scalecheck.proofs_checks.theories.diagonal import boundaries

    def risks(size, samples, weight_decay, parameters):
        return boundaries.log_risk(size, samples, weight_decay * size**0.1, parameters)

    return by_crossing(risks, boundaries.log_noise_level)


def scaled_absent(old):
    """A derivation that finds a law where there is none."""
    return lambda name: {k: tuple(replace(v, leading=v.leading + 1) for v in row) for k, row in old(name).items()}


def shifted_level(old):
    """A level that is passed at a place too small by 0.02 in the exponent of the samples."""
    return lambda name, found, dim, gamma: old(name, found, dim, gamma) + 0.025 * math.log(dim)


BROKEN = [
    # claim, what is broken, how
    ("N1.diagonal.minimum", "diagonal.reduction.least_decay_cost", lambda old: lambda **k: replace(old(**k), value=old(**k).value * 1.02)),
    ("N3.diagonal.risk", "diagonal.formulas.risk", times(TWO_PERCENT)),
    ("N3.diagonal.degrees_of_freedom", "diagonal.formulas.exceedance", times(TWO_PERCENT)),
    ("N5.diagonal.diagram", "diagonal.phase_plane._derived", one_phase_less),
    ("N5.diagonal.boundary.VIb-III", "diagonal.boundaries.boundaries", moved_boundaries),
    ("N5.diagonal.boundary.VIb-III", "diagonal.boundaries._NUMERIC", shifted_grid),
    ("N5.diagonal.IV-end", "diagonal.phase_plane.end_of_signal_phase", times(TWO_PERCENT)),
    ("N6.diagonal.optimum", "diagonal.optimum.optimal_weight_decay", scaled_field("risk")),
    ("N6.diagonal.optimum", "diagonal.optimum.optimal_weight_decay", scaled_field("weight_decay")),
    ("N6.diagonal.optimum", "diagonal.sharp_optimum.sharp_values", lambda old: lambda *k: (*old(*k)[:2], old(*k)[2] * 1.02)),
    ("N6.diagonal.optimum.sharp", "diagonal.sharp_optimum.sharp_optimum", scaled_field("weight_decay")),
    ("N6.diagonal.optimum.sharp", "diagonal.sharp_optimum.minima", lambda old: lambda *k: tuple((d, p, r * 1.02) for d, p, r in old(*k))),
    ("N7.diagonal.III", "diagonal.laws.phase", scaled_field("leading")),
    ("N7.diagonal.III", "diagonal.observing.solve_at", scaled_risk(1.02)),
    ("N7.diagonal.V", "diagonal.overfitting.phase", scaled_field("leading")),
    ("N7.diagonal.V", "diagonal.overfitting._sharp_at", lambda old: lambda x: (old(x)[0], old(x)[1] * 1.02)),
    ("N7.diagonal.V.sharp", "diagonal.observing.solve_at", scaled_risk(1.02)),
    ("N7.diagonal.peak", "diagonal.lines.interpolation_peak", scaled_field("constant")),
    ("N5.diagonal.peak.width", "diagonal.peak_width._derived", scaled_field("leading")),
    ("N9.diagonal.V.overfitting", "diagonal.observing.solve_at", scaled_risk(1.02)),
    ("N7.diagonal.III-VIb", "diagonal.observing.solve_at", scaled_risk(0.98)),
    ("N8.diagonal.weights", "diagonal.weights.weight_law", wider_noise),
    ("N8.diagonal.tail.III", "diagonal.weights.weight_tail", scaled_field("constant")),
    ("N9.diagonal.sum", "diagonal.errors.second_moment", times(TWO_PERCENT)),
    ("N9.diagonal.VIa.underfitting", "diagonal.errors.decomposition", scaled_parts),
    ("N9.diagonal.VIa.underfitting", "diagonal.observing.solve_at", scaled_risk(1.02)),
    ("N11.diagonal.beyond", "diagonal.beyond.solve_at", scaled_risk(1.4)),
    ("N7.quadratic.III", "quadratic.laws.phase", scaled_field("leading")),
    ("N7.quadratic.III", "quadratic.observing.solve_at", scaled_risk(1.02)),
    ("R.ridge.effective-noisy", "ridge.crossover.observe", louder),
    ("S10.none.lazy", "shells.late_times.phase_of", scaled_field("constant")),
    ("S10.none.lazy", "shells.late_times.log_loss_at", lambda old: lambda *a: (old(*a)[0] + 0.02, old(*a)[1])),
    ("S10.down.slow-clock", "shells.late_times.phase_of", scaled_field("exponent")),
    ("S12.extrema.quick", "shells.descent.counted", lambda old: lambda assertion, effort: old(replace(assertion, region=(assertion.region[0].negated,)), effort)),
    ("A1.partial-sum", "asymptotics.sums._leading_of_partial_sum", times(TWO_PERCENT)),
    ("N9.quadratic.nothing", "quadratic.nothing.observe", lambda old: lambda place: {k: (v[0] + 1e-9, v[1]) for k, v in old(place).items()}),
    ("N9.quadratic.nothing", "quadratic.nothing.decomposition_laws", scaled_absent),
    ("N10.diagonal.minimiser.risk", "diagonal.experiments.solve_at", scaled_risk(1.1)),
    ("R.ridge.line.regularised", "ridge.lines.observe", louder),
    ("R.ridge.line.regularised", "ridge.lines.with_law", lambda old: lambda *a: replace(found := old(*a), constant=found.constant * TWO_PERCENT)),
    ("N5.quadratic.boundary.IV-V", "quadratic.boundaries.boundaries", moved_boundaries),
    ("N5.quadratic.boundary.IV-V", "quadratic.boundaries._level", shifted_level),
    ("N8.quadratic.VIb.rank", "quadratic.spectra._learned", lambda old: lambda *v: (old(*v)[0] * 1.02, old(*v)[1])),
    ("A1.window", "asymptotics.sums._ridge_sum", lambda old: lambda p: (old(p)[0] * 1.02, old(p)[1])),
    ("A2.largest-power", "asymptotics.balances._sum_of_powers", one_phase_less),
    ("A2.three-terms", "asymptotics.balances._cubic", lambda old: lambda: [replace(m, powers={k: v + v for k, v in m.powers.items()}) for m in old()]),
]  # fmt: skip


def accepts(claim):
    """Whether a claim, made anew so that it sees what is broken, is accepted; one that could not be made is not."""
    return claim is not None and hear_witnesses(claim, Effort(quick=True))[0].verdict.accepts


@cache
def accepted_unbroken(claim_id, made_anew):
    """The same with nothing broken: heard once for all rows of a claim, before any of them breaks something."""
    return accepts(made_anew(claim_id))


REMEMBERED = {"diagonal.observing.solve_at": "_solved", "quadratic.observing.solve_at": "solved"}
"""Layers below numbers that a process remembers, and who remembers them: true ones would hide the break, broken ones outlive it."""


def forget_what_stands_on(layer):
    if layer in REMEMBERED:
        getattr(importlib.import_module((HOUSE + layer).rpartition(".")[0]), REMEMBERED[layer]).cache_clear()


NAMES = ("diagonal", "asymptotics", "quadratic", "ridge", "shells")


@pytest.fixture(autouse=True, scope="module")
def _everything_loaded(made_anew):
    """A module that is first imported while a part is broken would keep the broken part for good."""
    for first in ("N1.diagonal.minimum", "A1.window", "N7.quadratic.III", "R.ridge.effective-noisy", "S3"):
        made_anew(first)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():  # many threads slow small problems down by a factor of ten and more
        yield


@pytest.fixture
def _no_broken_numbers_left(layer):
    yield
    forget_what_stands_on(layer)


@pytest.mark.parametrize(("claim_id", "layer", "breaking"), BROKEN, ids=[f"{row[0]}-{row[1]}" for row in BROKEN])
@pytest.mark.usefixtures("_no_broken_numbers_left")
def test_a_broken_layer_is_seen(claim_id, layer, breaking, monkeypatch, made_anew):
    module, name = (HOUSE + layer).rsplit(".", 1)
    old = getattr(importlib.import_module(module), name)
    assert accepted_unbroken(claim_id, made_anew)
    monkeypatch.setattr(f"{module}.{name}", breaking(old))
    forget_what_stands_on(layer)
    assert not accepts(made_anew(claim_id))


def yes(*_, **__):
    return Outcome.HOLDS


def deaf(old):
    """A court that ignores whoever says no."""
    return lambda evidence: old([item for item in evidence if item.outcome is not Outcome.FAILS])


COURT = [
    # claim, what of the court is broken, how
    ("N3.diagonal.degrees_of_freedom", "formulas.decide_zero", lambda old: yes),
    ("N3.diagonal.degrees_of_freedom", "formulas.decide_zero", lambda old: lambda *_: Outcome.FAILS),
    ("N3.diagonal.degrees_of_freedom", "formulas._overall", lambda old: yes),
    ("N3.diagonal.degrees_of_freedom", "court.weigh", deaf),
    ("N7.diagonal.III", "court.weigh", deaf),
    ("N7.diagonal.III", "laws.decide_zero", lambda old: yes),
    ("N7.diagonal.III", "laws.settle", lambda old: lambda *_: (Outcome.HOLDS, 0.0)),
    ("N7.diagonal.III", "laws.leaves", lambda old: lambda *_: None),
    ("N7.diagonal.III", "court.common_point", lambda old: lambda *_: None),
    ("N7.diagonal.III", "laws.failing", lambda old: lambda hypotheses, point: hypotheses[0]),
    ("N7.diagonal.peak", "line_laws.same_line", lambda old: lambda *_: Outcome.FAILS),
    ("N5.diagonal.boundary.VIb-III", "boundaries.same_line", lambda old: yes),
    ("N5.diagonal.diagram", "tilings._same", lambda old: lambda *_: False),
    ("N5.diagonal.diagram", "tilings.check_document", lambda old: lambda *_: False),
    ("S10.none.lazy", "theories.shells.late_times._close", lambda old: lambda *_: True),
    ("S10.none.lazy", "theories.shells.late_times.settle", lambda old: lambda *_: (Outcome.HOLDS, 0.0)),
    ("S3", "theories.shells.residuals.decide_zero", lambda old: yes),
]


@pytest.mark.parametrize(
    ("claim_id", "part", "breaking"), COURT, ids=[f"{row[0]}-{row[1]}-{k}" for k, row in enumerate(COURT)]
)
def test_a_broken_court_is_seen(claim_id, part, breaking, monkeypatch, made_anew):
    """A court that cannot say no, or cannot say yes, leaves the claim not as the ledger expects: that is what twins are for."""
    module, name = f"scalecheck.proofs_checks.{part}".rsplit(".", 1)
    old = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(f"{module}.{name}", breaking(old))
    assert not hear(made_anew(claim_id), Effort(quick=True)).as_expected


@pytest.mark.parametrize("claim_id", sorted({row[0] for row in COURT} - {"N5.diagonal.diagram"}))
def test_with_nothing_broken_it_is_as_expected(claim_id, made_anew):
    heard = hear(made_anew(claim_id), Effort(quick=True))
    passed = [(twin.twin.id, twin.judgement.reason) for twin in heard.twins if not twin.caught]
    assert heard.as_expected, (heard.judgement, heard.toothless, passed)


def test_the_breaks_are_no_names_that_do_not_exist():
    ids = {claim.id for name in NAMES for claim in theory(name).claims()}
    assert {row[0] for row in (*BROKEN, *COURT)} <= ids
