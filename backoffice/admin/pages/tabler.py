"""Tabler's stylesheet without the rules that no page of ours uses.

Tabler is a few hundred kilobytes for everything that a page could have; ours use a tenth of it. The
rest would be fetched and matched against every page. What is used is read from the templates,
scripts and modules that write HTML, when the process starts: nothing is listed by hand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tinycss2
from tinycss2.ast import AtRule, Node, QualifiedRule

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NOTICE = re.compile(r"/\*!.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")

_EVERYWHERE = frozenset({"html", "body", "root", "host"})


@dataclass(frozen=True)
class Words:
    """The words in files that write HTML: a name of a class that is not one of them is not used.

    ``beginnings``: of names that are put together, such as "btn-" in ``btn-{{ kind }}``.
    """

    whole: Set[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Words":
        """The words of all texts."""
        found = {word for text in texts for word in _WORD.findall(text)} | _EVERYWHERE
        return cls(found, tuple(word for word in found if word.endswith("-") and len(word) > 1))

    def __contains__(self, name: str) -> bool:
        return name in self.whole or (bool(self.beginnings) and name.startswith(self.beginnings))


def words_in(paths: Iterable[Path]) -> Words:
    """The words in files."""
    return Words.of(path.read_text(encoding="utf-8") for path in paths)


def variables_in(stylesheet: str) -> set[str]:
    """The custom properties that a stylesheet uses."""
    return set(_VARIABLE.findall(stylesheet))


def used_rules(stylesheet: str, words: Words, needed_variables: Iterable[str] = ()) -> str:
    """The rules of a stylesheet that can apply to a page whose HTML is made of ``words``.

    A rule stays if one of its selectors has only known classes, ids, elements and attributes; what
    is inside ``:not()`` and its like is not looked at. Animations and custom properties stay if a
    rule that stays uses them, or ``needed_variables`` names them. The notice of the license stays.
    """
    notice = _NOTICE.search(stylesheet)
    rules = tinycss2.parse_stylesheet(stylesheet, skip_comments=True, skip_whitespace=True)
    kept = list(_kept(rules, words))
    declarations = [declaration for rule in kept for declaration in rule.all_declarations()]
    live = _live_variables(declarations, needed_variables)
    animated = " ".join(text for text in declarations if text.startswith("animation"))
    written = "".join(rule.write(live, animated) for rule in kept)
    return f"{written}\n{notice[0]}\n" if notice else written


@dataclass
class _Rule:
    """A rule that stays: "a,b" with ``declarations``, each as text; "@media print" with rules
    ``within``; or another at-rule, whose block is ``block``."""

    head: str
    declarations: Sequence[str] = ()
    within: Sequence["_Rule"] = ()
    block: str | None = None

    def all_declarations(self) -> Iterator[str]:
        yield from self.declarations
        for rule in self.within:
            yield from rule.all_declarations()

    def write(self, variables: Set[str], animated: str) -> str:
        """The rule as text, with those of its custom properties that are among ``variables``; ""
        if nothing is left of it. ``animated``: the declarations that name animations."""
        if self.head.startswith("@keyframes"):
            name = self.head.removeprefix("@keyframes").strip()
            return f"{self.head}{{{self.block}}}" if name in animated else ""
        if self.block is not None:
            return f"{self.head}{{{self.block}}}"
        if self.head.startswith("@charset"):
            return f"{self.head};"
        inner = "".join(rule.write(variables, animated) for rule in self.within)
        inner += ";".join(
            text
            for text in self.declarations
            if not text.startswith("--") or text.partition(":")[0] in variables
        )
        return f"{self.head}{{{inner}}}" if inner else ""


def _kept(rules: Sequence[Node], words: Words) -> Iterator[_Rule]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [one for one in _selectors(rule.prelude) if _may_match(one, words)]
            if selectors:
                head = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                yield _Rule(head, _declarations(rule.content))
        elif isinstance(rule, AtRule):
            head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
            if rule.content is None:
                yield _Rule(head)
            elif rule.lower_at_keyword in _GROUPS:
                inner = tinycss2.parse_rule_list(
                    rule.content, skip_comments=True, skip_whitespace=True
                )
                yield _Rule(head, within=list(_kept(inner, words)))
            else:
                yield _Rule(head, block=tinycss2.serialize(rule.content))


_GROUPS = ("media", "supports", "layer", "container")
"""At-rules that have rules within."""


def _selectors(prelude: Sequence[Any]) -> Iterator[list[Any]]:
    """The selectors of a rule, one by one."""
    one: list[Any] = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def _may_match(selector: Sequence[Any], words: Words) -> bool:
    """Whether a page could have what a selector names."""
    before = ""
    for token in selector:
        if token.type == "hash":
            if token.value not in words:
                return False
        elif token.type == "[] block":
            names = [part.value for part in token.content if part.type == "ident"]
            if names and names[0] not in words:
                return False
        elif token.type == "ident" and before != ":" and token.value not in words:
            return False
        before = token.value if token.type == "literal" else ""
    return True


def _declarations(content: Sequence[Any]) -> list[str]:
    """The declarations of a rule, each as text."""
    found: list[str] = []
    one: list[Any] = []
    for token in [*content, None]:
        if token is None or (token.type == "literal" and token.value == ";"):
            if text := tinycss2.serialize(one).strip():
                found.append(text)
            one = []
        else:
            one.append(token)
    return found


def _live_variables(declarations: Sequence[str], needed: Iterable[str]) -> set[str]:
    """The custom properties that a property of a page depends on, directly or by others."""
    uses: dict[str, set[str]] = {}
    waiting = list(needed)
    for declaration in declarations:
        name, _colon, value = declaration.partition(":")
        used = variables_in(value)
        if name.startswith("--"):
            uses.setdefault(name, set()).update(used)
        else:
            waiting += used
    live: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in live:
            live.add(name)
            waiting += uses.get(name, ())
    return live
