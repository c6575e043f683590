"""The free convolution with a semicircle at high precision: mpmath and Arb only, independent of the package.

Two ways to the one root omega of x = omega + variance G_0(omega) in the upper half-plane. With few atoms it is a root of
a polynomial, all of whose roots are computed; at most one lies above the real line, so nothing can be missed. With many
atoms Newton's method follows omega from far above the real line, where it is x + i eta, down to eta = 0; above the real
line the root is unique (a holomorphic map of the half-plane into itself has one fixed point), so that it cannot be wrong.
"""

import math

import flint
import mpmath

DIGITS = 40


def measure(values, weights=None):
    """Atoms and weights as the floats they are, weights normalised exactly."""
    weights = [1.0] * len(values) if weights is None else weights
    weights = [mpmath.mpf(float(w)) for w in weights]
    total = mpmath.fsum(weights)
    return [mpmath.mpf(float(s)) for s in values], [w / total for w in weights]


def by_roots(values, weights, variance, x):
    """Return (density, Hilbert transform) at x inside the support, or density 0 and None, from all polynomial roots.

    In y = omega - x the polynomial has rational coefficients, and Arb tells its real roots from the others by proof.
    """
    atoms, shares, variance = exact_measure(values, weights, variance)
    away = [flint.fmpq_poly([fmpq(x) - s, 1]) for s in atoms]
    left = flint.fmpq_poly([0, 1]) * math.prod(away)
    for i, share in enumerate(shares):
        left += variance * share * math.prod(away[:i] + away[i + 1 :], start=flint.fmpq_poly([1]))
    with flint.ctx.workdps(2 * DIGITS), mpmath.workdps(DIGITS):
        above = [root for root, _ in left.numer().complex_roots() if root.imag > 0]
        assert len(above) <= 1
        if not above:
            return mpmath.mpf(0), None
        assert above[0].rel_accuracy_bits() > 4 * DIGITS
        height, place, width = (_number(ball) for ball in (above[0].imag, above[0].real, flint.arb(variance)))
        return height / (mpmath.pi * width), -place / width


def exact_measure(values, weights, variance):
    """Atoms, weights and variance as the fractions that the floats are, weights normalised."""
    weights = [fmpq(w) for w in ([1.0] * len(values) if weights is None else weights)]
    return [fmpq(s) for s in values], [w / sum(weights) for w in weights], fmpq(variance)


def fmpq(value):
    """A float as the fraction that it is."""
    return flint.fmpq(*float(value).as_integer_ratio())


def _number(ball):
    """The middle of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


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
