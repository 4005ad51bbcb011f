"""Every column of the SIMULATED tables, by page of the case record form, and those of each study."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from .column import Column
from .units import OTHER_UNITS

Levels = Mapping[str, float | str]


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.strip().splitlines():
        yield [part.strip() for part in line.split("|")]


def _numbers(form: str, text: str, *, follow_up: bool = False) -> tuple[Column, ...]:
    """Columns from lines of field, column, label, unit, lowest and highest value, decimals."""
    return tuple(
        Column(
            name, entry, label, form, "number",
            unit=unit, limits=(float(limits.split()[0]), float(limits.split()[1])), digits=int(digits),
            others=OTHER_UNITS.get(name, ("", MappingProxyType({})))[1],
            analyte=OTHER_UNITS.get(name, ("", {}))[0], follow_up=follow_up,
        )
        for name, entry, label, unit, limits, digits in _lines(text)
    )  # fmt: skip


def _yes_no(form: str, text: str, *, checkbox: str = "") -> tuple[Column, ...]:
    """Columns from lines of field, which is also the column, and label."""
    return tuple(
        Column(name, name, label, form, "boolean", checkbox=checkbox) for name, label in _lines(text)
    )


def _dates(form: str, text: str, *, follow_up: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, name, label, form, "date", follow_up=follow_up) for name, label in _lines(text))


def _levels(form: str, text: str, *, follow_up: bool = False) -> tuple[Column, ...]:
    """Columns from lines of field, column, label and levels; each is a `code`, `code=word` or `code=value=word`.

    Values that are whole numbers make an ordinal column, others a category.
    """
    return tuple(_of_levels(form, parts, follow_up=follow_up) for parts in _lines(text))


def _of_levels(form: str, parts: list[str], *, follow_up: bool) -> Column:
    name, entry, label, levels = parts
    split = [level.strip().split("=") for level in levels.split(",")]
    triples = [(one[0], one[1] if len(one) == 3 else one[0], one[-1]) for one in split]
    ordinal = all(value.isdigit() for _, value, _ in triples)
    return Column(
        name, entry, label, form, "ordinal" if ordinal else "category",
        codes={code: float(value) if ordinal else value for code, value, _ in triples},
        words={code: word for code, _, word in triples}, follow_up=follow_up,
    )  # fmt: skip


DEMOGRAPHY = (
    *_numbers("demography", """
        age_y     | age    | Age                 | year | 18 100  | 0
        height_cm | height | Height              | cm   | 130 215 | 0
        weight_kg | weight | Weight              | kg   | 25 250  | 1
        waist_cm  | waist  | Waist circumference | cm   | 45 200  | 0
        """),
    *_levels("demography", """
        sex       | sex       | Sex       | f=female=female, m=male=male
        aetiology | aetiology | Aetiology | HBV=hepatitis B, MASLD=fatty liver, healthy
        """),
    *_yes_no("demography", "diabetes | Diabetes"),
    *_dates("demography", "inclusion_date | Inclusion"),
)  # fmt: skip
LABORATORY = _numbers("laboratory", """
    ast_u_l             | ast           | AST               | U/L     | 3 5000    | 0
    alt_u_l             | alt           | ALT               | U/L     | 3 5000    | 0
    ggt_u_l             | ggt           | GGT               | U/L     | 2 5000    | 0
    alp_u_l             | alp           | ALP               | U/L     | 10 2000   | 0
    platelets_10e9_l    | platelets     | Platelets         | 10^9/L  | 5 1500    | 0
    albumin_g_dl        | albumin       | Albumin           | g/dL    | 1 6.5     | 1
    bilirubin_mg_dl     | bilirubin     | Total bilirubin   | mg/dL   | 0.05 60   | 2
    inr                 | inr           | INR               |         | 0.5 15    | 2
    creatinine_mg_dl    | creatinine    | Creatinine        | mg/dL   | 0.1 15    | 2
    glucose_mg_dl       | glucose       | Glucose           | mg/dL   | 30 900    | 0
    hba1c_percent       | hba1c         | HbA1c             | % HbA1c | 3 20      | 1
    triglycerides_mg_dl | triglycerides | Triglycerides     | mg/dL   | 10 5000   | 0
    cholesterol_mg_dl   | cholesterol   | Total cholesterol | mg/dL   | 40 800    | 0
    """)  # fmt: skip
VIROLOGY = (
    *_yes_no("virology", """
        hbsag            | HBsAg
        hbeag            | HBeAg
        antiviral        | Antiviral treatment
        hbv_dna_detected | HBV DNA detected
        """),
    *_numbers("virology", "hbv_dna_log10_iu_ml | hbv_dna_log | HBV DNA, log10 IU/mL | | 1.3 10 | 2"),
)  # fmt: skip
ELASTOGRAPHY = (
    *_numbers("elastography", """
        stiffness_kpa             | stiffness       | Liver stiffness   | kPa   | 1.5 75 | 1
        stiffness_iqr_over_median | stiffness_iqr_m | IQR/median        | ratio | 0 2    | 2
        valid_measurements        | valid_shots     | Valid measurements | 1    | 0 30   | 0
        measurements              | shots           | Measurements      | 1     | 0 60   | 0
        """),
    *_levels("elastography", "probe | probe | Probe | M, XL"),
    *_yes_no("elastography", "elastography_failed | Elastography failed"),
)  # fmt: skip
_STAGES = "0=F0, 1=F1, 2=F2, 3=F3, 4=F4"
BIOPSY = (
    *_levels("biopsy", f"""
        fibrosis_stage               | stage_biopsy   | Stage of fibrosis (METAVIR)        | {_STAGES}
        fibrosis_stage_second_reader | stage_biopsy_2 | Stage of fibrosis, second reader   | {_STAGES}
        activity_grade               | activity       | Grade of activity | 0=A0, 1=A1, 2=A2, 3=A3
        """),
    *_numbers("biopsy", """
        biopsy_length_mm | biopsy_length  | Length of the specimen | mm | 1 80 | 0
        portal_tracts    | portal_tracts  | Portal tracts          | 1  | 0 60 | 0
        """),
    *_dates("biopsy", "biopsy_date | Biopsy"),
)  # fmt: skip
ENTRY = {
    "A": (
        *_levels("eligibility", "arm | arm | Arm | HBV=hepatitis B, MASLD=fatty liver, healthy"),
        *_yes_no("eligibility", """
            biopsy_contraindicated  | Contraindication to biopsy
            liver_cancer_on_imaging | Liver cancer on imaging
            """),
    ),
    "B": (
        *_yes_no("eligibility", """
            consent_signed                  | Consent signed
            ultrasound_scheduled            | Ultrasound scheduled independently of the study
            minor_intervention_within_14_d  | Minor liver intervention within 14 days
            contrast_ultrasound_within_24_h | Contrast-enhanced ultrasound within 24 hours
            major_intervention              | Major liver intervention ever
            """),
        *_levels("eligibility", "arm | arm | Arm | diffuse=diffuse disease, focal=focal lesion"),
    ),
    "C": _yes_no("eligibility", """
        decompensated_before | Liver-related event before inclusion
        liver_cancer_before  | Liver cancer before inclusion
        """),
    "D": (
        *_yes_no("eligibility", """
            image_quality_adequate | Image quality adequate
            arterial_phase         | Arterial phase there
            portal_phase           | Portal-venous phase there
            box_matches_lesion     | Detection box matches the lesion
            """),
        *_yes_no("eligibility", """
            prior_resection | Resection of the liver
            prior_tace      | Chemoembolisation
            prior_ablation  | Ablation
            """, checkbox="prior_treatment"),
    ),
    "E": (
        *_yes_no("eligibility", "synchronous_metastasis | Metastasis at diagnosis"),
        *_levels("eligibility", "residual_tumour | residual_tumour | Residual tumour | R0=0=R0, R1=1=R1, R2=2=R2"),
    ),
}  # fmt: skip
_KINDS = (
    "hcc=hepatocellular carcinoma, icc=cholangiocarcinoma, metastasis,"
    " haemangioma, fnh=focal nodular hyperplasia, cyst,"
    " focal_fat=focal fat, other"
)
_LESIONS = _numbers("lesions", """
    lesion_count        | lesions          | Focal lesions              | 1  | 0 200 | 0
    malignant_count     | malignant        | Malignant lesions          | 1  | 0 200 | 0
    largest_lesion_mm   | largest_lesion   | Diameter of the largest    | mm | 1 300 | 0
    smallest_lesion_mm  | smallest_lesion  | Diameter of the smallest   | mm | 1 300 | 0
    """)  # fmt: skip
FOCAL = {
    "B": (
        *_LESIONS,
        *_levels("lesions", f"""
            index_lesion     | index_lesion     | Largest lesion, by the reference | {_KINDS}
            reference_method | reference | Reference |\
                us=ultrasound, ceus=contrast-enhanced ultrasound, mri=MRI, ct=CT, biopsy
            """),
    ),
    "D": (
        *_LESIONS,
        *_levels("lesions", f"""
            index_lesion     | index_lesion     | Largest lesion, by the reference | {_KINDS}
            reference_method | reference | Reference | pathology, readers=three radiologists, followup=follow-up
            """),
        *_numbers("lesions", """
            benign_follow_up_months | follow_up_months     | Follow-up of a benign lesion | month | 0 240 | 0
            benign_modalities       | follow_up_modalities | Modalities of that follow-up | 1     | 0 5   | 0
            """),
        *_numbers("lesions", "afp_ng_ml | afp | Alpha-fetoprotein | ng/mL | 0 500000 | 1"),
    ),
}  # fmt: skip
TUMOUR = (
    *_levels("tumour", """
        t_stage         | pt    | Tumour stage (pT)   | T1=1=T1, T2=2=T2, T3=3=T3, T4=4=T4
        n_stage         | pn    | Nodal stage (pN)    | N0=0=N0, N1=1=N1, N2=2=N2
        m_stage         | m     | Distant metastasis  | M0=0=M0, M1=1=M1
        stage           | tnm   | TNM stage           | I=1=I, II=2=II, III=3=III, IV=4=IV
        differentiation | grade | Differentiation     | G1=1=well, G2=2=moderate, G3=3=poor
        primary_site    | primary_site | Primary tumour | colon, rectum
        """),
    *_numbers("tumour", """
        nodes_examined | nodes_examined | Lymph nodes examined | 1     | 0 200   | 0
        nodes_positive | nodes_positive | Positive lymph nodes | 1     | 0 200   | 0
        cea_ng_ml      | cea            | Preoperative CEA     | ng/mL | 0 20000 | 1
        """),
    *_yes_no("tumour", """
        neoadjuvant          | Neoadjuvant treatment
        adjuvant             | Adjuvant chemotherapy
        mismatch_repair_loss | Loss of a mismatch repair protein
        """),
    *_dates("tumour", "surgery_date | Resection"),
)  # fmt: skip
FUNCTION = _levels("clinic", """
    ascites        | ascites        | Ascites        | 0=none, 1=mild, 2=severe
    encephalopathy | encephalopathy | Encephalopathy | 0=none, 1=grade 1, 2=grade 2
    """)  # fmt: skip
_EVENTS = "ascites, bleeding=variceal bleeding, hrs=hepatorenal syndrome"
FOLLOW_UP = (
    *_numbers("follow_up", "event_time_y | time_years | Time to the first of event, death and end | year | 0 60 | 3",
              follow_up=True),
    *_levels("follow_up", "event_status | status | Status at that time | 0=censored, 1=event, 2=death without it",
             follow_up=True),
    *_dates("follow_up", """
        event_date        | Event
        death_date        | Death
        last_contact_date | Last contact
        """, follow_up=True),
)  # fmt: skip
EVENT_KIND = _levels(
    "follow_up",
    f"event_kind | event_kind | First liver-related event | {_EVENTS}, encephalopathy, hcc=liver cancer",
    follow_up=True,
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "A": (*DEMOGRAPHY, *ENTRY["A"], *LABORATORY, *VIROLOGY, *ELASTOGRAPHY, *BIOPSY),
    "B": (*DEMOGRAPHY, *ENTRY["B"], *LABORATORY, *ELASTOGRAPHY, *FOCAL["B"]),
    "C": (
        *DEMOGRAPHY, *ENTRY["C"], *LABORATORY, *VIROLOGY, *FUNCTION, *BIOPSY,
        *FOLLOW_UP[:2], *EVENT_KIND, *FOLLOW_UP[2:],
    ),
    "D": (*DEMOGRAPHY, *ENTRY["D"], *LABORATORY, *VIROLOGY[:1], *FOCAL["D"]),
    "E": (*DEMOGRAPHY, *ENTRY["E"], *LABORATORY, *TUMOUR, *FOLLOW_UP),
}  # fmt: skip
"""The columns of each study's table, beside those of case and site; pages of the form stand together."""

BLOOD = (*(column.name for column in (*LABORATORY, *VIROLOGY)), "afp_ng_ml", "cea_ng_ml")
"""Fields that come from a blood sample."""
