"""How templates become Python: as Jinja does it, but for three things that every cell pays for.

A page of fifty rows looks up some 3,000 attributes, escapes some 1,300 values and calls some 200
macros. Our pages are plain objects, so an attribute is an attribute; a value that is a ``str`` is
escaped in C and not wrapped in ``Markup`` to be unwrapped at once; and nothing that our templates
call asks for their context, so a call is a call. Printing takes less than half the time so.
"""

import keyword
from collections.abc import Callable
from typing import Any

import markupsafe
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame

# What markupsafe.escape itself is made of; by its public name it costs ten times as much.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", markupsafe.escape)


def escape(value: Any) -> str:
    """``value`` as HTML text; what says by ``__html__`` that it is HTML already stays as it is."""
    kind = type(value)
    if kind is str:
        return _escape_text(value)
    return value if kind is markupsafe.Markup else markupsafe.escape(value)


def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a call in a template does. Jinja hands the context to functions that are marked so."""
    return function(*arguments, **named)


class Compiler(CodeGenerator):
    """Writes ``cell.text`` for ``{{ cell.text }}``, where Jinja would also try ``cell["text"]``.

    So a template that asks a dict for an attribute, or a page for what it has not, raises
    AttributeError. A function marked with ``jinja2.pass_context`` would not be given it: pass what
    it needs. The methods' names are Jinja's.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        super().visit_Template(node, frame)
        # The module imports Jinja's own under this name at its top; its functions find ours.
        self.writeline("escape = environment.escape")
        self.writeline("call_plainly = environment.call_plainly")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        of_template = isinstance(node.node, nodes.Name) and node.node.name == "self"
        if of_template or keyword.iskeyword(node.attr):  # self.content() is a block, found by item
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        self.write("call_plainly(")
        self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


class PageEnvironment(Environment):
    """An environment whose templates are compiled so."""

    code_generator_class = Compiler
    escape = staticmethod(escape)
    call_plainly = staticmethod(call)
