"""What `exponents` returns: an exponent with its interval, the tables beside it, and the statements about both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .scaling_readings import Form, Reading


class LogStatus(Enum):
    """Whether the curve carries a power of log x."""

    ABSENT = "No logarithm: models without one describe the data, and any power of log x of 1/4 or more is excluded."
    PRESENT = "A logarithm: no model without one describes the data."
    UNDECIDED = "Undecided: these data cannot tell a logarithm from a slightly different power; more decades would."


class Convergence(Enum):
    """Whether the local slopes have reached the exponent."""

    SETTLED = "Settled: the local slope at the end of the data is the exponent within its interval, and that is narrow."
    WIDE = "Wide: these data do not fix the exponent unless its form is known. More decades or smaller errors would."
    GRANTED = (
        "Taken for granted: the data allow the stated form of the law; if it is another, this interval says nothing."
    )
    ALIKE = (
        "Undecided: neighbouring errors are alike, as along one training run, and their true size cannot be told from these"
        " data. Repeat the curve with other seeds, or take points farther apart."
    )
    EXTRAPOLATED = "Extrapolated: the local slopes still move towards the exponent; the models agree where they go."
    DRIFTING = "Drifting: the exponent lies as far beyond the data as the slopes moved inside them. Extend the range."
    CURVED = (
        "Curved: no power law with corrections describes the data, or their errors are alike between neighbours."
        " Look at the windows; fit a part of the range."
    )


class Agreement(Enum):
    """An expected exponent against the interval."""

    AGREES = "Agrees: inside the interval, and the interval is narrow enough to say so."
    DISAGREES = "Disagrees: outside the interval."
    UNDECIDED = (
        "Undecided: the interval is too wide, the data have not converged, or the curve approaches with the expected exponent"
        " what may be a plateau (state --form plateau if it is one)."
    )


@dataclass(frozen=True)
class SlopeRow:
    """Local slope of log y between neighbouring points, at their geometric mean."""

    x: float
    slope: float
    stderr: float | None


@dataclass(frozen=True)
class WindowRow:
    """A plain power fitted to a window: how much a cut at either end would have changed a naive exponent."""

    x_min: float
    x_max: float
    points: int
    slope: float
    stderr: float


@dataclass(frozen=True)
class ExponentEstimate:
    """An exponent with its interval, and what supports it (claim A4).

    Parameters
    ----------
    exponent : float
        β in y ≍ x^β (log x)^p, of the model with the best misfit for its parameters.
    interval : pair of floats
        Contains β at the stated level, whichever of the models is true.
    level : float
        Confidence level of the intervals.
    log_status : LogStatus
        Whether there is a logarithm.
    log_exponent, log_interval : float, pair of floats, or None
        The power p and its interval where a logarithm is present.
    convergence : Convergence
        Whether the slopes have settled.
    model : str
        The model behind `exponent`.
    misfit : float
        Root mean square residual of log y for that model.
    x_min : float
        Start of the window that was used.
    slopes, windows : tuples of rows
        Local slopes; plain power fits on windows cut at either end.
    readings : tuple of Reading
        The exponent if the law is known to be a plain power, one above a plateau, with a correction, with a logarithm.
    correlation : float or None
        Correlation of neighbouring errors, if it is more than chance: along one training run, say. Intervals count
        correspondingly fewer points.
    form : Form or None
        The form that was taken for granted, whose reading `exponent` and `interval` then are.
    expected, agreement : float, Agreement, or None
        The exponent to compare with, and the verdict.
    """

    exponent: float
    interval: tuple[float, float]
    level: float
    log_status: LogStatus
    log_exponent: float | None
    log_interval: tuple[float, float] | None
    convergence: Convergence
    model: str
    misfit: float
    x_min: float
    slopes: tuple[SlopeRow, ...]
    windows: tuple[WindowRow, ...]
    readings: tuple[Reading, ...] = ()
    correlation: float | None = None
    form: Form | None = None
    expected: float | None = None
    agreement: Agreement | None = None

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return 0.5 * (self.interval[1] - self.interval[0])
