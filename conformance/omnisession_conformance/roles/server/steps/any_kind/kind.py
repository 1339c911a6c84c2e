"""What a case may ask of any kind: a change, the same thing again, a refusal, and what shows of them.

Everything that such a case does carries a **marker**, a text that nothing else has. Each kind says in
which action it is sent, and by which member of its slice and of its events it is seen again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that is not sent yet, and the text by which it will be seen."""

    kind: AnyKind
    type: str
    data: Entry
    marker: str

    def body(self, session: Session, **how: Any) -> Entry:
        """The body of the action, as the next of a session where no number is given."""
        return session.action_body(self.type, self.data, **how)

    def times(self, slice_: Mapping[str, Any]) -> int:
        """How often a slice of its kind shows it."""
        return self.kind.texts(slice_).count(self.marker)

    def shown(self, slice_: Mapping[str, Any]) -> bool:
        """Whether a slice of its kind shows it."""
        return self.times(slice_) > 0


@dataclass(frozen=True, slots=True)
class Change:
    """A deed that was acked: `id` names what it made or changed, "" where that is the user."""

    deed: Deed
    id: str
    ack: Answer

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.deed.kind.name

    def shows(self, slice_: Mapping[str, Any]) -> bool:
        """Whether a slice of its kind shows it."""
        return self.deed.shown(slice_)


async def _nothing_to_do(ctx: Context, session: Session) -> None:
    del ctx, session


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyKind:
    """A kind as cases see it that would do with another one as well.

    `make` is an action that changes what its user is shown and needs nothing; `alter` changes the thing
    of an id once more; `invalid` is as `make`, with a valid half and one that breaks the schema;
    `missing` is an action on what does not exist, None where a kind has none. `texts` are the markers
    that a slice shows, as often as it does, and `told` is the one in the data of an event.
    """

    name: str
    id_member: str | None
    """What names in a result what `make` made; None where it makes nothing."""
    list: str | None
    """The list of the slice that shows what was made, and may be cut."""
    event: str
    """The type of the event that `make` brings."""
    altered: str
    """The type of the event that `alter` brings."""
    everybody: bool
    """Whether all users are shown what one makes, at once."""
    marker: Callable[[Context], str]
    make: Callable[[str], tuple[str, Entry]]
    alter: Callable[[str, str], tuple[str, Entry]]
    invalid: Callable[[str], tuple[str, Entry]]
    missing: Callable[[str, str], tuple[str, Entry]] | None
    texts: Callable[[Mapping[str, Any]], list[str]]
    told: Callable[[Mapping[str, Any]], Any]
    begins: Callable[[Context, Session], Awaitable[None]] = _nothing_to_do
    """What has to be done before a session changes something of a user that is only lent."""

    def new(self, ctx: Context) -> Deed:
        """A deed that needs nothing, with a marker of its own."""
        marker = self.marker(ctx)
        return Deed(self, *self.make(marker), marker)

    def again(self, ctx: Context, id_: str) -> Deed:
        """A deed that changes what an earlier one made."""
        marker = self.marker(ctx)
        return Deed(self, *self.alter(id_, marker), marker)

    def broken(self, ctx: Context) -> Deed:
        """A deed of which one half is valid; no part of it may be shown."""
        marker = self.marker(ctx)
        return Deed(self, *self.invalid(marker), marker)

    def of_nothing(self, ctx: Context) -> Deed | None:
        """A deed on something that does not exist, where the kind has things."""
        if self.missing is None:
            return None
        marker = self.marker(ctx)
        return Deed(self, *self.missing(ctx.draws.slug(), marker), marker)
