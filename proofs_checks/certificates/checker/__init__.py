"""A small checker of certificates that uses none of the code that made them: ball arithmetic and fractions, nothing else.

It trusts no number of a document. Panels only say where to cut a sum, boxes only where to look; what is stated about them
is worked out again here, from the equations as they stand in theory.md. The sentence it returns is built from what it
verified, numbers included, and a document that holds anything else is refused: nothing can stand in one unchecked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import ctx

from .exponents import check_exponent
from .laws import check_constant, check_law
from .points import check_point
from .reading import CertificateError
from .tilings import check_refutations, check_tiling
from .transport import check_transport_loss

__all__ = ["CertificateError", "check_certificate"]


def check_certificate(document: Mapping[str, Any]) -> str:
    """Verify a certificate and say in a sentence what it proves.

    Raises
    ------
    CertificateError
        If the document is malformed or its statement could not be verified.
    """
    kind = document.get("kind") if isinstance(document, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise CertificateError(f"kind: got {str(kind)[:40]!r}, allowed is one of {', '.join(KINDS)}")
    precision, cap = ctx.prec, ctx.cap
    try:
        return KINDS[kind](document)
    except CertificateError:
        raise
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise CertificateError(f"malformed: {type(error).__name__}: {error}") from error
    finally:
        ctx.prec, ctx.cap = precision, cap


KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "state-evolution": check_point,
    "local-exponent": check_exponent,
    "constant": check_constant,
    "law": check_law,
    "transport-loss": check_transport_loss,
    "tiling": check_tiling,
    "refutations": check_refutations,
}
"""What each kind of certificate is checked by."""
