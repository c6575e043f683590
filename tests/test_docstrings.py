"""Every example in a docstring runs."""

import doctest
import importlib
import linecache
import pkgutil

import pytest

import scalecheck


def modules():
    names = [info.name for info in pkgutil.walk_packages(scalecheck.__path__, "scalecheck.")]
    return sorted(name for name in names if not name.endswith("__main__"))


@pytest.mark.parametrize("name", modules())
def test_examples(name, monkeypatch):
    # Each example starts a debugger, which asks of every file that was ever shown whether it has changed since.
    monkeypatch.setattr(linecache, "checkcache", lambda *_: None)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0
