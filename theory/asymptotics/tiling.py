"""A proof that regions tile a domain, as a tree of certificates that a small checker accepts or not.

Cover: the domain is cut by the regions' own inequalities until every part is empty (a Farkas certificate) or lies inside a
region (its inequalities are among those of the part). Hyperplanes on which the cuts are made are left out: a tiling is up to
boundaries. Disjointness: for every pair a Farkas certificate that they have no common point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from .chambers import Arena
from .exact import Form
from .linear_programming import Infeasibility, Kind, check_infeasibility
from .polyhedra import Polyhedron


@dataclass(frozen=True)
class Empty:
    """A part without points."""

    proof: Infeasibility


@dataclass(frozen=True)
class Inside:
    """A part inside the region with this index."""

    region: int


@dataclass(frozen=True)
class Cut:
    """A part cut into form < 0 and form > 0."""

    form: Form
    negative: CoverTree
    positive: CoverTree


CoverTree: TypeAlias = "Empty | Inside | Cut"


@dataclass(frozen=True)
class TilingProof:
    """That `regions` tile `domain`: a cover, and a certificate for every pair (claim A3)."""

    domain: Polyhedron
    regions: tuple[Polyhedron, ...]
    cover: CoverTree
    disjoint: tuple[tuple[int, int, Infeasibility], ...]


class NoTilingError(ValueError):
    """The regions overlap, or leave a gap; the message says where."""


def prove_tiling(domain: Polyhedron, regions: Sequence[Polyhedron]) -> TilingProof:
    """A proof that the regions tile the domain; NoTilingError if they do not.

    Examples
    --------
    >>> import sympy as sp
    >>> from .exact import Field
    >>> a, arena = sp.Symbol("a", real=True), Arena(Field(), ())
    >>> halves = [Polyhedron.of(arena, (a,), (r,)) for r in (a > 1, a < 1)]
    >>> check_tiling(prove_tiling(Polyhedron(arena, (a,), ()), halves))
    True
    """
    disjoint = []
    for (i, first), (j, second) in combinations(enumerate(regions), 2):
        proof = first.intersection(second).emptiness()
        if proof is None:
            raise NoTilingError(f"overlap: {first.intersection(second).irredundant().inequalities}")
        disjoint.append((i, j, proof))
    cover = _cover(domain, tuple(enumerate(regions)))
    return TilingProof(domain, tuple(regions), cover, tuple(disjoint))


def _cover(part: Polyhedron, regions: tuple[tuple[int, Polyhedron], ...]) -> CoverTree:
    proof = part.emptiness()
    if proof is not None:
        return Empty(proof)
    if not regions:
        raise NoTilingError(f"gap: {part.irredundant().inequalities}")
    (index, region), rest = regions[0], regions[1:]
    if not part.meets(region):
        return _cover(part, rest)
    return _cut(part, index, region.forms, rest)


def _cut(part: Polyhedron, index: int, forms: tuple[Form, ...], rest: tuple[tuple[int, Polyhedron], ...]) -> CoverTree:
    open_forms = [f for f in forms if f not in part.forms]
    if not open_forms:
        return Inside(index)
    form = open_forms[0]
    negative = _cover(part.with_forms([-form]), rest)
    return Cut(form, negative, _cut(part.with_forms([form]), index, tuple(open_forms[1:]), rest))


def check_tiling(proof: TilingProof) -> bool:
    """Whether the proof holds; uses the certificate checker and comparison of forms, nothing else."""
    arena = proof.domain.arena
    pairs = {(i, j) for i, j, _ in proof.disjoint}
    if pairs != set(combinations(range(len(proof.regions)), 2)):
        return False
    for i, j, certificate in proof.disjoint:
        if not _refutes(certificate, {*proof.regions[i].forms, *proof.regions[j].forms}, arena):
            return False
    return _check_cover(proof.cover, frozenset(proof.domain.forms), proof.regions, arena)


def _check_cover(tree: CoverTree, forms: frozenset[Form], regions: Sequence[Polyhedron], arena: Arena) -> bool:
    if isinstance(tree, Empty):
        return _refutes(tree.proof, set(forms), arena)
    if isinstance(tree, Inside):
        return set(regions[tree.region].forms) <= forms
    # A form without variables that is zero would leave out the whole part, and make both of its sides empty.
    if not tree.form.coefficients:
        return False
    below = _check_cover(tree.negative, forms | {-tree.form}, regions, arena)
    return below and _check_cover(tree.positive, forms | {tree.form}, regions, arena)


def _refutes(certificate: Infeasibility, forms: set[Form], arena: Arena) -> bool:
    """Whether a certificate is valid and speaks about these strict inequalities only."""
    strict = all(row.kind is Kind.MORE and row.form in forms for row in certificate.rows)
    return strict and check_infeasibility(certificate, arena)
