"""High-precision reference for the state equations of the quadratic network, in mpmath, for a few eigenvalues.

Run as a script to write `quadratic_state_evolution.toml` again: `python tests/problems/quadratic_reference.py`. Independent of
the package in every step:

* free convolution: at every x the resolvent G is the root in the lower half-plane of the polynomial equation
  G = (1/d) sum 1/(x - w G - s_k) (not Biane's curve); the support ends where dx/domega = 0, roots of another polynomial;
* integrals: on the real axis, over the support (not along contours);
* risk: by SURE as theory.md N4 writes it, in more digits than it cancels (not direction by direction);
* roots: the chord method, Jacobian by differences. Only the start is the package's, cut to four decimals.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import mpmath as mp

TABLE = Path(__file__).with_name("quadratic_state_evolution.toml")
DIGITS, SMALL = 20, 1e-14


def resolvent(x, values, variance):
    """G(x + i0): the root with the most negative imaginary part, zero density where all are real."""
    d = len(values)
    # prod_k (y - s_k) (x - y)/w = (1/d) sum_k prod_{j != k} (y - s_j) in y = x - w G.
    product = [mp.mpf(1)]
    for s in values:
        product = multiply(product, [1, -s])
    left = multiply(product, [-1, x])
    right = [variance / d * c for c in derivative(product)]
    padded = [mp.mpf(0)] * (len(left) - len(right)) + right
    roots = mp.polyroots([a - b for a, b in zip(left, padded)], maxsteps=500, extraprec=200)
    best = min(((x - y) / variance for y in roots), key=lambda g: mp.im(g))
    return best


def multiply(p, q):
    """Product of two polynomials, highest power first."""
    result = [mp.mpf(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] += a * b
    return result


def derivative(p):
    """Derivative of a polynomial, highest power first."""
    n = len(p) - 1
    return [c * (n - i) for i, c in enumerate(p[:-1])]


def edges(values, variance):
    """Ends of the support: x(u) at the real u where (1/d) sum 1/(u - s)^2 = 1/w and the sum is smaller outside."""
    d = len(values)
    squares = [[mp.mpf(1)]]
    for s in values:
        squares = [multiply(p, [1, -2 * s, s * s]) for p in squares]
    whole = squares[0]
    total = [mp.mpf(0)]
    for k in range(d):
        other = [mp.mpf(1)]
        for j, s in enumerate(values):
            if j != k:
                other = multiply(other, [1, -2 * s, s * s])
        total = other if len(total) == 1 else [a + b for a, b in zip(total, other)]
    padded = [mp.mpf(0)] * (len(whole) - len(total)) + [variance / d * c for c in total]
    roots = mp.polyroots([a - b for a, b in zip(whole, padded)], maxsteps=500, extraprec=400)
    real = sorted(mp.re(u) for u in roots if abs(mp.im(u)) < mp.mpf(10) ** (-mp.mp.dps // 2))
    return [u + variance / d * sum(1 / (u - s) for s in values) for u in real]


def moments(values, variance, threshold):
    """Integrals over the spectral law mu: (eta - x)^2, eta H, and 1 above the threshold."""
    ends = edges(values, variance)
    pieces = list(zip(ends[::2], ends[1::2]))

    def integral(function, low):
        total = mp.mpf(0)
        for a, b in pieces:
            start = max(a, low) if low is not None else a
            if start < b:
                marks = [start, b] if threshold <= start or threshold >= b else [start, threshold, b]
                total += mp.quad(function, marks)
        return total

    def density(x):
        return -mp.im(resolvent(x, values, variance)) / mp.pi

    def clipped(x):
        return (x - max(x - threshold, 0)) ** 2 * density(x)

    def divergence(x):
        g = resolvent(x, values, variance)
        return -(x - threshold) * mp.re(g) * mp.im(g) / mp.pi

    return integral(clipped, None), integral(divergence, threshold), integral(density, threshold)


def residuals(problem, log_sigma, log_threshold):
    """Both state equations (relative), risk and degrees of freedom, in units where s_k = k^-decay."""
    d = problem["dim"]
    values = [mp.mpf(k) ** (-mp.mpf(problem["decay"])) for k in range(1, d + 1)]
    variance, t = mp.exp(2 * log_sigma), mp.exp(log_threshold)
    clipped, divergence, above = moments(values, variance, t)
    n, noise = mp.mpf(problem["samples"]), mp.mpf(problem["noise"])
    width = mp.mpf(problem.get("width", d))
    # Original units: eigenvalues are sqrt(d) times these; sigma^2 = d variance.
    if problem.get("closure", "deterministic") == "finite":
        tau2, space = 2 * d * variance / (d + 1), mp.mpf(d) * (d + 1) / 2
        dof = d * d * divergence + mp.mpf(d) / 2 * above
    else:
        tau2, space = 2 * variance, mp.mpf(d) ** 2 / 2
        dof = d * d * divergence
    error = d * d * clipped - tau2 * space + 2 * tau2 * dof
    risk = 2 * error / d
    first = mp.log(d * (noise + risk) / (2 * n * tau2))
    penalty = mp.mpf(problem["weight_decay"]) * mp.sqrt(width * d)
    second = (penalty / (4 * n / d * t * mp.sqrt(d)) + dof / n) - 1
    return first, second, risk, dof


def solve(problem, log_sigma, log_threshold):
    """Chord method from a start nearby; returns the columns of the answer."""
    x = mp.matrix([mp.mpf(log_sigma), mp.mpf(log_threshold)])
    step = mp.mpf(10) ** (-mp.mp.dps // 3)
    jacobian = None
    for _ in range(12):
        first, second, risk, dof = residuals(problem, x[0], x[1])
        if max(abs(first), abs(second)) < SMALL:
            break
        if jacobian is None:  # once: the start is near, and the chord method converges by four digits a step
            jacobian = mp.matrix(2, 2)
            for j, moved in enumerate([(x[0] + step, x[1]), (x[0], x[1] + step)]):
                there = residuals(problem, *moved)
                jacobian[0, j], jacobian[1, j] = (there[0] - first) / step, (there[1] - second) / step
        x += -mp.lu_solve(jacobian, mp.matrix([first, second]))
    else:
        raise ArithmeticError(f"no convergence for {problem}")
    d = problem["dim"]
    factor = mp.mpf(d) / (d + 1) if problem.get("closure") == "finite" else 1
    tau, t = mp.sqrt(2 * factor) * mp.exp(x[0]), mp.sqrt(d) * mp.exp(x[1])
    return {"risk": risk, "noise_level": tau, "threshold": t, "degrees_of_freedom": dof}


# name: (problem, why it is here)
PROBLEMS = {
    "pair": (dict(dim=2, decay=1.0, samples=3.0, weight_decay=0.5, noise=1.0), "one bulk"),
    "spikes": (dict(dim=3, decay=0.75, samples=400.0, weight_decay=0.25, noise=0.125), "separate bumps"),
    "threshold-above": (dict(dim=4, decay=1.5, samples=6.5, weight_decay=4.0, noise=0.25), "little survives"),
    "interpolating": (dict(dim=4, decay=1.0, samples=3.0, weight_decay=0.0078125, noise=1.0), "dof near n"),
    "wide": (dict(dim=5, decay=2.0, samples=30.5, weight_decay=0.125, noise=0.5, width=20.0), "p = 4d"),
    "noiseless": (dict(dim=3, decay=1.0, samples=3.5, weight_decay=0.25, noise=0.0), "no label noise"),
    "finite": (
        dict(dim=4, decay=1.0, samples=9.0, weight_decay=0.25, noise=1.0, closure="finite"),
        "the other closure",
    ),
    "many-samples": (dict(dim=5, decay=0.625, samples=4096.0, weight_decay=1.0, noise=1.0), "full rank"),
}


def rows():
    """The rows of the table, as dictionaries; numbers of the answer are strings."""
    return tomllib.loads(TABLE.read_text())["problem"]


def main():
    """Write the table."""
    from scalecheck.numerics.networks.quadratic.state_equations import solve as package

    lines = ["# Written by quadratic_reference.py; answers to 16 digits.\n"]
    for name, (problem, why) in PROBLEMS.items():
        near = package(**problem).value
        d, factor = problem["dim"], 1.0
        if problem.get("closure") == "finite":
            factor = problem["dim"] / (problem["dim"] + 1.0)
        with mp.workdps(DIGITS):
            log_sigma = round(float(mp.log(near.noise_level / mp.sqrt(2 * factor))), 4)
            answer = solve(problem, log_sigma, round(float(mp.log(near.threshold / mp.sqrt(d))), 4))
        lines.append(f'[[problem]]\nname = "{name}"\nwhy = "{why}"')
        lines += [
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value!r}" for key, value in problem.items()
        ]
        lines += [f'{key} = "{mp.nstr(value, 17)}"' for key, value in answer.items()]
        lines.append("")
        TABLE.write_text("\n".join(lines))  # after every row: they take minutes


if __name__ == "__main__":
    main()
