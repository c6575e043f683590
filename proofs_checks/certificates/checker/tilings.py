"""Checks certificates of phase diagrams: rational (Farkas) combinations of inequalities.

A document holds forms (affine in the control exponents, coefficients rational functions of the parameters), multipliers,
and the chamber: polynomials in the parameters with their signs. It claims for all parameters of the chamber that certain
sets of strict inequalities have no common point, and, put together, that regions tile a domain. Nothing here comes from the
engine that wrote it; multivariate polynomials are the library's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from flint import Ordering, fmpq, fmpz_mpoly_ctx

from .reading import CertificateError, fields

INTEGER = re.compile(r"-?\d{1,400}")
MOST_TERMS = 2_000
HIGHEST_POWER = 60
"""Limits on what a document can ask for; those of the built-in diagrams stay far below."""

Rational = tuple[Any, Any]
"""Numerator and denominator without common factor, as polynomials in the parameters."""
STRICT, WEAK, EQUAL = "> 0", ">= 0", "= 0"
"""What a row demands of its form."""


@dataclass(frozen=True)
class Form:
    """Coefficients by variable, the constant under the empty name, zeros left out; equal forms have equal keys."""

    key: tuple[tuple[str, str, str], ...]
    values: Mapping[str, Rational] = field(compare=False)

    @classmethod
    def of(cls, values: Mapping[str, Rational]) -> Form:
        """The form with these coefficients, each in lowest terms."""
        kept = {name: values[name] for name in sorted(values) if values[name][0] != 0}
        return cls(tuple((name, str(top), str(bottom)) for name, (top, bottom) in kept.items()), kept)


@dataclass(frozen=True)
class _Chamber:
    """The parameters' polynomials whose signs may be used, and nothing else."""

    ring: Any
    signs: tuple[tuple[Any, int], ...]

    def sign(self, number: Rational) -> int:
        """Sign all over the chamber; anything that does not follow from the listed polynomials is refused."""
        return self._of(number[0]) * self._of(number[1])

    def _of(self, polynomial: Any) -> int:
        sign, rest = 1, polynomial
        if rest == 0:
            return 0
        for factor, known in self.signs:
            quotient, remainder = divmod(rest, factor)
            while remainder == 0:
                sign, rest = sign * known, quotient
                quotient, remainder = divmod(rest, factor)
        if not rest.is_constant():
            raise CertificateError(f"the sign of {rest} does not follow from the chamber")
        return sign if rest.leading_coefficient() > 0 else -sign

    def times(self, left: Rational, right: Rational) -> Rational:
        return self.reduced(left[0] * right[0], left[1] * right[1])

    def plus(self, left: Rational, right: Rational) -> Rational:
        return self.reduced(left[0] * right[1] + right[0] * left[1], left[1] * right[1])

    def reduced(self, top: Any, bottom: Any) -> Rational:
        if bottom == 0:
            raise CertificateError("a denominator is zero")
        common = top.gcd(bottom) if top != 0 else bottom
        top, bottom = top // common, bottom // common
        return (-top, -bottom) if bottom.leading_coefficient() < 0 else (top, bottom)


