"""Templates of reports: everything that they are given is escaped, and acts on no reader."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from omnisession_conformance.report.text import quoted

if TYPE_CHECKING:
    from jinja2 import Environment


def render(name: str, **values: Any) -> str:
    """Fill a template of this folder."""
    return _environment().get_template(name).render(values) + "\n"


def source(name: str) -> str:
    """A file of this folder as it is."""
    return files(__name__).joinpath(name).read_text("utf-8")


@cache
def _environment() -> Environment:
    # Only who writes a report waits for this import.
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FunctionLoader(source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: Any) -> Any:
    # Plain text only: what is markup was made by the kit.
    return quoted(value) if type(value) is str else value
