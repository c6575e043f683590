"""Parts of a range put together where one law holds on them: walls at which only something that nobody asked for changes.

The division of a range has a part for every chamber of the derivation. What is told has one for every law: two parts become
one if the conditions that they share meet no other part, and every wall in between has the law of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from .pieces import Piece
from .planes import agrees, is_equal, same_law, whole_of
from .strata import UnresolvedError

MOST_GATHERED = 30
"""Parts beyond which none are put together: every pair is compared with every other part."""


def gathered(pieces: Sequence[Piece]) -> list[Piece]:
    """The same division in fewer parts, the widest first; each point of the range is in one of them, with the law it had."""
    if len(pieces) > MOST_GATHERED:
        return list(pieces)
    found: list[Piece] = []
    for size in sorted({len(piece.stratum.variables) for piece in pieces}, reverse=True):
        level = [piece for piece in pieces if len(piece.stratum.variables) == size]
        thinner = [piece for piece in pieces if len(piece.stratum.variables) < size]
        left = [piece for piece in level if not any(_inside(piece, whole) for whole in found)]
        found += _together(left, level, thinner)
    return found


def _together(left: Sequence[Piece], level: Sequence[Piece], thinner: Sequence[Piece]) -> list[Piece]:
    """Parts of one dimension, pair by pair; none may swallow another part of that dimension, or a wall with another law."""
    groups: list[tuple[Piece, tuple[Piece, ...]]] = [(piece, (piece,)) for piece in left]
    again = True
    while again:
        again = False
        for (one, mine), (two, yours) in combinations(groups, 2):
            whole = whole_of(one, two, [other for other in level if other not in (*mine, *yours)])
            if whole is not None and all(agrees(piece, whole) for piece in thinner):
                kept = [group for group in groups if group[0] is not one and group[0] is not two]
                groups = [*kept, (whole, (*mine, *yours))]
                again = True
                break
    order = {id(piece): place for place, piece in enumerate(left)}
    return [whole for whole, parts in sorted(groups, key=lambda group: min(order[id(part)] for part in group[1]))]


def _inside(piece: Piece, whole: Piece) -> bool:
    """Whether a thinner part lies inside of a wider one that has its law."""
    stratum = piece.stratum
    try:
        on = same_law(piece, whole) and all(is_equal(piece, *pair) for pair in whole.stratum.values.items())
        forms = [stratum.at(form) for form in whole.stratum.positive] if on else []
        return on and all(stratum.possible(-f) is None and not any(True for _ in stratum.zeros(f)) for f in forms)
    except UnresolvedError:  # the law of one has no value on the other, as at a corner
        return False
