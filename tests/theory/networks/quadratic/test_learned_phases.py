"""N8 phase by phase: laws against explicit semicircles and spikes at the leading solution of the state equations."""

import math

import pytest
import sympy as sp
from scipy import integrate, optimize

from scalecheck.theory.networks.quadratic import learned_phases, outliers
from scalecheck.theory.networks.quadratic.learned_spectrum import NothingLearned
from scalecheck.theory.networks.quadratic.letters import spread
from scalecheck.theory.networks.quadratic.phases import ASSUMPTIONS, CORNERS, NoSuchPhase, solve_corner
from scalecheck.theory.symbols import a, b, decay, dim

PLACES = {
    # a, b, γ inside each phase; d = 10^40, where leading order is all there is.
    "II": ("1/2", "-1/10", "1"),
    "III": ("3", "6/5", "1"),
    "IV": ("1/10", "-2", "3/4"),
    "V": ("9/10", "-2", "3/4"),
    "VIa": ("5/4", "-1", "1"),
    "VIb": ("5/2", "-1", "1"),
}  # fmt: skip
SIZE = 1e40


def controls(name):
    x, y, gamma = (float(sp.Rational(v)) for v in PLACES[name])
    return {"dim": SIZE, "samples": SIZE ** (x + 1), "weight_decay": SIZE**y, "noise": 1.0, "decay": gamma}


def number(formula, **values):
    formula = sp.sympify(formula)
    return float(formula.subs({s: values[s.name] for s in formula.free_symbols}))


@pytest.mark.parametrize("name", list(PLACES))
def test_the_places_lie_in_their_phases(name):
    x, y, gamma = (sp.Rational(v) for v in PLACES[name])
    assert all(bool(r.subs({a: x, b: y, decay: gamma})) for r in solve_corner(name).region.inequalities)


def state(name):
    """σ and t from the balances by hand: 4nσ² = d²Δ; 4nt = λd² outside; dof = d²∫ηH = n at the edge, by quadrature."""
    at = controls(name)
    sigma = at["dim"] / 2 / math.sqrt(at["samples"])
    if name in ("IV", "V"):
        share = at["samples"] / at["dim"] ** 2

        def dof(log_eps):
            eps = math.exp(log_eps)
            # y = 2(1 - εw): the integrand in w is smooth up to its root at the edge.

            def law(w):
                return 2 * eps * (1 - w) * (1 - eps * w) * 2 * eps * math.sqrt(2 * eps * w - (eps * w) ** 2) / math.pi

            return math.log(integrate.quad(law, 0, 1)[0]) - math.log(share)

        return sigma, sigma, math.exp(optimize.brentq(dof, -80, -1))
    return sigma, at["weight_decay"] * at["dim"] ** 2 / 4 / at["samples"], None


@pytest.mark.parametrize("name", list(PLACES))
def test_window_and_carriers(name):
    at, (sigma, t, _) = controls(name), state(name)
    found = learned_phases.tail_of(name)
    smallest = math.sqrt(SIZE) * SIZE ** -at["decay"]
    lower = max(sigma, t, smallest)
    assert number(found.lower, **at) == pytest.approx(lower, rel=1e-6)
    assert number(found.carriers, **at) == pytest.approx(
        min(SIZE, (math.sqrt(SIZE) / lower) ** (1 / at["decay"])), rel=1e-6
    )
    assert number(found.upper, **at) == math.sqrt(SIZE)
    # Density integrated over the window: all carriers.
    power = number(found.exponent, **at) + 1
    total = number(found.constant, **at) * (lower**power - math.sqrt(SIZE) ** power) / -power
    assert total == pytest.approx(number(found.carriers, **at), rel=0.01)


@pytest.mark.parametrize("name", ["IV", "V"])
def test_bulk_at_the_edge(name):
    at, (sigma, _, eps) = controls(name), state(name)
    found = learned_phases.phase_spectrum(name)
    mass, _ = integrate.quad(lambda w: 2 * eps * math.sqrt(4 - (2 - 2 * eps * w) ** 2) / (2 * math.pi), 0, 1)
    small = 2 * eps * 2 * math.sqrt(2 * eps) / (2 * math.pi) * 2 / 3
    # Differences from 2 lose digits for small ε; the leading term does not.
    assert number(found.bulk_count, **at) == pytest.approx(SIZE * (mass if eps > 1e-6 else small), rel=0.02)
    assert number(found.bulk_edge, **at) == pytest.approx(2 * sigma * eps, rel=0.02)
    # More eigenvalues come from noise than from the teacher, even where the risk is the teacher's (IV).
    assert number(found.bulk_count, **at) > number(found.tail.carriers, **at)
    assert found.bulk_count != dim / 2


@pytest.mark.parametrize("name", list(PLACES))
def test_crowding_is_the_order_of_carriers_over_merging(name):
    at, (sigma, _, _) = controls(name), state(name)
    x, y, gamma = (sp.Rational(v) for v in PLACES[name])
    tail = learned_phases.tail_of(name)
    merged = number(outliers.merging().values["merging_index"].subs(spread, sigma), **at)
    found = math.log(number(tail.carriers, **at) / merged) / math.log(SIZE)
    # Constants are worth 0.02 in the exponent at this d.
    assert found == pytest.approx(float(tail.crowding.subs({a: x, b: y, decay: gamma})), abs=0.03)


def test_where_outliers_crowd():
    """Wherever the spread decides: crowded iff u ≫ d^γ."""
    for name in ("IV", "V", "VIa"):
        assert sp.solve(learned_phases.tail_of(name).crowding, a) == [decay]


def test_phases_without_a_teacher_in_them():
    for name in ("Ia", "Ib"):
        with pytest.raises(NothingLearned, match="expected name in"):
            learned_phases.tail_of(name)
    assert learned_phases.phase_spectrum("Ib").bulk_count == 0
    assert learned_phases.phase_spectrum("Ia").bulk_count != 0
    with pytest.raises(NoSuchPhase):
        learned_phases.phase_spectrum("VII")
    assert set(PLACES) | {"Ia", "Ib"} == set(CORNERS)


def test_sentences_of_all_derivations_are_plain():
    """Statements and reasons go into LaTeX as they are: ASCII, and none of the characters that are commands there."""
    from scalecheck.theory.networks.quadratic import (
        decomposition,
        free_convolution,
        free_cumulants,
        learned_spectrum,
        reduction,
        spectral_functions,
    )

    derivations = [reduction.network_reduction(), reduction.narrow_network(), spectral_functions.divergence()]
    derivations += [spectral_functions.sure(), spectral_functions.closures(), free_convolution.biane()]
    derivations += [free_convolution.conditional_teacher(), free_cumulants.moment_derivation(4)]
    derivations += [outliers.isolated(), outliers.crowded(), outliers.merging(), outliers.shift_correction()]
    derivations += [outliers.continuum(), learned_spectrum.spectrum_derivation(), decomposition.identity()]
    derivations += [decomposition.outlier_error(), decomposition.bulk(), decomposition.bulk_view()]
    derivations += [learned_phases.phase_spectrum(name).derivation for name in CORNERS]
    for derivation in derivations:
        sentences = [derivation.subject]
        sentences += derivation.assumptions if derivation.assumptions != ASSUMPTIONS else ()
        sentences += [text for step in derivation.steps for text in (step.statement, step.reason)]
        for text in sentences:
            assert text.isascii(), text
            assert not set(text) & set("_^&%$#{}~\\"), text
        assert derivation.to_text()
        assert derivation.to_latex()
