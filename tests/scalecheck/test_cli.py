"""The command line: exit statuses, one clear line on standard error, one JSON document on standard output."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.cli import main
from scalecheck.proofs_checks.theories.diagonal.diagram import phase_map

GOOD = {"--dim": "100", "--samples": "50", "--weight-decay": "0.5", "--decay": "1", "--noise": "1"}


def solve_arguments(**changes):
    """Arguments of a good call, with some options changed or (None) left out."""
    options = {**GOOD, **{"--" + name.replace("_", "-"): value for name, value in changes.items()}}
    return [
        "solve",
        "diagonal",
        *(word for key, value in options.items() if value is not None for word in (key, value)),
    ]


def one_line(capsys):
    """The only line on standard error; nothing may stand on standard output."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decay": "0.5"}, "decay"),
        ({"decay": "11"}, "decay"),
        ({"samples": "0"}, "samples"),
        ({"samples": "-3"}, "samples"),
        ({"weight_decay": "-1e-9"}, "weight_decay"),
        ({"noise": "nan"}, "noise"),
        ({"noise": "inf"}, "noise"),
        ({"dim": "0"}, "dim"),
        ({"dim": "2.5"}, "dim"),
        ({"dim": "1" + "0" * 400}, "dim"),
        ({"dim": "__import__('os')"}, "dim"),
        ({"decay": None}, "decay"),
    ],
)
def test_values_outside_the_domain(capsys, changes, field):
    assert main(solve_arguments(**changes)) == 2
    assert field in one_line(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve"],
        ["solve", "cubic", "--dim", "3"],
        ["solve", "diagonal", "--simulate", "0", *solve_arguments()[2:]],
        ["solve", "diagonal", "--simulate", "two", *solve_arguments()[2:]],
        ["solve", "diagonal", "--simulate", "1000000000", *solve_arguments()[2:]],
        ["solve", "diagonal", "--seed", "-1", *solve_arguments()[2:]],
        ["derive"],
        ["derive", "nothing"],
        ["cite", "N99"],
        ["verify", "--only", "N99"],
        ["verify", "--jobs", "0"],
        ["verify", "--against", "no-such-file.json"],
        ["no-such-command"],
        ["--no-such-option"],
    ],
)
def test_unusable_input(capsys, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert one_line(capsys).startswith("scalecheck: ")
    assert list(tmp_path.iterdir()) == []


words = st.one_of(
    st.text(max_size=12).filter(lambda text: not text.startswith("-") and "\x00" not in text),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["1e12", "1e-300", "0", "-0.0", "1/2", "9**9**9", "0x10", "1_000", " 5 ", ""]),
)


