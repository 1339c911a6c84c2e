"""The streams of all sessions in one term: their places are the owner's, and end with its term."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from omnisession_durable.entries import Act, Decided, End, Open
from omnisession_durable.fold import Fold, Judged
from omnisession_durable.messages import Event, Message, Position, State
from omnisession_durable.people import Head
from omnisession_reference.session import Key
from omnisession_reference.wire import JsonObject

REMEMBERED = 65_536
"""Of so many outcomes their first position is kept for copies."""


@dataclass(slots=True)
class Stream:
    """Where the stream of a session is."""

    head: Head
    epoch: int
    seq: int = 0

    def position(self) -> Position:
        """The place of the last message."""
        return Position(self.epoch, self.seq, self.head.last_action_seq)

    def next(self, last_action_seq: int) -> Position:
        """The place of the next message."""
        self.seq += 1
        return Position(self.epoch, self.seq, last_action_seq)


class Streams:
    """Publishes states and events, each at its place."""

    def __init__(self, term: int, fold: Fold, say: Callable[[Message], None]) -> None:
        self._term = term
        self._fold = fold
        self._say = say
        self._streams: dict[Key, Stream] = {}
        self._told_at: OrderedDict[tuple[str, str, int], Position] = OrderedDict()

    def begin(self) -> None:
        """Begin a new epoch of every live session, with all that the journal has of it."""
        for head in list(self._fold.people.heads()):
            self._streams[head.key] = self.stream(head)
        for key in list(self._streams):
            self.states(key, "takeover")

    def stream(self, head: Head) -> Stream:
        """The stream of a session in this term: its epoch is higher than any before."""
        return Stream(head, self._term)

    def opened(self, head: Head, at_ms: int) -> Stream:
        """The stream of a session that was opened in this term; the next term is above this as well."""
        return Stream(head, max(self._term, at_ms))

    def position(self, key: Key) -> Position | None:
        """Where a session is; None where it is not live."""
        stream = self._streams.get(key)
        return None if stream is None else stream.position()

    def states(self, key: Key, reason: str) -> None:
        """Publish the slices of a session, whole, in the order of its kinds."""
        stream, shown = self._streams[key], self._fold.domain.show(self._streams[key].head)
        for kind in stream.head.terms["kinds"]:
            position = stream.next(stream.head.last_action_seq)
            self._say(State(key, position, kind, reason, shown[kind]))

    def folded(self, judged: Judged) -> None:
        """Tell what an entry causes, before the next one is folded."""
        match judged.entry:
            case Decided(_, Open() as opened):
                head = self._fold.people.head((opened.user, opened.session))
                if head is not None:
                    # Of a session that was closed and is opened anew the epoch is a higher one.
                    self._streams[head.key] = self.opened(head, judged.at_ms)
            case Decided(_, End() as ended):
                self._streams.pop((ended.user, ended.session), None)
            case Decided(_, Act() as act):
                self.tell(act, judged.changes)
            case _:
                pass

    def tell(self, act: Act, changes: tuple[JsonObject, ...]) -> None:
        """Tell the changes of an action in each session that they reach; the last in its own counts it."""
        for key, stream in list(self._streams.items()):
            own = [one for one in changes if self._fold.domain.reaches(one, stream.head)]
            for change in own:
                counted = stream.head.last_action_seq
                if key == (act.user, act.session) and change is not own[-1]:
                    counted = act.client_seq - 1
                self._say(Event(key, stream.next(counted), change))

    def place(self, act: Act) -> Position | None:
        """Where an action has its outcome: behind its last effect; copies are told the same."""
        return self._remember((act.user, act.session), act.client_seq)

    def first_place(self, key: Key, client_seq: int) -> Position | None:
        """Where an earlier copy was told its outcome; in a later term the head, and again that one."""
        position = self._told_at.get((*key, client_seq))
        return self._remember(key, client_seq) if position is None else position

    def _remember(self, key: Key, client_seq: int) -> Position | None:
        position = self.position(key)
        if position is not None and client_seq:
            self._told_at[*key, client_seq] = position
            if len(self._told_at) > REMEMBERED:
                self._told_at.popitem(last=False)
        return position
