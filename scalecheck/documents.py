"""JSON documents: full precision, never NaN or Infinity, one document and nothing else; files whole or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.errors import InputError


def plain(value: Any) -> Any:
    """Turn `value` into what JSON knows: numbers that are not finite become None.

    Examples
    --------
    >>> plain({"risk": float("nan"), "phases": (1, 2.5)})
    {'risk': None, 'phases': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if hasattr(value, "item") and getattr(value, "shape", None) == ():  # a NumPy scalar
        return plain(value.item())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def dumps(value: Any) -> str:
    """One JSON document; a NaN that got this far is a defect and raises ValueError."""
    return json.dumps(plain(value), indent=2, allow_nan=False, ensure_ascii=False)


def check_folder(field: str, path: Path) -> None:
    """Refuse a file that cannot be written, or whose folder does not exist, before any work is done for it."""
    if not path.absolute().parent.is_dir():
        raise InputError(field, str(path), "a file that can be written, in a folder that exists")
    check_writable(field, path)


def check_writable(field: str, path: Path) -> None:
    """Refuse a place beside which nothing can be made: permissions do not say so of every file system, a trial does."""
    try:
        os.rmdir(tempfile.mkdtemp(dir=path.absolute().parent, prefix=f".{path.name}."))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(field, str(path), f"a place that can be written ({reason})") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a neighbour is written, flushed to disk and renamed over it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
