"""Each operator changes Python as its name says, and leaves alone what no message shows."""

from __future__ import annotations

import pytest

from mutants.python_source import mutants_of

# What a function's body becomes: the operator, the body before, and every body that it makes of it.
ROWS: list[tuple[str, str, list[str] | None]] = [
    ("DEL", "store.put(1)", ["pass"]),
    ("DEL", "x = 1", []),
    ("DEL", "self.x = 1", ["pass"]),
    ("DEL", "self.x += n", ["pass"]),
    ("DEL", "if a:\n        b()", ["pass", "if a:\n        pass"]),
    ("DEL", "if a:\n        pass\n    else:\n        pass", []),
    ("DEL", "log.info(a)", []),
    ("DEL", "self.services.log.failure(a)", []),
    ("DEL", '"""Says what it does."""', []),
    ("NEG", "return a if b else c", ["return a if (not (b)) else c"]),
    ("NEG", "return [x for x in y if x.z]", ["return [x for x in y if (not (x.z))]"]),
    ("NEG", "return not a", ["return bool(a)"]),
    ("NEG", "while not a:\n        pass", ["while bool(a):\n        pass"]),
    ("CMP", "return a < b <= c", ["return a <= b <= c", "return a < b < c"]),
    ("CMP", "return a not in b", ["return a in b"]),
    ("CMP", "return a is None", ["return a is not None"]),
    ("BOOL", "return a and b and c", ["return ((a) or (b) or (c))"]),
    ("BOOL", "return f(True)", ["return f(False)"]),
    ("RET", "return a", ["return None"]),
    ("RET", "return None", []),
    ("MATH", "return a + b", ["return a - b"]),
    ("MATH", "return min(a, b)", ["return max(a, b)"]),
    ("AWAIT", "await a", ["a"]),
    ("COPY", "return sorted(a)", ["return (a)"]),
    ("COPY", "return sorted(a, key=b)", []),
    ("COPY", "return list(x for x in a)", []),
    ("INT", "return 0", ["return (-1)", "return 1"]),
    ("INT", "return True", []),
    ("STR", 'return "id"', ["return 'idx'"]),
    ("STR", 'return "A text for people."', []),
    ("STR", 'return f"id{a}"', []),
    ("SWAP", 'return {"a": 1, "b": 2}["a"]', None),
    ("SWAP", "return a.b == a.c", ["return a.b == a.b", "return a.c == a.c"]),
    ("SWAP", "return a.b() or a.c()", []),
    ("SWAP", "f(a, b)", ["f(b, a)"]),
    ("SWAP", "f(a, a)", []),
    ("SWAP", "f(*a, b)", []),
    ("CONST", "return A < B", ["return A < A", "return B < B"]),
    ("ELEM", "return [a, b]", ["return [a]", "return [b]"]),
    ("ELEM", "return (a, b)", ["return (a,)", "return (b,)"]),
    ("ELEM", "return {a}", ["return set()"]),
    ("ELEM", "return {a: 1, **b}", ["return {**b}", "return {a: 1}"]),
    ("ELEM", "return f(a, b=1, c=2)", ["return f(a, b=1)", "return f(a, c=2)"]),
    ("ELEM", "(a, b) = c", []),
]


def written(body: str) -> bytes:
    return f"async def f(self):\n    {body}\n".encode()


@pytest.mark.parametrize(("operator", "body", "expected"), ROWS)
def test_an_operator(operator: str, body: str, expected: list[str] | None) -> None:
    source = written(body)
    made = sorted(m.applied(source) for m in mutants_of("a.py", source) if m.operator == operator)
    if expected is None:
        assert made
        return
    assert made == sorted(written(one) for one in expected)


def test_every_mutant_is_python_and_another_text() -> None:
    source = (
        b'import x\n\n\ndef f(a: "int" = 1, *, b=2) -> "str":\n    return "a" if a < b else x.y\n'
    )
    mutants = mutants_of("a.py", source)
    for mutant in mutants:
        compile(mutant.applied(source), "a.py", "exec")
        assert mutant.applied(source) != source
    assert {m.before for m in mutants if m.line == 4} >= {"1", "2"}
    assert not any("int" in m.before for m in mutants if m.operator == "STR")


@pytest.mark.parametrize(
    "source",
    [
        "class A(Protocol):\n    x = 1\n",
        "if TYPE_CHECKING:\n    x = 1\n",
        "import a.b\n",
        "@f(1)\ndef g() -> None: ...\n",
        "x: Literal[1]\n",
        "Send = Callable[[bytes, str], None]\n",
        "Key = tuple[str, str]\n",
    ],
)
def test_what_does_nothing_is_left_alone(source: str) -> None:
    assert not mutants_of("a.py", source.encode())


def test_bytes_are_counted_where_letters_are_long() -> None:
    source = 'def f():\n    x = "äöü"; return 1\n'.encode()
    (one, two) = (m for m in mutants_of("a.py", source) if m.operator == "INT")
    assert one.applied(source) == source.replace(b"1", b"0")
    assert two.applied(source) == source.replace(b"1", b"2")
