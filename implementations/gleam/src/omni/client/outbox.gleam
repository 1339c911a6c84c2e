//// Actions: which are taken, and what their outcomes make of them.

import gleam/int
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/string
import omni/action.{type UserAction}
import omni/client/answer.{type Answer, Refused}
import omni/client/message.{type Outcome, type Refusal}
import omni/client/model.{
  type Env, type Failure, type Model, type Pending, type Reason, type Step, Busy,
  ClosedForGood, Done, Failed, Full, Invalid, LocalId, Model, Nacked, NotLive,
  Optimistic, Pending, Pure, Sent, TooLarge, Took, UnknownType, then,
}
import omni/client/pending
import omni/client/recovery.{is_lost, renew}

/// `4091`: an action before this one is missing.
const client_seq_gap = 4091

/// So often an action is sent again whose number is beyond what the server counts: nothing will fill that.
const tries_beyond = 6

/// So many may be pending: whoever has as many has no server, or a slow one.
const most_pending = 32

/// So many local ids are known. Whoever still names an older one has not looked at the view for long.
const most_locals = 4096

/// Give an action its place, or refuse it: then it takes no number, and nothing is sent.
pub fn dispatch(model: Model, env: Env, action: UserAction) -> Step {
  case refusal(model, env, action) {
    Some(reason) -> #(model, [model.Refused(action.action_id, reason)])
    None -> {
      let one = pending.taken(action, env)
      let locals = case model.config.mode, action.is_create(action) {
        Optimistic, True ->
          list.take([action.local_id(action), ..model.locals], most_locals)
        _, _ -> model.locals
      }
      let pending = list.append(model.pending, [one])
      #(Model(..model, pending:, locals:), [Took(action.action_id)])
    }
  }
}

/// Why an action is not taken (HYB-016). What is not known yet, such as limits before the session is open, is no
/// reason.
fn refusal(model: Model, env: Env, action: UserAction) -> Option(Reason) {
  let is_pure = model.config.mode == Pure
  let checks = [
    #(fn() { model.is_closed(model) }, ClosedForGood),
    #(fn() { is_pure && !is_live(model, env) }, NotLive),
    #(fn() { !is_listed(model, action) }, UnknownType),
    #(fn() { !action.is_valid(action) }, Invalid),
    #(fn() { is_known(model, action) }, Invalid),
    #(fn() { is_local(model, action) }, LocalId),
    #(fn() { !fits(model, body(model, env, action)) }, TooLarge),
    #(fn() { is_pure && model.pending != [] }, Busy),
    #(fn() { list.length(model.pending) >= most_pending }, Full),
  ]
  list.find(checks, fn(check) { check.0() })
  |> option.from_result
  |> option.map(fn(check) { check.1 })
}

fn is_live(model: Model, env: Env) -> Bool {
  model.opened != None
  && model.link != None
  && env.moment.now >= model.not_before
}

/// Whether the session takes actions of that type, as far as that is known.
pub fn is_listed(model: Model, action: UserAction) -> Bool {
  case model.opened {
    Some(opened) -> list.contains(opened.actions, action.type_)
    None -> True
  }
}

/// An id names one action (HYB-013).
fn is_known(model: Model, action: UserAction) -> Bool {
  list.any(model.pending, fn(one) { one.action.action_id == action.action_id })
}

fn is_local(model: Model, action: UserAction) -> Bool {
  case action.named(action) {
    Ok(id) -> list.contains(model.locals, id)
    Error(Nil) -> False
  }
}

/// The body that an action will have, as far as that is known: numbers may be longer when it is sent.
fn body(model: Model, env: Env, action: UserAction) -> String {
  let before = list.count(model.pending, fn(one) { one.place == None })
  action.encode_action(
    action,
    user_id: model.config.user_id,
    session_id: option.unwrap(model.session_id, env.id),
    client_seq: model.next_number + before,
    timestamp: env.moment.at,
  )
}

/// Whether an action of that body is taken by session and broker, as far as that is known (HYB-012).
pub fn fits(model: Model, body: String) -> Bool {
  let size = string.byte_size(body)
  let is_below = fn(limit) {
    case limit {
      Some(limit) -> size <= limit
      None -> True
    }
  }
  is_below(answer.action_limit(model.opened))
  && is_below(option.map(model.link, fn(link) { link.max_payload }))
}

