"""How a session lives, comes back and ends: pings, heads, digests, cuts, closings, and the leave."""

import asyncio
from dataclasses import replace
from typing import Any

from omnisession_client import asking, bodies, ending, reading, recovery
from omnisession_client.effects import CancelTimer, NewSession, Publish, SetTimer, Step, then
from omnisession_client.values import USUAL_HEARTBEAT_MS, Place, Position, Raw, Recovery, State
from omnisession_client.view import view
from omnisession_client_faults import links, memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

_PROCESS: dict[str, Any] = {}


# -- subscriptions and connections


@fault("hears-states-twice", breaks="CLI-001", replaces="link.Link._listen")
async def states_twice(original: Any, self: Any, subject: str, take: Any) -> Any:
    """A client has a subscription for states beside that for the whole session."""
    if not links.is_session(subject):
        return await original(self, subject, take)
    states = subject.removesuffix("*") + "state"
    return links.Several(await original(self, subject, take), await original(self, states, take))


@fault("subscribes-again-after-each-cut", breaks="CLI-001", replaces="shell.Shell.on_connected")
def subscribes_again(original: Any, self: Any, max_payload: int) -> None:
    """On a new connection a client subscribes once more, beside what the library brings back."""
    link = self._link
    is_there = self._subscriptions and link._subscription is not None
    if is_there and memory.count(self.state, "connections") > 1:
        _PROCESS["task"] = asyncio.create_task(link._listen(*link._wanted))
    original(self, max_payload)


@fault("opens-its-next-session-before-it-subscribes", breaks="CLI-002", replaces="update.began")
def opens_before(original: Any, state: State, session_id: str) -> Step:
    """The open of a later session goes out before its subscription."""
    after, effects = original(state, session_id)
    if memory.count(state, "sessions") == 1 or after.phase != "opening":
        return after, effects
    after, asked = recovery.ask(after)
    return after, (*asked, *effects)


@fault("hears-its-first-session-after-a-cut", breaks="CLI-016", replaces="link.Link.subscribe")
async def hears_its_first(original: Any, self: Any, subject: str, take: Any) -> None:
    """On a new connection a client subscribes to the first session that it had."""
    await original(self, subject, take)
    first = self.__dict__.setdefault("first", subject)
    if self._subscription is not None:
        self._subscription._subject = first


@fault("hears-itself-after-a-cut", breaks="CLI-023", replaces="link.Link._connect")
async def hears_itself_later(original: Any, self: Any, closed: Any) -> None:
    """A connection that came back has echo on."""
    await original(self, closed)
    self._client.options["no_echo"] = False


@fault("dials-three-times", breaks="CLI-016", replaces="link.Reader._select_next_server")
async def dials_three_times(original: Any, self: Any) -> None:
    """A connection that three tries do not bring back stays away."""
    if self.is_reconnecting:
        self.tries = getattr(self, "tries", 0) + 1
        if self.tries > 3:
            await asyncio.Event().wait()
    await original(self)


@fault("waits-when-cut-before-opened", breaks="CLI-016", replaces="recovery.connected")
def waits_when_cut(original: Any, state: State) -> Step:
    """A session that was not opened when the connection was lost is not opened on the next one."""
    cut = state.phase == "offline" and state.opened is None and state.numbers > 0
    return (state, ()) if cut else original(state)


@fault("resumes-what-was-never-opened", breaks="CLI-016", replaces="recovery.connected")
def resumes_unopened(original: Any, state: State) -> Step:
    """A session that was not opened when the connection was lost is asked for states on the next one."""
    after, effects = original(state)
    cut = state.phase == "offline" and state.opened is None and state.numbers > 0
    if not cut or after.recovery.number is None:
        return after, effects
    return recovery.ask(replace(state, phase="opening", recovery=Recovery(recovery.SYNC)))


@fault("is-lost-when-cut-in-after-ms", breaks="CLI-018", replaces="recovery.connected")
def lost_in_after_ms(original: Any, state: State) -> Step:
    """A connection that comes back before after_ms are over is followed by no recovery."""
    waits = state.not_before_ms > state.steady_ms
    return (state, ()) if waits and state.phase == "offline" else original(state)


# -- signs of life


@replacing("asking.ping")
def _is_silent(original: Any, state: State) -> Step:
    return (state, ()) if memory.of(state).get("silent") else original(state)


