"""An earlier run beside this one: everything that a claim states, not its verdict alone, must be what it was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.verdicts import Verdict

from . import __version__, exits
from .documents import dumps

SCHEMA = "scalecheck-verdicts-1"
MARKER = "verdicts.json"
"""The file by which a folder is known as a report."""
LARGEST = 100_000_000
"""Bytes of an earlier run that are read: the whole ledger takes about a hundredth."""
STATED = {
    "title": "the title", "statement": "the statement", "source": "the source", "hypotheses": "the hypotheses",
    "hypotheses_latex": "the hypotheses in LaTeX", "assumptions": "the assumptions",
    "assuming": "the names of the assumptions", "comparison": "how it is decided", "rests_on": "what it rests on",
    "tex_values": "the values for LaTeX",
}  # fmt: skip
"""Parts of a claim that do not depend on the machine, the effort or the time; rows of evidence, reasons and timings do."""
FOUND = {"conflict": "whether the witnesses disagree", "as_expected": "whether it is as expected"}
"""Parts of what was found that hold no number; of evidence, witness, outcome and firmness are compared, not the rows."""
OPTIONAL = frozenset({"seconds"})
"""Parts of a claim that some runs write and others do not."""
DOCUMENT = frozenset({
    "schema", "scalecheck", "command", "created", "platform", "versions", "seed", "quick", "exit_status", "summary",
    "claims", "undrawn", "changes", "regressed",
})  # fmt: skip
"""What a run writes beside its claims."""


@dataclass(frozen=True)
class Earlier:
    """An earlier run: the version that made it, its claims by id as they were written, where it contradicts itself, and its effort."""

    version: str
    claims: Mapping[str, Any]
    faults: tuple[str, ...] = ()
    quick: bool = False


def check_apart(path: Path, out: Path) -> None:
    """Refuse to replace the report that this run is compared with: it would be gone afterwards, and nothing said so."""
    if path.resolve().is_relative_to(out.resolve()):
        allowed = f"a file outside the folder of the report, which is replaced: give another --out than {out}"
        raise InputError("against", str(path), allowed)


def told_of_replaced(out: Path, heard: Set[str]) -> str:
    """What a run of these claims takes away by replacing the report in `out`; empty where it heard all that was there."""
    try:
        earlier = read_verdicts(out / MARKER).claims
    except InputError:  # none there, or one that could not be compared with either
        return ""
    gone = len(earlier.keys() - heard)
    if not gone:
        return ""
    return (
        f"replaced: the report of {len(earlier)} claims that was in {out} by this one of {len(heard)};"
        f" {gone} of them were not heard (another --out keeps both)"
    )


def read_verdicts(path: Path) -> Earlier:
    """An earlier run from its ``verdicts.json``, or `InputError`."""
    allowed = "a verdicts.json written by scalecheck verify"
    if path.exists() and (not path.is_file() or path.stat().st_size > LARGEST):  # a device would be read for ever
        raise InputError("against", str(path), f"{allowed}, a file of at most {LARGEST} bytes")
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
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
    faults, quick = tuple(_faults(document, claims)), document.get("quick") is True
    return Earlier(version, {claim["id"]: claim for claim in claims}, faults, quick)


def _refused(constant: str) -> float:
    """NaN and Infinity, which Python reads and no run writes."""
    raise ValueError(f"{constant} is no number of JSON")


def _faults(document: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where the totals of an earlier run are not those of its own claims."""
    twins = [tuple(twin) for claim in claims for twin in _listed(claim, "twins", ("refuted",))]
    if "summary" in document and document["summary"] != summary([claim["verdict"] for claim in claims], twins):
        yield "the summary of the earlier run is not that of its claims"
    yield from _faults_of_status(document, claims)
    if document.get("scalecheck") == __version__ and document.keys() != DOCUMENT:
        yield f"the earlier run {_other_fields(document, DOCUMENT)}"


