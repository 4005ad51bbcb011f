"""What the arrays of the statistics hold and how they are shaped.

In one signature axes of one name are equally long: `n` cases, `draws` of a resampling, `tests` compared on the same
cases, `points` of a curve (thresholds, times or groups). What a caller gives may be of any type that converts.
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Int32, Real, Shaped

# Of any shape. Spelt out: from NumPy 2.5 on NDArray is a name for itself alone, which jaxtyping does not read.
Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]
FloatArray = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]
BoolArray = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]
CountArray = np.ndarray[tuple[Any, ...], np.dtype[np.int64]]
SmallCountArray = np.ndarray[tuple[Any, ...], np.dtype[np.int32]]

# Given, one entry per case: outcomes (bool or 0/1), states, grades, participants; or numbers.
Labels = Shaped[Array, " n"]
Numbers = Real[Array, " n"]
OtherLabels = Shaped[Array, " other"]
OtherNumbers = Real[Array, " other"]
NumbersOfAny = Real[Array, " _"]

# Given, of another shape.
ScoreRows = Real[Array, "tests n"]
DesignMatrix = Real[Array, "n columns"]
Ratings = Real[Array, "n raters"]
PenaltyMatrix = Real[Array, "stages stages"]
Points = Real[Array, " points"]
NumbersAtPoints = Real[Array, "n points"]
CaseWeights = Real[Array, "draws n"]
Draws = Real[Array, " draws"]

# Returned, one entry per case.
Bools = Bool[BoolArray, " n"]
Floats = Float[FloatArray, " n"]
Codes = Int[CountArray, " n"]
FloatsOfAny = Float[FloatArray, " _"]

# Returned, of another shape.
PointFloats = Float[FloatArray, " points"]
PointCounts = Int[CountArray, " points"]
PointSteps = Float[FloatArray, "points+1"]
CodeCounts = Int[CountArray, "codes points"]
PointDraws = Float[FloatArray, "draws points"]
TestPoints = Float[FloatArray, "tests points"]
DrawFloats = Float[FloatArray, " draws"]
DrawWeights = Float[FloatArray, "draws n"]
DrawCounts = Int32[SmallCountArray, "draws n"]
TestFloats = Float[FloatArray, " tests"]
TestCovariance = Float[FloatArray, "tests tests"]
PositivePlacements = Float[FloatArray, "tests positives"]
NegativePlacements = Float[FloatArray, "tests negatives"]
Coefficients = Float[FloatArray, " columns"]
Covariance = Float[FloatArray, "columns columns"]
Memberships = Float[FloatArray, "groups n"]
GroupFloats = Float[FloatArray, " groups"]
GroupCovariance = Float[FloatArray, "groups groups"]
