"""What is usual in a case record form: SIMULATED values by the names of fields, for what no patient tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

RARE = {"1": 1.0, "0": 40.0}
USUAL = {"1": 40.0, "0": 1.0}
UNUSUAL = {"1": 1.0, "0": 9.0}
GOOD, NONE = {"2": 8.0}, {"0": 30.0}

WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "consent_signed", "eligible", "diagnosis_by_guideline", "age_in_range", "adult", "consent_valid",
                "ultrasound_scheduled", "chronic_liver_disease", "imaging_available", "reference_available",
                "archive_data_only", "box_matches_lesion", "slide_label_removed", "rf_bmode_paired", "arterial_phase",
                "portal_phase", "ct_done", "us_done", "elastography_done", "biopsy_done", "stage_i_to_iii",
                "curative_resection", "age_18_to_75", "readers_agree",
            ),
            USUAL,
        ),
        **dict.fromkeys(
            (
                "biopsy_contraindicated", "liver_cancer_on_imaging", "pathology_inadequate", "biopsy_complication",
                "minor_intervention_within_14_d", "contrast_ultrasound_within_24_h", "major_intervention",
                "decompensated_before", "liver_cancer_before", "image_quality_poor", "prior_resection", "prior_tace",
                "prior_ablation", "prior_surgery", "phase_missing", "box_mismatch", "synchronous_metastasis",
                "no_input_available", "m_stage", "elastography_failed", "emergency_surgery",
            ),
            RARE,
        ),
        **dict.fromkeys(
            ("ascites_event", "bleeding_event", "hrs_event", "encephalopathy_event", "hcc_event", "died"),
            UNUSUAL,
        ),
        **dict.fromkeys(("ascites", "encephalopathy", "varices"), NONE),
        **dict.fromkeys(("anti_hcv", "cirrhosis"), UNUSUAL),
        "elastography_method": {"1": 12.0},
        "sharing_consent": {"1": 4.0, "0": 1.0},
        "study_status": {"1": 30.0},
        "residual_tumour": {"0": 60.0},
        "t_stage": {"0": 0.3, "1": 1.0, "2": 2.0, "3": 6.0, "4": 2.0},
        "fibrosis_scale": {"1": 8.0},
        "reading_assistance": {"0": 1.0, "1": 1.0},
        **dict.fromkeys(("us_quality", "ct_quality", "mri_quality", "rf_quality", "slide_quality"), GOOD),
    }
)  # fmt: skip
"""Field -> how often each code is answered, in proportion; a code that is not named counts 1."""

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "height_cm": (150, 185), "weight_kg": (48, 95), "waist_cm": (68, 110), "alcohol_g_d": (0, 20),
        "ast_u_l": (15, 90), "alt_u_l": (12, 110), "ggt_u_l": (12, 150), "ast_uln_u_l": (35, 40),
        "ggt_uln_u_l": (45, 60), "alp_u_l": (45, 140), "albumin_g_l": (33, 48), "bilirubin_umol_l": (6, 28),
        "platelets_10e9_l": (90, 280), "haemoglobin_g_l": (105, 160), "leucocytes_10e9_l": (3.5, 9), "inr": (0.9, 1.3),
        "prothrombin_s": (11, 15), "creatinine_umol_l": (50, 105), "sodium_mmol_l": (135, 145),
        "glucose_mmol_l": (4.4, 7.5), "hba1c_percent": (5, 7), "triglycerides_mmol_l": (0.7, 3),
        "cholesterol_mmol_l": (3.2, 6.5), "afp_ng_ml": (1, 40), "cea_ng_ml": (1, 20), "visit_cea_ng_ml": (1, 8),
        "ca19_9_u_ml": (3, 60), "pivka_ii_mau_ml": (12, 90), "stiffness_kpa": (3.5, 18),
        "stiffness_iqr_kpa": (0.4, 3), "cap_db_m": (190, 330), "measurements": (11, 15), "valid_measurements": (10, 12),
        "us_frequency_mhz": (2.5, 5), "high_frequency_mhz": (7, 14), "ct_slice_thickness_mm": (0.8, 5),
        "ct_tube_voltage_kv": (100, 120), "mri_slice_thickness_mm": (2, 6), "biopsy_length_mm": (15, 30),
        "portal_tracts": (8, 20), "fragments": (1, 3), "lesion_number": (1, 9), "lesion_size_mm": (6, 70),
        "lesion_count": (1, 4), "malignant_count": (0, 3), "largest_lesion_mm": (20, 80), "smallest_lesion_mm": (5, 19),
        "benign_modalities": (2, 4), "reading_time_s": (40, 400),
        "reading_lesions_found": (0, 4), "reader_experience_y": (1, 25), "nodes_examined": (12, 30),
        "nodes_positive": (0, 6), "tumour_deposits": (0, 2), "tumour_size_mm": (15, 70), "metastasis_count": (1, 5),
        "slide_um_per_pixel": (0.24, 0.52), "rf_sampling_rate_mhz": (25, 60), "rf_centre_frequency_mhz": (2.5, 6),
        "rf_lines": (128, 256), "rf_frames": (5, 60), "rf_depth_mm": (80, 160), "lesion_depth_mm": (30, 120),
        "age_y": (24, 58), "us_images": (6, 40), "reading_session": (1, 2), "reading_time_min": (3, 20),
        "hbv_dna_log10_iu_ml": (2, 7.5), "biopsy_cost_cny": (800, 3000), "box_size_x_mm": (8, 70),
        "box_size_y_mm": (8, 70), "box_size_z_mm": (8, 70), "box_centre_x_mm": (-120, 60),
        "box_centre_y_mm": (-90, 60), "box_centre_z_mm": (-300, 300),
    }
)  # fmt: skip
"""Field -> between which values most of them lie; typical values, a choice."""

SELDOM = frozenset({"sharing_withdrawn_date", "last_minor_intervention_date"})
"""Fields that are not required and mostly empty."""

LATEST_AFTER_DAYS: Mapping[str, int] = MappingProxyType(
    {"last_contact_date": 1800, "study_end_date": 1900, "benign_last_examination_date": 900}
)
"""Date field -> how long after the date that it must not precede; elsewhere `hepar.simulation.crf.dates.SPAN_DAYS`."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that others give: which, and how; empty where one of them is."""

    reads: tuple[str, ...]
    value: Callable[..., str]


DERIVED: Mapping[str, Derived] = MappingProxyType(
    {
        "birth_year": Derived(("inclusion_date", "age_y"), lambda day, age: f"{int(day[:4]) - int(age)}"),
        "age_surgery_y": Derived(("age_y",), lambda age: age),
        "fibrosis_stage_consensus": Derived(("fibrosis_stage",), lambda stage: stage),
        "site_number": Derived(
            ("record_id",), lambda name: f"{int(name[:2])}" if name[:2].isdecimal() else ""
        ),
        "stiffness_iqr_kpa": Derived(("stiffness_kpa",), lambda kpa: f"{0.15 * float(kpa):.1f}"),
    }
)
"""Field -> what it usually follows from."""