def _faults_of_status(document: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where the exit status of an earlier run is not one that its claims, figures and changes give."""
    status = document.get("exit_status")
    if type(status) is not int or status not in _statuses(document, claims):
        yield f"the exit status of the earlier run is {status!r:.20}, which is not what its claims give"


def _statuses(document: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> Set[int]:
    """What a run of these claims may have ended with; a check that could not have failed is a failure that its claim does not tell."""
    accepting = [item.value for item in Verdict if item.accepts]
    passed = [
        verdict for claim in claims for (verdict,) in _listed(claim, "twins", ("verdict",)) if verdict in accepting
    ]
    refuted = [claim for claim in claims if claim["verdict"] == Verdict.REFUTED.value or claim.get("conflict")]
    if document.get("regressed") or refuted or passed:
        return {exits.REFUTED}
    unmet = document.get("undrawn") or any(claim.get("as_expected") is False for claim in claims)
    return {exits.REFUTED, exits.UNDECIDED} if unmet else {exits.HOLDS}


def _other_fields(found: Mapping[str, Any], written: Set[str]) -> str:
    """Which fields are there that no run writes, and which are not there that every run writes."""
    more, fewer = sorted(found.keys() - written), sorted(written - found.keys())
    told = [
        f"{verb} {', '.join(map(_quoted, names))}, which {whom}"
        for verb, names, whom in (("holds", more, "no run writes"), ("lacks", fewer, "every run writes"))
        if names
    ]
    return " and ".join(told)


def _quoted(name: str) -> str:
    """A name out of a file of somebody's, short, and no control sequence of a terminal."""
    return repr(name if len(name) <= 40 else name[:37] + "...")


def summary(verdicts: Sequence[str], twins: Sequence[tuple[object, ...]]) -> str:
    """One line about a run: how many claims got which verdict, and how many of the twins (refuted,) were.

    Examples
    --------
    >>> summary(["proved", "proved"], [(True,), (False,)])
    '2 claims: 2 proved; 1 of 2 false twins refuted'
    """
    counts = Counter(verdicts)
    told = ", ".join(f"{counts[name]} {name}" for name in sorted(counts))
    return f"{len(verdicts)} claims: {told}; {sum(bool(twin[0]) for twin in twins)} of {len(twins)} false twins refuted"


def _is_verdict(claim: object) -> bool:
    """An id and a verdict as they are written: what is printed of them must be no control sequence of a terminal."""
    if not isinstance(claim, dict) or not {"id", "verdict"} <= claim.keys():
        return False
    name, verdict = claim["id"], claim["verdict"]
    return isinstance(name, str) and name.isprintable() and verdict in [item.value for item in Verdict]


def compare(
    earlier: Earlier, records: Sequence[Mapping[str, Any]], heard: Callable[[str], bool] = lambda name: True,
    rows: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[str]] = lambda was, now: (),
) -> tuple[tuple[str, ...], bool]:  # fmt: skip
    """Say what changed since an earlier run, and whether anything that was claimed or found did.

    Parameters
    ----------
    earlier : Earlier
        From `read_verdicts`.
    records : sequence of mappings
        The claims of this run, as they are written into ``verdicts.json``.
    heard : callable
        Whether a claim of that id, if there is one, is among those that were chosen for this run.
    rows : callable
        What rows of evidence on a claim, then and now, say that differs; nothing by default.

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
    (('N1: changed: the hypotheses', '1 claim compared: 0 as before, 1 changed'), True)
    """
    lines, new, differing = [], [], 0
    if earlier.version != __version__:
        lines.append(f"the earlier run is of scalecheck {earlier.version}, this one of {__version__}: hashes differ")
    for record in records:
        name = str(record["id"])
        if name not in earlier.claims:
            new.append(f"{name}: new, {record['verdict']}")
            continue
        was, now = earlier.claims[name], json.loads(dumps(record))
        told = [*_differences(earlier, was, now), *rows(was, now)]
        differing += bool(told)
        lines += [f"{name}: {text}" for text in told]
    missing = earlier.claims.keys() - {str(record["id"]) for record in records}
    gone = [
        f"{name}: in the earlier run, not in this ledger" for name in earlier.claims if name in missing and heard(name)
    ]
    counted = _counted(len(records) - len(new), differing, len(new), len(gone), len(missing) - len(gone))
    return (*lines, *earlier.faults, *gone, *new, counted), bool(differing or gone or earlier.faults)


def _counted(compared: int, differing: int, new: int, gone: int, unasked: int) -> str:
    """How many claims both runs have, and how many only one of them: what was not compared is not passed over in silence."""
    told = f"{compared} claim{'' if compared == 1 else 's'} compared: {compared - differing} as before, {differing} changed"
    alone = {"only in this run": new, "only in the earlier run": gone, "of the earlier run not asked for now": unasked}
    return ", ".join([told, *(f"{count} {where}" for where, count in alone.items() if count)])


def _differences(earlier: Earlier, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What a claim states or found that differs; its hash last, where nothing else explains it."""
    if was["verdict"] != now["verdict"]:
        yield f"was {was['verdict']}, is {now['verdict']}"
    parts = [told for part, told in {**STATED, **FOUND}.items() if was.get(part) != now.get(part)]
    parts += [told for name, (told, keys) in LISTS.items() if _listed(was, name, keys) != _listed(now, name, keys)]
    if parts:
        yield f"changed: {', '.join(parts)}"
    elif earlier.version == __version__ and (fields := _fields(was)) != _fields(now):
        yield _other_fields(dict.fromkeys(fields), _fields(now))
    elif was["verdict"] == now["verdict"] and earlier.version == __version__ and was.get("hash") != now.get("hash"):
        yield "the hash is not that of this claim and verdict"


LISTS = {
    "twins": ("the false twins", ("id", "falsehood", "verdict", "refuted")),
    "evidence": ("the outcomes of the witnesses", ("witness", "outcome", "firmness")),
}
"""The false twins that stood trial and the witnesses that were heard, and what of each is compared."""


def _fields(record: Mapping[str, Any]) -> set[str]:
    """The fields of a claim, and of its twins and of its evidence after a dot."""
    inner = {f"{name} {k}.{key}" for name in LISTS for k, row in enumerate(record.get(name, []), 1) for key in row}
    return (record.keys() - OPTIONAL) | inner


def _listed(record: Mapping[str, Any], name: str, keys: Sequence[str]) -> list[Any]:
    """What became of each twin or witness; of what is no such list, itself."""
    rows = record.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [(rows,)]
    return [tuple(row.get(key) for key in keys) for row in rows]
