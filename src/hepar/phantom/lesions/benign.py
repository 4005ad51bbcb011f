"""How benign lesions and mimics look on CT: published signs and frequencies, typical values where none is cited.

HU are differences from a liver of reference (57 native, 74 arterial, 110 portal, 93 delayed).

Haemangioma: peripheral nodules that fill in; about one in six, and four in ten of those under 10 mm, fill at once
(Vilgrain, 2000); sclerosed ones enhance little. Focal nodular hyperplasia: bright in the arterial phase, like liver
after it; a scar in a third of those up to 30 mm and two thirds of larger ones (Brancatelli, 2001). Cyst: water in every
phase. Focal fat, focal sparing, perfusion anomaly, regenerative nodule: typical values.
"""

from .look import Pattern

HAEMANGIOMA = (
    Pattern(
        "nodular filling",
        large=0.68,
        small=0.30,
        core=(-13, -20, -18, 8),
        core_sd=(5, 10, 15, 12),
        rim=(62, 58, 22),
        rim_sd=(22, 18, 12),
        form={"rim_width": 0.28, "nodularity": 0.70, "texture": 5.0, "edge": 0.06, "lobulation": 0.08},
    ),
    Pattern(
        "filling at once",
        large=0.10,
        small=0.42,
        core=(-9, 60, 27, 18),
        core_sd=(6, 20, 12, 10),
        form={"edge": 0.07, "texture": 5.0},
    ),
    Pattern(
        "sclerosed",
        large=0.14,
        small=0.12,
        core=(-12, -16, -33, -20),
        core_sd=(6, 9, 12, 12),
        rim=(10, 9, 8),
        rim_sd=(9, 9, 9),
        form={"texture": 6.5, "edge": 0.12, "lobulation": 0.08},
    ),
    Pattern(
        "slow",
        large=0.08,
        small=0.16,
        core=(-13, -20, -34, -12),
        core_sd=(5, 9, 12, 12),
        rim=(24, 22, 16),
        rim_sd=(11, 11, 10),
        form={"rim_width": 0.20, "nodularity": 0.35, "edge": 0.08},
    ),
)

FNH = (
    Pattern(
        "with a scar",
        large=0.62,
        small=0.15,
        core=(-3, 52, 7, 3),
        core_sd=(4, 15, 8, 7),
        form={"scar": 0.24, "texture": 6.0, "edge": 0.06, "lobulation": 0.09},
    ),
    Pattern(
        "without a scar",
        large=0.26,
        small=0.65,
        core=(-3, 48, 6, 3),
        core_sd=(4, 16, 8, 7),
        form={"texture": 5.0, "edge": 0.07},
    ),
    Pattern(
        "atypical",
        large=0.12,
        small=0.20,
        core=(-5, 34, -8, -8),
        core_sd=(5, 14, 9, 8),
        rim=(0, 8, 10),
        rim_sd=(7, 7, 7),
        form={"rim_width": 0.12, "texture": 8.0, "scar": 0.06},
    ),
)

CYST = (
    Pattern(
        "simple",
        large=0.86,
        small=0.86,
        core=(-47, -62, -102, -84),
        core_sd=(6, 6, 7, 7),
        rim_sd=(3, 3, 3),
        form={"texture": 2.0, "edge": 0.02, "lobulation": 0.05},
    ),
    Pattern(
        "denser",
        large=0.14,
        small=0.14,
        core=(-32, -44, -80, -64),
        core_sd=(10, 12, 14, 13),
        rim=(4, 5, 4),
        form={"texture": 4.0, "edge": 0.05, "lobulation": 0.07},
    ),
)

FOCAL_FAT = (
    Pattern(
        "fat",
        large=1.0,
        small=1.0,
        core=(-22, -22, -28, -24),
        core_sd=(9, 10, 11, 10),
        rim_sd=(4, 4, 4),
        form={"texture": 4.0, "edge": 0.40, "lobulation": 0.10},
    ),
)

FOCAL_SPARING = (
    Pattern(
        "spared",
        large=1.0,
        small=1.0,
        core=(0, 0, 0, 0),
        core_sd=(4, 4, 5, 5),
        rim_sd=(3, 3, 3),
        form={"texture": 4.0, "edge": 0.40, "lobulation": 0.12},
    ),
)

PERFUSION_ANOMALY = (
    Pattern(
        "wedge",
        large=0.8,
        small=0.5,
        core=(0, 27, 2, 0),
        core_sd=(2, 11, 4, 3),
        rim_sd=(3, 3, 3),
        form={"wedge": 1.0, "edge": 0.20},
    ),
    Pattern(
        "nodular",
        large=0.2,
        small=0.5,
        core=(0, 27, 1, 0),
        core_sd=(2, 11, 4, 3),
        rim_sd=(3, 3, 3),
        form={"edge": 0.20},
    ),
)

REGENERATIVE_NODULE = (
    Pattern(
        "iso-attenuating",
        large=0.6,
        small=0.6,
        core=(3, 2, 0, -1),
        core_sd=(5, 6, 6, 5),
        rim_sd=(3, 4, 4),
        form={"texture": 4.0, "edge": 0.08},
    ),
    Pattern(
        "dysplastic",
        large=0.4,
        small=0.4,
        core=(2, 8, -7, -7),
        core_sd=(5, 10, 8, 7),
        rim_sd=(4, 4, 4),
        form={"texture": 5.0},
    ),
)
