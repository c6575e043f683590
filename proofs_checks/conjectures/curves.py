"""What the numeric witness saw of a conjecture or a question, as figures: the observable along the path, the laws over the numbers.

The points and scales are those at which the witness was heard; what was solved then is remembered, not solved again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from ..figures import FigureData, PanelData, Role, Series
from . import numeric, symbolic
from .grounds import ground_at, unread
from .latex import letter_of
from .least import cut
from .nodes import Node
from .pieces import Piece
from .ranges import Ground, told
from .sampling import chosen
from .solving import number_at
from .statements import BelowPowers, Conjecture, Law, Minimum, Ordering, Place, Question, UserSystem
from .strata import UnresolvedError

GROUPS = (0, 2, 3, 5)
"""Colours of the points: not that of a claim that differs from the law."""
FINEST = 60
"""Places at which a law is drawn."""
LEAST_ROOM = 0.02
"""Half of the range of exponents that is shown at least."""
NEAR = 1e-9
"""Two exponents nearer than that are drawn as one law."""


@dataclass(frozen=True)
class Line:
    """A law at one point of the range: constant · large^power (log large)^log; a constant that is not known is None."""

    power: float
    log: float
    constant: float | None

    def logarithm(self, scale: float) -> float:
        """log of the law without its constant."""
        return self.power * math.log(scale) + (self.log * math.log(math.log(scale)) if self.log else 0.0)

    def slope(self, scale: float) -> float:
        """The local exponent of the law."""
        return self.power + (self.log / math.log(scale) if self.log else 0.0)


@dataclass(frozen=True)
class Seen:
    """The numbers at one point, with the law that was derived there and the one that is claimed; None where there is none."""

    at: str
    scales: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    derived: Line | None
    claimed: Line | None

    @property
    def differs(self) -> bool:
        """Whether the claim is another law than the derived one."""
        if self.claimed is None or self.derived is None:
            return self.claimed is not None
        one, two = self.claimed, self.derived
        if max(abs(one.power - two.power), abs(one.log - two.log)) > NEAR:
            return True
        if one.constant is None or two.constant is None:
            return False
        return abs(one.constant / two.constant - 1.0) > NEAR


def seen_of(item: Conjecture | Question, systems: Mapping[str, UserSystem]) -> tuple[Seen, ...]:
    """The numbers that were heard on a conjecture or a question, point by point; none where there are none.

    Of a claim about a minimum those at the minimum; of a claim that orders two observables, or compares parameters or phases,
    none: its numbers are not of one curve.
    """
    claim = item.claim if isinstance(item, Conjecture) else None
    if claim is not None and not isinstance(claim, Law | Minimum | BelowPowers):
        return ()
    ground, unreadable = ground_at(item.place, item.where, systems)
    if ground.record.solve is None:
        return ()
    if unreadable:
        ground = unread(ground)
    if isinstance(claim, Minimum):
        ground = cut(ground, ground.symbols[claim.over], symbolic.claimed(ground, claim.at))
        claim = claim.law
    found = []
    for at in chosen(ground.pieces)[0]:
        curve = numeric.followed(ground, item.place, at.piece, at.point)
        if len(curve.scales) > 1:
            laws = _derived(at.piece, at.point), _claimed(ground, claim, at.point)
            found.append(Seen(told(dict(at.point)), curve.scales, curve.values, curve.errors, *laws))
    return tuple(found)


def _derived(piece: Piece, point: Mapping[str, sp.Expr]) -> Line | None:
    law = piece.law
    if law is None or law.exponent is None or law.exponent.is_finite is False:
        return None
    at = piece.stratum.at
    return Line(number_at(at(law.exponent), point), number_at(at(law.log), point), _number(at, law.constant, point))


def _claimed(ground: Ground, claim: Law | BelowPowers | Ordering | object, point: Mapping[str, sp.Expr]) -> Line | None:
    if not isinstance(claim, Law):
        return None

    def at(node: Node | None) -> float | None:
        return None if node is None else number_at(symbolic.claimed(ground, node), point)

    constant = at(claim.constant)
    return Line(at(claim.exponent) or 0.0, at(claim.log_power) or 0.0, constant if constant and constant > 0 else None)


def _number(at: Callable[[sp.Expr], sp.Expr], constant: sp.Expr | None, point: Mapping[str, sp.Expr]) -> float | None:
    if constant is None or constant.has(sp.Integral):
        return None
    try:
        found = number_at(at(constant), point)
    except UnresolvedError:
        return None
    return found if found > 0 else None


def figure_of(seen: Sequence[Seen], place: Place, large: str) -> PanelData:
    """The observable over the large parameter, and its local exponent, both with the laws over the numbers."""
    letter = letter_of(place)
    x_label = f"${letter(large)}$"
    left, right = [], []
    for number, one in enumerate(seen):
        group = GROUPS[number % len(GROUPS)]
        error = [value * error for value, error in zip(one.values, one.errors, strict=True)]
        left.append(Series(f"numbers, {one.at}", Role.SIMULATION, one.scales, one.values, group, error))
        middles, slopes = _slopes(one)
        right.append(Series("", Role.SIMULATION, middles, slopes, group))
    for one in seen:
        for line, role, label in _drawn(one):
            name = "" if any(series.label == label for series in left) else label
            xs = _scales(one)
            left.append(Series(name, role, xs, _on_numbers(line, one, xs)))
            right.append(Series("", role, xs, [line.slope(scale) for scale in xs]))
    observed = f"${letter(place.observable)}$"
    panels = (
        (f"{observed} along the path", FigureData(x_label, observed, tuple(left))),
        (
            "its local exponent",
            FigureData(x_label, "local exponent", tuple(right), y_scale="linear", y_range=_room(right)),
        ),
    )
    return PanelData(panels, 2, shared_legend=True)


def _room(series: Sequence[Series]) -> tuple[float, float]:
    """A little more than all there is: rounding is no structure."""
    heights = [y for one in series for y in one.y]
    middle, half = (min(heights) + max(heights)) / 2, max(0.55 * (max(heights) - min(heights)), LEAST_ROOM)
    return middle - half, middle + half


def _drawn(one: Seen) -> list[tuple[Line, Role, str]]:
    """The derived law, and the claimed one where it is another."""
    found: list[tuple[Line, Role, str]] = []
    if one.derived is not None:
        own = " and claimed" if one.claimed is not None and not one.differs else ""
        found.append((one.derived, Role.LAW, f"derived{own} law{_anchored(one.derived)}"))
    if one.claimed is not None and one.differs:
        found.append((one.claimed, Role.CLAIM, f"claimed law{_anchored(one.claimed)}"))
    return found


def _anchored(line: Line) -> str:
    return "" if line.constant is not None else " (constant of the last number)"


def _on_numbers(line: Line, one: Seen, xs: Sequence[float]) -> list[float]:
    """A law with its constant, or through the last number where none is known."""
    last = math.log(one.values[-1]) - line.logarithm(one.scales[-1])
    start = last if line.constant is None else math.log(line.constant)
    return [math.exp(max(-700.0, min(700.0, start + line.logarithm(scale)))) for scale in xs]


def _scales(one: Seen) -> list[float]:
    low, high = math.log(max(one.scales[0], 2.0)), math.log(one.scales[-1])
    return [math.exp(low + (high - low) * k / (FINEST - 1)) for k in range(FINEST)]


def _slopes(one: Seen) -> tuple[list[float], list[float]]:
    """Local exponents between neighbouring scales."""
    pairs = list(pairwise(zip(one.scales, one.values, strict=True)))
    middles = [math.sqrt(a) * math.sqrt(b) for (a, _), (b, _) in pairs]
    return middles, [math.log(v / u) / math.log(b / a) for (a, u), (b, v) in pairs]
