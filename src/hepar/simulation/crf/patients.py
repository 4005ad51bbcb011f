"""What a SIMULATED patient answers in the forms of a bundled study: blood, elastography, biopsy, tumour."""

from collections.abc import Mapping
from types import MappingProxyType

from ...data.crf.form import FormDictionary
from ...phantom.population import draw_patient
from ...phantom.scenario import Scenario, Study
from ...phantom.tables import clinical_row
from ...phantom.tables.column import Value

STUDIES: Mapping[str, Study] = MappingProxyType(
    {
        "fibrosis-fusion": "A",
        "rf-spectrum": "B",
        "radiomics": "C",
        "lesion-screening": "D",
        "crc-metastasis": "E",
    }
)
"""Bundled dictionary -> the study whose patients answer it."""
SI: Mapping[str, tuple[str, float, int]] = MappingProxyType(
    {
        "albumin_g_l": ("albumin_g_dl", 10.0, 0),
        "bilirubin_umol_l": ("bilirubin_mg_dl", 17.104, 1),
        "creatinine_umol_l": ("creatinine_mg_dl", 88.40, 0),
        "glucose_mmol_l": ("glucose_mg_dl", 1 / 18.0156, 1),
        "triglycerides_mmol_l": ("triglycerides_mg_dl", 1 / 88.545, 2),
        "cholesterol_mmol_l": ("cholesterol_mg_dl", 1 / 38.666, 2),
    }
)
"""Field of the form -> field of the patient's row, factor and decimals."""
CODES: Mapping[tuple[str, Value], str] = MappingProxyType({("sex", "male"): "1", ("sex", "female"): "2"})
"""Field and value of the patient's row -> code of the form, where the form has another."""


def answers_of(dictionary: FormDictionary, *, seed: int, number: int) -> Mapping[str, str]:
    """Field -> text that patient `number` of the study answers; nothing for a dictionary of another name."""
    study = STUDIES.get(dictionary.name)
    if study is None:
        return {}
    row = clinical_row(draw_patient(Scenario.of(study), seed=seed, number=number))
    own = {name: _text(name, value) for name, value in row.items() if value is not None}
    si = {
        name: f"{factor * float(value):.{digits}f}"
        for name, (source, factor, digits) in SI.items()
        if isinstance(value := row.get(source), float)
    }
    names = {field.name for field in dictionary.fields if not field.validation.startswith("date")}
    return {name: text for name, text in {**own, **si, **_implied(row)}.items() if name in names}


def _text(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    code = CODES.get((name, value))
    if code is not None:
        return code
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _implied(row: Mapping[str, Value]) -> Mapping[str, str]:
    """Answers that other columns of the row give."""
    status = row.get("event_status")
    found = {
        "biopsy_done": _yes(row.get("fibrosis_stage") is not None),
        "elastography_done": _yes(row.get("measurements") is not None),
        "rf_arm": str(row.get("arm", "diffuse")),
    }
    if status is not None:
        found |= {"liver_metastasis": _yes(status == 1), "died": _yes(status == 2)}
    kpa, spread = row.get("stiffness_kpa"), row.get("stiffness_iqr_over_median")
    if isinstance(kpa, float) and isinstance(spread, float):
        found["stiffness_iqr_kpa"] = f"{kpa * spread:.1f}"
    return found


def _yes(answer: bool) -> str:
    return "1" if answer else "0"
