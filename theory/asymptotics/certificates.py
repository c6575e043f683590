"""Certificates as plain data: written here, checked again anywhere, by nothing but exact arithmetic.

A document holds the parameters, the chamber (a point and polynomials with their signs), inequalities and multipliers as
integers and fractions; no formula is parsed, so nothing in a document can be executed. The checker trusts no field of it:
every sign that a multiplier needs must follow from the chamber's listed polynomials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flint
import sympy as sp

from .chambers import Arena, NonGenericError
from .exact import Field, Form, Number, Polynomial, evaluate
from .linear_programming import Infeasibility, Kind, Row, check_infeasibility
from .polyhedra import Polyhedron
from .tiling import CoverTree, Cut, Empty, Inside, TilingProof, check_tiling

Document = dict[str, Any]


class MalformedCertificateError(ValueError):
    """The document has not the shape of a certificate; the message says where."""


def tiling_document(proof: TilingProof) -> Document:
    """A tiling proof as JSON-able data (claim A3).

    Examples
    --------
    >>> from .tiling import prove_tiling
    >>> a, arena = sp.Symbol("a", real=True), Arena(Field(), ())
    >>> halves = [Polyhedron.of(arena, (a,), (r,)) for r in (a > 1, a < 1)]
    >>> check_document(tiling_document(prove_tiling(Polyhedron(arena, (a,), ()), halves)))
    True
    """
    arena = proof.domain.arena
    return {
        "kind": "tiling",
        **_chamber_document(arena, proof.domain.variables),
        "domain": [_form(f) for f in proof.domain.forms],
        "regions": [[_form(f) for f in region.forms] for region in proof.regions],
        "cover": _tree(proof.cover),
        "disjoint": [{"pair": [i, j], "proof": _infeasibility(c)} for i, j, c in proof.disjoint],
    }


def refutation_document(proofs: Sequence[Infeasibility], arena: Arena) -> Document:
    """Farkas certificates of discarded branches as JSON-able data (claim A2)."""
    variables = tuple(dict.fromkeys(v for p in proofs for row in p.rows for v in row.form.coefficients))
    return {
        "kind": "refutations",
        **_chamber_document(arena, variables),
        "proofs": [_infeasibility(p) for p in proofs],
    }


def check_document(document: Mapping[str, Any]) -> bool:
    """Whether the certificate in a document holds.

    Raises
    ------
    MalformedCertificateError
        When a field is missing or of the wrong shape.
    """
    try:
        reader = _DocumentReader(document)
        valid = reader.valid()
    except (KeyError, TypeError, IndexError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise MalformedCertificateError(f"not a certificate: {type(error).__name__}: {error}") from error
    except NonGenericError:
        return False
    return valid


def _chamber_document(arena: Arena, variables: Sequence[sp.Symbol]) -> Document:
    signs = [{"polynomial": _polynomial(p), "sign": s} for p, s in arena.signs.values()]
    return {
        "parameters": [s.name for s in arena.field.parameters],
        "variables": [v.name for v in variables],
        "chamber": {"point": [str(x) for x in arena.point], "signs": signs},
    }


def _polynomial(polynomial: Polynomial) -> list[list[Any]]:
    return [[str(int(c)), [int(e) for e in powers]] for powers, c in polynomial.to_dict().items()]


def _number(number: Number) -> Any:
    if number.value is not None:
        return str(number.value)
    return [_polynomial(number.numerator), _polynomial(number.denominator)]


def _form(form: Form) -> Document:
    return {
        "coefficients": {v.name: _number(c) for v, c in form.coefficients.items()},
        "constant": _number(form.constant),
    }


def _infeasibility(proof: Infeasibility) -> Document:
    rows = [{**_form(row.form), "kind": row.kind.value} for row in proof.rows]
    return {"rows": rows, "multipliers": [_number(m) for m in proof.multipliers]}


def _tree(tree: CoverTree) -> Document:
    if isinstance(tree, Empty):
        return {"empty": _infeasibility(tree.proof)}
    if isinstance(tree, Inside):
        return {"inside": tree.region}
    return {"cut": _form(tree.form), "negative": _tree(tree.negative), "positive": _tree(tree.positive)}


class _DocumentReader:
    """Rebuilds exact objects from a document and asks the checkers."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.field = Field([sp.Symbol(name) for name in document["parameters"]])
        self.variables = {name: sp.Symbol(name, real=True) for name in document["variables"]}
        point = tuple(_fraction(x) for x in document["chamber"]["point"])
        if len(point) != len(self.field.parameters):
            raise ValueError(f"chamber.point: expected {len(self.field.parameters)} numbers, got {len(point)}")
        self.arena = Arena(self.field, point)
        self.listed = [(self.polynomial(s["polynomial"]), s["sign"]) for s in document["chamber"]["signs"]]

    def valid(self) -> bool:
        """Chamber consistent, certificate right, and no sign used that the chamber does not list."""
        if not all(evaluate(p, self.arena.point) * sign > 0 for p, sign in self.listed):
            return False
        kind = self.document["kind"]
        if kind == "tiling":
            right = check_tiling(self.tiling())
        elif kind == "refutations":
            right = all(check_infeasibility(self.infeasibility(p), self.arena) for p in self.document["proofs"])
        else:
            raise ValueError(f"kind: expected 'tiling' or 'refutations', got {kind!r}")
        return right and set(self.arena.signs) <= {str(p) for p, _ in self.listed}

    def polynomial(self, data: Sequence[Any]) -> Polynomial:
        if not all(type(power) is int and power >= 0 for _, powers in data for power in powers):
            raise ValueError("polynomial: powers must be integers, none below 0")  # flint reads -1 as 1
        terms = {tuple(powers): _integer(c) for c, powers in data}
        if len(terms) != len(data):
            raise ValueError("polynomial: a monomial is listed twice")
        return self.field.context.from_dict(terms)

    def number(self, data: Any) -> Number:
        if isinstance(data, str):
            return Number(self.field, _fraction(data))
        top, bottom = data
        return Number.reduced(self.field, self.polynomial(top), self.polynomial(bottom))

    def form(self, data: Mapping[str, Any]) -> Form:
        coefficients = {self.variables[name]: self.number(c) for name, c in data["coefficients"].items()}
        return Form(self.field, coefficients, self.number(data["constant"]))

    def infeasibility(self, data: Mapping[str, Any]) -> Infeasibility:
        rows = tuple(Row(self.form(r), Kind(r["kind"])) for r in data["rows"])
        return Infeasibility(rows, tuple(self.number(m) for m in data["multipliers"]))

    def polyhedron(self, data: Sequence[Any]) -> Polyhedron:
        return Polyhedron(self.arena, tuple(self.variables.values()), tuple(self.form(f) for f in data))

    def tree(self, data: Mapping[str, Any]) -> CoverTree:
        if "empty" in data:
            return Empty(self.infeasibility(data["empty"]))
        if "inside" in data:
            return Inside(int(data["inside"]))
        return Cut(self.form(data["cut"]), self.tree(data["negative"]), self.tree(data["positive"]))

    def tiling(self) -> TilingProof:
        regions = tuple(self.polyhedron(r) for r in self.document["regions"])
        disjoint = tuple((*d["pair"], self.infeasibility(d["proof"])) for d in self.document["disjoint"])
        return TilingProof(
            self.polyhedron(self.document["domain"]), regions, self.tree(self.document["cover"]), disjoint
        )


def _fraction(text: str) -> Any:
    top, _, bottom = text.partition("/")
    return flint.fmpq(_integer(top), _integer(bottom or "1"))


def _integer(text: str) -> int:
    """Written out: of a decimal or a padded text Python would make one too."""
    if not (isinstance(text, str) and text.removeprefix("-").isdecimal()):
        raise ValueError(f"integer: got {text!r}")
    return int(text)
