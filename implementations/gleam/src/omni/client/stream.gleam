//// The stream of a session: states and events in the order of their places, whatever order they come in.

import gleam/list
import gleam/option.{type Option, None, Some}
import omni/client/message.{type Placed, Change, State, Unusable}
import omni/client/model.{
  type Env, type Model, type Step, type Told, Arriving, Asking, CancelTimer,
  Closed, Due, Idle, Model, Resume, Sync, Told, WorkTimer, is_ahead, then,
}
import omni/client/pending
import omni/client/recovery.{fail, recover}
import omni/event
import omni/position.{type Position, Position}
import omni/types

/// So many messages are held; what comes beyond is asked for again.
const most_held = 5000

/// Take a state or event of the session.
pub fn place(model: Model, env: Env, placed: Placed) -> Step {
  case model.work, is_ahead(model, placed.position) {
    Closed(_), _ -> #(model, [])
    Asking(..), _ -> #(hold(model, placed), [])
    _, False -> #(model, [])
    _, True ->
      case model.position {
        None -> #(model, [])
        Some(position) ->
          case is_next(position, placed) {
            True -> settle(hold(model, placed), env)
            False -> gap(hold(model, placed), env)
          }
      }
  }
}

/// Whether a message follows a position: the next seq, or the first state of a later epoch (CLI-009).
pub fn is_next(position: Position, placed: Placed) -> Bool {
  let Position(epoch:, seq:, ..) = placed.position
  case epoch == position.epoch {
    True -> seq == position.seq + 1
    False -> epoch > position.epoch && seq == 1 && placed.is_state
  }
}

fn hold(model: Model, placed: Placed) -> Model {
  case list.length(model.held) >= most_held {
    True ->
      Model(..model, told: Some(further(model.told, placed.position, True)))
    False -> Model(..model, held: [placed, ..model.held])
  }
}

/// The further of two heads that were told.
pub fn further(told: Option(Told), head: Position, is_lost: Bool) -> Told {
  case told {
    None -> Told(head, is_lost)
    Some(before) ->
      case position.is_beyond(head, before.head) {
        True -> Told(head, is_lost || before.is_lost)
        False -> Told(before.head, is_lost || before.is_lost)
      }
  }
}

/// Something is missing before what is held (CLI-006).
fn gap(model: Model, env: Env) -> Step {
  case model.work {
    Idle -> recover(model, env, Resume, 0, True)
    Arriving(..) -> fail(model, env, Resume, 0, True)
    _ -> #(model, [])
  }
}

/// What a message makes of position and slices; an error where it cannot be used.
pub fn apply(model: Model, placed: Placed) -> Result(Model, Nil) {
  let there = Model(..model, position: Some(placed.position))
  case placed.content {
    Unusable -> Error(Nil)
    State(data) -> Ok(Model(..there, slices: types.put(model.slices, data)))
    Change(event, action_id) -> {
      let slices = event.apply_event(model.slices, event, model.limits)
      Ok(pending.saw(Model(..there, slices:), action_id))
    }
  }
}

/// Apply what is held and connects, and see what is missing then.
pub fn settle(model: Model, env: Env) -> Step {
  case drain(model) {
    #(drained, False) -> unusable(drained, env)
    #(drained, True) -> rest(drained, env)
  }
}

fn rest(model: Model, env: Env) -> Step {
  let is_behind = case model.told {
    Some(told) -> is_ahead(model, told.head)
    None -> False
  }
  let model = case is_behind {
    True -> model
    False -> Model(..model, told: None)
  }
  let is_whole = model.held == [] && !is_behind
  let is_done = case model.work {
    Arriving(_, goal) -> !is_ahead(model, goal)
    Due(_, is_gap) -> is_gap && is_whole
    _ -> False
  }
  case is_done, model.work {
    True, _ -> {
      let rested = Model(..model, work: Idle, failures: 0)
      use rested <- then(#(rested, [CancelTimer(WorkTimer)]))
      missing(rested, env)
    }
    False, Idle -> missing(model, env)
    False, _ -> #(model, [])
  }
}

/// At rest: recover if something is known to be missing.
fn missing(model: Model, env: Env) -> Step {
  case model.held, model.told {
    [], None | [], Some(Told(is_lost: False, ..)) -> #(model, [])
    _, _ -> recover(model, env, Resume, 0, True)
  }
}

/// Apply what is held in its order, as far as it connects; false where the next one cannot be used.
pub fn drain(model: Model) -> #(Model, Bool) {
  let in_order =
    list.sort(model.held, fn(left, right) {
      position.compare(left.position, right.position)
    })
  drain_next(Model(..model, held: []), in_order)
}

fn drain_next(model: Model, held: List(Placed)) -> #(Model, Bool) {
  case held, model.position {
    [], _ -> #(model, True)
    [next, ..rest], Some(position) ->
      case is_ahead(model, next.position), is_next(position, next) {
        False, _ -> drain_next(model, rest)
        True, False -> #(Model(..model, held: list.reverse(held)), True)
        True, True ->
          case apply(model, next) {
            Ok(after) -> drain_next(after, rest)
            Error(Nil) -> #(Model(..model, held: list.reverse(rest)), False)
          }
      }
    _, None -> #(Model(..model, held: list.reverse(held)), True)
  }
}

/// A message of the session cannot be used: a sync does without it (CLI-012).
fn unusable(model: Model, env: Env) -> Step {
  case model.work {
    Idle -> recover(model, env, Sync, 0, False)
    Arriving(..) -> fail(model, env, Sync, 0, False)
    Due(..) -> #(Model(..model, work: Due(Sync, False)), [])
    _ -> #(model, [])
  }
}
