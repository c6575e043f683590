"""Certificates as files: one JSON document, read with limits and checked; what it proves is said in a sentence."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from .checker import CertificateError, check_certificate

WIDTH = 110
"""Columns of a statement with many numbers."""
LARGEST = 20_000_000
"""Bytes. The certificates of the built-in diagrams hold some ten thousand, those of state evolution a few hundred panels."""


@dataclass(frozen=True)
class CheckedCertificate:
    """What became of a certificate.

    Parameters
    ----------
    kind : str
        What sort of statement it certifies.
    valid : bool
        Whether the statement follows.
    statement : str
        What is proved, or what is missing.
    """

    kind: str
    valid: bool
    statement: str

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        return {"kind": self.kind, "verdict": "certified" if self.valid else "refuted", "statement": self.statement}

    def __repr__(self) -> str:
        verdict = "checked again, certified" if self.valid else "checked again, NOT certified"
        return textwrap.fill(f"{verdict}: {self.statement}", WIDTH)

    @property
    def exit_status(self) -> int:
        """0 where it holds, 1 where it does not."""
        return 0 if self.valid else 1


def check_file(path: str | Path) -> CheckedCertificate:
    """Check the certificate in a file again.

    Raises
    ------
    InputError
        If the file cannot be read or holds no certificate at all (exit status 2); a certificate that does not prove
        what it states is a verdict, no error.
    """
    document = _read(Path(path))
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str):
        raise InputError("certificate", str(path), "a JSON document with a field `kind`")
    try:
        return CheckedCertificate(kind, True, check_certificate(document))
    except CertificateError as fault:
        return CheckedCertificate(kind[:40], False, str(fault))


def _read(path: Path) -> Any:
    if path.exists() and not path.is_file():  # a device would be read for ever
        raise InputError("certificate", str(path), "a file that can be read, no folder, device or pipe")
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST else None
    except OSError as error:
        raise InputError("certificate", str(path), f"a file that can be read ({error.strerror})") from None
    except ValueError:  # a null byte in the name
        raise InputError("certificate", repr(str(path)), "a file that can be read") from None
    if content is None:
        raise InputError("certificate", str(path), f"a file of at most {LARGEST} bytes")
    try:
        return json.loads(content, object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("certificate", str(path), f"one JSON document ({str(error)[:80]})") from None


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two fields of one name a reader would see one and the checker the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
