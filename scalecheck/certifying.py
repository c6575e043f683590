"""What `certify` returns: a certificate for one point, already checked by the separate checker."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.certificates.checker import check_certificate
from scalecheck.proofs_checks.certificates.files import WIDTH
from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories

from .beforehand import check_phase
from .documents import check_folder, dumps, write_whole

if TYPE_CHECKING:
    from scalecheck.proofs_checks.theory_record import Theory


@dataclass(frozen=True, repr=False)
class Certificate:
    """A certificate and what it proves.

    Parameters
    ----------
    document : Mapping[str, object]
        As JSON; `check(certificate=FILE)` verifies it again.
    statement : str
        What the checker found it to prove.
    """

    document: Mapping[str, Any]
    statement: str

    def to_json(self) -> dict[str, Any]:
        """The document itself."""
        return dict(self.document)

    def __repr__(self) -> str:
        return textwrap.fill(f"certified: {self.statement}", WIDTH)


def certify_point(record: Theory, controls: Mapping[str, object], out: Path | None, law: str | None) -> Certificate:
    """Make a certificate, have it checked, and write it if a file is named.

    With the name of a phase as `law` it is about that phase's law at the point, or, if not all controls are given, about its
    constant.
    """
    if record.certify is None:
        able = [name for name, item in theories().items() if item.certify]
        raise InputError("theory", record.name, "one whose points can be certified: " + ", ".join(able))
    if out is not None:
        check_folder("out", out)
    document = _document(record, controls) if law is None else _of_law(record, controls, law)
    statement = check_certificate(document)
    if out is not None:
        try:
            write_whole(out, dumps(document).encode())
        except OSError as error:
            raise InputError("out", str(out), f"a file that can be written ({error.strerror})") from None
    return Certificate(document, statement)


DIGITS = 60
"""Digits that a certificate has for a numerator and a denominator."""


def _check_digits(controls: Mapping[str, object]) -> None:
    """Refuse a control whose exact value is too long to be written into a certificate."""
    for name, value in controls.items():
        try:
            exact = Fraction(str(value))
        except (ValueError, ZeroDivisionError):  # no number: the theory's own domain says so
            continue
        if max(abs(exact.numerator), exact.denominator) >= 10**DIGITS:
            allowed = f"a number that is exactly a fraction of at most {DIGITS} digits over {DIGITS} digits"
            raise InputError(name, value, allowed)


def _document(record: Theory, controls: Mapping[str, object]) -> dict[str, Any]:
    assert record.certify is not None
    record.point(controls)  # domains first, in the words of `solve`
    _check_digits(controls)
    return record.certify(**controls)


def _of_law(record: Theory, controls: Mapping[str, object], law: str) -> dict[str, Any]:
    """The constant of a phase, or its law beside a certified point."""
    if record.phases is None:
        raise InputError("law", law, "given only for theories with a phase diagram")
    known = {control.name: control for control in record.controls}
    check_phase(record, law)
    for name, value in controls.items():
        if name not in known:
            raise InputError(name, value, f"a control of {record.name}: {', '.join(known)}" + nearest(name, known))
        known[name].domain.parse(name, value)
    from scalecheck.proofs_checks.certificates.laws import certify_constant, certify_law, law_in_controls

    names = {row.name for row in record.phases().phases}
    if law not in names:
        raise InputError("law", law, "one of " + ", ".join(sorted(names)))
    row = record.phases().phase(law)
    needed = [name for name, control in known.items() if control.default is None and control.follows is None]
    if all(controls.get(name) is not None for name in needed):
        formula = law_in_controls(row, record.scaling)
        return certify_law(formula, _document(record, controls))
    if row.constant is None:
        raise InputError("law", law, "a phase whose constant is known")
    wanted = {symbol.name for symbol in row.constant.free_symbols}
    return certify_constant(row.constant, {name: value for name, value in controls.items() if name in wanted})
