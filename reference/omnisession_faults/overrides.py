"""What makes a class a part: it takes the place of one class of the server, and changes it."""

SERVER = ("omnisession_reference", "omnisession_durable")


def check_part(part: type, *, helpers: bool = False) -> None:
    """Refuse a class that would change nothing, such as one whose method has a misspelt name.

    It has one base, the class of the server whose place it takes (see omnisession_reference/parts.py):
    the server never asks for a class that faults share. Every member of its own replaces one of the
    base; with `helpers`, those named with an underscore may be new. Raises TypeError.
    """
    if len(part.__bases__) != 1:
        raise TypeError(f"{part.__name__} takes the place of one class: give it one base")
    [base] = part.__bases__
    if base.__module__.partition(".")[0] not in SERVER:
        raise TypeError(
            f"{part.__name__} takes no place: its base {base.__name__} is not the server's"
        )
    own = [name for name in vars(part) if name == "__init__" or not name.startswith("__")]
    new = [name for name in own if not hasattr(base, name)]
    if len(new) == len(own):
        raise TypeError(f"{part.__name__} replaces no method of {base.__name__}")
    if wrong := [name for name in new if not (helpers and name.startswith("_"))]:
        raise TypeError(f"{base.__name__} has no {', '.join(wrong)} for {part.__name__} to replace")
