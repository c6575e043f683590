"""Mutants of what a conjecture claims: nothing need be known of the theory but that the conjecture is true.

Of one range one exponent is right, one power of the logarithm, one constant; so any other is wrong, however near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..conjectures.faults import text_of
from ..conjectures.subjects import SYSTEM
from .tables import Conjectured, Stated

FORMULAS = ("exponent", "constant", "log_power")
SHIFTS = ("1/10", "-1/10", "1/100", "-1/1000", "1/1000000")
FACTORS = ("1.02", "0.98", "2", "1/2", "1001/1000", "-1")
RELATIONS = ("less", "greater", "same", "equal")
DIRECTIONS = ("increasing", "decreasing", "constant")
IMPLIED = {"equal": ("same",)}
"""What a true ordering makes true as well."""


def claim_mutants(base: str, table: Conjectured) -> Iterator[Stated]:
    """All mutants of the claim of a true conjecture.

    Parameters
    ----------
    base : str
        Name of the true conjecture.
    table : Mapping
        As under ``[[conjecture]]``.

    Examples
    --------
    >>> found = list(claim_mutants("x", {"exponent": "-1", "constant": "2"}))
    >>> [item.table["exponent"] for item in found if item.operator == "exponent sign"]
    ['-(-1)']
    """
    # A file may hold numbers where formulas stand.
    table = {key: text_of(value) if key in FORMULAS else value for key, value in table.items()}
    if "exponent" in table:
        yield from _of_exponent(base, table)
        yield from _of_logarithm(base, table)
    if "constant" in table:
        yield from _of_constant(base, table)
    if "relation" in table:
        yield from _of_ordering(base, table)
    if "monotone" in table:
        yield from _of_monotony(base, table)
    if "boundary" in table:
        yield from _of_boundary(base, table)
    if "minimum" in table:
        yield from _of_minimum(base, table)
    if table.get("below_powers"):
        yield from _of_below_powers(base, table)


def _with(base: str, operator: str, true: bool, table: Conjectured, why: str, **changes: Any) -> Stated:
    told = ", ".join(f"{key} = {value}" for key, value in changes.items())
    new = {key: value for key, value in {**table, **changes}.items() if value is not None}
    return Stated(base, operator, true, new, told, why)


def _of_exponent(base: str, table: Conjectured) -> Iterator[Stated]:
    exponent = table["exponent"]
    why = "another exponent is true"
    for shift in SHIFTS:
        yield _with(base, "exponent shifted", False, table, why, exponent=f"({exponent}) + ({shift})")
    if not _zero(exponent):
        yield _with(base, "exponent sign", False, table, why, exponent=f"-({exponent})")
        yield _with(base, "exponent factor", False, table, why, exponent=f"1.02*({exponent})")
    yield _with(base, "exponent extremum", False, table, why, exponent=f"max({exponent}, ({exponent}) + 1/5)")
    if "minimum" not in table:
        law = dict.fromkeys(("exponent", "constant", "log", "log_power"))
        yield _with(base, "below every power", False, table, "a power is true", **law, below_powers=True)
    same = "equal for all values of the names in it"
    for text in (
        f"({exponent}) + 2/7 - 2/7",
        f"2*({exponent})/2",
        f"min({exponent}, ({exponent}) + 1)",
        f"max(({exponent}) - 1/2, {exponent})",
        f"3/2*({exponent}) - ({exponent})/2",
    ):
        yield _with(base, "exponent rewritten", True, table, same, exponent=text)


def _of_below_powers(base: str, table: Conjectured) -> Iterator[Stated]:
    """What falls faster than every power follows none, with logarithms or without, and its logarithm has no exponent."""
    why = "it falls faster than every power"
    for power in ("0", "-1", "-10", "-100", "1"):
        for more in ({}, {"log": True}, {"log_power": "-1"}):
            yield _with(base, "a power", False, table, why, below_powers=None, exponent=power, **more)


def _zero(text: str) -> bool:
    """Whether the negative of an exponent may be the same."""
    return text.strip() in ("0", "-0", "0.0")


def _of_logarithm(base: str, table: Conjectured) -> Iterator[Stated]:
    if table.get("log"):
        return
    power = table.get("log_power", "0")
    why = "another power of the logarithm is true"
    for shift in ("1", "-1", "1/2"):
        yield _with(base, "logarithm", False, table, why, log_power=f"({power}) + ({shift})")
    if not _zero(power):
        yield _with(base, "logarithm dropped", False, table, why, log_power=None)
    else:
        yield _with(base, "logarithm rewritten", True, table, "the zeroth power", log_power="0")
    told = "a law says less without its logarithm and constant"
    if "minimum" not in table:  # there logarithms may be what makes it the only one
        yield _with(base, "power alone", True, table, told, log_power=None, constant=None, log=True)
    if "constant" in table:
        yield _with(base, "constant left open", True, table, told, constant=None)


def _of_constant(base: str, table: Conjectured) -> Iterator[Stated]:
    constant = table["constant"]
    for factor in FACTORS:
        changed = f"({factor})*({constant})"
        yield _with(
            base, "constant", False, table, "a limit that is not 0 is another than its multiple", constant=changed
        )
    for text in (f"3*({constant})/3", f"sqrt(({constant})**2)", f"exp(log({constant}))", f"({constant}) + 1 - 1"):
        yield _with(base, "constant rewritten", True, table, "equal, since it is positive", constant=text)


def _of_ordering(base: str, table: Conjectured) -> Iterator[Stated]:
    true = table["relation"]
    known = {true, *IMPLIED.get(true, ())}
    for relation in RELATIONS:
        if relation in known and relation != true:
            yield _with(base, "ordering implied", True, table, f"{true} says more", relation=relation)
        elif relation not in known and not (true == "same" and relation == "equal"):
            yield _with(base, "ordering", False, table, f"the ratio is {true}", relation=relation)


def _of_monotony(base: str, table: Conjectured) -> Iterator[Stated]:
    claim = table["monotone"]
    for direction in DIRECTIONS:
        if direction != claim["direction"]:
            changed = {**claim, "direction": direction}
            yield _with(base, "monotony", False, table, f"it is {claim['direction']}", monotone=changed)


def _of_boundary(base: str, table: Conjectured) -> Iterator[Stated]:
    claim = table["boundary"]
    turned = {**claim, "between": claim["between"][::-1]}
    yield _with(base, "boundary turned", True, table, "a boundary has no direction", boundary=turned)
    if "jumps" in claim:
        flipped = {**claim, "jumps": not claim["jumps"]}
        yield _with(base, "jump", False, table, "it is the other way", boundary=flipped)
        less = {"between": claim["between"]}
        yield _with(base, "jump left open", True, table, "it says less", boundary=less)
    own = str(table.get("theory")).startswith(SYSTEM)  # whose phases may bear one name, and meet
    for name in () if own else claim["between"]:
        doubled = {**claim, "between": [name] * 2}
        yield _with(base, "boundary names", False, table, "a phase does not meet itself", boundary=doubled)


def _of_minimum(base: str, table: Conjectured) -> Iterator[Stated]:
    """Where there is only one place another one is wrong, outside of the range or not."""
    claim = table["minimum"]
    at = claim["at"]
    same = "equal for all values of the names in it"
    for text in (f"({at}) + 2/7 - 2/7", f"3/2*({at}) - ({at})/2", f"min({at}, ({at}) + 1)"):
        yield _with(base, "place rewritten", True, table, same, minimum={**claim, "at": text})
    if claim.get("unique", True):
        told = "it says less"
        yield _with(base, "other minima left open", True, table, told, minimum={**claim, "unique": False})
        for shift in SHIFTS:
            moved = {**claim, "at": f"({at}) + ({shift})"}
            yield _with(base, "place shifted", False, table, "the least order is elsewhere", minimum=moved)


def renamed(stated: Stated, identifier: str) -> Stated:
    """The same with an id of its own, and without the note."""
    table = {key: value for key, value in stated.table.items() if key != "note"}
    return replace(stated, table={**table, "id": identifier})
