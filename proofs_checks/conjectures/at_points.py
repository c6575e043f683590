"""A part of a range at one exact point: whether the point lies in it, and its law there."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from .pieces import Piece
from .removable import finite, value_at
from .strata import ROOT, Stratum, is_root, sign_of


def holds_at(stratum: Stratum, point: Mapping[str, sp.Rational]) -> bool:
    """Whether a point, by the user's names, lies in a part of the range; not where one of its names has no value."""
    tied = [s - v for s, v in stratum.values.items() if not (is_root(v) or s.name.startswith(ROOT))]
    zeros, forms = ([_put(stratum.in_names(form), point) for form in some] for some in (tied, stratum.positive))
    if any(value.free_symbols for value in (*zeros, *forms)):
        return False
    return all(sign_of(value) == 0 for value in zeros) and all(sign_of(value) > 0 for value in forms)


def law_at_point(piece: Piece, point: Mapping[str, sp.Rational]) -> tuple[sp.Expr | None, ...]:
    """Exponent, constant and power of the logarithm at a point of a part; None what is not known."""
    law = piece.law
    parts = (None, None, None) if law is None or law.exponent is None else (law.exponent, law.constant, law.log)
    found = (None if part is None else _put(piece.stratum.shown(part), point) for part in parts)
    return tuple(value if value is not None and finite(value) else None for value in found)


def _put(form: sp.Expr, point: Mapping[str, sp.Rational]) -> sp.Expr:
    return value_at(form, {s: point[s.name] for s in form.free_symbols if s.name in point})
