"""What roles, groups and levels are called in print: as in estimates.csv, in words."""

from ..data.predictions import ROLES
from ..study.result import ArmResult


def role_name(role: str) -> str:
    """A role in words, for the page."""
    return {"external": "External", "cross-validated": "Cross-validated"}.get(role, role)


def role_rank(role: str) -> int:
    """External first: it is the headline."""
    order = [str(known) for known in reversed(ROLES)]
    return order.index(role) if role in order else len(order)


def group_name(group: str) -> str:
    """`field=level` in words.

    >>> group_name("risk_group=0"), group_name("grade>=F2"), group_name("Sex=female"), group_name("Sex")
    ('risk group 0', 'grade ≥ F2', 'Sex: female', 'Sex')
    """
    field, equal, level = group.partition("=")
    if field.endswith(">"):
        return f"{field[:-1]} ≥ {level}"
    if is_risk_group(group):
        return f"risk group {level}"
    return f"{field}: {level}" if equal else field


def is_risk_group(group: str) -> bool:
    """Whether a group is one of risk; it is called by the number that estimates.csv gives it."""
    return group.partition("=")[0].replace("_", " ") == "risk group"


def level_name(group: str) -> str:
    """The level of `field=level`."""
    return group.partition("=")[2]


def feature_label(arm: ArmResult, feature: str) -> str:
    """A feature in print: the label of its field, where it is one, else its own name."""
    for prefix, said in (("", ""), ("log_", "log "), ("log1p_", "log 1 + ")):
        field = (
            arm.prepared.cohort.fields.get(feature.removeprefix(prefix))
            if feature.startswith(prefix)
            else None
        )
        if field is not None and field.label:
            return f"{said}{field.label}"
    return feature
