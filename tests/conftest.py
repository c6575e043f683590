"""Profiles of Hypothesis, and the outside theory that several tests discover."""

import __future__

import ast
import gc
import importlib
import inspect
import os
import sys
import textwrap
from pathlib import Path

# Small linear algebra on many threads is slower by orders of magnitude, the more so beside other test processes.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from hypothesis import HealthCheck, settings

from scalecheck.parallel import keep_memory, remember_formulas
from scalecheck.proofs_checks import making

ROOT = Path(__file__).resolve().parent.parent

# Deterministic in CI: a red run must be red again on the next machine.
common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("local", max_examples=15, **common)
settings.register_profile("ci", max_examples=60, derandomize=True, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))


# What is remembered here stays until the end: looking through all of it for garbage, again and again, costs CPU time (in
# slices about a twentieth) and finds next to nothing.
gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Modules and tests are no garbage either."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Pytest looks for garbage five times at the end: once finds what complains while it is destroyed, the rest is kept."""
    gc.collect()
    gc.freeze()


# Small work arrays are cleared anew by the kernel each time unless their memory is kept, as the command keeps it; and so it
# does with what SymPy has worked out.
keep_memory()
remember_formulas()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `-n`, each process takes one half of the tests and the faster one helps the other with the end of its half.

    Neighbouring tests derive and solve the same things, which a process remembers; dealt out singly (the default of
    xdist) they were derived in every process.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture
def root():
    """The root of the tree."""
    return ROOT


@pytest.fixture
def toy(monkeypatch):
    """Put the toy theory on the path, as installing its package would; discovery does the rest."""
    from scalecheck.proofs_checks import registry

    folder = str(ROOT / "tests" / "toy")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", folder)  # for worker processes
    forget = (registry.theories.cache_clear, registry._discover.cache_clear)
    for clear in forget:
        clear()
    yield registry.theories()["toy"]
    for clear in forget:
        clear()
    sys.modules.pop("toy_theory", None)


THEORY_OF = {"A": "asymptotics", "R": "ridge", "X": "ridge", "S": "shells"}


class MadeAnew:
    """Claims that are made anew one at a time, by the maker of the ledger whose claim it is, not all of a theory's.

    Who makes which claim is found out once, when all are made; whatever is broken later, a maker stays the same function.
    """

    def __init__(self):
        self.makers = {}

    def __call__(self, claim_id):
        """The claim as its maker makes it now; None if it could not be made."""
        name = "quadratic" if ".quadratic" in claim_id else THEORY_OF.get(claim_id[0], "diagonal")
        if name not in self.makers:
            self.makers[name] = dict(makers_of(name))
        found = making._made(name, self.makers[name][claim_id])
        return next((claim for claim in found if claim.id == claim_id), None)


def makers_of(name):
    """Every claim of a theory with its maker, in the order of the ledger."""
    ledger = importlib.import_module(f"scalecheck.proofs_checks.theories.{name}.ledger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "made", lambda _, *makers: makers)
        makers = ledger.claims()
    for maker in makers:
        for claim in making._made(name, maker):
            yield claim.id, maker


@pytest.fixture(scope="session")
def made_anew():
    """``made_anew(id)``: the claim, made anew; None if it could not be made."""
    return MadeAnew()


def function_at(place):
    """The function itself, below any cache: ``module:name`` or ``module:Class.name``."""
    module, names = place.split(":")
    found = importlib.import_module(f"scalecheck.{module}")
    for name in names.split("."):
        found = getattr(found, name)
    return inspect.unwrap(found)


def with_bug(function, piece, wrong):
    """Code of the function with one piece of its source replaced: whoever imported the function runs it as well."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(piece) == 1, f"{function.__name__} no longer holds {piece!r} once: choose the bug anew"
    tree = ast.parse(source.replace(piece, wrong))
    tree.body[0].decorator_list = []
    names = {}
    flags = __future__.annotations.compiler_flag
    exec(compile(tree, function.__code__.co_filename, "exec", flags=flags), dict(function.__globals__), names)
    return names[function.__name__].__code__


@pytest.fixture
def plant(monkeypatch):
    """Write a bug into the source of one function until the test ends: ``plant(place, piece, wrong)``."""

    def planted(place, piece, wrong):
        function = function_at(place)
        monkeypatch.setattr(function, "__code__", with_bug(function, piece, wrong))

    return planted