/// An outcome came, on `.control` or on the reply subject of a copy.
pub fn concluded(model: Model, env: Env, outcome: Outcome) -> Step {
  case pending.find(model, outcome.action_id), outcome.refusal {
    Ok(Pending(place: Some(_), ..) as one), None ->
      acked(model, one, outcome.result)
    Ok(Pending(place: Some(_), ..) as one), Some(refusal) ->
      case refusal.retryable {
        True -> refused_for_now(model, env, one, refusal)
        False -> fail(model, one, nacked(one, refusal))
      }
    Error(Nil), Some(refusal) -> late(model, outcome.action_id, refusal)
    // In a session where it has no number yet nothing was said of it.
    _, _ -> #(model, [])
  }
}

/// A final nack comes for what the position has counted: it was refused, and the user is told all the same (HYB-015).
fn late(model: Model, action_id: String, refusal: Refusal) -> Step {
  case refusal.retryable, list.contains(model.counted, action_id) {
    False, True -> {
      let counted = list.filter(model.counted, fn(id) { id != action_id })
      let failure = Nacked(action_id, refusal.code, refusal.message)
      #(Model(..model, counted:), [Failed(failure)])
    }
    _, _ -> #(model, [])
  }
}

/// An ack ends an action in `Pure`. Otherwise its effects may be under way: it stays until the position counts it.
fn acked(model: Model, one: Pending, result: Option(String)) -> Step {
  case model.config.mode {
    Pure -> #(pending.without(model, one.action.action_id), [])
    _ -> {
      let result = option.or(result, one.result)
      #(pending.put(model, Pending(..one, stage: Done, result:)), [])
    }
  }
}

fn refused_for_now(
  model: Model,
  env: Env,
  one: Pending,
  refusal: Refusal,
) -> Step {
  let client_seq =
    option.map(one.place, fn(place) { place.client_seq }) |> option.unwrap(0)
  let missing = case refusal.expected {
    Some(expected) if refusal.code == client_seq_gap && expected < client_seq ->
      Some(numbered(model, expected))
    _ -> None
  }
  case one.stage, missing {
    // It waits already, as both answers to a copy say, or this one comes late. It is sent again once.
    stage, _ if stage != Sent -> #(
      pending.put_off(model, env, one, refusal.retry_after_ms),
      [],
    )
    _, Some(Error(Nil)) if one.tries >= tries_beyond -> renew(model, env)
    _, Some(Ok(before)) -> {
      let later = pending.again(model, env, one, refusal.retry_after_ms, True)
      case before.stage {
        // The server has forgotten what it said of that one.
        Done -> #(pending.again(later, env, before, 0, False), [])
        _ -> #(later, [])
      }
    }
    _, _ -> #(pending.again(model, env, one, refusal.retry_after_ms, False), [])
  }
}

fn numbered(model: Model, client_seq: Int) -> Result(Pending, Nil) {
  use one <- list.find(model.pending)
  case one.place {
    Some(place) -> place.client_seq == client_seq
    None -> False
  }
}

/// Nobody was there to take a copy.
pub fn unheard(model: Model, env: Env, one: Pending) -> Step {
  case one.stage {
    Sent -> #(pending.again(model, env, one, 0, False), [])
    _ -> #(model, [])
  }
}

/// An error came on the reply subject of a copy: it takes no number.
pub fn replied(model: Model, env: Env, one: Pending, answer: Answer) -> Step {
  case answer {
    Refused(refusal) ->
      case is_lost(refusal), refusal.retryable {
        True, _ -> renew(model, env)
        False, True -> refused_for_now(model, env, one, refusal)
        False, False -> unnumbered(model, env, one, refusal)
      }
    _ -> #(model, [])
  }
}

/// Its number was not taken: the next action has it, or those that were sent behind it go into a new session.
fn unnumbered(model: Model, env: Env, one: Pending, refusal: Refusal) -> Step {
  let client_seq =
    option.map(one.place, fn(place) { place.client_seq })
    |> option.unwrap(model.next_number)
  use failed <- then(fail(model, one, nacked(one, refusal)))
  case client_seq < model.next_number - 1 {
    True -> renew(failed, env)
    False -> #(Model(..failed, next_number: int.max(client_seq, 1)), [])
  }
}

fn nacked(one: Pending, refusal: Refusal) -> Failure {
  Nacked(one.action.action_id, refusal.code, refusal.message)
}

fn fail(model: Model, one: Pending, failure: Failure) -> Step {
  #(pending.without(model, one.action.action_id), [Failed(failure)])
}
