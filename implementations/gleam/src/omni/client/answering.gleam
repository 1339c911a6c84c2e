//// What answers to open, resume and sync make of a session.

import gleam/dict
import gleam/dynamic.{type Dynamic}
import gleam/float
import gleam/int
import gleam/list
import gleam/option.{None, Some}
import omni/client/answer.{
  type Answer, type Opened, Current, Refused, Replay, Resumed, SessionOpened,
  Snapshot, Syncing,
}
import omni/client/message
import omni/client/model.{
  type Ask, type Effect, type Env, type Model, type Moment, type Step, Asking,
  Link, Model, Open, PingTimer, Resume, SetTimer, Sync, is_ahead, own, then,
}
import omni/client/pending
import omni/client/recovery.{arriving, fail, refused}
import omni/client/stream
import omni/position.{type Position, Position}
import omni/types

/// Take the answer to what is asked.
pub fn answered(model: Model, env: Env, answer: Answer) -> Step {
  case model.work {
    Asking(ask, _, since) -> {
      let heard =
        Model(
          ..model,
          link: option.map(model.link, fn(link) {
            Link(..link, is_answered: True)
          }),
        )
      take(heard, env, ask, since, answer)
    }
    _ -> #(model, [])
  }
}

fn take(
  model: Model,
  env: Env,
  ask: Ask,
  since: Moment,
  answer: Answer,
) -> Step {
  let alive = pending.lived(model, since)
  case ask, answer {
    // An error is no sign that the session lives, and no answer that lets actions go out.
    _, Refused(refusal) -> refused(unanswered(model), env, ask, refusal)
    Open, SessionOpened(opened) -> open(model, env, opened, since)
    Sync, Syncing(position, states) ->
      states_follow(alive, env, Sync, position, states)
    Resume, Resumed(Snapshot, position, _) -> {
      let states =
        option.map(model.opened, fn(opened) { opened.states })
        |> option.unwrap(1)
      states_follow(alive, env, Resume, position, states)
    }
    Resume, Resumed(Replay, position, messages) ->
      replay(Model(..alive, told: None), env, position, messages)
    Resume, Resumed(Current, position, _) ->
      replay(Model(..alive, told: None), env, position, [])
    // It is no answer to what was asked.
    _, _ -> fail(unanswered(model), env, ask, 0, False)
  }
}

fn unanswered(model: Model) -> Model {
  let link =
    option.map(model.link, fn(link) { Link(..link, is_answered: False) })
  Model(..model, link:)
}

/// The session is there, and counts actions from here on (HYB-001).
fn open(model: Model, env: Env, opened: Opened, since: Moment) -> Step {
  let memory_ms =
    option.from_result(dict.get(opened.limits, "outcomes_ms"))
    |> option.map(int.add(_, opened.resume_window_ms))
  let fresh =
    Model(
      ..model,
      opened: Some(opened),
      slices: types.slices_of(opened.kinds, model.slices),
      next_number: opened.position.last_action_seq + 1,
      limits: opened.limits,
      life: Some(since),
      memory_ms:,
    )
  use known <- then(pending.give_up(fresh, pending.is_forgotten(model, env, _)))
  use known <- then(#(known, [ping_timer(opened)]))
  states_follow(known, env, Open, opened.position, opened.states)
}

/// The next ping goes out before the heartbeat's time is over.
pub fn ping_timer(opened: Opened) -> Effect {
  let ms = float.ceiling(int.to_float(opened.heartbeat_ms) *. 0.8)
  SetTimer(PingTimer, float.truncate(ms))
}

/// The position is that of the answer, be it a lower one, and so many states come behind it (CLI-008).
fn states_follow(
  model: Model,
  env: Env,
  ask: Ask,
  position: Position,
  states: Int,
) -> Step {
  let there = case model.position {
    Some(_) ->
      case is_ahead(model, position) || model.position == Some(position) {
        True -> model
        False -> pending.rewind(model)
      }
    None -> model
  }
  let goal = Position(..position, seq: position.seq + states)
  let there = Model(..there, position: Some(position), told: None)
  use there <- then(arriving(there, ask, goal))
  release(there, env)
}

/// Apply the messages of a replay body by body, since one of them may be of no use (CLI-007, CLI-012).
fn replay(
  model: Model,
  env: Env,
  goal: Position,
  messages: List(Dynamic),
) -> Step {
  case messages, model.position {
    [], Some(position)
      if position.epoch == goal.epoch && position.seq == goal.seq
    -> {
      let whole = Model(..model, position: Some(goal))
      use whole <- then(arriving(whole, Resume, goal))
      release(whole, env)
    }
    // It does not lead where it said.
    [], _ -> fail(drop_held(model), env, Sync, 0, False)
    [first, ..rest], _ ->
      case replay_one(model, first) {
        Ok(next) -> replay(next, env, goal, rest)
        Error(Nil) -> fail(drop_held(model), env, Sync, 0, False)
      }
  }
}

fn replay_one(model: Model, value: Dynamic) -> Result(Model, Nil) {
  case message.body_of(value), model.position {
    Ok(body), Some(position) ->
      case message.read_placed(own(model), body) {
        Some(placed) ->
          case stream.is_next(position, placed) {
            True -> stream.apply(model, placed)
            // What it repeats, or is not for now, changes nothing.
            False -> Ok(model)
          }
        None -> Error(Nil)
      }
    _, _ -> Error(Nil)
  }
}

/// Apply what was held and connects, drop the rest, and remember how far it went.
fn release(model: Model, env: Env) -> Step {
  case stream.drain(model) {
    #(drained, True) -> stream.settle(drop_held(drained), env)
    #(drained, False) -> fail(drop_held(drained), env, Sync, 0, False)
  }
}

fn drop_held(model: Model) -> Model {
  let told =
    list.fold(model.held, model.told, fn(told, placed) {
      case is_ahead(model, placed.position) {
        True -> Some(stream.further(told, placed.position, True))
        False -> told
      }
    })
  Model(..model, held: [], told:)
}
