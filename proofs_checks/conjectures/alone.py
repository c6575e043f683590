"""What numbers alone may say: of a system that the machine cannot read there is no derived law, only values up to 10^14.

Agreement over six decades proves no limit, so two things are asked beforehand. The terms of the equations must have settled
into their order (`terms`); and the claim must be told from its neighbours. Exponents that balances of the equations can have
are ratios of whole numbers made from the exponents that are written there, so two different ones lie a known distance apart;
numbers support a claim only if they resolve a quarter of that. A constant is supported only if the numbers confirm more
digits than are written in the equations and the claim: with as many digits as one likes any number is met.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from scalecheck.numerics.systems import blocks

from ..errors import InputError
from ..evidence import Outcome
from ..tables import Cell
from .comparing import at_point
from .evaluation import equation
from .expressions import NoValueError
from .heights import digits_of, largest_denominator, written_digits
from .nodes import POWER_SUM, Node, Relation, walk
from .numeric import MARGIN, STEADY, Curve, steady
from .ranges import Ground
from .solving import settings_at, solution_at
from .statements import Law, Ordering, Place, UserSystem
from .symbolic import claimed
from .terms import Trail, unsettled
from .uniqueness import not_shown_at

SCALES = (1e8, 1e11, 1e14)
RESOLVED = STEADY / math.log(SCALES[-1] / SCALES[0])
"""Exponents this close cannot be told apart where the ratio to a law may move by `STEADY`."""
RESOLVED_LOG = STEADY / math.log(math.log(SCALES[-1]) / math.log(SCALES[0]))
"""The same for powers of the logarithm."""
PART = 4.0
"""Neighbours must lie this many resolutions apart."""


@dataclass(frozen=True)
class Lattice:
    """Exponents that balances of some equations can have are multiples of 1/`denominator` (at most); `logs` says whether
    logarithms can occur, `digits` how many are written in the equations outside exponents."""

    denominator: int
    logs: bool
    digits: float

    def __mul__(self, other: Lattice) -> Lattice:
        logs, digits = self.logs or other.logs, self.digits + other.digits
        return Lattice(self.denominator * other.denominator, logs, digits)

    def gap(self, claimed: sp.Rational) -> float:
        """The least distance of a claimed exponent from a different one."""
        return 1.0 / (self.denominator * int(claimed.q))


def lattice_of(
    system: UserSystem, fixed: Mapping[str, sp.Expr], paths: Mapping[str, Node], exponents: Sequence[sp.Expr]
) -> Lattice:
    """The exponents, logarithms and digits that equations and paths can make, as they are written.

    Raises
    ------
    NoValueError
        If an exponent is no rational number.
    """
    if not all(exponent.is_Rational for exponent in exponents):
        raise NoValueError("the exponent of a path is no rational number")
    denominator = math.lcm(*(int(exponent.q) for exponent in exponents))
    denominator *= largest_denominator(system.equations, system.positive, fixed)
    nodes = [node for link in system.equations for side in (link.left, link.right) for node in walk(side)]
    logs = any(node.kind in ("log", POWER_SUM) for node in nodes)
    return Lattice(denominator, logs, written_digits(system.equations, paths, system.positive, fixed))


def followed(system: UserSystem, ground: Ground, place: Place, curve: Curve) -> tuple[list[str], Lattice | None]:
    """Why the numbers of a system may not stand for its limit, and the lattice of its exponents."""
    point = curve.point
    try:
        fixed = {name: at_point(sp.sympify(v), dict(point)) for name, v in {**ground.fixed, **point}.items()}
        paths = [sp.sympify(at_point(m.exponent, dict(point))) for m in ground.setting.path.values()]
        lattice = lattice_of(system, fixed, place.path, paths)
        values = [_everything(system, ground, place, curve, scale) for scale in SCALES]
    except (ArithmeticError, InputError, RuntimeError, ValueError) as error:
        return [str(error)], None
    paths_of_controls = {name for name, monomial in ground.setting.path.items() if not monomial.vanishes}
    moving = {system.large, *system.positive, *paths_of_controls}
    trail = Trail(system.large, tuple(values), frozenset(moving))
    held = [name for name, value in ground.fixed.items() if sp.sympify(value).is_positive]
    return [
        *_other_solutions(system, not_shown_at(system, place, (), held)),
        *unsettled(system.equations, trail),
    ], lattice


def _other_solutions(system: UserSystem, names: Sequence[str]) -> Iterator[str]:
    """Why there may be solutions that the solver has not seen: its grid ends somewhere, and log x hides one at exp(-n)."""
    if names and not system.one_solution:
        yield f"that there is no other solution for {', '.join(names)} is not shown, and numbers do not see all scales"
    written = [equation(link, system.positive, system.large, {}) for link in system.equations]
    ends = dict(zip(written, map(_ends, system.equations), strict=True))
    order = blocks(written, len(system.positive))
    if any(ends[own] & {system.positive[k] for k in unknowns} for block, unknowns in order for own in block):
        yield "a sum that ends at an unknown goes up in steps, between which there is no solution"


def _ends(link: Relation) -> frozenset[str]:
    """Names at which the sums of an equation end."""
    nodes = [node for side in (link.left, link.right) for node in walk(side)]
    return frozenset[str]().union(
        *(node.args[1].names() for node in nodes if node.kind == POWER_SUM and len(node.args) > 1)
    )


def _everything(system: UserSystem, ground: Ground, place: Place, curve: Curve, scale: float) -> dict[str, float]:
    """Every name of a system with its value at one scale."""
    given = settings_at(ground, place, curve.point, scale)
    numbers = {name: float(value) for name, value in given.items() if isinstance(value, int | float)}
    found = solution_at(ground, given)
    return {**numbers, **{name: float(getattr(found.value, name)) for name in system.positive}}


def told_apart(lattice: Lattice, exponent: sp.Expr, logs: sp.Expr, resolution: float = RESOLVED) -> list[str]:
    """Why a claimed exponent is not told from its neighbours; empty if it is."""
    found = []
    for what, value, fine in (("exponents", exponent, resolution), ("powers of the logarithm", logs, RESOLVED_LOG)):
        if what != "exponents" and not lattice.logs and value == 0:
            continue
        if not value.is_Rational:
            found.append(f"the claimed {value} is no rational number")
        elif lattice.gap(value) < PART * fine:
            found.append(
                f"numbers cannot tell {what} within {fine:.1g} of {value}, and the exponents that are written allow"
                f" neighbours at {lattice.gap(value):.1g}"
            )
    return found


def constant_confirmed(
    curve: Curve, exponent: float, logs: float, constant: float, written: float
) -> tuple[list[str], bool]:
    """Why a constant is not confirmed, and whether the numbers settle clearly elsewhere.

    `written` are the digits of equations and claim. What the ratio still moves, times ten, is what it may be off: that
    covers corrections like 1/log large.
    """
    pairs = list(zip(curve.scales, curve.values, strict=True))[-2:]
    ratios = [value / (constant * scale**exponent * math.log(scale) ** logs) for scale, value in pairs]
    within = 10.0 * (abs(ratios[1] - ratios[0]) + curve.errors[-1])
    off = abs(ratios[1] - 1.0)
    if off > within:
        return [
            f"the ratio to the claimed law settles at {ratios[1]:.9g}, within {within:.1g}, and not at 1"
        ], off > 10 * within
    if math.isinf(written):
        return [
            "numbers do not tell a constant that is a function of numbers, such as exp(-9), from its neighbours"
        ], False
    if 10.0 ** (-written) < 10.0 * within:
        return [f"constants within {within:.1g} cannot be told apart, and {written} digits are written"], False
    return [], False


Judge = Callable[[Curve], tuple[Outcome, dict[str, Cell]]]
Part = tuple[UserSystem | None, Ground, Place]


@dataclass
class Guarded:
    """A judge of curves that lets numbers alone decide only what they can; `reasons` says what held it back.

    Parameters
    ----------
    judge : callable
        How a curve is judged otherwise.
    claim : Law or Ordering
        What is claimed.
    parts : tuple of (system, ground, place)
        Whose numbers they are; two for an ordering.
    """

    judge: Judge
    claim: Law | Ordering
    parts: tuple[Part, ...]
    reasons: list[str] = field(default_factory=list)
    resolution: float = RESOLVED

    def __call__(self, curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        """Judge one curve."""
        outcome, cells = self.judge(curve)
        if outcome is Outcome.UNDECIDED:
            return outcome, cells
        lattice, objections = Lattice(1, False, 0), list[str]()
        for system, ground, place in self.parts:
            if system is None:
                objections.append("numbers alone do not compare a system with a theory")
                continue
            more, own = followed(system, ground, place, curve)
            objections += more
            lattice = lattice * (own or Lattice(1, False, 0))
        if outcome is Outcome.FAILS and not objections:
            objections += self._slow(curve, cells, lattice)
        if objections:
            outcome = Outcome.UNDECIDED
        elif outcome is Outcome.HOLDS:
            outcome, objections = self._neighbours(curve, cells, lattice)
        self.reasons += objections
        return outcome, cells

    def _slow(self, curve: Curve, cells: dict[str, Cell], lattice: Lattice) -> list[str]:
        """Why a constant that seems to settle elsewhere may still get there: corrections slower than any that are seen."""
        claim = self.claim
        if isinstance(claim, Ordering) and claim.relation != "equal":
            return []
        law = claim if isinstance(claim, Law) else None
        exponent = sp.S.Zero if law is None else exact_at(claimed(self.parts[0][1], law.exponent), curve)
        low, high = (cells.get(key) for key in ("low", "high"))
        if not (isinstance(low, float) and isinstance(high, float)) or not exponent.is_Rational:
            return []
        if not low - MARGIN <= float(exponent) <= high + MARGIN:
            return []
        if lattice.logs:
            return ["the equations hold logarithms or sums, of which small powers die slower than numbers show"]
        return told_apart(lattice, exponent, sp.S.Zero)

    def _neighbours(self, curve: Curve, cells: dict[str, Cell], lattice: Lattice) -> tuple[Outcome, list[str]]:
        """Whether what holds is told from what the equations could hold instead."""
        if isinstance(self.claim, Ordering):
            return self._ordering(curve, cells, lattice)
        ground = self.parts[0][1]
        exponent, logs, constant = (
            sp.S.Zero if node is None else exact_at(claimed(ground, node), curve)
            for node in (self.claim.exponent, self.claim.log_power, self.claim.constant)
        )
        if self.claim.log:
            ends = [abs(float(cells[key]) - float(exponent)) for key in ("low", "high")]  # type: ignore[arg-type]
            self.resolution = max(*ends, RESOLVED)
        objections = told_apart(lattice, exponent, logs, self.resolution)
        if self.claim.constant is None or objections:
            return _unless(objections), objections
        written = lattice.digits + digits_of(self.claim.constant, _numbers_of(ground, curve)).own
        return _constant(curve, float(exponent), float(logs), float(sp.N(constant)), written)

    def _ordering(self, curve: Curve, cells: dict[str, Cell], lattice: Lattice) -> tuple[Outcome, list[str]]:
        assert isinstance(self.claim, Ordering)
        if self.claim.relation in ("less", "greater"):
            objections = _sign_told(float(cells["exponent_of_ratio"]), lattice)  # type: ignore[arg-type]
            return _unless(objections), objections
        objections = told_apart(lattice, sp.S.Zero, sp.S.Zero)
        if not steady(curve, 0.0):
            objections.append("the ratio still moves between the largest scales")
        if objections or self.claim.relation == "same":
            return _unless(objections), objections
        return _constant(curve, 0.0, 0.0, 1.0, lattice.digits)


def _sign_told(exponent: float, lattice: Lattice) -> list[str]:
    """Why the sign of the exponent of a ratio is not told."""
    if lattice.logs:
        return ["where logarithms can occur numbers do not tell them from the power that wins beyond every scale"]
    least = 1.0 / lattice.denominator
    return (
        []
        if abs(exponent) > least / 2
        else [f"the exponent of the ratio is below {least:.1g}, the least that can occur"]
    )


def _constant(curve: Curve, exponent: float, logs: float, constant: float, written: float) -> tuple[Outcome, list[str]]:
    objections, elsewhere = constant_confirmed(curve, exponent, logs, constant, written)
    return (Outcome.FAILS if elsewhere else _unless(objections)), objections


def _unless(objections: Sequence[str]) -> Outcome:
    return Outcome.UNDECIDED if objections else Outcome.HOLDS


def _numbers_of(ground: Ground, curve: Curve) -> dict[str, sp.Expr]:
    """What parameters and names of the range are at the point of a curve."""
    return {name: exact_at(value, curve) for name, value in {**ground.fixed, **curve.point}.items()}


def exact_at(value: sp.Expr, curve: Curve) -> sp.Expr:
    """A formula of the claim at the point of a curve, exactly."""
    return sp.sympify(at_point(sp.sympify(value), dict(curve.point)))