class _Reader:
    """Reads the parts of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        names = [str(name) for name in document["parameters"]]
        self.variables = [str(name) for name in document["variables"]]
        if "" in self.variables or len({*names, *self.variables}) != len(names) + len(self.variables):
            raise CertificateError("parameters, variables: each needs a name of its own")
        self.ring = fmpz_mpoly_ctx.get(names, Ordering.lex)
        fields("chamber", document["chamber"], "point", "signs")
        for item in document["chamber"]["signs"]:
            fields("chamber.signs", item, "polynomial", "sign")
        listed = [(self.polynomial(item["polynomial"]), item["sign"]) for item in document["chamber"]["signs"]]
        if any(type(sign) is not int or abs(sign) != 1 or polynomial.is_constant() for polynomial, sign in listed):
            raise CertificateError("chamber.signs: each needs a polynomial that is no constant and a sign 1 or -1")
        self.chamber = _Chamber(self.ring, tuple(listed))
        self._inhabited(document["chamber"]["point"], names, listed)

    def _inhabited(self, point: Sequence[str], names: Sequence[str], listed: Sequence[tuple[Any, int]]) -> None:
        """The signs must hold at the stated point: nothing is proved about an empty chamber."""
        values = [self.fraction(text) for text in point]
        if len(values) != len(names):
            raise CertificateError("chamber.point: needs one number for each parameter")
        for polynomial, sign in listed:
            total = fmpq(0)
            for powers, coefficient in polynomial.to_dict().items():
                term = fmpq(int(coefficient))
                for value, power in zip(values, powers, strict=True):
                    term *= value ** int(power)
                total += term
            if not total * sign > 0:
                raise CertificateError("chamber.point: the listed signs do not hold there")

    def fraction(self, text: str) -> fmpq:
        top, _, bottom = str(text).partition("/")
        return fmpq(_integer(top), _integer(bottom or "1"))

    def polynomial(self, data: Sequence[Any]) -> Any:
        if len(data) > MOST_TERMS or not all(_is_power(power) for _, powers in data for power in powers):
            allowed = f"at most {MOST_TERMS} terms, each with powers that are integers from 0 to {HIGHEST_POWER}"
            raise CertificateError(f"polynomial: allowed are {allowed}")
        terms = {tuple(powers): _integer(text) for text, powers in data}
        if len(terms) != len(data):
            raise CertificateError("polynomial: a monomial is listed twice")
        return self.ring.from_dict(terms)

    def number(self, data: Any) -> Rational:
        if isinstance(data, str):
            value = self.fraction(data)
            constants = [self.ring.constant(int(part)) for part in (value.p, value.q)]
            return constants[0], constants[1]
        top, bottom = data
        found = self.chamber.reduced(self.polynomial(top), self.polynomial(bottom))
        # A denominator without a sign may vanish somewhere in the chamber, and the proof would not hold there.
        self.chamber.sign((self.ring.constant(1), found[1]))
        return found

    def form(self, data: Mapping[str, Any], *more: str) -> Form:
        fields("form", data, "coefficients", "constant", *more)
        found = {str(name): self.number(value) for name, value in data["coefficients"].items()}
        if set(found) - set(self.variables):
            raise CertificateError(f"form: unknown variables {sorted(set(found) - set(self.variables))}")
        return Form.of({**found, "": self.number(data["constant"])})

    def refuted(self, data: Mapping[str, Any]) -> list[tuple[Form, str]]:
        """The rows of an infeasibility proof, which is checked on the way."""
        fields("proof", data, "rows", "multipliers")
        rows = [(self.form(row, "kind"), str(row["kind"])) for row in data["rows"]]
        multipliers = [self.number(value) for value in data["multipliers"]]
        if len(rows) != len(multipliers):
            raise CertificateError("proof: as many multipliers as rows are needed")
        strict, total = False, Form.of({})
        for (form, kind), multiplier in zip(rows, multipliers, strict=True):
            sign = self._allowed(kind, multiplier)
            strict |= sign > 0 and kind == STRICT
            total = self.combined(total, form, multiplier)
        constant = total.values.get("")
        if set(total.values) - {""}:
            raise CertificateError("proof: the combination still contains variables")
        value = 0 if constant is None else self.chamber.sign(constant)
        if not (value < 0 or (value == 0 and strict)):
            raise CertificateError("proof: the combination is no contradiction")
        return rows

    def _allowed(self, kind: str, multiplier: Rational) -> int:
        if kind == EQUAL:
            return 0
        if kind not in (STRICT, WEAK):
            raise CertificateError(f"row: got kind {kind[:20]!r}, allowed is one of {STRICT}, {WEAK}, {EQUAL}")
        sign = self.chamber.sign(multiplier)
        if sign < 0:
            raise CertificateError("proof: a negative multiplier for an inequality")
        return sign

    def combined(self, total: Form, form: Form, multiplier: Rational) -> Form:
        values = dict(total.values)
        for name, value in form.values.items():
            share = self.chamber.times(value, multiplier)
            values[name] = self.chamber.plus(values[name], share) if name in values else share
        return Form.of(values)

    def cutting(self, data: Mapping[str, Any]) -> Form:
        """A form whose zeros are a hyperplane or nothing, wherever in the chamber.

        Without this a cut by 0 (or by a form that becomes 0 for some parameter) would leave out the whole part, and both
        of its sides would be empty.
        """
        form = self.form(data)
        for value in form.values.values():
            try:
                if self.chamber.sign(value):
                    return form
            except CertificateError:
                continue
        raise CertificateError("cover: a cut needs a coefficient that vanishes nowhere in the chamber")

    def opposite(self, form: Form) -> Form:
        return Form.of({name: (-top, bottom) for name, (top, bottom) in form.values.items()})


def _is_power(value: object) -> bool:
    """An integer from 0 on; what is below it the library reads as its size, and a proof would be of something else."""
    return type(value) is int and 0 <= value <= HIGHEST_POWER


def _integer(text: object) -> int:
    if not INTEGER.fullmatch(str(text)):
        raise CertificateError(f"integer: got {str(text)[:30]!r}")
    return int(str(text))


def check_refutations(document: Mapping[str, Any]) -> str:
    """Every listed set of rows has no common point, anywhere in the chamber.

    Raises
    ------
    CertificateError
        If one is not proved.
    """
    fields("certificate", document, "kind", "parameters", "variables", "chamber", "proofs")
    reader = _Reader(document)
    if not document["proofs"]:
        raise CertificateError("proofs: none, so nothing is stated")
    for proof in document["proofs"]:
        reader.refuted(proof)
    return (
        f"{len(document['proofs'])} systems of inequalities, as listed, have no solution anywhere in the stated chamber"
    )


def check_tiling(document: Mapping[str, Any]) -> str:
    """The regions tile the domain up to boundaries: no two meet, and what none contains is empty.

    Raises
    ------
    CertificateError
        If a pair is left out, a proof speaks of other inequalities than those of its part, or does not hold.
    """
    fields(
        "certificate", document, "kind", "parameters", "variables", "chamber", "domain", "regions", "disjoint", "cover"
    )
    reader = _Reader(document)
    regions = [frozenset(reader.form(item) for item in region) for region in document["regions"]]
    if not regions:
        raise CertificateError("regions: none, so nothing is stated")
    for item in document["disjoint"]:
        fields("disjoint", item, "pair", "proof")
        if any(type(place) is not int for place in item["pair"]):
            raise CertificateError("disjoint: a pair is two numbers of regions")
    told = {tuple(item["pair"]): item["proof"] for item in document["disjoint"]}
    if len(told) != len(document["disjoint"]):
        raise CertificateError("disjoint: a pair has two proofs")
    if set(told) != set(combinations(range(len(regions)), 2)):
        raise CertificateError("disjoint: every pair of regions needs its proof")
    for (i, j), proof in told.items():
        _about(reader.refuted(proof), regions[i] | regions[j])
    _covered(reader, document["cover"], frozenset(reader.form(item) for item in document["domain"]), regions)
    return f"{len(regions)} regions tile the domain without gap or overlap all over the stated chamber"


def _about(rows: Iterable[tuple[Form, str]], given: frozenset[Form]) -> None:
    if any(kind != STRICT or form not in given for form, kind in rows):
        raise CertificateError("proof: it uses an inequality that its part does not have")


def _covered(
    reader: _Reader, tree: Mapping[str, Any], part: frozenset[Form], regions: Sequence[frozenset[Form]]
) -> None:
    if not isinstance(tree, Mapping) or set(tree) not in ({"empty"}, {"inside"}, {"cut", "negative", "positive"}):
        raise CertificateError("cover: a part is empty, inside a region, or cut into negative and positive")
    if "empty" in tree:
        _about(reader.refuted(tree["empty"]), part)
    elif "inside" in tree:
        index = tree["inside"]
        if type(index) is not int or not 0 <= index < len(regions):
            raise CertificateError(f"cover: got region {str(index)[:20]}, allowed are 0 to {len(regions) - 1}")
        if not regions[index] <= part:
            raise CertificateError("cover: a part is said to lie inside a region whose inequalities it does not have")
    else:
        form = reader.cutting(tree["cut"])
        _covered(reader, tree["negative"], part | {reader.opposite(form)}, regions)
        _covered(reader, tree["positive"], part | {form}, regions)
