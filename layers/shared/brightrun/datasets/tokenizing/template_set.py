"""The chat templates of one base model, by name, and which of them fits a row. Pure.

`transformers` renders with `tool_use` where tools are given and the model has such a template,
otherwise with `default`; `rag` wants documents, which rows do not have.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.tokenizing.chat_template import ChatTemplate

DEFAULT, TOOL_USE = "default", "tool_use"
TEMPLATE_FILE = "chat_template.jinja"
MORE_TEMPLATES = "additional_chat_templates/"
ENCODER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    TEMPLATE_FILE,
    f"{MORE_TEMPLATES}{TOOL_USE}.jinja",
    f"{MORE_TEMPLATES}rag.jinja",
    "generation_config.json",
    "config.json",
)
"""The small files an encoder is made of; all but the first may be absent."""


def template_sources(files: Mapping[str, bytes], told: Mapping[str, Any]) -> dict[str, str]:
    """Return the templates by name: those in files of their own come before the configuration's."""
    inline = told.get("chat_template")
    sources: dict[str, str] = {}
    if isinstance(inline, list):
        sources = {str(entry["name"]): str(entry["template"]) for entry in inline}
    elif inline:
        sources = {DEFAULT: str(inline)}
    for name, content in files.items():
        if name == TEMPLATE_FILE:
            sources[DEFAULT] = content.decode()
        elif name.startswith(MORE_TEMPLATES):
            sources[name.removeprefix(MORE_TEMPLATES).removesuffix(".jinja")] = content.decode()
    return {name: source for name, source in sources.items() if source}


def in_order(templates: Mapping[str, ChatTemplate], example: Example) -> Iterator[str]:
    """Yield the names of the templates to try on a row, the fitting one first.

    A row that declares tools is rendered by `tool_use` and by nothing else where there is such a
    template; one that calls without declaring may need it too.
    """
    calls = any(turn.tool_calls for turn in example.messages)
    if TOOL_USE in templates and example.tools:
        yield TOOL_USE
        return
    yield DEFAULT if DEFAULT in templates else next(iter(templates))
    if calls and TOOL_USE in templates and DEFAULT in templates:
        yield TOOL_USE
