"""N9: parts of the quadratic network's risk that are below every power of d, and where in phase II that begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from scalecheck.theory.networks.quadratic.decomposition_laws import decomposition_laws
from scalecheck.theory.symbols import a, b, decay

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...laws import Path
from ...network_claims import path, region
from ...regions import canonical
from ...tables import Cell, Table
from .observing import ASSUMED, LARGE_SCALES, PAPERS, controls, observe

NOTHING_LEFT = 1e-12
"""A part said to be nothing must be below this share of the risk at dim = 1e13: it is then below 1/d there."""
SCALE = LARGE_SCALES[2]
SPARSE = a * (1 + 1 / decay) < b * (2 + 1 / decay) + 1 + 1 / (2 * decay)
"""Where fewer than one eigenvalue of the teacher lies so close below the threshold that the bulk lifts it over."""

Absent = tuple[str, str, sp.Basic]
PLACES: Mapping[str, tuple[Path, ...]] = {
    "Ib": (path("1/2", "1/2", "1"), path("-1/2", "-1/2", "3/2", "2")),
    "II": (path("2", "1", "1"), path("2", "5/4", "3/4", "2")),
    "III": (path("3", "7/5", "3/4"), path("7/2", "7/4", "1", "2")),
    "VIb": (path("2", "0", "3/4"), path("3", "1/2", "1", "2")),
    "Ia": (path("-1/2", "-2", "1"),),
    "VIa": (path("3/2", "-1/2", "5/4"),),
}


@dataclass(frozen=True)
class Vanishing:
    """The assertion that these parts, as (phase, part, condition), are below every power of d."""

    ALL_OF: ClassVar = ("parts",)
    parts: tuple[Absent, ...]

    def describe(self) -> str:
        """Say it in a line."""
        return "beyond all powers: " + ", ".join(f"{part} in {name} where {where}" for name, part, where in self.parts)


def nothing_claims() -> tuple[Claim, ...]:
    """One claim for all of them."""
    absent: tuple[Absent, ...] = (
        ("Ib", "overfitting", sp.true),
        ("Ib", "approximation", sp.true),
        ("II", "overfitting", SPARSE),
        ("III", "overfitting", sp.true),
        ("III", "underfitting", sp.true),
        ("VIb", "overfitting", sp.true),
        ("VIb", "underfitting", sp.true),
    )
    wrong: dict[str, tuple[str, Absent]] = {
        "Ia": ("overfitting in Ia as well", ("Ia", "overfitting", sp.true)),
        "VIa": ("underfitting in VIa as well", ("VIa", "underfitting", sp.true)),
        "II": ("underfitting in II as well", ("II", "underfitting", sp.true)),
    }
    return (
        Claim(
            id="N9.quadratic.nothing",
            title="parts of the risk below every power of d",
            statement="Overfitting and approximation in Ib, overfitting and underfitting in III and VIb are below every power of $d$; so is"
            r" overfitting in II where $a(1 + 1/\gamma) < b(2 + 1/\gamma) + 1 + 1/(2\gamma)$: no eigenvalue of the teacher lies so close"
            " below the threshold that the bulk lifts it over.",
            source=Source(PAPERS, "N9", "derived"),
            hypotheses=region(),
            assumptions=ASSUMED,
            assertion=Vanishing(absent),
            comparison=f"no power-law term in the derivation; and a share of the risk below {NOTHING_LEFT:g} at dim {SCALE:.0e} at two"
            " places of each phase",
            symbolic=_derived,
            numeric=_measured,
            rests_on=("N9.quadratic.identity",),
            twins=tuple(Twin(key, told, Vanishing((*absent, more))) for key, (told, more) in wrong.items()),
        ),
    )


def _derived(assertion: Vanishing, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for name, part, where in assertion.parts:
        absent = [item for item in decomposition_laws(name)[part] if item.leading == 0]
        same = any(_same(item.condition, where) for item in absent)
        rows.append({"phase": name, "part": part, "where": str(where), "nothing": same})
    return _told("symbolic", Firmness.EXACT, rows, "have no power-law term, exactly where stated")


def _same(derived: sp.Basic, stated: sp.Basic) -> bool:
    """Whether two conditions are one and the same."""
    if sp.true in (derived, stated):
        return bool(derived == stated)
    return bool(canonical(derived) == canonical(stated))


def _measured(assertion: Vanishing, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for name, part, where in assertion.parts:
        for along in PLACES[name]:
            found = observe(controls(along, SCALE))
            share = abs(found[part][0]) / found["risk"][0]
            rows.append(
                {"phase": name, "part": part, "where": str(where), "share": share, "nothing": share < NOTHING_LEFT}
            )
    return _told(
        "numeric", Firmness.NUMBERS, rows, f"have a share of the risk below {NOTHING_LEFT:g} at dim {SCALE:.0e}"
    )


def _told(witness: str, firmness: Firmness, rows: list[dict[str, Cell]], what: str) -> Evidence:
    held = sum(bool(row["nothing"]) for row in rows)
    outcome = Outcome.HOLDS if held == len(rows) else Outcome.FAILS
    return Evidence(witness, outcome, firmness, f"{held} of {len(rows)} {what}", Table.of(rows))
