"""Templates are compiled as Jinja does it, except for three things that every cell pays for.

A page of fifty rows looks up some 3,000 attributes, escapes some 1,300 values and calls some 200
macros. Our pages are plain objects, so an attribute is an attribute; a value that is a ``str`` is
escaped in C and not wrapped in ``Markup`` to be unwrapped at once; and nothing that our templates
call needs Jinja's context, so a call is a plain call. Rendering takes less than half the time.
"""

import keyword
from collections.abc import Callable
from typing import Any

import markupsafe
from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

# The C function inside markupsafe.escape. By its public name it costs ten times as much.
escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", markupsafe.escape)
"""A text as HTML, as a plain ``str``."""


def escape(value: Any) -> str:
    """``value`` as HTML text. A value with ``__html__``, such as ``Markup``, is HTML already."""
    value_type = type(value)
    if value_type is str:
        return escape_text(value)
    return value if value_type is markupsafe.Markup else markupsafe.escape(value)


def call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """A call in a template. Jinja's own would look for ``pass_context`` marks, which none has."""
    return function(*arguments, **named)


class Compiler(CodeGenerator):
    """Writes ``cell.text`` for ``{{ cell.text }}``, where Jinja would also try ``cell["text"]``.

    A template that reads an attribute of a dict, or one that a page does not have, raises
    AttributeError. A function that is marked with ``jinja2.pass_context`` gets no context: pass it
    what it needs. The methods' names are Jinja's.
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
        if not (forward_caller or node.dyn_args or node.dyn_kwargs) and not any(
            keyword.iskeyword(named.key) for named in node.kwargs
        ):
            self.visit(node.node, frame)
            self.write("(")
            for argument in (*node.args, *node.kwargs):
                self.visit(argument, frame)
                self.write(", ")
            self.write(")")
            return
        self.write("call_plainly(")
        self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


class PageTemplate(Template):
    """A template whose macros are made once.

    Jinja's own first compares the names of the importing template with this one's, at each import
    of each page. Ours all have the environment's names.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class PageEnvironment(Environment):
    """An environment whose templates this module compiles."""

    code_generator_class = Compiler
    template_class = PageTemplate
    escape = staticmethod(escape)
    call_plainly = staticmethod(call)
