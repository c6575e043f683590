"""Leading laws of the three errors of N9 in every phase of the quadratic network, with constants and where they hold.

K = {k: s_k > max(t, σ)}. Overfitting is the second moment of learned eigenvalues that belong to no k in K (the bulk, and
outliers with σ < s < t); underfitting the teacher's power outside K; approximation the rest, cross terms included. Each is
a sum over spikes of a function of v = s/σ, plus the bulk; `decomposition` has the identity behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...derivation import Derivation, Step
from ...symbols import a, decay, dim, samples, threshold
from ..diagonal.decomposition import NOTHING, Part
from .corners import Place, far_above, signal_ratio, spike_law
from .letters import spread
from .peak import trace_law
from .phases import ASSUMPTIONS, CORNERS, REFERENCES, NoSuchPhase, on_path, phase, solve_corner, to_controls
from .semicircle import density, moment_above, ratio

PARTS = ("overfitting", "underfitting", "approximation")
Laws = Mapping[str, tuple[Part, ...]]
"""Laws of each part; where there are several, exactly one condition holds at a generic point."""

_POINT = sp.Symbol("y", real=True)


def _part(value: sp.Expr, condition: sp.Basic = sp.true) -> Part:
    """A monomial in the controls, with its exponent and constant on n = dim**(a + 1), λ = dim**b."""
    law = to_controls(value)
    path = on_path(law)
    sign = -1 if path.could_extract_minus_sign() else 1
    exponent = sp.expand(sp.simplify(dim * sp.diff(sp.expand_log(sp.log(sign * path), force=True), dim)))
    constant = sp.simplify(sp.powsimp(path / dim**exponent, force=True))
    return Part(law, exponent, constant, sp.S.Zero, condition)


def over_spikes(function: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """Σ_k over low < s_k/scale < high, in units of scale^{-1/γ}: ∫ F v^{-1/γ-1} dv/γ, term by term in powers of v.

    When this is wrong: few spikes in the range; an end at 0 or ∞ where the integral diverges.

    Examples
    --------
    >>> over_spikes(signal_ratio**2, sp.S.Zero, sp.S.One)
    1/(2*decay - 1)
    """
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(function)):
        coefficient, power = sp.powsimp(sp.expand(term * signal_ratio ** (-1 / decay - 1))).as_coeff_exponent(
            signal_ratio
        )
        upper = sp.S.Zero if high == sp.oo else high ** (power + 1)
        lower = sp.S.Zero if low == 0 else low ** (power + 1)
        total += coefficient * (upper - lower) / (power + 1) / decay
    return _completed(sp.simplify(total))


def _completed(value: sp.Expr) -> sp.Expr:
    """Where a power of v integrates to a logarithm at one γ, the limit there is put beside the formula."""
    poles = [g for g in sp.solve(sp.denom(sp.together(value)), decay) if g > sp.Rational(1, 2)]
    pieces = [(sp.simplify(sp.limit(value, decay, g)), sp.Eq(decay, g)) for g in poles]
    finite = [(limit, where) for limit, where in pieces if limit.is_finite]
    return sp.Piecewise(*finite, (value, True)) if finite else value


def _window(coefficient: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """2 (scale/√d)^{2 - 1/γ} coefficient: a part of R that K^... spikes about `scale` carry."""
    return 2 * coefficient * (scale / sp.sqrt(dim)) ** (2 - 1 / decay)


@cache
def decomposition_laws(name: str) -> Laws:
    """Laws of overfitting, underfitting and approximation in one phase (N9, N7).

    Raises
    ------
    NoSuchPhase
        If the name is no phase.

    Examples
    --------
    >>> laws = decomposition_laws("II")
    >>> sp.factor(laws["underfitting"][0].constant / phase("II").constant)
    2**(2/decay)/(2*4**(1/decay)*decay)
    >>> decomposition_laws("VIb")["overfitting"][0].exponent
    -oo
    """
    if name not in CORNERS:
        raise NoSuchPhase(f"expected name in {sorted(CORNERS)}, got name={name!r}")
    place, position, _ = CORNERS[name]
    if position is Position.BELOW:
        return {"overfitting": (NOTHING,), "underfitting": (NOTHING,), "approximation": (_whole(name),)}
    builders = {Place.OUTSIDE: _outside, Place.EDGE: _edge, Place.CENTRE: _centre}
    return builders[place](name)


def _whole(name: str) -> Part:
    """The part that is all of R."""
    found = phase(name)
    return Part(found.leading, found.exponent, found.constant, found.log)


def _outside(name: str) -> Laws:
    """t ≫ σ. Nothing of the bulk is learned; in II a spike just below t may be lifted over it."""
    solved = solve_corner(name)
    if CORNERS[name][1] is Position.ABOVE:
        return {"overfitting": (NOTHING,), "underfitting": (_whole(name),), "approximation": (NOTHING,)}
    level = solved.values[threshold]
    under = _window(over_spikes(signal_ratio**2, sp.S.Zero, sp.S.One), level)
    rest = _window(over_spikes(far_above("risk"), sp.S.One, sp.oo), level)
    return {
        "overfitting": _lifted(solved.values),
        "underfitting": (_part(under),),
        "approximation": (_part(rest),),
    }


def _lifted(values: Mapping[sp.Symbol, sp.Expr]) -> tuple[Part, ...]:
    """Spikes below t whose eigenvalue s + σ²/s is above it: within a relative lift κ = σ²/t² of the threshold.

    With K/γ of them per relative distance, Σ η² = (K/γ) t² ∫ (κ - x)_+² dx = (K/γ) t² κ³/3. Where a typical such layer
    holds no spike there is nothing. The width σ/√d of a single spike's band is below the lift wherever the layer is full,
    since K ≪ d.
    """
    level = values[threshold]
    lift = values[spread] ** 2 / level**2
    crowd = sp.expand(_part(lift).exponent + _part((level / sp.sqrt(dim)) ** (-1 / decay)).exponent)
    layer = _part(_window(lift**3 / (3 * decay), level), sp.Gt(crowd, 0))
    return layer, Part(sp.S.Zero, -sp.oo, sp.S.Zero, sp.S.Zero, sp.Lt(crowd, 0))


def _edge(name: str) -> Laws:
    """t = 2σ(1 - ε): the sliver of the bulk; outliers with σ < s < 2σ are learned without being in K."""
    solved = solve_corner(name)
    values, sums = solved.values, solved.sums
    sliver = next(t for t in sums.risk if t.source == "bulk").expression.subs(values)
    cross = _sliver_cross(name)
    if CORNERS[name][1] is Position.ABOVE:
        return {"overfitting": (_part(sliver),), "underfitting": (_whole(name),), "approximation": cross}
    law = spike_law().values
    kept = sp.expand(((law["position"] - ratio) ** 2).subs(ratio, 2))
    outliers = over_spikes(kept, sp.S.One, sp.Integer(2))
    under = over_spikes(signal_ratio**2, sp.S.Zero, sp.Integer(2))
    whole = next(t for t in sums.risk if t.source == "spikes").coefficient / 2
    level = values[spread]
    over = _part(_window(outliers, level)) if name == "IV" else _part(sliver)
    signal = _part(_window(sp.simplify(whole - under - outliers), level))
    return {
        "overfitting": (over,),
        "underfitting": (_part(_window(under, level)),),
        "approximation": (signal,) if name == "IV" else _larger(signal, cross),
    }


def _larger(signal: Part, cross: tuple[Part, ...]) -> tuple[Part, ...]:
    """The law of the larger exponent: the spikes' own part, or, for γ < 1 near n = d², the many spikes inside the bulk."""
    slow = next(part for part in cross if part.condition == sp.Lt(decay, 1))
    wall = sp.factor(sp.solve(signal.exponent - slow.exponent, a)[0])
    beyond = sp.And(slow.condition, sp.Gt(a, wall))
    own = Part(signal.leading, signal.exponent, signal.constant, signal.log, sp.Or(sp.Gt(decay, 1), sp.Lt(a, wall)))
    return own, Part(slow.leading, slow.exponent, slow.constant, slow.log, beyond)


