"""An earlier run beside this one: everything that a claim states, not its verdict alone, must be what it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.verdicts import Verdict

from . import __version__
from .documents import dumps

SCHEMA = "scalecheck-verdicts-1"
LARGEST = 100_000_000
"""Bytes of an earlier run that are read: the whole ledger takes about a hundredth."""
STATED = ("title", "statement", "source", "hypotheses", "assumptions", "comparison", "rests_on", "tex_values")
"""Parts of a claim that do not depend on the machine, the effort or the time; evidence and timings do."""


@dataclass(frozen=True)
class Earlier:
    """An earlier run: the version that made it, and its claims by id as they were written."""

    version: str
    claims: Mapping[str, Any]


def read_verdicts(path: Path) -> Earlier:
    """An earlier run from its ``verdicts.json``, or `InputError`."""
    allowed = "a verdicts.json written by scalecheck verify"
    if path.exists() and (not path.is_file() or path.stat().st_size > LARGEST):  # a device would be read for ever
        raise InputError("against", str(path), f"{allowed}, a file of at most {LARGEST} bytes")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("against", str(path), f"{allowed} that can be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError("against", str(path), f"{allowed} (it is not JSON)") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError("against", str(path), f"{allowed} (schema {SCHEMA})")
    claims, version = document.get("claims"), str(document.get("scalecheck"))
    if not isinstance(claims, list) or not all(_is_verdict(claim) for claim in claims) or not version.isprintable():
        raise InputError("against", str(path), f"{allowed} (its claims are damaged)")
    if len({claim["id"] for claim in claims}) < len(claims):
        raise InputError("against", str(path), f"{allowed} (two of its claims have one id)")
    return Earlier(version, {claim["id"]: claim for claim in claims})


def _is_verdict(claim: object) -> bool:
    """An id and a verdict as they are written: what is printed of them must be no control sequence of a terminal."""
    if not isinstance(claim, dict) or not {"id", "verdict"} <= claim.keys():
        return False
    name, verdict = claim["id"], claim["verdict"]
    return isinstance(name, str) and name.isprintable() and verdict in [item.value for item in Verdict]


def compare(
    earlier: Earlier, records: Sequence[Mapping[str, Any]], heard: Callable[[str], bool] = lambda name: True
) -> tuple[tuple[str, ...], bool]:
    """Say what changed since an earlier run, and whether anything that was claimed or found did.

    Parameters
    ----------
    earlier : Earlier
        From `read_verdicts`.
    records : sequence of mappings
        The claims of this run, as they are written into ``verdicts.json``.
    heard : callable
        Whether a claim of that id, if there is one, is among those that were chosen for this run.

    Returns
    -------
    tuple[tuple[str, ...], bool]
        Lines for people, the last with how many claims were compared and how many were not, and whether one of them is a
        difference. A claim that is new is none, nor is one that was not asked for.

    Examples
    --------
    >>> was = {"id": "N1", "verdict": "proved", "statement": "x", "hypotheses": ["a > 0"]}
    >>> earlier = Earlier(__version__, {"N1": was})
    >>> compare(earlier, [{**was, "hypotheses": []}])
    (('N1: hypotheses are not what they were', '1 claim compared: 0 as before, 1 changed'), True)
    """
    lines, new, differing = [], [], 0
    if earlier.version != __version__:
        lines.append(f"the earlier run is of scalecheck {earlier.version}, this one of {__version__}: hashes differ")
    for record in records:
        name = str(record["id"])
        if name not in earlier.claims:
            new.append(f"{name}: new, {record['verdict']}")
            continue
        told = list(_differences(earlier, earlier.claims[name], json.loads(dumps(record))))
        differing += bool(told)
        lines += [f"{name}: {text}" for text in told]
    missing = earlier.claims.keys() - {str(record["id"]) for record in records}
    gone = [
        f"{name}: in the earlier run, not in this ledger" for name in earlier.claims if name in missing and heard(name)
    ]
    counted = _counted(len(records) - len(new), differing, len(new), len(gone), len(missing) - len(gone))
    return (*lines, *gone, *new, counted), bool(differing or gone)


def _counted(compared: int, differing: int, new: int, gone: int, unasked: int) -> str:
    """How many claims both runs have, and how many only one of them: what was not compared is not passed over in silence."""
    told = f"{compared} claim{'' if compared == 1 else 's'} compared: {compared - differing} as before, {differing} changed"
    alone = {"only in this run": new, "only in the earlier run": gone, "of the earlier run not asked for now": unasked}
    return ", ".join([told, *(f"{count} {where}" for where, count in alone.items() if count)])


def _differences(earlier: Earlier, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What a claim states or found that differs; its hash last, where nothing else explains it."""
    if was["verdict"] != now["verdict"]:
        yield f"was {was['verdict']}, is {now['verdict']}"
    parts = [part for part in STATED if was.get(part) != now.get(part)]
    if _twins(was) != _twins(now):
        parts.append("twins")
    if parts:
        yield f"{', '.join(parts)} {'is' if parts == ['statement'] else 'are'} not what {'it was' if parts == ['statement'] else 'they were'}"
    elif was["verdict"] == now["verdict"] and earlier.version == __version__ and was.get("hash") != now.get("hash"):
        yield "the hash is not that of this claim and verdict"


def _twins(record: Mapping[str, Any]) -> object:
    """The false twins that stood trial and what became of them."""
    twins = record.get("twins", [])
    if not isinstance(twins, list) or not all(isinstance(twin, dict) for twin in twins):
        return twins
    return [tuple(twin.get(key) for key in ("id", "falsehood", "verdict", "refuted")) for twin in twins]
