"""The bundled tables are those that their READMEs describe: counts, repairs, licences."""

import subprocess
import sys
from collections.abc import Hashable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from hepar.data.cohort import Cohort
from hepar.data.dictionary import bundled_datasets, read_dataset
from hepar.data.units import unit_in_name
from hepar.io.tables import read_cohort
from hepar.stats.discrimination import auc

NAMES = (
    "crlm_tcia",
    "hcv_egypt",
    "nhanes_vcte",
    "pbc",
    "simulated_liver_mri",
    "simulated_rf",
    "tcga_coadread",
    "tcga_lihc",
    "udca",
)


@cache
def cohort(name: str) -> Cohort:
    return read_cohort(name)


@cache
def clinical(name: str) -> pd.DataFrame:
    return cohort(name).clinical()


def counts(values: pd.Series) -> dict[Hashable, int]:
    return {key: int(n) for key, n in values.value_counts().sort_index().items()}


def notes(name: str, field: str) -> list[tuple[int, str]]:
    return [(note.n, note.what) for note in cohort(name).notes if note.field == field]


def test_these_data_sets_are_bundled() -> None:
    assert tuple(bundled_datasets()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_data_set_is_named_as_its_folder_and_states_source_licence_and_citation(name: str) -> None:
    dataset = read_dataset(name)
    readme = (bundled_datasets()[name].parent / "README.md").read_text(encoding="utf-8")
    assert dataset.name == name
    assert all(word in readme for word in ("**Source**", "**Licence**", "**Cite**", f"# {name}:"))
    assert all((dataset.source, dataset.licence, dataset.citation))


@pytest.mark.parametrize("name", NAMES)
def test_every_bundled_field_has_a_label_and_every_number_a_range(name: str) -> None:
    for field_name, field in read_dataset(name).fields.items():
        assert field.label, field_name
        assert field.kind != "number" or field.range is not None, field_name


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_ends_in_a_unit_holds_that_unit(name: str) -> None:
    for field_name, field in read_dataset(name).all_fields.items():
        if unit_in_name(field_name) and field.kind == "number":
            assert field.unit == unit_in_name(field_name), field_name


def test_the_bundled_data_stay_below_five_megabytes() -> None:
    root = next(iter(bundled_datasets().values())).parent.parent
    assert sum(path.stat().st_size for path in Path(root).rglob("*") if path.is_file()) < 5_000_000


def test_coadread_holds_its_630_patients_and_their_stages() -> None:
    found = clinical("tcga_coadread")
    assert len(found) == 630
    assert counts(found.stage) == {1.0: 109, 2.0: 232, 3.0: 183, 4.0: 92}
    assert found.tumour.value_counts().to_dict() == {"colon": 459, "rectum": 171}
    assert found.site.nunique() == 38
    assert found.cea_ng_ml.notna().sum() == 402
    assert found.cea_ng_ml.median() == pytest.approx(3.16, abs=0.005)
    assert found.cea_ng_ml.max() == 7868
    assert counts(found.pfi_event) == {0.0: 467, 1.0: 162}


def test_coadread_stage_one_to_three_with_follow_up_are_504_with_101_progressions() -> None:
    found = clinical("tcga_coadread")
    arm = found[(found.stage <= 3) & (found.pfi_time_y > 0)]
    assert (len(arm), int(arm.pfi_event.sum())) == (504, 101)


def test_coadread_counts_death_without_progression_as_competing() -> None:
    found = clinical("tcga_coadread")
    assert counts(found.pfi_status) == {0.0: 430, 1.0: 162, 2.0: 37}
    assert ((found.pfi_status == 1) == (found.pfi_event == 1)).all()
    assert found.os_event[found.pfi_status == 2].eq(1).all()


def test_lihc_holds_its_ishak_categories_and_outcomes() -> None:
    found = clinical("tcga_lihc")
    assert (len(found), found.site.nunique()) == (377, 38)
    assert counts(found.ishak) == {0.0: 76, 1.0: 31, 3.0: 30, 5.0: 9, 6.0: 72}
    assert (int(found.os_event.sum()), int(found.pfi_event.sum())) == (132, 185)


def test_lihc_units_are_repaired_and_each_repair_is_told() -> None:
    assert [n for n, _ in notes("tcga_lihc", "platelets_10e9_l")] == [32, 1]
    assert [n for n, _ in notes("tcga_lihc", "albumin_g_dl")] == [1, 4, 18]
    assert [n for n, _ in notes("tcga_lihc", "creatinine_mg_dl")] == [14, 5, 1]
    assert [n for n, _ in notes("tcga_lihc", "bilirubin_mg_dl")] == [4]
    assert notes("tcga_lihc", "platelets_10e9_l")[0][1] == (
        "read as 1/uL and converted to 10^9/L (sites: 5R, BC, RC, WJ, XR, ZP)"
    )
    known = clinical("tcga_lihc").notna().sum()
    fields = ("platelets_10e9_l", "albumin_g_dl", "creatinine_mg_dl", "bilirubin_mg_dl", "afp_ng_ml")
    assert [int(known[field]) for field in fields] == [309, 285, 290, 306, 284]


def test_lihc_repaired_values_agree_with_physiology() -> None:
    found = clinical("tcga_lihc")
    assert found.platelets_10e9_l.between(50, 700).sum() == 309
    assert found[found.site == "ZS"].bilirubin_mg_dl.dropna().between(0.2, 1.2).all()
    assert found[found.site == "ZS"].creatinine_mg_dl.dropna().between(0.5, 1.5).all()


def test_lihc_inr_and_seconds_share_a_column_and_never_a_patient() -> None:
    found = clinical("tcga_lihc")
    assert (int(found.inr.notna().sum()), int(found.prothrombin_s.notna().sum())) == (210, 89)
    assert not (found.inr.notna() & found.prothrombin_s.notna()).any()


def test_lihc_low_platelets_tell_cirrhosis_as_the_readme_says() -> None:
    found = clinical("tcga_lihc").dropna(subset=["ishak", "platelets_10e9_l"])
    estimate = auc((found.ishak >= 5).to_numpy(), -found.platelets_10e9_l.to_numpy())
    assert (estimate.n, round(estimate.value, 3)) == (207, 0.780)


def test_nhanes_adults_with_a_complete_exam_are_7768() -> None:
    found = clinical("nhanes_vcte")
    adults = found[(found.age_y >= 18) & (found.exam_status == "complete")]
    assert (len(found), len(adults), adults.site.nunique()) == (10409, 7768, 24)
    stiff = adults.stiffness_kpa
    assert [int((stiff >= cut).sum()) for cut in (8.2, 9.7, 13.6)] == [728, 448, 190]
    assert adults.wand.value_counts().to_dict() == {"M": 5707, "XL": 2061}
    assert (int(adults.hbsag.sum()), int(adults.hcv_rna.sum())) == (40, 80)
    assert (int(adults.waist_cm.isna().sum()), int(adults.ast_u_l.isna().sum())) == (251, 554)


def test_nhanes_weighted_prevalences_are_those_of_the_readme() -> None:
    found = clinical("nhanes_vcte")
    adults = found[(found.age_y >= 18) & (found.exam_status == "complete")]
    weight = adults.survey_weight / adults.survey_weight.sum()
    assert weight[adults.stiffness_kpa >= 8.2].sum() == pytest.approx(0.084, abs=5e-4)
    assert weight[adults.cap_db_m >= 274].sum() == pytest.approx(0.42, abs=5e-3)


def test_egyptian_hcv_holds_its_stages_and_no_signal() -> None:
    found = clinical("hcv_egypt")
    assert counts(found.fibrosis_stage) == {1.0: 336, 2.0: 332, 3.0: 355, 4.0: 362}
    assert not found.drop(columns=["participant_id"]).isna().any().any()
    estimate = auc((found.fibrosis_stage >= 4).to_numpy(), -found.platelets_10e9_l.to_numpy())
    assert estimate.low < 0.5 < estimate.high


def test_crlm_holds_81_hepatic_recurrences_and_deaths_compete() -> None:
    found = clinical("crlm_tcia")
    assert found.sex.value_counts().to_dict() == {"male": 117, "female": 80}
    assert counts(found.hepatic_status) == {0.0: 75, 1.0: 81, 2.0: 41}
    assert int(((found.hepatic_status == 1) & (found.hepatic_dfs_time_y <= 2)).sum()) == 59
    assert (int(found.recurrence.sum()), int(found.os_event.sum())) == (131, 107)
    assert int(found.clinical_risk_score.isna().sum()) == 29
    deaths = found[found.hepatic_status == 2]
    assert deaths.os_event.eq(1).all()
    assert (deaths.hepatic_dfs_time_y - deaths.os_time_y).abs().max() < 1e-9


def test_pbc_holds_its_stages_and_outcomes() -> None:
    found = clinical("pbc")
    assert counts(found.stage) == {1.0: 21, 2.0: 92, 3.0: 155, 4.0: 144}
    assert counts(found.status) == {0.0: 232, 1.0: 161, 2.0: 25}
    assert counts(found.edema) == {0.0: 354, 0.5: 44, 1.0: 20}
    assert found[["ast_u_l", "platelets_10e9_l", "stage"]].notna().all(axis=1).sum() == 308


def test_udca_holds_its_end_points_and_their_composite() -> None:
    found = clinical("udca")
    ends = ("varices", "ascites", "encephalopathy", "transplant", "death")
    assert [int(found[f"{end}_date"].notna().sum()) for end in ends] == [25, 6, 4, 12, 16]
    assert counts(found.lre_status) == {0.0: 118, 1.0: 41, 2.0: 11}
    assert int((found.lre_time_y <= 0).sum()) == 1
    assert notes("udca", "lre_status") == [(4, "events dated after last_contact_date, counted as observed")]


@pytest.mark.parametrize("name", ["simulated_liver_mri", "simulated_rf"])
def test_a_simulated_table_is_that_which_its_generator_makes(name: str) -> None:
    root = Path(__file__).parent.parent
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    printed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    table = bundled_datasets()[name].parent / f"{name}.csv"
    assert printed == table.read_text(encoding="utf-8"), f"run: python -m benchmarks.{name} --write"


def test_the_simulated_livers_hold_what_their_readme_counts_and_hide_the_truth() -> None:
    found = clinical("simulated_liver_mri")
    assert counts(found.fibrosis_stage) == {0.0: 30, 1.0: 40, 2.0: 25, 3.0: 39, 4.0: 26}
    assert counts(found.event_status) == {0.0: 83, 1.0: 68, 2.0: 9}
    assert set(counts(found.scanner).values()) == {40}
    assert all(set(case.acquisitions) == {"mr", "liver", "spleen"} for case in cohort("simulated_liver_mri"))
    dataset = read_dataset("simulated_liver_mri")
    columns = frozenset().union(*(dataset.columns_of(name) for name in dataset.all_fields))
    assert not {"fibrosis", "image_seed"} & columns
    assert "SIMULATED" in dataset.title


def test_the_simulated_recordings_hold_what_their_readme_counts() -> None:
    found = clinical("simulated_rf")
    assert counts(found.scanner) == {"A": 51, "B": 83, "C": 66}
    focal = found[found.arm == "focal"]
    assert (len(focal), int(focal.lesion_in_view.sum())) == (72, 72)
    assert not found[found.arm == "diffuse"].lesion_in_view.any()
    assert counts(found.biopsy_stage) == {0.0: 10, 1.0: 22, 2.0: 25, 3.0: 14, 4.0: 15}
    assert all(set(case.acquisitions) == {"rf", "target", "phantom"} for case in cohort("simulated_rf"))
    dataset = read_dataset("simulated_rf")
    columns = frozenset().union(*(dataset.columns_of(name) for name in dataset.all_fields))
    assert not {"number", "lesion_view"} & columns
    assert "SIMULATED" in dataset.title
