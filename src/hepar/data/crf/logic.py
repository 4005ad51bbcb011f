"""What a condition is made of, and what it comes to for the values of a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from .branching import Lookup, Reference
from .functions import FUNCTIONS
from .values import Value, calculate, compare, is_true


@dataclass(frozen=True, slots=True)
class Constant:
    """A text or a number as written."""

    value: Value


@dataclass(frozen=True, slots=True)
class Entered:
    """The value of a field."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class Either:
    """Parts of which all ("and") or one ("or") must be true."""

    word: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """What must not be true ("not"), or a number with its sign turned ("-")."""

    word: str
    part: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values and the sign between them, "!=" written "<>"."""

    left: "Node"
    sign: str
    right: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A chain of signs of one rank, from left to right."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple["Node", ...]


Node = Constant | Entered | Either | Negation | Comparison | Arithmetic | Call


@dataclass(frozen=True, slots=True)
class Logic:
    """A parsed condition, and the project's codes for missing, which count as blank where a number is asked."""

    root: Node
    missing_codes: frozenset[str] = frozenset()

    @property
    def references(self) -> frozenset[Reference]:
        """Every field that it reads."""
        return frozenset(part.reference for part in self.parts if isinstance(part, Entered))

    @property
    def parts(self) -> tuple[Node, ...]:
        """All nodes, the whole first."""
        return tuple(_walk(self.root))

    def holds(self, lookup: Lookup) -> bool:
        """Whether it is true of the values that `lookup` gives."""
        return is_true(self.value(lookup))

    def value(self, lookup: Lookup) -> Value:
        """What it comes to for the values that `lookup` gives."""
        return _value(self.root, lookup, self.missing_codes)


def children(node: Node) -> tuple[Node, ...]:
    """The parts that a node is made of."""
    match node:
        case Either(_, parts) | Call(_, parts):
            return parts
        case Negation(_, part):
            return (part,)
        case Comparison(left, _, right):
            return left, right
        case Arithmetic(first, rest):
            return first, *(part for _, part in rest)
        case _:
            return ()


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def _value(node: Node, lookup: Lookup, codes: frozenset[str]) -> Value:
    match node:
        case Constant(value):
            return value
        case Entered(reference):
            return lookup(reference)
        case Call("if", (condition, then, otherwise)):
            return _value(then if is_true(_value(condition, lookup, codes)) else otherwise, lookup, codes)
        case Call(name, arguments):
            return _call(name, [_value(part, lookup, codes) for part in arguments], codes)
        case Either(word, parts):
            truths = (is_true(_value(part, lookup, codes)) for part in parts)
            return float(all(truths) if word == "and" else any(truths))
        case _:
            return _signed(node, lookup, codes)


def _signed(node: Negation | Comparison | Arithmetic, lookup: Lookup, codes: frozenset[str]) -> Value:
    if isinstance(node, Negation):
        value = _value(node.part, lookup, codes)
        return float(not is_true(value)) if node.word == "not" else calculate(0.0, "-", _plain(value, codes))
    if isinstance(node, Comparison):
        left, right = _value(node.left, lookup, codes), _value(node.right, lookup, codes)
        if node.sign not in ("=", "<>"):
            left, right = _plain(left, codes), _plain(right, codes)
        return float(compare(left, node.sign, right))
    start = _plain(_value(node.first, lookup, codes), codes)
    steps = ((sign, _plain(_value(part, lookup, codes), codes)) for sign, part in node.rest)
    return reduce(lambda sofar, step: calculate(sofar, *step), steps, start)


def _call(name: str, values: list[Value], codes: frozenset[str]) -> Value:
    function = FUNCTIONS[name]
    return function.body(values if function.sees_codes else [_plain(value, codes) for value in values], codes)


def _plain(value: Value, codes: frozenset[str]) -> Value:
    return "" if value in codes else value
