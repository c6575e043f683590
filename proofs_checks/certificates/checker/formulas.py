"""Formulas in certificates: trees of numbers, names and a few functions, evaluated in balls and written out for the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from .reading import NUMBER, CertificateError, ball, number

DEEPEST, LARGEST = 40, 2_000
FUNCTIONS: dict[str, tuple[int, Callable[..., arb]]] = {
    "exp": (1, lambda x: x.exp()),
    "log": (1, lambda x: x.log()),
    "gamma": (1, lambda x: x.gamma()),
    "zeta": (1, lambda x: x.zeta()),
    "lowergamma": (2, lambda order, x: x.gamma_lower(order)),
}
"""Names, numbers of arguments, and what they are in balls."""


def evaluated(tree: object, names: Mapping[str, Fraction]) -> arb:
    """A ball around the value of a formula; a number that is not finite is refused."""
    _measured(tree, [0], 0)
    value = _value(tree, names)
    if not value.is_finite():
        raise CertificateError("formula: it has no finite value that could be enclosed")
    return value


def _measured(tree: object, seen: list[int], depth: int) -> None:
    seen[0] += 1
    if depth > DEEPEST or seen[0] > LARGEST:
        raise CertificateError("formula: too large")
    if isinstance(tree, list):
        for part in tree:
            _measured(part, seen, depth + 1)


def _value(tree: Any, names: Mapping[str, Fraction]) -> arb:
    if isinstance(tree, str):
        return _leaf(tree, names)
    if not isinstance(tree, list) or len(tree) < 2 or not isinstance(tree[0], str):
        raise CertificateError(f"formula: got {str(tree)[:40]!r}, allowed is a text or [operation, ...]")
    operation, parts = tree[0], [_value(part, names) for part in tree[1:]]
    if operation == "+":
        return sum(parts, arb(0))
    if operation == "*":
        product = arb(1)
        for part in parts:
            product *= part
        return product
    if operation == "^" and len(parts) == 2:
        return parts[0] ** parts[1]
    count, function = FUNCTIONS.get(operation, (0, None))
    if function is None or len(parts) != count:
        raise CertificateError(f"formula: got operation {operation[:20]!r} of {len(parts)} arguments")
    return function(*parts)


def _leaf(text: str, names: Mapping[str, Fraction]) -> arb:
    if text in names:
        return ball(names[text])
    if text == "pi":
        return arb.pi()
    if NUMBER.fullmatch(text):
        return ball(number(text))
    raise CertificateError(f"formula: got {text[:40]!r}, allowed are numbers, pi, and {', '.join(names)}")


# How strongly what is written holds together: sums, products and fractions, powers, and what needs no brackets anywhere.
SUM, PRODUCT, POWER, WHOLE = range(4)


def written(tree: Any) -> str:
    """The formula as text, as the program and SymPy write it; of a tree that was evaluated."""
    return _written(tree)[0]


def _written(tree: Any) -> tuple[str, int]:
    """The text, and how strongly it holds together."""
    if isinstance(tree, str):
        return tree, SUM if tree.startswith("-") else PRODUCT if "/" in tree else WHOLE
    operation, *parts = tree
    if operation == "+":
        return _first_signed([_held(part, PRODUCT, signed=True) for part in parts]), SUM
    if operation == "*":
        factors = [_held(part, PRODUCT, signed=place == 0) for place, part in enumerate(parts)]
        sign = "-" if factors[0] == "-1" and len(factors) > 1 else ""
        text = sign + "*".join(factors[1:] if sign else factors)
        return text, SUM if text.startswith("-") else PRODUCT
    if operation == "^":
        return "**".join(_held(part, WHOLE) for part in parts), POWER
    return f"{operation}({', '.join(written(part) for part in parts)})", WHOLE


def _held(tree: Any, least: int, *, signed: bool = False) -> str:
    """A part, in brackets where it holds together less than it must; a product or a number may keep its sign where it is first."""
    text, strength = _written(tree)
    bare = strength >= least or (signed and text.startswith("-") and (isinstance(tree, str) or tree[0] == "*"))
    return text if bare else f"({text})"


def _first_signed(terms: list[str]) -> str:
    """A sum whose terms after the first are added or taken away."""
    return terms[0] + "".join(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in terms[1:])
