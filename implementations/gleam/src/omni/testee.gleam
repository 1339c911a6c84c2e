//// The adapter for the conformance kit: requests on standard input, answers on standard output. Its contract is
//// https://omnisession.dev/reference/testee/.

import gleam/dict.{type Dict}
import gleam/dynamic.{type Dynamic}
import gleam/dynamic/decode.{type Decoder}
import gleam/int
import gleam/json.{type Json}
import gleam/list
import gleam/option.{None, Some}
import gleam/result
import omni/action.{UserAction}
import omni/client/model.{
  type Config, type Failure, type Mode, type Timers, Config, Hybrid, Optimistic,
  Pure, Timers,
}
import omni/kind
import omni/nats.{type Client}
import omni/nats/node
import omni/testee/report
import omni/value

const name = "omnisession-gleam"

const version = "0.1.0"

/// The usual wait before connecting again, in ms.
const reconnect_ms = 2000

type Cell(value)

/// A session of the contract, and what its user was told to have failed, the newest first.
type Hosted {
  Hosted(client: Client, failed: Cell(List(Failure)))
}

type Sessions =
  Cell(Dict(String, Hosted))

type Answer =
  Result(Json, String)

/// `node testee.mjs [--mode pure|hybrid|optimistic]`
pub fn main() -> Nil {
  let mode = case args() {
    [] -> Ok(Optimistic)
    ["--mode", "optimistic"] | ["--mode=optimistic"] -> Ok(Optimistic)
    ["--mode", "hybrid"] | ["--mode=hybrid"] -> Ok(Hybrid)
    ["--mode", "pure"] | ["--mode=pure"] -> Ok(Pure)
    _ -> Error("usage: testee.mjs [--mode pure|hybrid|optimistic]")
  }
  case mode {
    Ok(mode) -> {
      let sessions = new_cell(dict.new())
      serve(fn(line, respond) { answer(sessions, mode, line, respond) })
    }
    Error(usage) -> exit(usage)
  }
}

fn answer(
  sessions: Sessions,
  mode: Mode,
  line: String,
  respond: fn(String) -> Nil,
) -> Nil {
  let request = json.parse(line, decode.dynamic)
  let id =
    result.replace_error(request, Nil)
    |> result.try(member(_, "id", decode.int))
    |> option.from_result
  let reply = fn(answer: Answer) {
    let result = case answer {
      Ok(ok) -> #("ok", ok)
      Error(why) -> #("error", json.string(why))
    }
    let members = [#("id", json.nullable(id, json.int)), result]
    respond(json.to_string(json.object(members)))
  }
  case request, id {
    Ok(request), Some(_) -> perform(sessions, mode, request, reply)
    _, _ -> reply(Error("This line is no request."))
  }
}

fn member(
  request: Dynamic,
  name: String,
  decoder: Decoder(a),
) -> Result(a, Nil) {
  decode.run(request, decode.at([name], decoder)) |> result.replace_error(Nil)
}

fn perform(
  sessions: Sessions,
  mode: Mode,
  request: Dynamic,
  reply: fn(Answer) -> Nil,
) -> Nil {
  case member(request, "do", decode.string) {
    Ok("hello") -> reply(hello(mode, request))
    Ok("start") -> reply(start(sessions, mode, request))
    Ok("dispatch") -> {
      use hosted <- with_session(sessions, request, reply)
      dispatch(hosted, request, reply)
    }
    Ok("report") -> {
      use hosted <- with_session(sessions, request, reply)
      let want = member(request, "want", decode.list(decode.string))
      reply(Ok(report.report(hosted.client, get(hosted.failed), want)))
    }
    Ok("stop") -> {
      use hosted <- with_session(sessions, request, reply)
      use <- nats.stop(hosted.client)
      set(sessions, dict.delete(get(sessions), session_name(request)))
      reply(Ok(json.object([])))
    }
    _ -> reply(Error("There is no such request."))
  }
}

fn session_name(request: Dynamic) -> String {
  member(request, "session", decode.string) |> result.unwrap("")
}

fn with_session(
  sessions: Sessions,
  request: Dynamic,
  reply: fn(Answer) -> Nil,
  next: fn(Hosted) -> Nil,
) -> Nil {
  case dict.get(get(sessions), session_name(request)) {
    Ok(hosted) -> next(hosted)
    Error(Nil) -> reply(Error("There is no such session."))
  }
}

fn hello(mode: Mode, request: Dynamic) -> Answer {
  case member(request, "contract", decode.int) {
    Error(Nil) -> Error("A hello names the contract.")
    Ok(contract) -> {
      let actions = case mode {
        Pure -> ["actions"]
        Hybrid -> ["actions", "hybrid"]
        Optimistic -> ["actions", "hybrid", "optimistic"]
      }
      let kinds = list.map(kind.all, kind.to_string)
      let profiles =
        list.flatten([["states", "core", "events"], kinds, actions])
      Ok(
        json.object([
          #("contract", json.int(int.min(contract, 1))),
          #(
            "client",
            json.object([
              #("name", json.string(name)),
              #("version", json.string(version)),
            ]),
          ),
          #("profiles", json.array(profiles, json.string)),
          #("sessions", json.int(100)),
          #("timers", json.bool(True)),
          #("handled", json.bool(True)),
          #("transport", json.string("tcp")),
        ]),
      )
    }
  }
}

