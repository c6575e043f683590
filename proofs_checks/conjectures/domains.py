"""What the domains of several parameters say together of a sum of them, as 1 - m > 0 by m < 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from scalecheck.theory.asymptotics.chambers import ParameterDomain

from .expressions import positive_form
from .nodes import Relation


def shown_together(
    value: sp.Expr, symbols: Mapping[str, sp.Symbol], bounds: Mapping[str, Sequence[Relation]]
) -> tuple[bool, bool]:
    """Whether a polynomial of parameters is nonnegative, and positive, wherever the parameters are.

    Relations count that hold no other names. On an end that belongs to a domain nothing is called positive.

    Examples
    --------
    >>> from .grammar import parse_relations
    >>> m = sp.Symbol("m", real=True)
    >>> shown_together(1 - m, {"m": m}, {"m": parse_relations("0 < m < 1")})
    (True, True)
    >>> shown_together(1 - m, {"m": m}, {"m": parse_relations("0 < m <= 1")})
    (True, False)
    """
    own = tuple(symbols[name] for name in sorted(bounds) if symbols[name] in value.free_symbols)
    if not own or value.free_symbols != set(own) or not value.is_polynomial():
        return False, False
    names = {symbol.name for symbol in own}
    links = [link for name in sorted(names) for link in bounds[name] if link.names() <= names and link.sign != "="]
    try:
        forms = [positive_form(link, symbols)[0] for link in links]
        known = ParameterDomain.of(own, [form > 0 for form in forms]).sign(value) == 1
    except (TypeError, ValueError, ArithmeticError):  # what is no quotient of polynomials shows nothing
        return False, False
    ends = [form for form, link in zip(forms, links, strict=True) if link.sign in ("<=", ">=")]
    if any(
        not form.is_polynomial() or sp.total_degree(form) > 1 for form in ends
    ):  # its end may hold points that are far from the open set
        return False, False
    return known, known and not ends
