"""Numbers as a journal prints them."""

import math
import re
from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "auc": "AUC",
    "ppv": "PPV",
    "npv": "NPV",
    "lr+": "LR+",
    "lr-": "LR−",
    "ece": "ECE",
    "ici": "ICI",
    "o:e": "O:E",
    "nri": "NRI",
    "idi": "IDI",
    "icc": "ICC",
    "ccc": "CCC",
    "dor": "DOR",
    "uno": "Uno",
    "harrell": "Harrell",
    "brier": "Brier",
    "obuchowski": "Obuchowski",
    "pearson": "Pearson",
    "spearman": "Spearman",
    "youden": "Youden",
    "holm": "Holm",
    "gray": "Gray's χ²",
    "wilson": "Wilson",
    "c": "C",
    "p": "p",
    "sd": "SD",
    "i2": "I²",
    "tau2": "τ²",
    "tp": "TP",
    "fp": "FP",
    "fn": "FN",
    "tn": "TN",
    "log-rank": "log-rank χ²",
    "roc": "ROC",
}


def number(value: float, *, whole: bool = False) -> str:
    """Three decimals below 10, fewer above; "–" where there is none.

    >>> number(0.8234), number(123.456), number(float("nan")), number(-0.0001)
    ('0.823', '123.5', '–', '0.000')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    places = 0 if whole else 3 if size < 9.9995 else 2 if size < 99.995 else 1
    text = f"{value:.{places}f}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", "−")


def plain(value: float) -> str:
    """A number as it was given: a threshold, a horizon.

    >>> plain(2.0), plain(0.35), plain(float("nan"))
    ('2', '0.35', '')
    """
    return "" if math.isnan(value) else f"{value:.6g}".replace("-", "−")


def with_interval(value: float, low: float, high: float, *, whole: bool = False) -> str:
    """An estimate with its confidence interval, where it has one.

    >>> with_interval(0.8234, 0.7511, 0.8917)
    '0.823 (0.751 to 0.892)'
    """
    if math.isnan(low) and math.isnan(high):
        return number(value, whole=whole)
    return f"{number(value, whole=whole)} ({number(low)} to {number(high)})"


def p_value(p: float) -> str:
    """A p value: two digits that count, never "0.000".

    >>> p_value(0.0271), p_value(0.0004), p_value(0.43), p_value(float("nan"))
    ('0.027', '<0.001', '0.43', '')
    """
    if math.isnan(p):
        return ""
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def share(part: int, whole: int) -> str:
    """A count with its percentage.

    >>> share(3, 12), share(0, 0)
    ('3 (25.0%)', '0')
    """
    return f"{part} ({100 * part / whole:.1f}%)" if whole else f"{part}"


def count(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> count(1, "case"), count(1200, "case")
    ('1 case', '1,200 cases')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def words(quantity: str) -> str:
    """The name of a quantity as print writes it.

    >>> words("auc difference, Holm"), words("integrated brier"), words("sensitivity")
    ('AUC difference, Holm', 'Integrated Brier', 'Sensitivity')
    """
    text = re.sub(r"[^\s,]+", lambda m: _WORDS.get(m[0].lower(), m[0]), quantity.replace("_", " "))
    return text if text.startswith(("p ", "τ")) else text[:1].upper() + text[1:]
