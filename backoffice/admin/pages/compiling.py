"""Templates are compiled as Jinja does it, except for four things that every page pays for.

A page of fifty rows looks up some 3,000 attributes, escapes some 1,300 values and calls some 200
macros. Our pages are plain objects, so an attribute is an attribute; a value that is a ``str`` is
escaped in C and not wrapped in ``Markup`` to be unwrapped at once; and nothing that our templates
call needs Jinja's context, so a call is a plain call. Rendering takes less than half the time.

Some 200 more calls have the same result on every page: texts without places to fill, and icons.
They are made once, when a template is compiled; so each language has templates of its own.
"""

import keyword
from collections.abc import Callable, Mapping
from typing import Any

import markupsafe
from jinja2 import Environment, Template, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

from backoffice.language import ENGLISH, Language, speak

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

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        super().visit_Template(node, frame)
        # The module imports Jinja's own under this name at its top; its functions find ours.
        self.writeline("escape = environment.escape")
        self.writeline("call_plainly = environment.call_plainly")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        of_template = isinstance(node.node, nodes.Name) and node.node.name == "self"
        if of_template or keyword.iskeyword(node.attr):  # self.content() is a block, found by item
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
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


class ConstantCalls(NodeTransformer):
    """Replaces calls whose result is the same on every page by what they return.

    ``functions``: what may be called so, by its name in templates.

    Raises:
        TemplateSyntaxError: such a call fails.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        function = node.node
        if not (isinstance(function, nodes.Name) and function.name in self._functions):
            return node
        values = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        is_constant = len(values) == len(node.args) and not (
            node.kwargs or node.dyn_args or node.dyn_kwargs
        )
        if not is_constant:
            return node
        try:
            value = self._functions[function.name](*values)
        except (KeyError, TypeError) as error:  # an icon that does not exist, an argument too many
            called = f"{function.name}({', '.join(map(repr, values))})"
            raise TemplateSyntaxError(f"{called} fails: {error!r}", node.lineno) from error
        return nodes.Const(value, lineno=node.lineno)


class PageEnvironment(Environment):
    """An environment whose templates this module compiles, for one language."""

    code_generator_class = Compiler
    template_class = PageTemplate
    escape = staticmethod(escape)
    call_plainly = staticmethod(call)

    language: Language = ENGLISH
    """The language of the templates' own texts."""

    constant_calls: tuple[str, ...] = ()
    """Global functions that always return the same for the same arguments, in one language."""

    _by_language: dict[str, "PageEnvironment"]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._by_language = {ENGLISH.texts_code: self}

    def in_language(self, language: Language) -> "PageEnvironment":
        """This environment with the templates of a language. They are compiled when first used."""
        found = self._by_language.get(language.texts_code)
        if found is None:
            found = self.overlay()
            found.language = language
            self._by_language[language.texts_code] = found
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        functions: dict[str, Any] = {name: self.globals[name] for name in self.constant_calls}
        with speak(self.language):
            ConstantCalls(functions).visit(template)
        return template