def _sliver_cross(name: str) -> tuple[Part, ...]:
    """-(4/d) E Tr η(Y)S* of the sliver: each weak spike sees ∫ (y - t)_+ μ along itself, v ∫ (y - x)_+ μ to first order.

    At the edge H = 1, so that integral is the bulk's share of the degrees of freedom, dof = n: -4 Tr S*/d · σ n/d².
    """
    solved = solve_corner(name)
    shares = solved.values[spread] * samples / dim**2
    return tuple(_part(-4 * shares * mean, condition) for condition, mean in trace_law().items())


def _centre(name: str) -> Laws:
    """t ≪ σ: half the bulk is learned; K = {s > σ}."""
    level = solve_corner(name).values[spread]
    under = _window(over_spikes(signal_ratio**2, sp.S.Zero, sp.S.One), level)
    first = moment_above(1).subs(ratio, 0)
    slow, fast = trace_law()
    # Σ v over all spikes for γ < 1; else spikes about σ decide, by an integral that is kept as one.
    many = -4 * first * level * trace_law()[slow]
    few = _window(1, level)
    window = sp.Integral(centre_function() * signal_ratio ** (-1 / decay - 1) / decay, (signal_ratio, 0, sp.oo))
    law = _part(few, fast)
    kept = Part(window * law.leading, law.exponent, window * law.constant, law.log, fast)
    return {
        "overfitting": (_whole(name),),
        "underfitting": (_part(under),),
        "approximation": (_part(many, slow), kept),
    }


def centre_function() -> sp.Expr:
    """Approximation error of one spike v when all of the positive spectrum is learned (t = 0), in units of σ².

    Learned spikes by `spike_law`; along any spike the bulk has density μ(y)/(1 - vy + v²), of which the positive half is
    learned, -2v ∫ y μ/(1 - vy + v²).

    Examples
    --------
    >>> round(float(centre_function().subs(signal_ratio, 100).evalf()), 3)
    1.992
    """
    v = signal_ratio
    inside = sp.Integral(_POINT * density() / (1 - v * _POINT + v**2), (_POINT, 0, 2))
    learned = sp.Piecewise((sp.expand(spike_law().values["risk"].subs(ratio, 0)), v > 1), (0, True))
    return learned - 2 * v * inside


def decomposition_derivation(name: str) -> Derivation:
    """The laws of one phase as a derivation.

    Examples
    --------
    >>> decomposition_derivation("IV").values["underfitting"].has(dim)
    True
    """
    laws = decomposition_laws(name)
    steps = tuple(
        Step(f"Leading {part}.", law.leading, f"where {law.condition}") for part in PARTS for law in laws[part]
    )
    values = {part: laws[part][0].leading for part in PARTS}
    result = sp.Tuple(*values.values())
    return Derivation(f"Error decomposition in phase {name}", steps, ASSUMPTIONS, result, values, REFERENCES)
