//// What a client holds, what it hears, and what it wants done. All of it is data.

import gleam/float
import gleam/int
import gleam/list
import gleam/option.{type Option, None, Some}
import omni/action.{type UserAction}
import omni/client/answer.{type Opened}
import omni/client/message.{type Own, type Placed, Own}
import omni/entries.{type Limits}
import omni/kind.{type Kind}
import omni/position.{type Position}
import omni/types.{type Slices}

/// What becomes of the user's actions. `Pure` sends one at a time and gives it up with its session; `Hybrid` keeps them
/// pending until the position counts them; `Optimistic` shows them on top of the slices as well.
pub type Mode {
  Pure
  Hybrid
  Optimistic
}

/// Times of the client's own, in ms.
pub type Timers {
  Timers(
    /// Bound of the first wait before something is tried again; it doubles.
    retry_base_ms: Int,
    /// The largest bound of such a wait.
    retry_max_ms: Int,
    /// Without an outcome for so long, an action is sent again.
    outcome_ms: Int,
    /// Without an answer for so long, a request is given up.
    answer_ms: Int,
  )
}

/// Who opens what.
pub type Config {
  Config(
    user_id: String,
    token: Option(String),
    kinds: List(Kind),
    features: List(String),
    mode: Mode,
    timers: Timers,
    client_name: String,
    client_version: String,
  )
}

/// A moment by two clocks, in ms: one that never goes back, and one that goes on while a machine sleeps.
pub type Moment {
  Moment(now: Int, at: Int)
}

/// What a message comes with: the moment, a number from 0 to 1, and an id of 16 random bytes or more that nobody has
/// had. All three are new for each message.
pub type Env {
  Env(moment: Moment, random: Float, id: String)
}

/// What makes a session whole.
pub type Ask {
  Open
  Resume
  Sync
}

/// What is under way to make the session whole.
pub type Work {
  /// Nothing: the session is live.
  Idle
  /// An answer is awaited, and messages are held.
  Asking(ask: Ask, request: Int, since: Moment)
  /// The answer promised messages up to a place.
  Arriving(ask: Ask, goal: Position)
  /// It is asked when its wait is over and there is a connection. A gap may close by itself before that.
  Due(ask: Ask, is_gap: Bool)
  /// For good: with the code of what ended it, or by the user.
  Closed(code: Option(Int))
}

/// A connection.
pub type Link {
  Link(
    /// The largest body that the broker takes.
    max_payload: Int,
    /// Whether a request to make the session whole was answered on it: only then actions go out.
    is_answered: Bool,
  )
}

/// A head beyond the position that was told; surely lost where what told it came in the stream's order.
pub type Told {
  Told(head: Position, is_lost: Bool)
}

/// A ping that is not answered yet.
pub type Ping {
  Ping(request: Int, until: Int, since: Moment)
}

/// Where an action is on its way.
pub type Stage {
  /// Its next copy is waited with.
  Waiting
  /// Its outcome is awaited.
  Sent
  /// Its outcome is known, or a position counts it: no further copy is needed.
  Done
}

/// What an action is in a session: its number there, and the body of all its copies.
pub type Place {
  Place(client_seq: Int, body: String, request: Int, since: Moment)
}

/// An action that was taken and is not known to be done.
pub type Pending {
  Pending(
    action: UserAction,
    /// When it was dispatched.
    at: Int,
    /// None before it is sent in the present session.
    place: Option(Place),
    stage: Stage,
    /// When the next copy goes out, or when the time for the outcome is over.
    due: Int,
    /// The server asked for that: before it no copy goes out, be it on a new connection.
    not_before: Int,
    tries: Int,
    /// The server waits for a number before its own.
    is_behind: Bool,
    /// The first place that is known to count it.
    counted: Option(Position),
    was_sent: Bool,
    /// The id of what it created, as its ack told.
    result: Option(String),
    /// Whether what it creates was seen in a slice.
    is_seen: Bool,
  )
}

