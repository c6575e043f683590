"""The report on a user's own conjectures: files that can be run again, LaTeX, false twins, comparison with an earlier one."""

import json
import re
import shutil
import subprocess
import tomllib

import pytest

import scalecheck
from scalecheck import checking, conjecture_report
from scalecheck.against import read_verdicts
from scalecheck.cli import main
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.verdicts import Verdict

SYSTEM = {"id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "p > 1"}, "equations": ["x**p + x = n"]}
PATH = {"samples": "dim**(3/2)", "weight_decay": "1/dim"}
FILE = {
    "system": [SYSTEM],
    "conjecture": [
        {"id": "root", "theory": "system:s", "observable": "x", "exponent": "1/p", "constant": 1, "note": "proved ✓ 😀"},
        {"id": "too-fast", "theory": "system:s", "observable": "x", "exponent": "2/p"},
        {"id": "bulk", "theory": "diagonal", "observable": "risk", "path": PATH, "exponent": -0.5, "where": {"decay": "1 < decay < 2"}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("own") / "report"
    return scalecheck.check(FILE, out=out), out


@pytest.fixture(scope="module")
def document(report):
    return json.loads((report[1] / "verdicts.json").read_text(), parse_constant=pytest.fail)


def test_files_and_their_rerun(report, document):
    result, out = report
    names = ["claims.tex", "conjectures.toml", "index.html", "references.bib", "verdicts.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert document["command"] == "scalecheck check conjectures.toml"
    again = scalecheck.check(out / "conjectures.toml")
    assert [row["verdict"] for row in again.rows] == [row["verdict"] for row in result.rows]
    assert tomllib.loads((out / "conjectures.toml").read_text()) == FILE


def test_a_file_is_copied_to_the_byte(tmp_path):
    source = tmp_path / "mine.toml"
    text = '# why\r\n[[conjecture]]\nid = "x"\ntheory = "diagonal"\nobservable = "risk"\nexponent = "-1/2" # ²\n'
    source.write_bytes((text + 'path = { samples = "dim**(3/2)", weight_decay = "1/dim" }\n').encode())
    scalecheck.check(source, out=tmp_path / "out")
    assert (tmp_path / "out" / "conjectures.toml").read_bytes() == source.read_bytes()


def test_what_is_accepted_has_values_and_twins(document):
    root, too_fast, bulk = document["claims"]
    assert root["tex_values"] == {"exponent": r"\frac{1}{p}", "constant": "1", "value": r"\frac{1}{p}"}
    assert bulk["tex_values"]["value"] == r"-\frac{1}{2}"
    assert (too_fast["tex_values"], too_fast["twins"], too_fast["as_expected"]) == ({}, [], False)
    for claim in (root, bulk):
        assert claim["as_expected"]
        assert len(claim["twins"]) >= 6
        assert all(twin["refuted"] for twin in claim["twins"])
    assert root["source"]["keys"] == []
    assert bulk["source"]["keys"]
    assert document["exit_status"] == 1


def test_the_bibliography_is_that_of_the_theories(report):
    text = (report[1] / "references.bib").read_text()
    keys = set(re.findall(r"@\w+\{([^,]+),", text))
    cited = {
        key
        for group in re.findall(r"\\cite\{([^}]*)\}", (report[1] / "claims.tex").read_text())
        for key in group.split(",")
    }
    assert cited <= keys
    assert len(keys) >= 2


def test_equations_alone_cite_the_software_alone(tmp_path):
    scalecheck.check({"system": [SYSTEM], "conjecture": FILE["conjecture"][:1]}, out=tmp_path / "out")
    assert (tmp_path / "out" / "references.bib").read_text().count("@") == 1
    assert 'id="conventions"' not in (tmp_path / "out" / "index.html").read_text()


def test_the_page_is_self_contained_and_its_links_resolve(report):
    page = (report[1] / "index.html").read_text()
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(re.findall(r' id="([^"]+)"', page))
    assert "<msup>" in page


def test_against_itself_nothing_changed(report):
    found = scalecheck.check(FILE, against=report[1] / "verdicts.json")
    assert found.changes == ("3 claims compared: 3 as before, 0 changed",)
    assert not found.regressed


EDITS = {"statement": "x", "verdict": "refuted", "hypotheses": [], "twins": [], "evidence": [], "hash": "0" * 16}


@pytest.mark.parametrize("part", EDITS)
def test_every_edit_of_an_earlier_report_is_seen(report, document, tmp_path, part):
    edited = json.loads(json.dumps(document))
    edited["claims"][0][part] = EDITS[part]
    edited.pop("summary")
    place = tmp_path / "verdicts.json"
    place.write_text(json.dumps(edited))
    only_true = {**FILE, "conjecture": [FILE["conjecture"][0]]}
    found = scalecheck.check(only_true, against=place)
    assert found.regressed
    assert found.exit_status == 1
    assert found.changes[0].startswith("root: ")


def test_a_report_says_what_differed_from_the_earlier_one(report, document, tmp_path):
    edited = json.loads(json.dumps(document))
    edited["claims"][0]["title"] = "another"
    (tmp_path / "verdicts.json").write_text(json.dumps(edited))
    found = scalecheck.check(FILE, against=tmp_path / "verdicts.json", out=tmp_path / "out")
    assert "root: changed: the title" in found.changes
    written = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert (written["changes"], written["regressed"]) == (list(found.changes), True)
    assert read_verdicts(tmp_path / "out" / "verdicts.json").faults == ()


def against_doctored(document, tmp_path, edit):
    """A run of the first conjecture against its own report with one edit."""
    doctored = json.loads(json.dumps(document))
    edit(doctored["claims"][0]["evidence"])
    place = tmp_path / "verdicts.json"
    place.write_text(json.dumps(doctored))
    found = scalecheck.check({**FILE, "conjecture": FILE["conjecture"]}, against=place)
    assert found.exit_status == 1
    return found


DOCTORED = {
    "the law of a part": lambda e: e[0]["rows"][0].update(exponent="1/p + 0"),
    "the constant of a part": lambda e: e[0]["rows"][0].update(constant="2"),
    "the logarithm of a part": lambda e: e[0]["rows"][0].update(log="1"),
    "the part": lambda e: e[0]["rows"][0].update(where="p > 2"),
    "the outcome of a part": lambda e: e[0]["rows"][0].update(outcome="undecided"),
    "a further part": lambda e: e[0]["rows"].append(dict(e[0]["rows"][0])),
    "no parts": lambda e: e[0].update(rows=[]),
    "damaged rows": lambda e: e[0].update(rows="none"),
    "a measured exponent": lambda e: e[1]["rows"][0].update(exponent=e[1]["rows"][0]["high"] + 0.01),
    "an interval": lambda e: e[1]["rows"][0].update(low=-1.0, high=1.0),
    "an interval and its exponent": lambda e: e[1]["rows"][0].update(low=-1.0, high=1.0, exponent=0.0),
    "a constant": lambda e: e[1]["rows"][0].update(constant_ratio=1.001),
    "a scale": lambda e: e[1]["rows"][0].update(scale=10.0),
    "a point": lambda e: e[1]["rows"][0].update(at="p = 9"),
    "a point less": lambda e: e[1]["rows"].pop(),
    "a column less": lambda e: e[1]["rows"][0].pop("low"),
    "a number as text": lambda e: e[1]["rows"][0].update(exponent="1/2"),
    "what is claimed": lambda e: e[1]["rows"][0].update(claimed=0.25),
}


@pytest.mark.parametrize("name", DOCTORED)
def test_doctored_evidence_is_seen(document, tmp_path, name):
    found = against_doctored(document, tmp_path, DOCTORED[name])
    assert found.regressed
    assert found.changes[0].startswith("root: ")
    assert "witness" in found.changes[0]
    assert all(line.isprintable() for line in found.changes)


def test_numbers_within_their_error_and_other_words_are_no_difference(document, tmp_path):
    def edit(evidence):
        numbers, exact = evidence[1]["rows"][0], evidence[0]["rows"][0]
        numbers["exponent"] += 0.2 * (numbers["high"] - numbers["low"])
        numbers["note"] = exact["reason"] = "in other words"

    found = against_doctored(document, tmp_path, edit)
    assert not found.regressed  # the status is that of the conjecture that is refuted
    assert found.changes == ("3 claims compared: 3 as before, 0 changed",)


def test_control_sequences_of_a_doctored_file_are_not_printed(document, tmp_path):
    found = against_doctored(document, tmp_path, lambda e: e[0]["rows"][0].update(constant="\x1b[2Jall is well"))
    assert "\x1b" not in found.changes[0]


def test_other_equations_are_another_statement(report):
    other = {**FILE, "system": [{**SYSTEM, "equations": ["x**p + 2*x = n"]}]}
    found = scalecheck.check(other, against=report[1] / "verdicts.json")
    assert found.changes[0] == "root: changed: the statement"


def test_a_twin_that_is_accepted_fails_the_run(monkeypatch, tmp_path, capsys):
    """The judge broken on purpose: it accepts whatever it hears."""
    real = conjecture_report.judge

    def yes(stated, systems, *, numbers):
        import dataclasses

        return [dataclasses.replace(item, verdict=Verdict.PROVED) for item in real(stated, systems, numbers=numbers)]

    monkeypatch.setattr(conjecture_report, "judge", yes)
    found = scalecheck.check({**FILE, "conjecture": [FILE["conjecture"][0]]}, out=tmp_path / "out")
    assert found.exit_status == 1
    told = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert told["exit_status"] == 1
    assert not told["claims"][0]["as_expected"]
    from scalecheck import terminal

    terminal.show_checked(found)
    assert "a false twin was accepted: exponent = (1/p) + (1/10)" in capsys.readouterr().out


def test_twins_of_the_exponent_are_not_those_that_may_be_true():
    """The negative of an exponent that is zero on the range is the same exponent, however it is written."""
    table = {"id": "flat", "theory": "system:s", "observable": "x", "exponent": "0*p"}
    system = {**SYSTEM, "equations": ["x**p = 2 + 1/n"]}
    found = scalecheck.check({"system": [system], "conjecture": [table]}, against=None)
    source = conjecture_report.source_of({"system": [system], "conjecture": [table]})
    assert found.exit_status == 0
    twins = conjecture_report.twins_of(found.verdicts[0], source, lambda: None)
    assert twins
    assert not any(twin.false_accept for twin in twins)


@pytest.mark.parametrize("power", ["1-1", "0/7", "0"])
def test_a_logarithm_that_is_none_is_not_dropped(power):
    table = {**FILE["conjecture"][0], "log_power": power}
    found = scalecheck.check({"system": [SYSTEM], "conjecture": [table]})
    source = conjecture_report.source_of({"system": [SYSTEM], "conjecture": [table]})
    twins = conjecture_report.twins_of(found.verdicts[0], source, lambda: None)
    assert "logarithm" in {twin.operator for twin in twins}
    assert not any(twin.false_accept for twin in twins)


def test_a_file_that_is_no_text_is_unusable_with_a_report_too(tmp_path, capsys):
    place = tmp_path / "bad.toml"
    place.write_bytes(b'x = "\xff"')
    assert main(["check", str(place), "--out", str(tmp_path / "out")]) == 2
    assert "not UTF-8" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_nothing_is_heard_where_the_target_is_not_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "hear", lambda *_: pytest.fail("heard before the target was looked at"))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("mine")
    with pytest.raises(InputError, match="earlier report"):
        scalecheck.check(FILE, out=tmp_path / "thesis")
    with pytest.raises(InputError, match="written by scalecheck"):
        scalecheck.check(FILE, against=tmp_path / "none.json")
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "mine"


def test_the_command(tmp_path, capsys, report):
    out = tmp_path / "again"
    assert (
        main(
            [
                "check",
                str(report[1] / "conjectures.toml"),
                "--out",
                str(out),
                "--against",
                str(report[1] / "verdicts.json"),
            ]
        )
        == 1
    )
    told = capsys.readouterr().out
    assert "3 claims compared: 3 as before, 0 changed" in told
    assert "false twins refuted" in told
    assert f"report: {out}/index.html" in told
    assert (
        main(["check", str(out / "conjectures.toml"), "--out", str(out), "--against", str(out / "verdicts.json")]) == 2
    )
    assert "against" in capsys.readouterr().err
    assert main(["check", "--certificate", "point.json", "--out", str(out)]) == 2
    assert "certificate" in capsys.readouterr().err


def test_one_document_on_standard_output(tmp_path, capsys, report):
    assert main(["check", str(report[1] / "conjectures.toml"), "--out", str(tmp_path / "x"), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == ["root", "too-fast", "bulk"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_it_compiles(report, tmp_path):
    shutil.copy(report[1] / "claims.tex", tmp_path)
    lines = [r"\documentclass{article}\usepackage{amsmath,amssymb}\input{claims.tex}\begin{document}"]
    lines.append(
        r"\claimvalue{root}, \claimvalue[constant]{root}, \claimvalue{too-fast}, \claimhash{bulk}. \allclaims\end{document}"
    )
    (tmp_path / "paper.tex").write_text("\n".join(lines))
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
