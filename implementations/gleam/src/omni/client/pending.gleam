//// Actions that are not known to be done: what moves each of them on.

import gleam/int
import gleam/list
import gleam/option.{type Option, None, Some}
import omni/action.{type UserAction}
import omni/client/model.{
  type Effect, type Env, type Model, type Moment, type Pending, type Step, Done,
  Failed, GivenUp, Model, Pending, Pure, Waiting, backoff,
}
import omni/position.{type Position, Position}
import omni/types.{type Slices}

/// So many ids are known of what the position counted: so many outcomes a server remembers.
const most_counted = 256

/// An action as it is taken.
pub fn taken(action: UserAction, env: Env) -> Pending {
  Pending(
    action:,
    at: env.moment.at,
    place: None,
    stage: Waiting,
    due: env.moment.now,
    not_before: 0,
    tries: 0,
    is_behind: False,
    counted: None,
    was_sent: False,
    result: None,
    is_seen: False,
  )
}

/// The pending action of an id.
pub fn find(model: Model, action_id: String) -> Result(Pending, Nil) {
  list.find(model.pending, fn(one) { one.action.action_id == action_id })
}

/// All of them changed.
pub fn each(model: Model, change: fn(Pending) -> Pending) -> Model {
  Model(..model, pending: list.map(model.pending, change))
}

/// One of them changed, where it stands.
pub fn put(model: Model, changed: Pending) -> Model {
  use one <- each(model)
  case one.action.action_id == changed.action.action_id {
    True -> changed
    False -> one
  }
}

/// All but one.
pub fn without(model: Model, action_id: String) -> Model {
  let pending =
    list.filter(model.pending, fn(one) { one.action.action_id != action_id })
  Model(..model, pending:)
}

/// The same bytes again, after a wait (HYB-007).
pub fn again(
  model: Model,
  env: Env,
  one: Pending,
  retry_after_ms: Int,
  is_behind: Bool,
) -> Model {
  let now = env.moment.now
  let tries = one.tries + 1
  let not_before = int.max(one.not_before, now + retry_after_ms)
  let due = int.max(not_before, now + backoff(model.config, tries, env))
  put(
    model,
    Pending(..one, stage: Waiting, tries:, not_before:, due:, is_behind:),
  )
}

/// What waits for its next copy waits for so long at least.
pub fn put_off(model: Model, env: Env, one: Pending, ms: Int) -> Model {
  let not_before = int.max(one.not_before, env.moment.now + ms)
  case one.stage, ms {
    _, 0 -> model
    Waiting, _ ->
      put(model, Pending(..one, not_before:, due: int.max(one.due, not_before)))
    _, _ -> model
  }
}

/// The connection is lost, or the server stops: all of them go out again, as soon as the server lets them (HYB-008).
pub fn interrupt(model: Model) -> Model {
  use one <- each(model)
  Pending(..one, stage: Waiting, due: one.not_before, is_behind: False)
}

/// The server is at an earlier place than the client was: what was told of later places holds no more.
pub fn rewind(model: Model) -> Model {
  use one <- each(model)
  case one.counted, one.stage {
    None, _ -> one
    Some(_), Done ->
      Pending(..one, counted: None, stage: Waiting, due: one.not_before)
    Some(_), _ -> Pending(..one, counted: None)
  }
}

/// Into a new session, under its numbers (HYB-009). Without pending actions of its own a client gives up the one that
/// is under way.
pub fn carry(model: Model) -> Step {
  case model.config.mode {
    Pure -> give_up(model, fn(_) { True })
    _ -> {
      let carried = {
        use one <- each(model)
        Pending(..one, place: None, tries: 0, counted: None)
      }
      #(interrupt(carried), [])
    }
  }
}

/// Drop those that are meant, and tell the user that nobody knows whether they were done.
pub fn give_up(model: Model, is_meant: fn(Pending) -> Bool) -> Step {
  let #(given, kept) = list.partition(model.pending, is_meant)
  let effects: List(Effect) =
    list.map(given, fn(one) { Failed(GivenUp(one.action.action_id)) })
  #(Model(..model, pending: kept), effects)
}

