"""The numeric witness in a plane: the equations solved along the path at points of every region and wall, against the law there.

The points are chosen by the exact methods before anything is solved (see `sampling`), one of each part and a further one of
each region; a contradiction at one of them contradicts the diagram.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from ..evidence import Outcome
from . import numeric
from .hearing import BREAKDOWNS, broken
from .pieces import Piece
from .planes import Plane, has_law
from .ranges import Ground
from .sampling import Chosen, further_point, plain_point
from .solving import number_at

MOST = 40
"""Points of one plane: at ten scales each a system takes a tenth of a second for one, a theory a second."""


@dataclass(frozen=True)
class Sounding:
    """What the numbers say at one point.

    Parameters
    ----------
    name : str
        The region, or the two that meet.
    point : Mapping[str, Expr]
        Exact coordinates of all names.
    law : float
        The derived exponent there; minus infinity where the observable falls faster than every power.
    measured, low, high : float or None
        The measured one with its interval; None where nothing was solved.
    outcome : Outcome
        Whether they agree.
    note : str
        Why they do not decide.
    """

    name: str
    point: Mapping[str, sp.Expr]
    law: float
    measured: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """Numbers, and the point as exact text."""
        told = {name: getattr(self, name) for name in ("law", "measured", "low", "high", "note")}
        return {
            "where": self.name,
            "point": {name: str(value) for name, value in self.point.items() if not name.startswith("_")},
            **told,
            "outcome": self.outcome.value,
        }


def points_of(plane: Plane) -> list[tuple[str, Chosen]]:
    """Points of the regions and walls that have a law, by name; regions first."""
    parts = [(region.name, piece) for region in plane.regions for piece in region.parts]
    walls = [(" | ".join(wall.between), wall.piece) for wall in plane.walls]
    found: list[tuple[str, Chosen]] = []
    for name, piece in (part for part in (*parts, *walls) if _is_told(part[1])):
        first = plain_point(piece)
        if first is None:
            continue
        found.append((name, Chosen(piece, first)))
        further = further_point(piece, first) if (name, piece) in parts else None
        found += [] if further is None else [(name, Chosen(piece, further, further=True))]
    return found[:MOST]


def _is_told(piece: Piece) -> bool:
    """Whether there is something that numbers can be held against: a power, or that it falls faster than each."""
    return has_law(piece) and piece.law is not None and piece.law.exponent != sp.oo


def soundings(plane: Plane, progress: Callable[[str, int, int], None] | None = None) -> tuple[Sounding, ...]:
    """The numbers at every point, one after the other; none where there is nothing to solve."""
    ground = plane.ground
    if ground is None or ground.record.solve is None:
        return ()
    points = points_of(plane)
    found = []
    for number, (name, at) in enumerate(points):
        if progress is not None:
            progress(name, number, len(points))
        found.append(_sounded(plane, ground, name, at))
    return tuple(found)


def _sounded(plane: Plane, ground: Ground, name: str, at: Chosen) -> Sounding:
    assert at.piece.law is not None
    below = at.piece.law.exponent == -sp.oo
    law = -math.inf if below else number_at(at.piece.stratum.at(at.piece.law.exponent), at.point)
    judge = numeric.judge_below_powers if below else numeric.judge_derived(True, False)
    first = Chosen(at.piece, at.point)  # so that one that does not decide is told as well
    try:
        evidence = numeric.hear(ground, plane.question.place, judge, "the derived law", points=[first])
    except BREAKDOWNS as error:
        evidence = broken("numeric", error)
    rows = list(evidence.table.records())
    told = rows[0] if rows else {}
    measured, low, high = (told.get(key) for key in ("exponent", "low", "high"))
    note = "" if evidence.outcome is Outcome.HOLDS else str(told.get("note") or evidence.reason)
    return Sounding(name, at.point, law, _float(measured), _float(low), _float(high), evidence.outcome, note)


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
