"""YAML documents as validated values, with errors a person can act on."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from .errors import HeparError, ProtocolError, choices

Document = TypeVar("Document", bound=BaseModel)


class _UniqueKeys(yaml.SafeLoader):
    """The safe loader, which by itself keeps the last of two equal keys without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                mark = key_node.start_mark
                raise ProtocolError(f"line {mark.line + 1}: key {key!r} stands twice; keep one of them")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """The content of the YAML file at `path`; refuses what cannot be read, naming file and line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_UniqueKeys)
    except OSError as error:
        raise ProtocolError(
            f"{path}: cannot be read ({error.strerror}); give the path of a YAML file"
        ) from None
    except UnicodeDecodeError as error:
        raise ProtocolError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except ProtocolError as error:
        raise ProtocolError(f"{path}: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        tab = error.problem is not None and "\\t" in error.problem
        what = "is indented with a tab; use spaces" if tab else f"is not valid YAML: {error.problem}"
        raise ProtocolError(f"{path}, line {line}: {what}") from None


def read_document(kind: type[Document], path: Path, *, what: str) -> Document:
    """The YAML file at `path` as a `kind`; `what` names it in the error, e.g. "protocol"."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        found = "nothing: the file is empty" if content is None else f"a {type(content).__name__}"
        raise ProtocolError(f"{path}: a {what} is a mapping of keys to values; this is {found}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in explain(error, kind))
        raise ProtocolError(f"{path} is not a valid {what}:\n{lines}") from None


def explain(error: ValidationError, kind: type[BaseModel]) -> list[str]:
    """One line for each thing that is wrong: where, what, and what is allowed."""
    return [_line(detail, kind) for detail in error.errors()]


def _line(detail: ErrorDetails, kind: type[BaseModel]) -> str:
    where = ".".join(str(step) for step in detail["loc"]) or "document"
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        return f"{where}: unknown key {key!r}; {choices(key, _keys_at(kind, detail['loc'][:-1]))}"
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, HeparError):
        return f"{where}: {cause}"
    if detail["type"] == "missing":
        return f"{where}: is required and missing"
    if detail["type"] == "union_tag_invalid":
        tags = str(detail["ctx"]["expected_tags"]).replace("'", "").split(", ")
        return f"{where}: unknown kind {detail['ctx']['tag']!r}; {choices(str(detail['ctx']['tag']), tags)}"
    found = detail["input"]
    shown = "" if isinstance(found, dict | list | BaseModel) else f" (found {found!r})"
    message = _PLAIN.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return f"{where}: {message}{shown}"


_PLAIN = {
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "list_type": "must be a list, e.g. [a, b]",
    "tuple_type": "must be a list, e.g. [a, b]",
    "string_type": "must be text; quote it",
    "string_pattern_mismatch": "must be lower-case letters, digits, - or _, and start with a letter",
    "too_short": "must not be empty",
}
"""pydantic's messages in the words of whoever writes YAML."""


def _keys_at(kind: type[BaseModel], steps: Sequence[int | str]) -> Iterable[str]:
    """The keys allowed where `steps` lead from `kind`."""
    for step in steps:
        field = {_written(name, f): f for name, f in kind.model_fields.items()}.get(str(step))
        if field is not None:
            kind = _model_in(field.annotation) or kind
    return [_written(name, field) for name, field in kind.model_fields.items()]


def _written(name: str, field: FieldInfo) -> str:
    """The key as YAML writes it."""
    return field.alias or name


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The document type inside an annotation such as `dict[str, Arm]` or `Design | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((kind for kind in found if kind is not None), None)
