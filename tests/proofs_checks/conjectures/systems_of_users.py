"""Conjectures about a system of the user's own, from its equations and the claimed exponent; a system that several tests ask about."""


def about(equations, exponent, **more):
    """What `hearing` takes: a system called s in x (or `positive`), and a claim about x (or `observable`).

    `controls` are those of the system, `values` what the claim gives them.
    """
    system = {"id": "s", "large": "n", "positive": ["x"], "equations": equations}
    system |= {key: more.pop(key) for key in ("positive", "parameters", "controls", "one_solution") if key in more}
    given = {"controls": more.pop("values")} if "values" in more else {}
    claim = {**given, "theory": "system:s", "observable": "x", "path": None, "where": None, "exponent": exponent}
    return {"systems": [system], **claim, **more}


def kernel_ridge(risk="risk", target="k**(-1-beta)", noise=None):
    """Equations of kernel ridge regression with spectrum k^-alpha: the effective ridge kappa, then the risk.

    `target` is the energy of the teacher by mode; `noise` is what stands before the variance, None for no noise at all.
    """
    spread = "powersum(k**(-2*alpha)/(k**(-alpha) + kappa)**2)"
    variance = "" if noise is None else f" + {noise}{spread}/n"
    return [
        "n*kappa = ridge + kappa*powersum(k**(-alpha)/(k**(-alpha) + kappa))",
        f"{risk}*(1 - {spread}/n) = powersum({target}*kappa**2/(k**(-alpha) + kappa)**2){variance}",
    ]