@fault("pings-no-more-after-a-recovery", _is_silent, breaks="CLI-015", replaces="recovery.answered")
def no_ping_after(original: Any, state: State, goal: Place | None) -> State:
    """After a recovery there are no pings: their timer was cancelled, and is not set again."""
    after = original(state, goal)
    if state.opened is not None:
        memory.of(state)["silent"] = True
    return after


@fault("pings-in-its-first-session-alone", breaks="CLI-015", replaces="asking.ping")
def first_session_alone(original: Any, state: State) -> Step:
    """In a later session there are no pings."""
    first = memory.of(state).setdefault("session", state.session_id)
    return original(state) if first == state.session_id else (state, ())


@replacing("update.began")
def _is_the_last(original: Any, state: State, session_id: str) -> Step:
    _PROCESS["last"] = session_id
    return original(state, session_id)


@fault("has-one-timer-of-pings-for-all", _is_the_last, breaks="CLI-015", replaces="asking.ping")
def one_timer(original: Any, state: State) -> Step:
    """Of several sessions of the process only the last that was begun sends pings."""
    return original(state) if _PROCESS.get("last") == state.session_id else (state, ())


@fault("puts-pings-off-by-events", breaks="CLI-015", replaces="stream.next_one")
def off_by_events(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """Each message of the stream puts the next ping off, though it says nothing of the client."""
    after, effects = original(state, body, place)
    return after, (*effects, asking.next_ping(after))


@replacing("answers.resumed")
def _recovered(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    memory.of(state)["recovered"] = True
    return original(state, at, data)


@fault(
    "pings-by-the-usual-heartbeat-after-a-recovery",
    _recovered,
    breaks="CLI-036",
    replaces="asking.next_ping",
)
def usual_after_a_recovery(original: Any, state: State) -> SetTimer:
    """After a recovery pings keep the usual interval."""
    if memory.of(state).get("recovered") and state.opened is not None:
        usual = min(USUAL_HEARTBEAT_MS, state.opened.resume_window_ms * 2 // 3)
        return SetTimer(asking.PING, usual, usual)
    return original(state)


# -- heads


@fault("forgets-heads-at-each-message", breaks="CLI-013", replaces="stream.next_one")
def forgets_at_each(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """What was told of the head is forgotten when any message of the stream comes."""
    return original(replace(state, told=None), body, place)


@fault("hears-no-head-of-a-nack", breaks="CLI-013", replaces="pushes.taken")
def no_head_of_a_nack(original: Any, state: State, body: JsonObject) -> Step:
    """The head that a nack tells is not looked at, and what heartbeats told is forgotten there."""
    after, effects = original(state, body)
    return (replace(after, told=None) if body.get("type") == "action.nack" else after), effects


@fault("recovers-when-the-head-moves", breaks="CLI-013", replaces="pushes.heartbeat")
def when_it_moves(original: Any, state: State, at: Position) -> Step:
    """A heartbeat that tells the same head as the one before leads to nothing."""
    kept = memory.of(state)
    before, kept["head"] = kept.get("head"), at.place
    return original(replace(state, told=None) if before == at.place else state, at)


@fault("recovers-when-the-head-stands", breaks="CLI-013", replaces="pushes.heartbeat")
def when_it_stands(original: Any, state: State, at: Position) -> Step:
    """Only a heartbeat that tells the same head as the one before leads to a recovery."""
    kept = memory.of(state)
    before, kept["head"] = kept.get("head"), at.place
    return original(state if before == at.place else replace(state, told=None), at)


@fault("hears-heads-with-events-alone", breaks="CLI-013", replaces="pushes.heartbeat")
def with_events_alone(original: Any, state: State, at: Position) -> Step:
    """In a session without events the head is not looked at."""
    has = state.opened is not None and "events" in state.opened.features
    return original(state if has else replace(state, told=None), at)


@fault("hears-no-head-of-seq-one", breaks="CLI-013", replaces="pushes.heartbeat")
def of_the_first_states(original: Any, state: State, at: Position) -> Step:
    """As long as no state has come after the open the head is not looked at."""
    fresh = state.place is not None and state.place.seq == 0
    return original(replace(state, told=None) if fresh else state, at)


# -- digests


@fault("hashes-its-view", breaks="CLI-014", replaces="pushes.compared")
def hashes_its_view(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Digests are compared with what is shown, pending actions on top."""
    shown = original(replace(state, slices=view(state)), at, data)
    return replace(shown[0], slices=state.slices), shown[1]


@fault("keeps-digests-by-their-seq", breaks="CLI-014", replaces="pushes.digest")
def by_their_seq(original: Any, held: JsonObject) -> str | None:
    """The digest of a slice is kept, and made anew only when the length of its lists changes."""
    kept: dict[Any, str | None] = _PROCESS.setdefault("digests", {})
    lists = [(name, len(found)) for name, one in held.items() if (found := reading.items(one))]
    return kept.setdefault((held["type"], *lists), original(held))


@fault("syncs-twice-at-a-wrong-digest", breaks="CLI-014", replaces="pushes.compared")
def syncs_twice(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Each kind whose digest differs leads to a sync of its own at once."""
    after, effects = original(state, at, data)
    if not steps.sends((after, effects)):
        return after, effects
    return then((after, effects), lambda one: steps.request(one, recovery.SYNC))


# -- closings


@fault("closes-what-the-server-has-closed", breaks="CLI-017", replaces="ending.stop")
def closes_closed(original: Any, state: State) -> Step:
    """A client that is done sends a close, also where the server has ended the session."""
    after, effects = original(state)
    if state.phase != "closed" or state.opened is None:
        return after, effects
    subject = bodies.stream_subject(state, "control")
    return after, (Publish(subject, bodies.request(state, ending.CLOSE, {})), *effects)


@fault("sends-copies-after-closing", breaks="CLI-017", replaces="ending.over")
def copies_after(original: Any, state: State) -> Step:
    """What has no outcome is sent again after the server has ended the session."""
    after, effects = original(state)
    copies = tuple(
        Publish(one.subject, one.body) for one in state.pending if one.status in ("sent", "waiting")
    )
    return after, (*effects, *copies)


@replacing("ending.stop")
def _leaves(original: Any, state: State) -> Step:
    memory.of(state)["left"] = True
    return original(state)


@fault("opens-another-after-closing", _leaves, breaks="CLI-017", replaces="ending.over")
def another_after(original: Any, state: State) -> Step:
    """After the server has ended the session a new one is opened."""
    if state.opened is None or memory.of(state).get("left"):
        return original(state)
    return ending.renew(state)


@replacing("ending.over")
def _keeps_its_timer(original: Any, state: State) -> Step:
    after, effects = original(state)
    waits = state.phase == "recovering" and state.recovery.number is None
    kept = tuple(one for one in effects if one != CancelTimer(recovery.RETRY))
    return after, kept if waits else effects


@fault("retries-after-closing", _keeps_its_timer, breaks="CLI-017", replaces="update.rang")
def retries_after(original: Any, state: State, timer: str) -> Step:
    """A recovery that waits for its time goes out after the server has ended the session."""
    if state.phase == "closed" and timer == recovery.RETRY and state.opened is not None:
        return recovery.ask(state)
    return original(state, timer)


@fault("looks-live-when-it-is-closed", breaks="CLI-017", replaces="report.report")
def looks_live(original: Any, state: State) -> JsonObject:
    """A client whose session the server has ended does nothing, and tells nobody."""
    told = original(state)
    ended = state.phase == "closed" and state.opened is not None
    return {**told, "phase": "live"} if ended else told


@replacing("recovery.postponed")
def _was_stopped(original: Any, state: State, after_ms: int) -> Step:
    memory.of(state)["stopped"] = True
    return original(state, after_ms)


@fault("begins-anew-after-a-planned-stop", _was_stopped, breaks="CLI-018", replaces="recovery.rang")
def begins_anew(original: Any, state: State) -> Step:
    """After after_ms a new session is opened, and the one that lives is left."""
    if memory.of(state).pop("stopped", False) and state.opened is not None:
        return state, (NewSession(),)
    return original(state)


@fault("caps-after-ms", breaks="CLI-018", replaces="recovery.postponed")
def caps(original: Any, state: State, after_ms: int) -> Step:
    """An after_ms above 400 is taken for 400."""
    return original(state, min(after_ms, 400))


@fault("resumes-what-closing-kept-from-opening", breaks="CLI-018", replaces="recovery.postponed")
def resumes_it(original: Any, state: State, after_ms: int) -> Step:
    """A session that was not opened yet when the server stopped is asked for states afterwards."""
    after, effects = original(state, after_ms)
    wanted = replace(after.recovery, want=recovery.SYNC) if state.opened is None else after.recovery
    return replace(after, recovery=wanted), effects


@fault("forgets-what-was-not-opened-at-closing", breaks="CLI-018", replaces="recovery.postponed")
def forgets_it(original: Any, state: State, after_ms: int) -> Step:
    """A planned stop before the answer to the open is followed by nothing."""
    after, effects = original(state, after_ms)
    if state.opened is not None:
        return after, effects
    return after, (CancelTimer(recovery.RETRY), CancelTimer(asking.PING))


@fault("opens-again-after-a-planned-stop", breaks="CLI-037", replaces="recovery.postponed")
def opens_after_a_stop(original: Any, state: State, after_ms: int) -> Step:
    """After a planned stop a session is opened again, though it lives on."""
    after, effects = original(state, after_ms)
    return replace(after, recovery=replace(after.recovery, want=recovery.OPEN)), effects


@fault("opens-again-at-each-gap", breaks="CLI-037", replaces="recovery.begin")
def opens_at_each_gap(original: Any, state: State, want: str, tries: int = 0) -> Step:
    """A gap is closed by an open of the session that is live."""
    return original(state, recovery.OPEN if want == recovery.RESUME else want, tries)


# -- the leave


@fault("leaves-without-a-word-while-it-recovers", breaks="CLI-031", replaces="ending.stop")
def leaves_recovering(original: Any, state: State) -> Step:
    """A client that is done while it recovers leaves its session to its time."""
    return original(replace(state, opened=None) if state.phase == "recovering" else state)


@replacing("update.began")
def _notes_the_first(original: Any, state: State, session_id: str) -> Step:
    memory.of(state).setdefault("first session", session_id)
    return original(state, session_id)


@fault("closes-its-first-session", _notes_the_first, breaks="CLI-031", replaces="ending.stop")
def closes_its_first(original: Any, state: State) -> Step:
    """The close of a client that is done names the first session that it had."""
    first = memory.of(state).get("first session", state.session_id)
    after, effects = original(replace(state, session_id=first))
    return replace(after, session_id=state.session_id), effects


# -- whatever bytes


@fault("fails-at-an-action-id-of-another-type", breaks="CLI-029", replaces="acting.outcome")
def fails_at_an_id(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An outcome whose action_id is no text breaks the client."""
    return original(state, type_, data) if hash(data.get("action_id")) else (state, ())


@fault("fails-at-digests-of-another-type", breaks="CLI-029", replaces="pushes.compared")
def fails_at_digests(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Digests that are no object break the client."""
    if data.get("digests") is not None:
        data["digests"].items()
    return original(state, at, data)


@fault("fails-at-an-error-without-an-error", breaks="CLI-029", replaces="reading.failure")
def fails_at_an_error(original: Any, data: JsonObject) -> Any:
    """An error or nack without a code breaks the client."""
    if not isinstance(data["error"]["code"], int):
        raise TypeError
    return original(data)


@fault("fails-at-seqs-of-another-type", breaks="CLI-029", replaces="reading.place")
def fails_at_seqs(original: Any, members: Any) -> Any:
    """A seq that is no number breaks the client."""
    if "seq" in members:
        divmod(members["seq"], 1)
    return original(members)


@fault("stops-its-other-sessions-at-garbage", breaks="CLI-029", replaces="hearing.heard")
def stops_others(original: Any, state: State, raw: Raw) -> Step:
    """A message that is no JSON makes all other sessions of the process deaf."""
    if not raw.data.startswith((b"{", b" ", b"\n")):
        _PROCESS["garbage"] = state.session_id
    if _PROCESS.get("garbage") not in (None, state.session_id):
        return state, ()
    return original(state, raw)


@fault("dials-sixty-times", breaks="CLI-016", replaces="link.Reader._select_next_server")
async def dials_sixty_times(original: Any, self: Any) -> None:
    """A connection that sixty tries do not bring back stays away, as libraries have it."""
    if self.is_reconnecting:
        self.tries = getattr(self, "tries", 0) + 1
        if self.tries > 60:
            await asyncio.Event().wait()
    await original(self)
