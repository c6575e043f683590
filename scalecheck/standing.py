"""Where every claim stands: how its statement is known, how firm its evidence is, and that of all it rests on. Computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scalecheck.proofs_checks.court import Hearing
from scalecheck.proofs_checks.verdicts import Verdict

EVIDENCE = {Verdict.SUPPORTED: "numerical", Verdict.CERTIFIED: "certified", Verdict.PROVED: "exact"}
"""Words for the fill, from least to most firm."""
RANK = {verdict: rank for rank, verdict in enumerate(EVIDENCE)}


@dataclass(frozen=True)
class Standing:
    """What the graph shows of a claim.

    Parameters
    ----------
    known : str
        ``"literature"``, ``"derived"`` or ``"conjectured"``: the border.
    evidence : str
        ``"numerical"``, ``"certified"``, ``"exact"``, or the verdict of a claim that is not accepted: the fill.
    whole : bool
        Whether all that it rests on, down to the ground, was heard and is as firm: the darker fill.
    tainted_by : tuple[str, ...]
        Claims below it that are refuted, undecided or not applicable, or whose check let a false twin pass.
    """

    known: str
    evidence: str
    whole: bool
    tainted_by: tuple[str, ...]

    def describe(self) -> str:
        """Say it in a line."""
        firm = ", and so is all that it rests on" if self.whole else ""
        taint = f"; rests on {', '.join(self.tainted_by)}" if self.tainted_by else ""
        return f"{self.known}, {self.evidence}{firm}{taint}"


def standings(hearings: Sequence[Hearing]) -> dict[str, Standing]:
    """The standing of every claim that was heard; of what was not heard nothing firm is assumed."""
    heard = {hearing.claim.id: hearing for hearing in hearings}
    below = {name: ground(name, {n: h.claim.rests_on for n, h in heard.items()}) for name in heard}
    return {name: _standing(hearing, below[name], heard) for name, hearing in heard.items()}


def ground(name: str, rests_on: Mapping[str, Sequence[str]]) -> list[str]:
    """All claims under one, each once; unknown ones are the ends of their branches.

    Examples
    --------
    >>> ground("c", {"c": ("b",), "b": ("a", "other"), "a": ()})
    ['b', 'a', 'other']
    """
    found: dict[str, None] = {}
    waiting = list(rests_on.get(name, ()))
    while waiting:
        other = waiting.pop(0)
        if other not in found:
            found[other] = None
            waiting += rests_on.get(other, ())
    return list(found)


def _standing(hearing: Hearing, below: Sequence[str], heard: Mapping[str, Hearing]) -> Standing:
    verdict = hearing.judgement.verdict
    bad = tuple(name for name in below if name in heard and not heard[name].as_expected)
    firm = verdict in RANK and all(name in heard and _as_firm(heard[name], verdict) for name in below)
    evidence = EVIDENCE.get(verdict, verdict.value)
    return Standing(hearing.claim.source.status, evidence, firm and not bad, bad)


def _as_firm(hearing: Hearing, verdict: Verdict) -> bool:
    return RANK.get(hearing.judgement.verdict, -1) >= RANK[verdict]
