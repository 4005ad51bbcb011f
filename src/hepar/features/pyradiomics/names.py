"""The features of PyRadiomics by class: those that "all" stands for, and those that must be asked for by name."""

from collections.abc import Mapping
from typing import Literal, get_args

FeatureClass = Literal["firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D"]
FEATURE_CLASSES: tuple[FeatureClass, ...] = get_args(FeatureClass)

IMAGE_TYPES = (
    "Original",
    "Exponential",
    "Gradient",
    "LBP2D",
    "LBP3D",
    "LoG",
    "Logarithm",
    "Square",
    "SquareRoot",
    "Wavelet",
)
"""The image types of PyRadiomics."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEATURES: Mapping[FeatureClass, tuple[str, ...]] = {
    "firstorder": _words(
        "10Percentile 90Percentile Energy Entropy InterquartileRange Kurtosis Maximum MeanAbsoluteDeviation Mean Median"
        " Minimum Range RobustMeanAbsoluteDeviation RootMeanSquared Skewness TotalEnergy Uniformity Variance"
    ),
    "glcm": _words(
        "Autocorrelation ClusterProminence ClusterShade ClusterTendency Contrast Correlation DifferenceAverage"
        " DifferenceEntropy DifferenceVariance Id Idm Idmn Idn Imc1 Imc2 InverseVariance JointAverage JointEnergy"
        " JointEntropy MCC MaximumProbability SumAverage SumEntropy SumSquares"
    ),
    "gldm": _words(
        "DependenceEntropy DependenceNonUniformity DependenceNonUniformityNormalized DependenceVariance"
        " GrayLevelNonUniformity GrayLevelVariance HighGrayLevelEmphasis LargeDependenceEmphasis"
        " LargeDependenceHighGrayLevelEmphasis LargeDependenceLowGrayLevelEmphasis LowGrayLevelEmphasis"
        " SmallDependenceEmphasis SmallDependenceHighGrayLevelEmphasis SmallDependenceLowGrayLevelEmphasis"
    ),
    "glrlm": _words(
        "GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelRunEmphasis"
        " LongRunEmphasis LongRunHighGrayLevelEmphasis LongRunLowGrayLevelEmphasis LowGrayLevelRunEmphasis RunEntropy"
        " RunLengthNonUniformity RunLengthNonUniformityNormalized RunPercentage RunVariance ShortRunEmphasis"
        " ShortRunHighGrayLevelEmphasis ShortRunLowGrayLevelEmphasis"
    ),
    "glszm": _words(
        "GrayLevelNonUniformity GrayLevelNonUniformityNormalized GrayLevelVariance HighGrayLevelZoneEmphasis"
        " LargeAreaEmphasis LargeAreaHighGrayLevelEmphasis LargeAreaLowGrayLevelEmphasis LowGrayLevelZoneEmphasis"
        " SizeZoneNonUniformity SizeZoneNonUniformityNormalized SmallAreaEmphasis SmallAreaHighGrayLevelEmphasis"
        " SmallAreaLowGrayLevelEmphasis ZoneEntropy ZonePercentage ZoneVariance"
    ),
    "ngtdm": _words("Busyness Coarseness Complexity Contrast Strength"),
    "shape": _words(
        "Elongation Flatness LeastAxisLength MajorAxisLength Maximum2DDiameterColumn Maximum2DDiameterRow"
        " Maximum2DDiameterSlice Maximum3DDiameter MeshVolume MinorAxisLength Sphericity SurfaceArea SurfaceVolumeRatio"
        " VoxelVolume"
    ),
    "shape2D": _words(
        "Elongation MajorAxisLength MaximumDiameter MeshSurface MinorAxisLength Perimeter PerimeterSurfaceRatio"
        " PixelSurface Sphericity"
    ),
}
"""What a class gives when no feature of it is named, in the order of PyRadiomics."""

ON_REQUEST: Mapping[FeatureClass, tuple[str, ...]] = {
    "firstorder": ("StandardDeviation",),
    "shape": ("Compactness1", "Compactness2", "SphericalDisproportion"),
    "shape2D": ("SphericalDisproportion",),
}
"""Features that PyRadiomics calls deprecated and gives only where they are named."""

REMOVED: Mapping[FeatureClass, Mapping[str, str]] = {
    "glcm": {
        "Dissimilarity": "DifferenceAverage",
        "Homogeneity1": "Id",
        "Homogeneity2": "Idm",
        "SumVariance": "ClusterTendency",
    },
    "gldm": {
        "GrayLevelNonUniformityNormalized": "firstorder Uniformity",
        "DependencePercentage": "1, whatever the image",
    },
}
"""Features that PyRadiomics accepts and no longer gives, and what they equal."""


def allowed(feature_class: FeatureClass) -> tuple[str, ...]:
    """Every name that a parameter file may list under `feature_class`."""
    return (
        *FEATURES[feature_class],
        *ON_REQUEST.get(feature_class, ()),
        *REMOVED.get(feature_class, {}),
    )
