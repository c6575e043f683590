"""The free convolution with a semicircle at high precision: mpmath only, independent of the package.

Two ways to the one root omega of x = omega + variance G_0(omega) in the upper half-plane. With few atoms it is a root of
a polynomial, all of whose roots are computed; at most one lies above the real line, so nothing can be missed. With many
atoms Newton's method follows omega from far above the real line, where it is x + i eta, down to eta = 0; above the real
line the root is unique (a holomorphic map of the half-plane into itself has one fixed point), so that it cannot be wrong.
"""

import mpmath

DIGITS = 40
# Roots of a polynomial with k nearby atoms keep a k-th of the digits of its coefficients.
COEFFICIENT_DIGITS = 300


def measure(values, weights=None):
    """Atoms and weights as the floats they are, weights normalised exactly."""
    weights = [1.0] * len(values) if weights is None else weights
    weights = [mpmath.mpf(float(w)) for w in weights]
    total = mpmath.fsum(weights)
    return [mpmath.mpf(float(s)) for s in values], [w / total for w in weights]


def by_roots(values, weights, variance, x):
    """Return (density, Hilbert transform) at x inside the support, or density 0 and None, from all polynomial roots."""
    with mpmath.workdps(COEFFICIENT_DIGITS):
        atoms, shares = measure(values, weights)
        variance, x = mpmath.mpf(float(variance)), mpmath.mpf(float(x))
        scale = mpmath.sqrt(variance)
        atoms, x = [(s - x) / scale for s in atoms], mpmath.mpf(0)
        total = _product([1], atoms)
        left = _add(_times(total, [mpmath.mpf(1), -x]), [0])
        for i, share in enumerate(shares):
            rest = _product([1], atoms[:i] + atoms[i + 1 :])
            left = _add(left, [share * c for c in rest])
        roots = mpmath.polyroots(left, maxsteps=2000, extraprec=200)
        above = [root for root in roots if mpmath.im(root) > mpmath.mpf(10) ** (-DIGITS // 2)]
        assert len(above) <= 1
        if not above:
            return mpmath.mpf(0), None
        return mpmath.im(above[0]) / (mpmath.pi * scale), -mpmath.re(above[0]) / scale


def by_continuation(values, weights, variance, x):
    """Return (density, Hilbert transform) at x, by Newton's method along eta -> 0."""
    with mpmath.workdps(DIGITS):
        atoms, shares = measure(values, weights)
        variance, x = mpmath.mpf(float(variance)), mpmath.mpf(float(x))
        eta = 4 * (mpmath.sqrt(variance) + max(abs(s - x) for s in atoms))
        omega, stop = mpmath.mpc(x, eta), mpmath.sqrt(variance) * mpmath.mpf(10) ** (-DIGITS // 2)
        while eta > stop:
            omega = _newton(atoms, shares, variance, mpmath.mpc(x, eta), omega)
            eta *= mpmath.mpf("0.3")
        omega = _newton(atoms, shares, variance, mpmath.mpc(x), omega)
        assert mpmath.im(omega) > -stop
        return mpmath.im(omega) / (mpmath.pi * variance), (x - mpmath.re(omega)) / variance


def _newton(atoms, shares, variance, target, omega):
    for _ in range(100):
        inverse = [1 / (omega - s) for s in atoms]
        miss = omega + variance * mpmath.fsum(w * r for w, r in zip(shares, inverse)) - target
        slope = 1 - variance * mpmath.fsum(w * r * r for w, r in zip(shares, inverse))
        step = miss / slope
        while mpmath.im(omega - step) < 0 and mpmath.im(target) > 0:
            step /= 2
        omega -= step
        if abs(step) < mpmath.mpf(10) ** (8 - DIGITS) * abs(omega - atoms[0]):
            return omega
    raise AssertionError(f"no convergence at {target}")


def _times(p, q):
    out = [mpmath.mpf(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] += a * b
    return out


def _product(start, atoms):
    for s in atoms:
        start = _times(start, [mpmath.mpf(1), -s])
    return start


def _add(p, q):
    short, long = sorted((list(p), list(q)), key=len)
    return [a + b for a, b in zip(long, [mpmath.mpf(0)] * (len(long) - len(short)) + short)]
