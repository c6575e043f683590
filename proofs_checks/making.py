"""Claims are made maker by maker: one that breaks down leaves an undecided claim in place of its own, and the rest is made.

Statements of claims are derived, so that a derivation that fails is met before anything is heard. What could not be
made is in the ledger nevertheless, as a claim that nobody can decide: a run must neither stop there nor pass over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .breakdowns import POSSIBLE, is_breakdown, no_evidence, told
from .claims import Claim, Effort, Source, Unmade
from .evidence import Evidence

Maker = Callable[[], Claim | Iterable[Claim]]
"""Makes one claim, or several."""


def made(theory: str, *makers: Maker) -> tuple[Claim, ...]:
    """The claims of all makers, in their order; for each that broke down one that is undecided, with the reason.

    Parameters
    ----------
    theory : str
        Name of the theory, with which the ids of missing claims begin.
    *makers : callables
        Each returns a claim or several; their names end the ids of what is missing.

    Returns
    -------
    tuple of Claim
        A maker that breaks down half way has made none: which of its claims are missing cannot be told.

    Raises
    ------
    Exception
        What is no breakdown: bad input, and defects such as a claim without a twin.

    Examples
    --------
    >>> from scalecheck.theory.identities import DerivationError
    >>> def law_claims():
    ...     raise DerivationError("a step does not hold")
    >>> [(claim.id, claim.unmade) for claim in made("toy", law_claims)]
    [('toy.law_claims', True)]
    """
    return tuple(claim for maker in makers for claim in _made(theory, maker))


def _made(theory: str, maker: Maker) -> tuple[Claim, ...]:
    try:
        found = maker()
        return (found,) if isinstance(found, Claim) else tuple(found)
    except POSSIBLE as failure:
        if not is_breakdown(failure):
            raise
        return (_missing(theory, maker, told(failure)),)


def _missing(theory: str, maker: Maker, reason: str) -> Claim:
    name = getattr(maker, "__name__", "claims").strip("_")
    what = f"the claims of {theory} that {name} makes"
    return Claim(
        id=f"{theory}.{name}",
        title="claims that could not be made",
        statement=f"What {what.replace('_', ' ')} say is not known: their derivation broke down.",
        source=Source((), "", "derived"),
        assertion=Unmade(what, reason),
        comparison="nothing is compared",
        twins=(),
        symbolic=_silent,
    )


def _silent(assertion: Unmade, effort: Effort) -> Evidence:
    return no_evidence("symbolic", assertion.reason)
