"""Reads branching logic into a condition, by rank of the signs; what it does not know it refuses by name."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NoReturn

from ...core.errors import ProtocolError, choices
from .branching import CURRENT, Reference, UnansweredError
from .date_functions import DATE_FUNCTIONS, is_today
from .functions import FUNCTIONS
from .line_facts import LINE_FACTS
from .logic import Arithmetic, Call, Comparison, Constant, Either, Entered, Logic, Negation, Node
from .tokens import Token, refuse, tokens_of
from .values import MOMENT, number_of

DEEPEST = 60
"""Levels of parentheses, functions and signs before a value that are followed."""
_RANKS: Mapping[str, int] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "<>", "!=", "<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/"), 6),
    "^": 8,
}
NOT_REPEATED = ("roundup", "rounddown", "stdev", "find")
"""REDCap's functions of which its descriptions do not settle what they give."""
_TRUTHS = {"true": 1.0, "false": 0.0}
_NOT, _SIGN = 3, 7
"""What binds as strongly as `not`, and as a sign before a value."""

_FIELD = re.compile(r"([a-z][a-z0-9_]*)(?:\(([\w.-]+)\))?(?::(\w+))?", re.ASCII)
_EVENT = re.compile(r"[a-z0-9_]+", re.ASCII)


def parse_condition(text: str, *, where: str, missing_codes: Collection[str] = ()) -> Logic:
    """The condition that `text` writes in REDCap's notation; `where` begins what an error says.

    Raises:
        ProtocolError: it cannot be read; says where and why.
        UnansweredError: it can, but asks for what is known only while a form is filled in, or that hepar cannot repeat.
    """
    tokens = tokens_of(text, where=where)
    parser = _Parser(text, where, tokens)
    if not tokens:
        parser.refuse(0, "there is nothing to read; leave the cell empty where a field is always shown")
    root, place = parser.expression(0, rank=0, depth=0)
    if place < len(tokens):
        parser.refuse(place, f"{tokens[place].text!r} is one too many; put and, or or a sign before it")
    return Logic(root, frozenset(missing_codes))


