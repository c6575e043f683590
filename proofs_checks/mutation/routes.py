"""How the controls of a law grow along the paths of its claim, from the records of the theories."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from ..laws import Path
from ..theory_record import Scaling

Route = tuple[tuple[tuple[str, sp.Expr], ...], tuple[tuple[str, sp.Expr], ...]]
"""Powers of the large parameter by name of a control, and values of the parameters."""


def routes(paths: Sequence[Path], names: set[str], scalings: Sequence[Scaling]) -> tuple[Route, ...]:
    """One route a path, by the first scaling that knows all its exponents and all the names; none if none does.

    Examples
    --------
    >>> along = Path({"a": sp.Rational(3, 2)}, {"decay": sp.Integer(1)})
    >>> routes([along], {"dim", "samples"}, [Scaling({"samples": "a + 1"}, large="dim")])
    (((('dim', 1), ('samples', 5/2)), (('decay', 1),)),)
    """
    for scaling in scalings:
        found = [_route(path, names, scaling) for path in paths]
        if found and all(route is not None for route in found):
            return tuple(route for route in found if route is not None)
    return ()


def _route(path: Path, names: set[str], scaling: Scaling) -> Route | None:
    if not scaling.large:
        return None
    powers: dict[str, sp.Expr] = {scaling.large: sp.S.One}
    spent: set[str] = set()
    for control, text in scaling.exponents.items():
        form = sp.sympify(text)  # from a theory's record, not from a user
        letters = {symbol.name for symbol in form.free_symbols}
        spent |= letters
        if letters <= set(path.exponents):
            powers[control] = form.subs({symbol: path.exponents[symbol.name] for symbol in form.free_symbols})
    covered = set(path.exponents) <= spent and names <= set(powers) | set(path.parameters)
    values = tuple((name, value) for name, value in path.parameters.items() if name not in powers)
    return (tuple(powers.items()), values) if covered else None


def growing(along: Sequence[Route]) -> set[str]:
    """Names that move along some route."""
    return {name for powers, _ in along for name, power in powers if power != 0}