type Start {
  Start(session: String, url: String, reconnect_ms: Int, config: Config)
}

fn start(sessions: Sessions, mode: Mode, request: Dynamic) -> Answer {
  case decode.run(request, start_decoder(mode)) {
    Error(_) ->
      Error("A start names its session, url, user_id, kinds and features.")
    Ok(start) ->
      case dict.has_key(get(sessions), start.session) {
        True -> Error("The session " <> start.session <> " is running.")
        False -> {
          set(sessions, dict.insert(get(sessions), start.session, begin(start)))
          Ok(json.object([]))
        }
      }
  }
}

fn begin(start: Start) -> Hosted {
  let failed = new_cell([])
  let hooks =
    nats.Hooks(on_change: fn(_) { Nil }, on_failed: fn(failure) {
      set(failed, [failure, ..get(failed)])
    })
  Hosted(
    nats.start(node.tcp(), start.url, start.reconnect_ms, start.config, hooks),
    failed,
  )
}

fn start_decoder(mode: Mode) -> Decoder(Start) {
  use session <- decode.field("session", decode.string)
  use url <- decode.field("url", decode.string)
  use user_id <- decode.field("user_id", decode.string)
  use token <- decode.optional_field(
    "token",
    None,
    decode.optional(decode.string),
  )
  use kinds <- decode.field("kinds", decode.list(kind.decoder()))
  use features <- decode.field("features", decode.list(decode.string))
  use timers <- decode.then(timers_decoder())
  use reconnect_ms <- decode.then(timer("reconnect_ms", reconnect_ms))
  let config =
    Config(
      user_id:,
      token:,
      kinds:,
      // Digests cover members that typed values drop.
      features: list.filter(features, fn(one) { one == "events" }),
      mode:,
      timers:,
      client_name: name,
      client_version: version,
    )
  decode.success(Start(session:, url:, reconnect_ms:, config:))
}

fn timers_decoder() -> Decoder(Timers) {
  use retry_base_ms <- decode.then(timer(
    "retry_base_ms",
    model.timers.retry_base_ms,
  ))
  use retry_max_ms <- decode.then(timer(
    "retry_max_ms",
    model.timers.retry_max_ms,
  ))
  use outcome_ms <- decode.then(timer("outcome_ms", model.timers.outcome_ms))
  use answer_ms <- decode.then(timer("answer_ms", model.timers.answer_ms))
  decode.success(Timers(retry_base_ms:, retry_max_ms:, outcome_ms:, answer_ms:))
}

fn timer(name: String, usual: Int) -> Decoder(Int) {
  decode.optionally_at(["timers", name], usual, decode.int)
}

fn dispatch(hosted: Hosted, request: Dynamic, reply: fn(Answer) -> Nil) -> Nil {
  case decode.run(request, action_decoder(nats.new_id())) {
    Error(_) -> reply(Error("A dispatch has a type, and data."))
    Ok(action) -> {
      use taken <- nats.dispatch(hosted.client, action)
      let result = case taken {
        Ok(action_id) -> #("action_id", json.string(action_id))
        Error(reason) -> #("refused", json.string(report.reason_name(reason)))
      }
      reply(Ok(json.object([result])))
    }
  }
}

fn action_decoder(action_id: String) -> Decoder(action.UserAction) {
  use type_ <- decode.field("type", decode.string)
  use data <- decode.field("data", value.decoder())
  use expect <- decode.then(decode.optionally_at(
    ["expect", "revision"],
    None,
    decode.map(decode.int, Some),
  ))
  decode.success(UserAction(action_id:, type_:, data:, expect:))
}

@external(javascript, "./testee_ffi.mjs", "cell")
fn new_cell(value: value) -> Cell(value)

@external(javascript, "./testee_ffi.mjs", "get")
fn get(cell: Cell(value)) -> value

@external(javascript, "./testee_ffi.mjs", "set")
fn set(cell: Cell(value), value: value) -> Nil

@external(javascript, "./testee_ffi.mjs", "args")
fn args() -> List(String)

@external(javascript, "./testee_ffi.mjs", "exit")
fn exit(message: String) -> Nil

@external(javascript, "./testee_ffi.mjs", "serve")
fn serve(answer: fn(String, fn(String) -> Nil) -> Nil) -> Nil
