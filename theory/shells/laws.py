"""What the loss does at large times, mechanism by mechanism, each with the exponent, the constant and the reason (theory.md S10).

A law is asked of a case (signs of expressions in the controls). Every wall between regimes is the sign of an exponent that comes
out of an integral: ∫ t^m, ∫ λ^{-b}, ∫ λ ds along a characteristic, ∫ λ_0^{a-1} (survival). None of them is typed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy as sp

from ..derivation import Step
from .cases import Case
from .constants import OPEN_INTEGRAL, cubic_constant, y
from .letters import Direction, born, power, rate, source, time, time_power
from .losses import saturated
from .transport import Geometry, clock, euler_beta, geometry, power_primitive, spent


@dataclass(frozen=True)
class Law:
    """L(t) ~ constant · t^exponent · (log t)^log · exp(-action), with the mechanism's name and the argument.

    `kind` is power, log (a power of log t alone), plateau or stretched (there is an `action`). `frontier` is where the moving edge
    of the spectrum is, `frontier_kind` says which edge.
    """

    name: str
    kind: str
    exponent: sp.Expr
    log: sp.Expr
    constant: sp.Expr
    steps: tuple[Step, ...]
    action: sp.Expr | None = None
    frontier: sp.Expr | None = None
    frontier_kind: str = ""
    extras: dict[str, sp.Expr] = field(default_factory=dict)

    @property
    def signature(self) -> tuple[object, ...]:
        """What two cases share if they have one law."""
        return self.name, self.exponent, self.log, self.constant, self.action


def law_of(case: Case, direction: Direction) -> Law:
    """The law on a case; the case splits where the answer depends on an open sign.

    Examples
    --------
    >>> law_of(Case(), Direction.NONE).exponent
    -source
    """
    if direction is Direction.NONE:
        return _dissipation("lazy", time, ("No drift: the action is λ_0 t.", born * time))
    steepness = case.sign(1 - power)
    if steepness == 0:
        law = _proportional(case, geometry(case, direction))
    elif steepness < 0:
        law = _steep(case, direction)
    else:
        geo = geometry(case, direction)
        law = _lifted(case, geo) if direction is Direction.UP else _arriving(case, geo)
    return _on(case, law)


def _on(case: Case, law: Law) -> Law:
    """The law on the set where the equations of the case hold."""
    known = case.equations()
    if not known:
        return law
    changed = {name: getattr(law, name) for name in ("exponent", "log", "constant", "action", "frontier")}
    told = {name: None if value is None else sp.powsimp(value.subs(known)) for name, value in changed.items()}
    extras = {k: v.subs(known) for k, v in law.extras.items()}
    return replace(
        law,
        exponent=told["exponent"],
        log=told["log"],
        constant=told["constant"],
        action=told["action"],
        frontier=told["frontier"],
        extras=extras,
    )


def _watson(size: sp.Expr, order: sp.Expr) -> sp.Expr:
    """∫ a x^{a-1} exp(-2 size x^order) dx for size → ∞ (Watson's lemma: the incomplete gamma function becomes complete)."""
    whole = saturated(size, order)
    return whole.replace(sp.lowergamma, lambda s, z: sp.gamma(s))


def _dissipation(name: str, effective: sp.Expr, told: tuple[str, sp.Expr]) -> Law:
    """The law if the action is λ_0 · τ, τ ~ constant · t^e (log t)^l → ∞."""
    constant, exponent, log = monomial(_watson(effective, sp.S.One))
    kind = "log" if exponent == 0 else "power"
    steps = (
        Step(told[0], told[1], "integrate the characteristic"),
        Step("Only λ_0 of the order of its inverse are left.", constant, "Watson's lemma for a λ_0^{a-1}"),
    )
    return Law(name, kind, exponent, log, constant, steps)


def monomial(expression: sp.Expr, geo: Geometry | None = None) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(constant, exponent, log) of a product constant · t^exponent · (log t)^log; `geo` tells the signs of 1 - b and m + 1.

    Examples
    --------
    >>> monomial(3 * (2 * time**2 * sp.log(time)) ** source)
    (3*2**source, 2*source, source)
    """
    clocked, logged = sp.symbols("t_ l_", positive=True)
    told, back = _positive_letters(geo)
    flat = expression.subs(sp.log(time), logged).subs(time, clocked).subs(told)
    flat = sp.expand_power_base(sp.powdenest(flat, force=True), force=True)
    flat = sp.powdenest(flat, force=True)
    exponent = sp.factor(sp.expand(sp.simplify(clocked * sp.diff(sp.expand_log(sp.log(flat), force=True), clocked))))
    log = sp.factor(sp.expand(sp.simplify(logged * sp.diff(sp.expand_log(sp.log(flat), force=True), logged))))
    constant = flat.subs({clocked: 1, logged: 1})
    if exponent.has(clocked, logged) or log.has(clocked, logged):
        raise ValueError(f"expected a product of powers of t and log t, got {expression}")
    return constant.subs(back), sp.factor(exponent.subs(back)), sp.factor(log.subs(back))


def _positive_letters(geo: Geometry | None) -> tuple[dict[sp.Symbol, sp.Expr], dict[sp.Symbol, sp.Expr]]:
    """1 - b and m + 1 as signs times positive symbols, and the way back, so that powers may be taken apart."""
    told: dict[sp.Symbol, sp.Expr] = {}
    back: dict[sp.Symbol, sp.Expr] = {}
    if geo is not None:
        steep, clocked = sp.symbols("q_ mu_", positive=True)
        if geo.steepness:
            told[power], back[steep] = 1 - geo.steepness * steep, geo.steepness * (1 - power)
        if geo.clock_sign:
            told[time_power], back[clocked] = geo.clock_sign * clocked - 1, geo.clock_sign * (time_power + 1)
    return told, back


def _plateau(name: str, size: sp.Expr, order: sp.Expr, told: str, limit: sp.Expr = sp.S.One) -> Law:
    """The loss stops at ∫ a x^{a-1} exp(-2 size x^order) dx: the action of a fixed mode converges to size · λ_0^order."""
    steps = (
        Step(told, size * born**order, "Euler's beta integral after scaling the time"),
        Step("What has not dissipated stays.", saturated(size, order, limit), "incomplete gamma function"),
    )
    return Law(name, "plateau", sp.S.Zero, sp.S.Zero, saturated(size, order, limit), steps)


def _proportional(case: Case, geo: Geometry) -> Law:
    """b = 1: every mode moves by the same factor; the action is λ_0 τ(t) with one effective time τ."""
    gain, mu = geo.drift_rate, geo.mu
    if geo.clock_sign == 0:
        growth = 1 + gain  # τ = ∫ s^{σc} ds
        sign = case.sign(growth)
        if sign < 0:
            return _plateau("stopped clock", -1 / growth, sp.S.One, "The effective time converges.")
        name = ("logarithmic clock", "fast clock" if geo.direction > 0 else "slow clock")[sign]
        shown = sp.Integer(0) if sign == 0 else growth
        return _dissipation(name, power_primitive(time, shown), ("The effective time is ∫ t^{σc} dt.", time**gain))
    if geo.clock_sign < 0:
        factor = sp.exp(gain * sp.limit(1 / time, time, sp.oo) - gain / mu)
        return _dissipation("displaced", factor * time, ("The drift stops after a finite factor.", factor))
    if geo.direction is Direction.DOWN:
        # ∫_0^∞ exp(-c s^μ/μ) ds with z = c s^μ/μ is Euler's gamma integral.
        size = (mu / rate) ** (1 / mu) / mu * sp.gamma(1 / mu)
        return _plateau("stopped exponentially", size, sp.S.One, "The effective time converges.")
    return _runaway(geo)


def _runaway(geo: Geometry) -> Law:
    """b = 1, σ = +1, m > -1: τ = ∫ e^{φ} ds ~ e^φ/φ' with φ = c t^{m+1}/(m+1); φ''/φ'^2 → 0 makes it exact to leading order."""
    phase = rate * clock(geo)
    pace = sp.powsimp(sp.expand(sp.diff(phase, time)))
    ratio = sp.powsimp(sp.diff(pace, time) / pace**2)
    constant, exponent, log = monomial(_watson(1 / pace, sp.S.One), geo)
    steps = (
        Step("The effective time is its last stretch.", sp.exp(phase) / pace, "Laplace's lemma at the end point"),
        Step(
            "Relative error of that.", ratio, "second derivative over the square of the first: tends to zero for m > -1"
        ),
        Step("Watson's lemma.", constant, "only λ_0 of the order of 1/τ are left"),
    )
    return Law("runaway clock", "stretched", exponent, log, constant, steps, action=source * phase)


def _steep(case: Case, direction: Direction) -> Law:
    """b > 1: on the lazy scale λ_0 = y/t the shift of λ_0^{1-b} is small, equal or large as t^{m+1} is to t^{b-1}."""
    q, mu = 1 - power, time_power + 1
    compared = case.sign(mu + q)
    if compared < 0:
        shift = int(direction) * rate * q * (y / time) ** (-q)
        law = _dissipation("lazy", time, ("On the lazy scale the drift is negligible.", born * time))
        note = Step(
            "Relative shift of λ_0^{1-b} there, a unit of clock.", shift, "the clock grows more slowly than t^{b-1}"
        )
        return replace(law, steps=(note, *law.steps))
    if compared == 0:
        return _self_similar(case, direction)
    geo = Geometry(direction, -1, 1)
    edge = sp.powsimp((rate * -q * clock(geo)) ** (1 / q))
    if direction is Direction.UP:
        constant, exponent, log = monomial(edge**source, geo)
        steps = (
            Step("Modes born above this have left.", edge, "the characteristic blows up"),
            Step("It lies below the lazy scale: nothing dissipates before.", edge * time, "tends to zero"),
            Step("The loss is the energy below.", edge**source, "integrate a λ_0^{a-1}"),
        )
        return Law("escape", "power", exponent, log, constant, steps, None, edge, "born above it: gone")
    size = (rate * -q / mu) ** (-1 / mu) / mu * euler_beta(1 / mu, -1 / q - 1 / mu)
    law = _plateau("frozen", size, 1 + q / mu, "The action of every mode converges.")
    return replace(law, frontier=edge, frontier_kind="largest eigenvalue left")


def _self_similar(case: Case, direction: Direction) -> Law:
    """m = b - 2, b > 1: the action is a function G of y = λ_0 t alone, L = t^{-a} ∫_0^{t} a y^{a-1} e^{-2G(y)} dy."""
    p, gain = 1 / (power - 1), int(direction) * rate
    travelled = y * sp.hyper([p, p], [1 + p], gain * y ** (power - 1))
    star = rate ** (-p)
    scaling = Step(
        "The action depends on λ_0 t alone.", travelled, "integrate (y^{1-b} - σc)^{-1/(b-1)}; see transport"
    )
    if direction is Direction.UP:
        constant = sp.Integral(source * y ** (source - 1) * sp.exp(-2 * travelled), (y, 0, star))
        steps = (scaling, Step("Modes beyond y = c^{-1/(b-1)} have left.", constant, "the characteristic blows up"))
        law = Law(
            "self-similar escape",
            "power",
            -source,
            sp.S.Zero,
            constant,
            steps,
            None,
            star / time,
            "born above it: gone",
        )
        return replace(law, steps=(*law.steps, OPEN_INTEGRAL), extras=_quadratic(gain, star))
    offset = finite_part(p) * p * star + p * star * sp.log(rate)
    tail = Step("For large y the action is x* log y plus this.", offset, "finite part of Euler's beta integral")
    moving = {"frontier": star / time, "frontier_kind": "largest eigenvalue left"}
    compared = case.sign(source - 2 * star)
    steps = (scaling, tail)
    if compared < 0:
        constant = sp.Integral(source * y ** (source - 1) * sp.exp(-2 * travelled), (y, 0, sp.oo))
        closed, argument = cubic_constant()
        law = Law("self-similar", "power", -source, sp.S.Zero, constant, (*steps, *argument, OPEN_INTEGRAL), **moving)
        return replace(law, extras={**_quadratic(gain, sp.oo), "constant_at_power_3": closed})
    if compared == 0:
        constant = source * sp.exp(-2 * offset)
        return Law("frontier with logarithm", "power", -source, sp.S.One, constant, steps, **moving)
    constant = source * sp.exp(-2 * offset) / (source - 2 * star)
    return Law("frontier", "power", -2 * star, sp.S.Zero, constant, steps, **moving)


def _quadratic(gain: sp.Expr, end: sp.Expr) -> dict[str, sp.Expr]:
    """At b = 2 the survival is (1 - σc y)^{2/(σc)} and the constant is Euler's beta function."""
    if end == sp.oo:
        return {"constant_at_power_2": source * rate**-source * euler_beta(source, 2 / rate - source)}
    return {"constant_at_power_2": source * rate**-source * euler_beta(source, 1 + 2 / rate)}


def finite_part(p: sp.Expr) -> sp.Expr:
    """lim ∫_0^X u^{p-1} (1+u)^{-p} du - log X: the finite part of B(p, δ) at δ = 0, since ∫_1^∞ u^{-1-δ} du = 1/δ.

    Examples
    --------
    >>> finite_part(sp.Integer(1)), finite_part(sp.Integer(2))
    (0, -1)
    """
    delta, letter = sp.symbols("delta p", positive=True)
    # B(p, δ) - 1/δ = [Γ(p) Γ(1+δ)/Γ(p+δ) - 1]/δ; its limit is the derivative of the bracket at 0.
    bracket = sp.gamma(letter) * sp.gamma(1 + delta) / sp.gamma(letter + delta)
    return sp.simplify(sp.diff(bracket, delta).subs(delta, 0)).subs(letter, p).doit()


def _arriving(case: Case, geo: Geometry) -> Law:
    """b < 1, σ = -1: modes reach λ = 0 in finite time with energy left, the slow ones first."""
    q, mu = geo.q, geo.mu
    if geo.clock_sign > 0:
        whole = spent(geo)
        order = 1 + q / mu
        size = sp.powsimp(sp.expand_power_base(whole / born**order, force=True))
        return _plateau("arrested", size, order, "The action up to the arrival.")
    reach = sp.S.One
    # The whole clock is -1/(m+1) for m < -1; modes with λ_0^q below c q of it arrive.
    if geo.clock_sign < 0 and case.sign(-rate * q / mu - 1) < 0:
        reach = (-rate * q / mu) ** (1 / q)
    integrand = source * born ** (source - 1) * sp.exp(-2 * spent(geo))
    constant = sp.Integral(integrand, (born, 0, reach))
    names = {0: "arrested on a logarithmic clock", -1: "arrested" if reach == 1 else "arrested below an edge"}
    kept = "All modes arrive." if reach == 1 else "Modes born below this arrive; the others dissipate."
    steps = (
        Step("The action up to the arrival.", spent(geo), "incomplete gamma or beta function"),
        Step(kept, reach, "what the whole clock covers"),
    )
    name = names[geo.clock_sign] + (" in finite clock" if geo.clock_sign < 0 else "")
    edge = None if reach == 1 else reach
    kind = "" if edge is None else "born below it: arrives at zero"
    return Law(name, "plateau", sp.S.Zero, sp.S.Zero, constant, (*steps, OPEN_INTEGRAL), None, edge, kind)


def _lifted(case: Case, geo: Geometry) -> Law:
    """b < 1, σ = +1: even λ_0 = 0 moves up, and its action I_0 alone dissipates faster than any power.

    What is left of the source exponent is the prefactor: I - I_0 = D λ_0^q while D → ∞, or K λ_0^θ if D converges.
    """
    q = geo.q
    bottom = (rate * q * clock(geo)) ** (1 / q)
    lowest, spread, order, name = _lift(case, geo)
    first = Step("Action of the slowest mode, born at zero.", lowest, "integrate the bottom of the spectrum")
    marks = {"action": 2 * lowest, "frontier": bottom, "frontier_kind": "smallest eigenvalue left"}
    if order != q:
        constant = saturated(spread, order)
        second = Step("The other modes' excess converges.", spread * born**order, "Euler's beta integral, continued")
        return Law(name, "stretched", sp.S.Zero, sp.S.Zero, constant, (first, second), **marks)
    constant, exponent, log = monomial(_watson(spread, q), geo)
    second = Step("Excess action of a mode, per λ_0^{1-b}.", spread, "first order in λ_0^{1-b}")
    third = Step("Watson's lemma.", constant, "the excess grows without bound")
    return Law(name, "stretched", exponent, log, constant, (first, second, third), **marks)


def _lift(case: Case, geo: Geometry) -> tuple[sp.Expr, sp.Expr, sp.Expr, str]:
    """I_0(t), then D(t) or K, its power of λ_0, and the name."""
    q, mu = geo.q, geo.mu
    pace = rate * q
    if geo.clock_sign < 0:
        # s = (1-u)^{1/μ}: an incomplete beta function of the share of the clock that has passed.
        passed, whole = 1 - time**mu, -pace / mu
        hyper = sp.hyper([1 + 1 / q, 1 - 1 / mu], [2 + 1 / q], passed)
        lowest = whole ** (1 / q) / (-mu) * passed ** (1 + 1 / q) / (1 + 1 / q) * hyper
        return lowest, whole ** (1 / q - 1) / q * time, q, "lifted to a floor"
    if geo.clock_sign == 0:
        log = sp.log(time)
        lowest = pace ** (1 / q) * log ** (1 + 1 / q) / (1 + 1 / q) * sp.hyper([1 + 1 / q], [2 + 1 / q], log)
        return lowest, (pace * log) ** (1 / q - 1) / q * time, q, "lifted logarithmically"
    lowest = (pace / mu) ** (1 / q) * power_primitive(time, 1 + mu / q)
    growth = 1 + mu * (1 / q - 1)  # D' ~ t^{growth - 1}
    sign = case.sign(sp.factor(growth))
    if sign < 0:
        size = (pace / mu) ** (-1 / mu) / mu * euler_beta(1 / mu, -1 / q - 1 / mu)
        return lowest, size, 1 + q / mu, "lifted together"
    shown = growth if sign else sp.S.Zero
    spread = (pace / mu) ** (1 / q - 1) / q * power_primitive(time, shown)
    return lowest, spread, q, "lifted" if sign else "lifted with logarithm"
