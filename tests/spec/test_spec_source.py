"""Reading pages and the registry."""

from __future__ import annotations

import pytest

from spec_source import Block, Label, SourceError, read_label, read_page, read_registry

PAGE = """\
# A title

A paragraph
on two lines.

| Head | Row |
|---|---|
| one | MUST |

- first item
  goes on
- second
1. third

```json
{"in": "code MUST not be read"}
```
after the code

~~~~text
```
still code
~~~
~~~~
   indented words
"""


def test_a_page_is_split_into_blocks_with_their_lines() -> None:
    assert read_page("a.md", PAGE).blocks == (
        Block(1, "A title"),
        Block(3, "A paragraph on two lines."),
        Block(6, "| Head | Row |"),
        Block(7, "|---|---|"),
        Block(8, "| one | MUST |"),
        Block(10, "first item goes on"),
        Block(12, "second"),
        Block(13, "third"),
        Block(18, "after the code"),
        Block(25, "indented words"),
    )


def test_words_directly_before_code_are_a_block() -> None:
    assert read_page("a.md", "words\n```\ncode\n```").blocks == (Block(1, "words"),)


def test_a_fence_that_is_never_closed_hides_the_rest() -> None:
    assert read_page("a.md", "words\n\n```\ncode\n\nmore") == read_page("a.md", "words")


def test_a_label_is_read_with_the_words_after_it() -> None:
    block = Block(4, "**ABC-001**{ #abc-001 .req } A server MUST.")
    assert read_label(block) == Label("ABC-001", "abc-001", 4, "A server MUST.")


@pytest.mark.parametrize(
    "text",
    [
        "A server MUST.",
        "**ABC-001** A server MUST.",
        "**ABC-001**{ #abc-001 } A server MUST.",
        "See **ABC-001**{ #abc-001 .req } A server MUST.",
        "**ABC-1**{ #abc-1 .req } A server MUST.",
    ],
)
def test_other_words_are_no_label(text: str) -> None:
    assert read_label(Block(1, text)) is None


def test_registry_entries_know_their_lines() -> None:
    entries = read_registry(
        "version: '1.0'\nrequirements:\n  - id: A-001\n    level: MUST\n  - id: A-002\n    excluded: no\n"
    )
    assert [(e.line, e.id, e.level, e.excluded) for e in entries] == [
        (3, "A-001", "MUST", ""),
        (5, "A-002", "", "no"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "no YAML"),
        ("- 1", "no list 'requirements'"),
        ("", "no list 'requirements'"),
        ("requirements: none", "no list 'requirements'"),
        ("requirements:\n  - words", "line 2 of the registry: an entry is a mapping"),
    ],
)
def test_a_broken_registry_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        read_registry(text)
