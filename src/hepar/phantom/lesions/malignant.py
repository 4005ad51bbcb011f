"""How malignant lesions look on CT: published signs and their frequencies, typical values where none is cited.

HU are differences from a liver of reference (57 native, 74 arterial, 110 portal, 93 delayed).

Hepatocellular carcinoma: arterial hyperenhancement, then washout and a capsule, in most large ones (Choi, 2014); of
nodules from 5 to 20 mm the typical pair of signs is met in about a third (Forner, 2008), hence many small ones without
washout or without hyperenhancement. Mass-forming cholangiocarcinoma: peripheral enhancement that proceeds inward and
stays (typical values), small ones in cirrhosis hyperenhancing like hepatocellular carcinoma. Metastases: hypovascular
with or without a rim, less often hypervascular or necrotic (typical values).
"""

from .look import Pattern

HCC = (
    Pattern(
        "washout and capsule",
        large=0.42,
        small=0.17,
        core=(-6, 36, -15, -20),
        core_sd=(5, 14, 9, 9),
        rim=(-6, 16, 20),
        rim_sd=(8, 7, 7),
        form={"rim_width": 0.12, "texture": 9.0, "scar": 0.04, "edge": 0.08, "lobulation": 0.07},
    ),
    Pattern(
        "no washout",
        large=0.20,
        small=0.36,
        core=(-4, 32, 3, -2),
        core_sd=(5, 14, 9, 8),
        form={"texture": 6.5, "edge": 0.12},
    ),
    Pattern(
        "infiltrating",
        large=0.20,
        small=0.05,
        core=(-7, 14, -18, -17),
        core_sd=(5, 14, 10, 9),
        rim_sd=(8, 8, 8),
        form={"texture": 13.0, "edge": 0.35, "lobulation": 0.10},
    ),
    Pattern(
        "hypovascular",
        large=0.18,
        small=0.42,
        core=(-6, -4, -16, -15),
        core_sd=(5, 9, 10, 9),
        form={"texture": 6.0, "edge": 0.14},
    ),
)

ICC = (
    Pattern(
        "centripetal",
        large=0.66,
        small=0.40,
        core=(-13, -17, -28, -5),
        core_sd=(6, 10, 12, 12),
        rim=(36, 28, 6),
        rim_sd=(14, 12, 10),
        form={"rim_width": 0.22, "texture": 9.0, "edge": 0.25, "lobulation": 0.12},
    ),
    Pattern(
        "hypovascular",
        large=0.22,
        small=0.25,
        core=(-12, -15, -30, -16),
        core_sd=(6, 9, 12, 12),
        rim=(8, 8, 5),
        rim_sd=(8, 8, 8),
        form={"texture": 8.0, "edge": 0.28, "lobulation": 0.10},
    ),
    Pattern(
        "hypervascular",
        large=0.12,
        small=0.35,
        core=(-6, 24, 2, 10),
        core_sd=(5, 13, 10, 10),
        form={"texture": 6.5, "edge": 0.18},
    ),
)

METASTASIS = (
    Pattern(
        "hypovascular with a rim",
        large=0.50,
        small=0.38,
        core=(-11, -20, -44, -28),
        core_sd=(6, 10, 13, 12),
        rim=(22, 17, 6),
        rim_sd=(10, 9, 8),
        form={"rim_width": 0.20, "texture": 6.5, "edge": 0.16, "lobulation": 0.08},
    ),
    Pattern(
        "hypovascular",
        large=0.22,
        small=0.38,
        core=(-9, -15, -34, -24),
        core_sd=(6, 9, 12, 11),
        form={"texture": 5.5, "edge": 0.15},
    ),
    Pattern(
        "hypervascular",
        large=0.13,
        small=0.16,
        core=(-7, 28, -8, -12),
        core_sd=(6, 15, 11, 10),
        rim=(8, 2, 0),
        rim_sd=(10, 7, 6),
        form={"texture": 7.0},
    ),
    Pattern(
        "necrotic",
        large=0.15,
        small=0.08,
        core=(-26, -40, -74, -60),
        core_sd=(9, 11, 14, 13),
        rim=(32, 34, 24),
        rim_sd=(13, 13, 11),
        form={"rim_width": 0.17, "texture": 7.0, "edge": 0.14, "lobulation": 0.08},
    ),
)
