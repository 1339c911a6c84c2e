//// The shell for JavaScript: a session over a connection of `@nats-io/nats-core`, in Node.js or in a browser. All that
//// it knows of the protocol is `session.update`.

import gleam/list
import gleam/option.{None, Some}
import omni/action
import omni/client/model.{
  type Config, type Effect, type Env, type Failure, type Model, type Reason,
  type SessionMsg, type Timer, Answered, CancelTimer, Connected, Disconnected,
  Elapsed, Env, Failed, Leave, Moment, NatsMessage, OutcomeTimer, PingTimer,
  PublishToNats, Refused, SetTimer, SubscribeToNats, ToldTimer, Took, UserAction,
  WorkTimer,
}
import omni/session

/// One user's session, from the connection's first moment until `stop`.
pub opaque type Client {
  Client(runtime: Runtime, hooks: Hooks)
}

/// What an app wants to hear.
pub type Hooks {
  Hooks(
    /// After whatever may have changed what the session shows.
    on_change: fn(Model) -> Nil,
    /// An action that was taken has failed: tell the user.
    on_failed: fn(Failure) -> Nil,
  )
}

/// How a connection is made: `web` here, `tcp` of `omni/nats/node`.
pub type Dial

type Runtime

type Handler =
  fn(Model) -> #(Model, fn() -> Nil)

type Events {
  Events(
    on_connected: fn(Int) -> Nil,
    on_disconnected: fn() -> Nil,
    on_answer: fn(Int, BitArray) -> Nil,
    on_nobody: fn(Int) -> Nil,
  )
}

/// Connect and open. It tries for as long as it takes, opens, recovers and comes back by itself; after a lost connection
/// it waits so long before it connects again.
pub fn start(
  dial: Dial,
  url: String,
  reconnect_ms: Int,
  config: Config,
  hooks: Hooks,
) -> Client {
  let client = Client(new_runtime(model.start(config)), hooks)
  connect(
    client.runtime,
    dial,
    url,
    reconnect_ms,
    Events(
      on_connected: fn(max_payload) { tell(client, Connected(max_payload)) },
      on_disconnected: fn() { tell(client, Disconnected) },
      on_answer: fn(request, payload) {
        tell(client, Answered(request, Some(payload)))
      },
      on_nobody: fn(request) { tell(client, Answered(request, None)) },
    ),
  )
  client
}

/// Connect over WebSocket, to `ws://…` or `wss://…`: in browsers, and wherever else there is a `WebSocket`.
@external(javascript, "./nats_ffi.mjs", "web")
pub fn web() -> Dial

/// What the session holds now.
pub fn model(client: Client) -> Model {
  get_model(client.runtime)
}

/// How many messages of the present subscription were handled, their effects included.
pub fn handled(client: Client) -> Int {
  get_handled(client.runtime)
}

/// A new id for an action.
pub fn new_id() -> String {
  random_id()
}

/// Do something. `reply` hears that the action has its place, or why it is refused here.
pub fn dispatch(
  client: Client,
  action: action.UserAction,
  reply: fn(Result(String, Reason)) -> Nil,
) -> Nil {
  use effects <- take(client, UserAction(action))
  list.each(effects, fn(effect) {
    case effect {
      Took(action_id) -> reply(Ok(action_id))
      Refused(_, reason) -> reply(Error(reason))
      _ -> Nil
    }
  })
}

/// Leave; `done` is called when what was said is with the broker, and the connection is closed.
pub fn stop(client: Client, done: fn() -> Nil) -> Nil {
  tell(client, Leave)
  close(client.runtime, done)
}

fn tell(client: Client, msg: SessionMsg) -> Nil {
  use _ <- take(client, msg)
  Nil
}

/// Let the session take a message in its turn; `after` sees the effects when they are done.
fn take(
  client: Client,
  msg: SessionMsg,
  after: fn(List(Effect)) -> Nil,
) -> Nil {
  post(client.runtime, handle(client, msg, after))
}

fn handle(
  client: Client,
  msg: SessionMsg,
  after: fn(List(Effect)) -> Nil,
) -> Handler {
  fn(before) {
    let #(model, effects) = session.update(before, env(), msg)
    #(model, fn() {
      list.each(effects, perform(client, _))
      after(effects)
      client.hooks.on_change(model)
    })
  }
}

fn env() -> Env {
  Env(Moment(now: now(), at: wall()), random: random(), id: random_id())
}

fn perform(client: Client, effect: Effect) -> Nil {
  let runtime = client.runtime
  case effect {
    SubscribeToNats(subject) ->
      subscribe(runtime, subject, fn(subject, payload) {
        handle(client, NatsMessage(subject, payload), fn(_) { Nil })
      })
    PublishToNats(subject, body, request) ->
      publish(runtime, subject, body, request)
    SetTimer(timer, ms) ->
      set_timer(runtime, name(timer), ms, fn() { tell(client, Elapsed(timer)) })
    CancelTimer(timer) -> cancel_timer(runtime, name(timer))
    Failed(failure) -> client.hooks.on_failed(failure)
    Took(_) | Refused(..) -> Nil
  }
}

fn name(timer: Timer) -> String {
  case timer {
    WorkTimer -> "work"
    PingTimer -> "ping"
    ToldTimer -> "told"
    OutcomeTimer -> "outcome"
  }
}

@external(javascript, "./nats_ffi.mjs", "runtime")
fn new_runtime(model: Model) -> Runtime

@external(javascript, "./nats_ffi.mjs", "model")
fn get_model(runtime: Runtime) -> Model

@external(javascript, "./nats_ffi.mjs", "handled")
fn get_handled(runtime: Runtime) -> Int

@external(javascript, "./nats_ffi.mjs", "post")
fn post(runtime: Runtime, handle: Handler) -> Nil

@external(javascript, "./nats_ffi.mjs", "connect")
fn connect(
  runtime: Runtime,
  dial: Dial,
  url: String,
  reconnect_ms: Int,
  events: Events,
) -> Nil

@external(javascript, "./nats_ffi.mjs", "subscribe")
fn subscribe(
  runtime: Runtime,
  subject: String,
  handle: fn(String, BitArray) -> Handler,
) -> Nil

@external(javascript, "./nats_ffi.mjs", "publish")
fn publish(runtime: Runtime, subject: String, body: String, request: Int) -> Nil

@external(javascript, "./nats_ffi.mjs", "set_timer")
fn set_timer(
  runtime: Runtime,
  name: String,
  ms: Int,
  elapsed: fn() -> Nil,
) -> Nil

@external(javascript, "./nats_ffi.mjs", "cancel_timer")
fn cancel_timer(runtime: Runtime, name: String) -> Nil

@external(javascript, "./nats_ffi.mjs", "close")
fn close(runtime: Runtime, done: fn() -> Nil) -> Nil

@external(javascript, "./nats_ffi.mjs", "now")
fn now() -> Int

@external(javascript, "./nats_ffi.mjs", "wall")
fn wall() -> Int

@external(javascript, "./nats_ffi.mjs", "random")
fn random() -> Float

@external(javascript, "./nats_ffi.mjs", "randomId")
fn random_id() -> String
