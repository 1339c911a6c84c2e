"""Writes the generated pages and parts of pages of docs/ from what they describe.

`python tools/docs_pages.py` brings docs/ up to date, with `--check` it only says what is not and
exits with 1. Pages of schemas are made as a whole, other pages have parts between two comments
(see docs_markdown.py), which are made from:

- the registry, the cases and the rules of the kit (docs_registry.py);
- subjects.json, the roles in it, and errors.json (docs_tables.py);
- the JSON Schemas (docs_schemas.py);
- the commands and the faults of the reference server (docs_commands.py);
- the report formats, and the lists of excuses and rights (docs_reports.py);
- the examples, whose sections guides show (docs_examples.py);
- the traces of vectors (docs_vectors.py).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import docs_commands
import docs_examples
import docs_registry
import docs_reports
import docs_schemas
import docs_tables
import docs_vectors
from docs_markdown import DocsError, fill, named_parts
from omnisession_conformance.protocol.schemas import catalogue as tables
from omnisession_conformance.suite import everything

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "schemas"


def all_parts() -> dict[str, str]:
    """Every generated part by its name."""
    kit = everything()
    library = docs_schemas.protocol_library(SCHEMAS)
    return {
        **docs_registry.parts(kit),
        **docs_tables.parts(tables(), library, kit.registry),
        **docs_schemas.parts(library, SCHEMAS),
        **docs_commands.parts(),
        **docs_reports.parts(),
        **docs_examples.parts(DOCS),
        **docs_vectors.parts(SCHEMAS),
    }


def wanted(
    docs: Path, parts: Mapping[str, str], pages: Mapping[str, str]
) -> dict[Path, str | None]:
    """What each generated page has to say; None for one that nothing describes any more.

    Raises DocsError for a part that no page shows: somebody would look for it in vain.
    """
    found: dict[Path, str | None] = {docs / path: text for path, text in pages.items()}
    shown: set[str] = set()
    for path in sorted(docs.rglob("*.md")):
        if path in found:
            continue
        text = path.read_text("utf-8")
        name = path.relative_to(docs).as_posix()
        if docs_schemas.is_made_whole(text):
            found[path] = None
        elif names := named_parts(text):
            shown.update(names)
            found[path] = fill(name, text, parts)
    if unseen := sorted(parts.keys() - shown):
        raise DocsError(f"no page shows the generated parts {', '.join(unseen)}")
    return found


def differing(pages: Mapping[Path, str | None]) -> list[Path]:
    """The pages that are not what they have to be."""
    return [path for path, text in pages.items() if text != _read(path)]


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def write(path: Path, text: str | None) -> None:
    """Write a page, or remove one that nothing describes any more."""
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing, exit 1 on a difference"
    )
    options = parser.parse_args(arguments)
    library = docs_schemas.protocol_library(SCHEMAS)
    try:
        pages = wanted(DOCS, all_parts(), docs_schemas.schema_pages(library))
    except DocsError as error:
        print(f"docs: {error}", file=sys.stderr)
        return 1
    changed = differing(pages)
    for path in changed:
        name = path.relative_to(ROOT).as_posix()
        if options.check:
            print(f"{name} is out of date: run `python tools/docs_pages.py`")
        else:
            write(path, pages[path])
            print(f"wrote {name}" if pages[path] is not None else f"removed {name}")
    return 1 if changed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