/// The whole client.
pub type Model {
  Model(
    config: Config,
    link: Option(Link),
    session_id: Option(String),
    opened: Option(Opened),
    position: Option(Position),
    slices: Slices,
    work: Work,
    /// States and events that cannot be applied yet, the newest first.
    held: List(Placed),
    told: Option(Told),
    /// Recoveries in a row that came to nothing.
    failures: Int,
    /// Before that moment nothing is opened or recovered.
    not_before: Int,
    pings: List(Ping),
    last_request: Int,
    next_number: Int,
    /// In the order of dispatch; at most one in `Pure`.
    pending: List(Pending),
    /// Ids of the newest that the position counted: a final nack may still come for one of them.
    counted: List(String),
    /// Local ids of the newest creates: nobody else knows what they name.
    locals: List(String),
    /// When the timer of actions is over.
    alarm: Option(Int),
    /// The limits of the last `opened`, none before the first.
    limits: Limits,
    /// When the last message was sent that the session has answered.
    life: Option(Moment),
    /// So long after that the server knows what became of the actions; none for ever.
    memory_ms: Option(Int),
  )
}

/// A timer of the client: each is set anew in place of the one before.
pub type Timer {
  WorkTimer
  PingTimer
  ToldTimer
  OutcomeTimer
}

/// What a session hears.
pub type SessionMsg {
  /// There is a connection, and the subscription of the session is in force on it.
  Connected(max_payload: Int)
  Disconnected
  /// A message of the session's subscription.
  NatsMessage(subject: String, payload: BitArray)
  /// The answer to a request or action; none where nobody is there to answer.
  Answered(request: Int, payload: Option(BitArray))
  Elapsed(timer: Timer)
  /// The user does something.
  UserAction(action: UserAction)
  /// The user leaves.
  Leave
}

/// Why a client refuses an action by itself (HYB-016).
pub type Reason {
  TooLarge
  Invalid
  UnknownType
  LocalId
  ClosedForGood
  Full
  NotLive
  Busy
}

/// What became of an action that was taken, and failed: tell the user (HYB-015).
pub type Failure {
  /// The server refused it.
  Nacked(action_id: String, code: Int, message: String)
  /// It proved to be none that the session takes.
  Dropped(action_id: String, reason: Reason)
  /// It may have been done or not.
  GivenUp(action_id: String)
}

/// What a client wants done. Nothing is done by the client itself.
pub type Effect {
  /// In place of the subscription before.
  SubscribeToNats(subject: String)
  /// With a reply subject that tells the number of the request.
  PublishToNats(subject: String, body: String, request: Int)
  SetTimer(timer: Timer, ms: Int)
  CancelTimer(timer: Timer)
  /// The action has its place.
  Took(action_id: String)
  /// The action is refused here: nothing was numbered, and nothing is sent.
  Refused(action_id: String, reason: Reason)
  Failed(failure: Failure)
}

/// A model, and what it wants done.
pub type Step =
  #(Model, List(Effect))

/// Do one thing after the other.
pub fn then(step: Step, next: fn(Model) -> Step) -> Step {
  let #(model, effects) = next(step.0)
  #(model, list.append(step.1, effects))
}

/// The usual times.
pub const timers = Timers(200, 10_000, 2000, 4000)

/// A client before its first message.
pub fn start(config: Config) -> Model {
  Model(
    config:,
    link: None,
    session_id: None,
    opened: None,
    position: None,
    slices: types.slices_of(config.kinds, types.no_slices),
    work: Due(Open, False),
    held: [],
    told: None,
    failures: 0,
    not_before: 0,
    pings: [],
    last_request: 0,
    next_number: 1,
    pending: [],
    counted: [],
    locals: [],
    alarm: None,
    limits: entries.no_limits(),
    life: None,
    memory_ms: None,
  )
}

/// Whose messages are taken now.
pub fn own(model: Model) -> Own {
  Own(model.config.user_id, option.unwrap(model.session_id, ""))
}

/// Whether the session is over for good.
pub fn is_closed(model: Model) -> Bool {
  case model.work {
    Closed(_) -> True
    _ -> False
  }
}

/// Whether a place is beyond that of the client; before the first one everything is.
pub fn is_ahead(model: Model, place: Position) -> Bool {
  case model.position {
    Some(position) -> position.is_beyond(place, position)
    None -> True
  }
}

/// A random wait before something is tried again. Its bound doubles with each failure; it is never nearly nothing.
pub fn backoff(config: Config, failures: Int, env: Env) -> Int {
  let doubled = int.bitwise_shift_left(1, int.clamp(failures - 1, 0, 20))
  let bound =
    int.min(config.timers.retry_base_ms * doubled, config.timers.retry_max_ms)
  let part = 0.25 +. 0.75 *. env.random
  float.truncate(float.ceiling(int.to_float(bound) *. part))
}
