//// What the adapter tells the kit of a session.

import gleam/json.{type Json}
import gleam/list
import gleam/option.{type Option}
import omni/action
import omni/client/model.{
  type Failure, type Model, type Pending, type Reason, Busy, ClosedForGood,
  Dropped, Full, GivenUp, Invalid, LocalId, Nacked, NotLive, Optimistic, Pure,
  TooLarge, UnknownType,
}
import omni/hybrid
import omni/nats.{type Client}
import omni/position
import omni/session
import omni/types
import omni/value

/// The word of the contract for a reason.
pub fn reason_name(reason: Reason) -> String {
  case reason {
    TooLarge -> "too_large"
    Invalid -> "invalid"
    UnknownType -> "unknown_type"
    LocalId -> "local_id"
    ClosedForGood -> "closed"
    Full -> "full"
    NotLive -> "not_live"
    Busy -> "busy"
  }
}

/// What a session holds and shows now: `want` names what is asked for, and everything is where it is an error. The
/// failures stand newest first.
pub fn report(
  client: Client,
  failures: List(Failure),
  want: Result(List(String), Nil),
) -> Json {
  let model = nats.model(client)
  let mode = model.config.mode
  let members = [
    #("session_id", fn() { json.nullable(model.session_id, json.string) }),
    #("phase", fn() { json.string(phase_name(model)) }),
    #("position", fn() { json.nullable(model.position, position.to_json) }),
    #("handled", fn() { json.int(nats.handled(client)) }),
    #("slices", fn() { types.slices_to_json(model.slices) }),
    #("view", fn() {
      only(mode == Optimistic, fn() { types.slices_to_json(hybrid.view(model)) })
    }),
    #("pending", fn() {
      only(mode != Pure, fn() { json.array(model.pending, pending_to_json) })
    }),
    #("refused", fn() { json.array(list.reverse(failures), failure_to_json) }),
  ]
  let is_wanted = fn(name) {
    case want {
      Ok(names) -> list.contains(names, name)
      Error(Nil) -> True
    }
  }
  list.filter(members, fn(one) { is_wanted(one.0) })
  |> list.map(fn(one) { #(one.0, one.1()) })
  |> json.object
}

fn only(is_there: Bool, value: fn() -> Json) -> Json {
  case is_there {
    True -> value()
    False -> json.null()
  }
}

fn phase_name(model: Model) -> String {
  case session.phase(model) {
    session.Opening -> "opening"
    session.Live -> "live"
    session.Recovering -> "recovering"
    session.Offline -> "offline"
    session.Ended -> "closed"
  }
}

fn pending_to_json(one: Pending) -> Json {
  let client_seq: Option(Int) =
    option.map(one.place, fn(place) { place.client_seq })
  json.object([
    #("action_id", json.string(one.action.action_id)),
    #("client_seq", json.nullable(client_seq, json.int)),
    #("type", json.string(one.action.type_)),
    #("data", value.to_json(one.action.data)),
    ..action.expect_to_json(one.action.expect)
  ])
}

fn failure_to_json(failure: Failure) -> Json {
  case failure {
    Nacked(action_id, code, _) ->
      json.object([
        #("action_id", json.string(action_id)),
        #("code", json.int(code)),
      ])
    Dropped(action_id, reason) -> told(action_id, reason_name(reason))
    GivenUp(action_id) -> told(action_id, "given_up")
  }
}

fn told(action_id: String, reason: String) -> Json {
  json.object([
    #("action_id", json.string(action_id)),
    #("reason", json.string(reason)),
  ])
}