@dataclass(frozen=True, slots=True)
class _Parser:
    """Each step takes the number of a token and gives what it read and the number of the next."""

    text: str
    where: str
    tokens: tuple[Token, ...]

    def expression(self, at: int, *, rank: int, depth: int) -> tuple[Node, int]:
        """What stands from `at` on, as far as its signs bind more strongly than `rank`."""
        if depth > DEEPEST:
            self.refuse(at, f"nested deeper than {DEEPEST} levels; split it over several fields")
        left, at = self.operand(at, depth=depth)
        while (found := _RANKS.get(self.sign(at), 0)) > rank:
            left, at = self.joined(left, at, rank=found, depth=depth)
        return left, at

    def joined(self, left: Node, at: int, *, rank: int, depth: int) -> tuple[Node, int]:
        """`left` with all that signs of this rank join to it."""
        start, signs, parts = at, list[str](), list[Node]()
        while _RANKS.get(self.sign(at)) == rank:
            if signs and rank in (_RANKS["="], _RANKS["^"]):
                self.refuse(
                    at, f"a second {self.sign(at)!r} in a row; say what belongs together with parentheses"
                )
            signs.append(self.sign(at))
            part, at = self.expression(at + 1, rank=rank, depth=depth + 1)
            parts.append(part)
        if rank <= _RANKS["and"]:
            return Either(signs[0], (left, *parts)), at
        if rank != _RANKS["="]:
            return Arithmetic(left, tuple(zip(signs, parts, strict=True))), at
        if signs[0] not in ("=", "<>", "!="):
            self.refuse_no_order(start, (left, parts[0]))
        return Comparison(left, "<>" if signs[0] == "!=" else signs[0], parts[0]), at

    def operand(self, at: int, *, depth: int) -> tuple[Node, int]:
        """One value: a constant, a reference, a function, something in parentheses, or one of these with a sign."""
        if at >= len(self.tokens):
            self.refuse(at, "the logic ends where a value is due")
        token = self.tokens[at]
        if token.kind == "reference":
            return self.reference(at)
        if token.kind == "text":
            return Constant(token.text), at + 1
        if token.kind == "number":
            if number_of(token.text) is None:
                self.refuse(at, f"{token.text} is larger than any number that can be calculated with")
            return Constant(float(token.text)), at + 1
        if token.kind == "name" and token.text.lower() != "not":
            return self.call(at, depth=depth)
        return self.signed(at, depth=depth)

    def signed(self, at: int, *, depth: int) -> tuple[Node, int]:
        """What stands in parentheses, or behind a sign or `not`."""
        word = self.tokens[at].text.lower()
        if word == "(":
            node, end = self.expression(at + 1, rank=0, depth=depth + 1)
            return node, self.closed(end, opened=at)
        if word not in ("not", "-", "+"):
            self.refuse(at, f"{word!r} stands where a value is due")
        part, end = self.expression(at + 1, rank=_NOT if word == "not" else _SIGN, depth=depth + 1)
        return (part if word == "+" else Negation(word, part)), end

    def call(self, at: int, *, depth: int) -> tuple[Node, int]:
        """A function and its arguments."""
        name = self.tokens[at].text
        if name.lower() in _TRUTHS:
            return Constant(_TRUTHS[name.lower()]), at + 1
        known = {*FUNCTIONS, "if"}
        if self.sign(at + 1) != "(":
            self.refuse(
                at, f"the word {name!r} means nothing here; write a text in quotes, a field in brackets"
            )
        if name.lower() not in known:
            kind = UnansweredError if name.lower() in NOT_REPEATED else ProtocolError
            self.refuse(at, f"the function {name!r} is not supported; {choices(name, known)}", kind=kind)
        arguments, end = self.arguments(at + 2, opened=at + 1, depth=depth)
        self.refuse_arguments(at, name, arguments)
        return Call(name.lower(), arguments), end

    def refuse_arguments(self, at: int, name: str, arguments: tuple[Node, ...]) -> None:
        """Refuse a number of arguments, or one of them, that the function does not take."""
        function = FUNCTIONS.get(name.lower())
        fewest, most = (function.fewest, function.most) if function else (3, 3)
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            wanted = (
                f"{fewest}"
                if most == fewest
                else f"at least {fewest}"
                if most is None
                else f"{fewest} to {most}"
            )
            kind = UnansweredError if (name.lower(), len(arguments)) == ("round", 1) else ProtocolError
            self.refuse(at, f"{name} takes {wanted} arguments, here are {len(arguments)}", kind=kind)
        constants = [part.value if isinstance(part, Constant) else None for part in arguments]
        if function and (wrong := function.wrong(constants)):
            today = name.lower() in DATE_FUNCTIONS and any(map(is_today, constants))
            self.refuse(at, f"{name}: {wrong}", kind=UnansweredError if today else ProtocolError)

    def arguments(self, at: int, *, opened: int, depth: int) -> tuple[tuple[Node, ...], int]:
        """What stands between the parentheses of a function, parted by commas."""
        if self.sign(at) == ")":
            return (), at + 1
        found: list[Node] = []
        while True:
            argument, at = self.expression(at, rank=0, depth=depth + 1)
            found.append(argument)
            if self.sign(at) != ",":
                return tuple(found), self.closed(at, opened=opened)
            at += 1

    def reference(self, at: int) -> tuple[Node, int]:
        """A field with the event before it and the instance behind it, each in brackets of its own."""
        end = at
        while end < len(self.tokens) and self.tokens[end].kind == "reference":
            end += 1
        words = [token.text.strip() for token in self.tokens[at:end]]
        if len(words) == 1 and words[0] in LINE_FACTS:
            return Entered(Reference(words[0])), end
        instance = words.pop() if len(words) > 1 and words[-1].isdecimal() else ""
        if len(words) > 1 and words[-1] == "current-instance":
            instance = CURRENT
            words.pop()
        event = words.pop(0) if len(words) > 1 else ""
        event = "" if event == "event-name" else event
        for word in (event, *words):
            if "-" in word.split("(")[0]:
                problem = f"the smart variable [{word}] is not supported; {_SMART}"
                self.refuse(at, problem, kind=UnansweredError)
        match = _FIELD.fullmatch(words[0])
        if len(words) > 1 or match is None or (event and not _EVENT.fullmatch(event)):
            written = "[" + "][".join(token.text for token in self.tokens[at:end]) + "]"
            small = "; fields and events are written in small letters" if written != written.lower() else ""
            self.refuse(at, f"{written} is no field{small}; {_FIELDS}")
        if match[3] not in (None, "value"):
            problem = f"[{words[0]}]: ':{match[3]}' is not supported; compare the code, [{match[1]}]"
            self.refuse(at, problem, kind=UnansweredError)
        return Entered(Reference(match[1], match[2] or "", event, instance)), end

    def closed(self, at: int, *, opened: int) -> int:
        """The number of the token behind a parenthesis, which must close here."""
        if self.sign(at) == ")":
            return at + 1
        if at < len(self.tokens):
            self.refuse(at, f"{self.tokens[at].text!r} stands where a sign or ')' is due")
        return self.refuse(opened, "this parenthesis is never closed")

    def sign(self, at: int) -> str:
        """The sign or the word at `at` in small letters, empty where there is none."""
        if at < len(self.tokens) and self.tokens[at].kind in ("sign", "name"):
            return self.tokens[at].text.lower()
        return ""

    def refuse_no_order(self, at: int, sides: tuple[Node, Node]) -> None:
        """Refuse to ask whether something is larger than a word, which is never true."""
        for side in sides:
            if not isinstance(side, Constant) or isinstance(side.value, float):
                continue
            if number_of(side.value) is None and not MOMENT.fullmatch(side.value):
                advice = "write <> ''" if not side.value else "a number, a day (2024-05-31) or a time can be"
                self.refuse(at, f"{side.value!r} cannot be compared by {self.sign(at)!r}; {advice}")

    def refuse(self, at: int, problem: str, *, kind: type[ProtocolError] = ProtocolError) -> NoReturn:
        """Say what is wrong at a token."""
        place = self.tokens[at].place if at < len(self.tokens) else len(self.text)
        refuse(self.text, place, problem, where=self.where, kind=kind)


_SMART = (
    "what it stands for is known only while a form is filled in: name the field, event or instance itself"
)
_FIELDS = "write [field], [checkbox(code)], [event][field], [field][instance] or [event][field][instance]"
