"""Conjectures about a system of the user's own, from its equations and the claimed exponent."""


def about(equations, exponent, **more):
    """What `hearing` takes: a system called s in x (or `positive`), and a claim about x (or `observable`).

    `controls` are those of the system, `values` what the claim gives them.
    """
    system = {"id": "s", "large": "n", "positive": ["x"], "equations": equations}
    system |= {key: more.pop(key) for key in ("positive", "parameters", "controls", "one_solution") if key in more}
    given = {"controls": more.pop("values")} if "values" in more else {}
    claim = {**given, "theory": "system:s", "observable": "x", "path": None, "where": None, "exponent": exponent}
    return {"systems": [system], **claim, **more}
