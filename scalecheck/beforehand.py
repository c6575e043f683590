"""What can be said of a request before anything is derived: names that no theory has, and coordinates that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.local_law import exact_number
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.theory_record import Theory

WORD = re.compile(r"[^\W\d_]\w*")
DOCSTRING = re.compile(r'""".*?"""', re.DOTALL)
TEXT = re.compile(r'"([^"\n]*)"')


def check_place(record: Theory, parameters: Iterable[str], point: Mapping[str, object]) -> None:
    """Refuse a point that names what no diagram of the theory has, or that lacks a coordinate.

    Parameters
    ----------
    parameters : names
        Those of the diagram that were given a value.

    Raises
    ------
    InputError
        Before anything is derived. A theory that does not say what locates a point leaves all of it to the diagram.
    """
    if not record.located_by:
        return
    known = sorted({*record.located_by, *record.phase_parameters, *(control.name for control in record.controls)})
    for name, value in point.items():
        if name not in known:
            raise InputError(
                name, value, "one of " + ", ".join(known) + (_lettered(record, name) or nearest(name, known))
            )
        exact_number(name, value)
    missing = [name for name in record.located_by if name not in point and name not in parameters]
    if missing:
        kind = "a number" + "".join(f", {number} for {word}" for word, number in _words(record, missing[0]).items())
        raise InputError(missing[0], None, f"{kind} (a point is located by {', '.join(record.located_by)})")


def numbered(record: Theory, point: Mapping[str, str]) -> dict[str, str]:
    """The point with the numbers that stand in diagrams for its words.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> numbered(theory("shells"), {"direction": "down", "power": "2"})
    {'direction': '-1', 'power': '2'}
    """
    return {name: str(_words(record, name).get(value.strip(), value)) for name, value in point.items()}


def _words(record: Theory, name: str) -> Mapping[str, int]:
    return record.scaling.words.get(name, {})


def _lettered(record: Theory, letter: str) -> str:
    """A hint where a control was called by its letter in the papers."""
    meant = next((control.name for control in record.controls if control.letter == letter), None)
    return f"; did you mean {meant!r}?" if meant is not None else ""


def check_phase(record: Theory, name: str) -> None:
    """Refuse a label that no phase of the theory has."""
    names = sorted(record.phase_names()) if record.phase_names is not None else [name]
    if name not in names:
        raise InputError("law", name, "one of " + ", ".join(names) + nearest(name, names))


def check_subject(record: Theory, subject: str) -> None:
    """Refuse words that no subject of a derivation can have: all of those stand in quotes in the source that derives.

    That a subject has them all is seen only once everything is derived; a slip of the pen is seen here.
    """
    known = words_of_derivations(record.name) | _names()
    for word in WORD.findall(subject):
        if word.lower() not in known:
            raise InputError(
                "only", subject, "words of subjects as `derive` shows them" + _subject_meant(record, subject, word)
            )


def _subject_meant(record: Theory, subject: str, word: str) -> str:
    """A hint: the phase at the end of what is the id of a claim, else the nearest word, else the phases that there are."""
    known = words_of_derivations(record.name) | _names()
    labels = sorted(record.phase_names()) if record.phase_names is not None else []
    last = subject.rpartition(".")[2]
    if "." in subject and last in labels:
        return f"; ids of claims are for verify --only, here did you mean {last!r}?"
    return nearest(word, known) or (f", such as the phases {', '.join(labels)}" if labels else "")


@cache
def _names() -> frozenset[str]:
    """Names of controls, of coordinates of diagrams and of phases: theories are compared with each other, by phases."""
    found: set[str] = set()
    for record in theories().values():
        labels = record.phase_names() if record.phase_names is not None else ()
        found |= {*(control.name for control in record.controls), *record.located_by, *labels}
    return frozenset(name.lower() for name in found)


@cache
def words_of_derivations(theory: str) -> frozenset[str]:
    """Every word in quotes, in lower case, in the source of a theory's symbolic witness.

    Examples
    --------
    >>> "phase" in words_of_derivations("diagonal"), "phsae" in words_of_derivations("diagonal")
    (True, False)
    """
    places = [files("scalecheck.theory").joinpath(place) for place in (theory, f"networks/{theory}")]
    found = [place for place in places if place.is_dir()]
    texts = (DOCSTRING.sub("", source.read_text(encoding="utf-8")) for place in found for source in _sources(place))
    return frozenset(word.lower() for text in texts for told in TEXT.findall(text) for word in WORD.findall(told))


def _sources(place: Traversable) -> Iterable[Traversable]:
    for item in place.iterdir():
        if item.is_dir():
            yield from _sources(item)
        elif item.name.endswith(".py"):
            yield item