/// A position was told, by whatever it was (HYB-002). One ahead of the client counts when the client has reached it.
pub fn note(model: Model, told: Position) -> Model {
  case model.position, model.config.mode {
    None, _ -> model
    Some(position), mode ->
      case position.is_beyond(told, position), mode {
        False, _ -> count(model, told.last_action_seq)
        True, Pure -> model
        True, _ -> each(model, note_one(_, told))
      }
  }
}

fn note_one(one: Pending, told: Position) -> Pending {
  case is_counted(one, told.last_action_seq), one.counted {
    False, _ -> one
    True, Some(counted) ->
      case position.is_beyond(counted, told) {
        True -> Pending(..one, stage: Done, counted: Some(told))
        False -> Pending(..one, stage: Done)
      }
    True, None -> Pending(..one, stage: Done, counted: Some(told))
  }
}

fn is_counted(one: Pending, last_action_seq: Int) -> Bool {
  case one.place {
    Some(place) -> place.client_seq <= last_action_seq
    None -> False
  }
}

/// So many actions count at the present position.
fn count(model: Model, last_action_seq: Int) -> Model {
  case model.position {
    Some(position) if last_action_seq > position.last_action_seq ->
      Model(..model, position: Some(Position(..position, last_action_seq:)))
    _ -> model
  }
}

/// Drop what the position counts, and no more than that.
pub fn prune(model: Model) -> Model {
  case model.position, model.config.mode {
    None, _ | _, Pure -> model
    Some(_), _ -> {
      let reached = list.map(model.pending, reached(_, model.position))
      let counting = count(model, list.fold(reached, 0, int.max))
      let last = case counting.position {
        Some(position) -> position.last_action_seq
        None -> 0
      }
      let #(gone, pending) = list.partition(model.pending, is_counted(_, last))
      let ids = list.map(gone, fn(one) { one.action.action_id })
      let counted = list.take(list.append(ids, model.counted), most_counted)
      Model(..counting, pending:, counted:)
    }
  }
}

/// How many actions count at the place that counts one, if the client is there.
fn reached(one: Pending, position: Option(Position)) -> Int {
  case one.counted, position {
    Some(counted), Some(position) ->
      case position.is_beyond(counted, position) {
        True -> 0
        False -> counted.last_action_seq
      }
    _, _ -> 0
  }
}

/// An event was reduced that an action caused: the effect of a create is seen (HYB-003).
pub fn saw(model: Model, action_id: Option(String)) -> Model {
  use one <- each(model)
  case Some(one.action.action_id) == action_id && action.is_create(one.action) {
    True -> Pending(..one, is_seen: True)
    False -> one
  }
}

/// See which creates have come into the slices, by the ids that their acks told (HYB-003).
pub fn look(model: Model) -> Model {
  use one <- each(model)
  case one.result, action.is_create(one.action) {
    Some(id), True ->
      Pending(
        ..one,
        is_seen: one.is_seen || holds(model.slices, one.action, id),
      )
    _, _ -> one
  }
}

fn holds(slices: Slices, action: UserAction, id: String) -> Bool {
  case action.type_ {
    "article.create" ->
      is_in(slices.articles, fn(slice) {
        list.any(slice.articles, fn(one) { one.id == id })
      })
    "chat.send" ->
      is_in(slices.chat, fn(slice) {
        list.any(slice.messages, fn(one) { one.id == id })
      })
    "url.create" ->
      is_in(slices.url, fn(slice) {
        list.any(slice.urls, fn(one) { one.id == id })
      })
    _ -> False
  }
}

fn is_in(slice: Option(a), is_there: fn(a) -> Bool) -> Bool {
  option.map(slice, is_there) |> option.unwrap(False)
}

/// The session has answered what was sent at a moment, so it was alive then.
pub fn lived(model: Model, since: Moment) -> Model {
  case model.life {
    Some(life) if life.now >= since.now -> model
    _ -> Model(..model, life: Some(since))
  }
}

/// Whether nobody knows any more if an action was done, and doing it twice would be seen (HYB-019).
pub fn is_forgotten(model: Model, env: Env, one: Pending) -> Bool {
  case model.life, model.memory_ms {
    Some(life), Some(memory_ms) if one.was_sent -> {
      // Either clock may have stood still: one in sleep, the other by being set.
      let away = int.max(env.moment.now - life.now, env.moment.at - life.at)
      let margin = int.min(memory_ms / 50, 3000)
      away >= memory_ms - margin && !action.is_harmless(one.action)
    }
    _, _ -> False
  }
}