@given(st.dictionaries(st.sampled_from(["dim", "samples", "weight_decay", "decay", "noise"]), words, min_size=1))
def test_whatever_is_typed(changes):
    """No traceback for any word: a number comes out, or an exit status that says why not."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([*solve_arguments(**changes), "--json"])
    assert status in (0, 2, 3)
    if status == 0:
        assert math.isfinite(json.loads(out.getvalue())["risk"])
    else:
        assert err.getvalue().count("\n") == 1


def test_solve_as_json(capsys):
    assert main([*solve_arguments(dim="1e12"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    wanted = {"network", "risk", "noise_level", "threshold", "degrees_of_freedom", "train_error", "decomposition"}
    assert wanted | {"status", "error", "error_kind"} == set(document)
    assert set(document["decomposition"]) == {"overfitting", "underfitting", "approximation"}
    assert document["error"] < 1e-9


def test_simulation_beside_the_theory(capsys):
    assert main([*solve_arguments(), "--simulate", "3", "--seed", "7", "--json"]) == 0
    simulation = json.loads(capsys.readouterr().out)["simulation"]
    assert set(simulation) == {"risk_mean", "risk_stderr", "runs"}
    assert simulation["runs"] == 3


def test_simulation_of_one_run_has_no_error(capsys):
    assert main([*solve_arguments(), "--simulate", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["simulation"]["risk_stderr"] is None


def test_simulation_needs_an_integer(capsys):
    assert main([*solve_arguments(samples="50.5"), "--simulate", "2"]) == 2
    assert "samples" in one_line(capsys)


def test_divergence_is_a_status_and_never_a_number(capsys):
    """At n = d without weight decay the risk is infinite."""
    assert main([*solve_arguments(samples="100", weight_decay="0"), "--json"]) == 3
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["risk"] is None
    assert "diverges" in document["status"]
    assert captured.err.count("\n") == 1


def test_interruption(monkeypatch, capsys, tmp_path):
    from scalecheck import ledger

    monkeypatch.setattr(ledger, "_hear_by_id", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    out = tmp_path / "report"
    assert main(["verify", "--only", "N1", "--jobs", "1", "--out", str(out)]) == 130
    assert capsys.readouterr().err.count("\n") >= 1
    assert not out.exists()


def test_a_full_disk_is_one_line(monkeypatch, capsys, tmp_path):
    import errno

    from scalecheck import report

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report, "render", full)
    out = tmp_path / "report"
    assert main(["verify", "--only", "N1.diagonal.minimum", "--jobs", "1", "--out", str(out)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_defects_are_not_hidden(monkeypatch):
    from scalecheck import api

    monkeypatch.setattr(api, "conventions", lambda: (_ for _ in ()).throw(ValueError("a defect")))
    with pytest.raises(ValueError, match="a defect"):
        main(["conventions"])


@pytest.mark.parametrize(
    "command", [["conventions"], ["derive", "diagonal"], ["derive", "diagonal", "--latex"], ["cite"]]
)
def test_commands_that_print(capsys, command):
    assert main(command) == 0
    assert capsys.readouterr().out.strip()


def test_version(capsys):
    import scalecheck

    assert main(["--version"]) == 0
    assert scalecheck.__version__ in capsys.readouterr().out


def test_phases_as_json(capsys):
    assert main(["phases", "diagonal", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"phases", "boundaries", "notes"} <= set(document)
    for phase in document["phases"]:
        assert {"name", "exponent", "constant", "log", "region"} <= set(phase)
        assert all(isinstance(item, str) and ("<" in item) != (">" in item) for item in phase["region"])
    for boundary in document["boundaries"]:
        assert {"between", "equation", "continuous", "exponent"} <= set(boundary)


@pytest.mark.parametrize("decay", ["1", "3/2", "0.75", "10"])
def test_phases_at_a_decay_are_the_symbolic_ones(capsys, decay):
    import sympy as sp

    import scalecheck
    from scalecheck.theory.symbols import decay as gamma

    assert main(["phases", "diagonal", "--decay", decay, "--json"]) == 0
    given = {row["name"]: row for row in json.loads(capsys.readouterr().out)["phases"]}
    for row in scalecheck.phases("diagonal").phases:
        stated = {sp.Symbol(s.name): s for s in row.exponent.free_symbols}
        found = sp.parsing.sympy_parser.parse_expr(given[row.name]["exponent"]).subs(stated)
        assert sp.simplify(row.exponent.subs(gamma, sp.Rational(decay)) - found) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["phases"],
        ["phases", "nothing"],
        ["phases", "diagonal", "--decay", "1/2"],
        ["phases", "diagonal", "--decay", "1/0"],
        ["phases", "diagonal", "--decay", "sqrt(2)"],
        ["phases", "diagonal", "--decay", "1e999999999"],
        ["phases", "diagonal", "--decay"],
        ["phases", "diagonal", "--width", "3"],
        ["phases", "diagonal", "--dim", "nan"],
        ["phases", "diagonal", "--plot", "x.docx"],
        ["phases", "diagonal", "--plot", "no/such/folder/x.png"],
        ["spectrum", "diagonal", "--dim", "3"],
        ["spectrum", "diagonal", *solve_arguments()[2:], "--plot", "x"],
        ["measure", "no-such-file.csv"],
    ],
)
def test_unusable_input_of_the_others(capsys, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert one_line(capsys).startswith("scalecheck: ")
    assert list(tmp_path.iterdir()) == []


def test_phases_drawn_over_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(
        phase_map, "__defaults__", (20, None)
    )  # places a side: the numbers themselves are tested elsewhere
    options = ["--decay", "1", "--dim", "1e4", "--plot", str(tmp_path / "map.png")]
    assert main(["phases", "diagonal", *options, "--jobs", "1"]) == 0  # of processes, test_lanes knows
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_spectrum(capsys, tmp_path):
    options = solve_arguments(dim="1e8", samples="1e6", weight_decay="1")[2:]
    assert main(["spectrum", "diagonal", *options, "--json", "--plot", str(tmp_path / "s.svg")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["phase"] == "II"
    assert document["tail"]["exponent"] == -2
    assert 0 <= document["zero_mass"] <= 1
    assert (tmp_path / "s.svg").exists()


def test_spectrum_where_nothing_is_learned(capsys):
    options = solve_arguments(dim="1e8", samples="100", weight_decay="1e6")[2:]
    assert main(["spectrum", "diagonal", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["tail"]["exponent"] is None
    assert document["tail"]["reason"]


def test_spectrum_where_the_teacher_is_recovered(capsys):
    options = solve_arguments(dim="10", samples="20", weight_decay="0", noise="0")[2:]
    assert main(["spectrum", "diagonal", *options]) == 3
    assert "recovered exactly" in one_line(capsys)


def test_letters_that_the_terminal_does_not_know():
    import os
    import subprocess
    import sys

    code = "import sys\nfrom scalecheck.cli import main\nsys.exit(main(['conventions']))"
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert not done.stderr


@pytest.fixture
def curve(tmp_path):
    def write(exponent=-0.5, points=24):
        rows = [f"{10 ** (2 + k / 6)},{3 * (10 ** (2 + k / 6)) ** exponent}" for k in range(points)]
        path = tmp_path / "curve.csv"
        path.write_text("n,loss\n" + "\n".join(rows) + "\n")
        return str(path)

    return write


@pytest.mark.parametrize(("expect", "status"), [("-0.5", 0), ("-0.6", 1)])
def test_measure(capsys, curve, expect, status):
    assert main(["measure", curve(), "--expect", expect, "--json"]) == status
    document = json.loads(capsys.readouterr().out)
    assert document["interval"][0] <= -0.5 <= document["interval"][1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n,loss\n",
        "n,loss\n1,2\n",
        "n\n1\n2\n3\n4\n5\n6\n",
        "n,loss\n1,x\n",
        "n,n\n1,2\n",
        "\x00\n",
        "n,loss\n" + "1,2\n" * 9,
        "n,loss\n" + "\n".join(f"{k},{-k}" for k in range(1, 9)),
        "n,loss\n" + "\n".join(f"{1 + 1e-13 * k},{k}" for k in range(1, 9)),
    ],
)
def test_curves_that_are_none(capsys, tmp_path, text):
    path = tmp_path / "curve.csv"
    path.write_text(text)
    assert main(["measure", str(path)]) == 2
    one_line(capsys)


@pytest.mark.parametrize("error", ["1e-320", "1e300"])
def test_errors_beyond_all_size_are_named(capsys, tmp_path, error):
    path = tmp_path / "curve.csv"
    path.write_text("n,loss,e\n" + "".join(f"{k},{1 / k},{error}\n" for k in range(1, 9)))
    assert main(["measure", str(path), "--error", "e"]) == 2
    assert one_line(capsys).startswith("scalecheck: errors: got")


def test_a_row_with_more_cells_than_the_header_is_named(capsys, tmp_path):
    """A comma for the decimal point splits a number: what is left of it must not be measured."""
    path = tmp_path / "curve.csv"
    rows = [f"{k},{1 / k}" for k in range(1, 9)]
    path.write_text("\n".join(["n,loss", *rows, "9,0,11"]) + "\n")
    assert main(["measure", str(path)]) == 2
    assert one_line(capsys) == "scalecheck: curve.csv line 10: got '3 cells', allowed is 2 cells, as in the header\n"
    path.write_text(
        "\n".join(["n,loss", *(f"{row}," for row in rows)]) + "\n"
    )  # an empty cell at the end holds nothing
    assert main(["measure", str(path)]) in (0, 3)


@pytest.fixture
def losses(tmp_path):
    """A loss above an irreducible part of 2, approached as n^-0.4, with standard errors of 0.5%."""
    x = np.geomspace(1e3, 1e6, 30)
    exact = 2 + 3 * (x / 1e3) ** -0.4
    y = exact * (1 + 5e-3 * np.random.default_rng(3).standard_normal(30))
    path = tmp_path / "losses.csv"
    rows = (f"{a},{b},{5e-3 * c}" for a, b, c in zip(x, y, exact, strict=True))
    path.write_text("n,loss,stderr\n" + "\n".join(rows) + "\n")
    return str(path)


def test_a_plateau_is_recognised_and_its_approach_measured(capsys, losses):
    assert main(["measure", losses, "--error", "stderr", "--json"]) in (0, 3)
    rows = {row["form"]: row for row in json.loads(capsys.readouterr().out)["readings"]}
    assert not rows["power"]["allowed"]
    assert rows["plateau"]["allowed"]
    assert rows["plateau"]["interval"][0] <= -0.4 <= rows["plateau"]["interval"][1]
    assert 0 < rows["plateau"]["limit_interval"][0] <= 2 <= rows["plateau"]["limit_interval"][1]


@pytest.mark.parametrize(("expect", "status"), [("-0.4", 0), ("-0.7", 1)])
def test_a_known_form_is_compared(capsys, losses, expect, status):
    assert main(["measure", losses, "--form", "plateau", "--expect", expect]) == status
    assert "y_inf" in capsys.readouterr().out


def test_an_exponent_of_the_approach_is_not_refuted_without_a_form(losses):
    """As x grows the loss goes like x^0; who expects -0.4 means the approach, and is told to say so."""
    assert main(["measure", losses, "--expect", "-0.4"]) == 3


def rounded(path, law):
    """Thirty points of a law with six digits."""
    path.write_text("n,loss\n" + "".join(f"{n:.6g},{law(n):.6g}\n" for n in np.geomspace(1e2, 1e6, 30)))
    return str(path)


@pytest.mark.parametrize("form", ["power", "plateau", "correction", "logarithm"])
def test_a_pure_power_of_six_digits_is_of_every_form(capsys, tmp_path, form):
    path = rounded(tmp_path / "pure.csv", lambda n: 3 * n**-0.5)
    assert main(["measure", path, "--form", form, "--expect", "-0.5"]) == 0
    assert "excluded by the data" not in capsys.readouterr().out


def test_a_logarithm_of_six_digits_is_one(capsys, tmp_path):
    path = rounded(tmp_path / "log.csv", lambda n: 3 * n**-0.5 * np.log(n))
    assert main(["measure", path, "--form", "logarithm", "--expect", "-0.5"]) == 0
    told = capsys.readouterr().out
    assert "two corrections that die as powers" in told
    assert ", p = " in told


def test_an_excluded_form_is_told_first_and_names_no_exponent(capsys, losses):
    assert main(["measure", losses, "--error", "stderr", "--form", "power"]) == 3
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "the data exclude the stated form: loss ~ n^b"


def test_a_form_that_was_stated_is_not_asked_for(capsys, tmp_path):
    path = tmp_path / "wide.csv"
    scatter = np.exp(0.2 * np.random.default_rng(1).standard_normal(12))
    rows = zip(np.geomspace(1e2, 1e4, 12), scatter, strict=True)
    path.write_text("n,loss\n" + "".join(f"{n},{0.2 + 3 * n**-0.5 * factor}\n" for n, factor in rows))
    assert main(["measure", str(path), "--form", "plateau"]) == 3
    out = capsys.readouterr().out
    assert "even if the form is plateau" in out
    assert "unless its form is known" not in out


def test_what_is_not_identified_is_said_and_null(capsys, tmp_path):
    path = tmp_path / "late.csv"
    n = np.geomspace(1e2, 1e5, 24)
    y = n**-0.5 + 0.2 * n[-1] ** -0.5 * (n / n[-1]) ** 2
    y *= np.exp(3e-3 * np.random.default_rng(1).standard_normal(24))
    path.write_text("n,loss,se\n" + "".join(f"{a},{b},{3e-3 * b}\n" for a, b in zip(n, y, strict=True)))
    options = ["measure", str(path), "--error", "se", "--form", "correction"]
    assert main(options) == 3
    assert "b is not identified by these data" in capsys.readouterr().out.splitlines()[0]
    assert main([*options, "--json"]) == 3
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert document["exponent"] is None
    assert document["interval"] == [None, None]


def test_a_value_that_is_not_positive_is_named_by_line_and_column(capsys, tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("n,loss\n" + "\n".join(f"{k},{1 / k if k != 4 else -0.3}" for k in range(1, 9)))
    assert main(["measure", str(path)]) == 2
    assert "curve.csv line 5, column loss: got '-0.3'" in one_line(capsys)


@pytest.mark.parametrize("options", [["--error", "loss2"], ["--form", "straight"]])
def test_measure_names_what_it_cannot_use(capsys, losses, options):
    assert main(["measure", losses, *options]) == 2
    assert options[1] in one_line(capsys)


def test_standard_errors_must_be_positive(capsys, tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("n,loss,stderr\n")
    assert main(["measure", str(path), "--error", "stderr"]) == 2
    one_line(capsys)
    path.write_text("n,loss,stderr\n" + "".join(f"{k},{1 / k},0\n" for k in range(1, 9)))
    assert main(["measure", str(path), "--error", "stderr"]) == 2
    assert "stderr" in one_line(capsys)


def test_only_may_be_given_twice(tmp_path, capsys):
    """The first of two was dropped without a word: a referee heard fewer claims than were asked for."""
    wanted = ["N1.diagonal.minimum", "N3.diagonal.stein"]
    out = tmp_path / "report"
    words = [word for name in wanted for word in ("--only", name)]
    assert main(["verify", *words, "--quick", "--jobs", "1", "--out", str(out)]) == 0
    heard = [claim["id"] for claim in json.loads((out / "verdicts.json").read_text())["claims"]]
    assert heard == wanted
