"""Units that hospitals write blood tests in, and which site writes which."""

from collections.abc import Mapping

from ...core.errors import SimulationError
from .column import Column, Written

OTHER_UNITS: Mapping[str, tuple[str, Mapping[str, Written]]] = {
    "ast_u_l": ("", {"ukat/L": Written(1 / 60, 2)}),
    "alt_u_l": ("", {"ukat/L": Written(1 / 60, 2)}),
    "ggt_u_l": ("", {"ukat/L": Written(1 / 60, 2)}),
    "alp_u_l": ("", {"ukat/L": Written(1 / 60, 2)}),
    "platelets_10e9_l": ("", {"1/uL": Written(1e3, 0)}),
    "albumin_g_dl": ("", {"g/L": Written(10, 0)}),
    "bilirubin_mg_dl": ("bilirubin", {"umol/L": Written(1e4 / 584.673, 1)}),
    "creatinine_mg_dl": ("creatinine", {"umol/L": Written(1e4 / 113.120, 0)}),
    "glucose_mg_dl": ("glucose", {"mmol/L": Written(10 / 180.156, 1)}),
    "hba1c_percent": ("", {"mmol/mol HbA1c": Written(1 / 0.09148, 0, -2.152 / 0.09148)}),
    "triglycerides_mg_dl": ("triglycerides", {"mmol/L": Written(10 / 885.453, 2)}),
    "cholesterol_mg_dl": ("cholesterol", {"mmol/L": Written(10 / 386.664, 2)}),
    "cea_ng_ml": ("", {"ug/L": Written(1, 1)}),
    "afp_ng_ml": ("", {"ug/L": Written(1, 1)}),
    "height_cm": ("", {"m": Written(0.01, 2)}),
}
"""Field -> analyte, and the other units it is written in. Molar masses in g/mol from the conventional atomic weights
(triglycerides as triolein); HbA1c: NGSP % = 0.09148 IFCC + 2.152 (Hoelzel W. et al., Clin Chem 2004;50:166-174)."""

_SI = {
    "albumin_g_dl": "g/L",
    "bilirubin_mg_dl": "umol/L",
    "creatinine_mg_dl": "umol/L",
    "glucose_mg_dl": "mmol/L",
    "triglycerides_mg_dl": "mmol/L",
    "cholesterol_mg_dl": "mmol/L",
    "cea_ng_ml": "ug/L",
    "afp_ng_ml": "ug/L",
}
_ENZYMES = dict.fromkeys(("ast_u_l", "alt_u_l", "ggt_u_l", "alp_u_l"), "ukat/L")
CONVENTIONS: tuple[Mapping[str, str], ...] = (
    {},
    _SI,
    {**_SI, **_ENZYMES, "hba1c_percent": "mmol/mol HbA1c"},
    {"platelets_10e9_l": "1/uL", "albumin_g_dl": "g/L", "bilirubin_mg_dl": "umol/L", "height_cm": "m"},
)
"""Units where they differ from the field's own: mass units; SI; SI with katals and IFCC; a mixture."""


def unit_at(site: str, column: Column) -> str:
    """The unit that `site` ("A" to "Z") writes `column` in: sites follow the conventions in turn.

    Raises:
        SimulationError: there is no such site.
    """
    if len(site) != 1 or not "A" <= site <= "Z":
        raise SimulationError(f"there is no site {site!r}; sites are called A to Z")
    return CONVENTIONS[(ord(site) - ord("A")) % len(CONVENTIONS)].get(column.name, column.unit)
