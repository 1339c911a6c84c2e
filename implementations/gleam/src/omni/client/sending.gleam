//// Sending actions: which are due, under which number, and when the next one is.

import gleam/int
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/string
import omni/action
import omni/client/model.{
  type Env, type Model, type Pending, type Place, type Reason, type Step,
  CancelTimer, Done, Dropped, Failed, Model, OutcomeTimer, Pending, Place,
  PublishToNats, Sent, SetTimer, TooLarge, UnknownType, Waiting, then,
}
import omni/client/outbox
import omni/client/pending
import omni/client/recovery.{renew}
import omni/client/request

/// What is done after whatever came: drop what is done, send what is due, set the time of the next one.
pub fn tend(model: Model, env: Env) -> Step {
  let kept = pending.prune(pending.look(model))
  let step = case is_open(kept) {
    True -> send_due(kept, env, kept.pending, False)
    False -> #(kept, [])
  }
  use sent <- then(step)
  arm(sent, env)
}

/// Whether the session takes actions.
fn is_open(model: Model) -> Bool {
  case model.link {
    Some(link) ->
      link.is_answered && model.opened != None && !model.is_closed(model)
    None -> False
  }
}

/// Each in its turn: the order of the list is that of dispatch, and of numbers. Behind one that waits, those that the
/// server has put behind it wait as well.
fn send_due(
  model: Model,
  env: Env,
  left: List(Pending),
  is_blocked: Bool,
) -> Step {
  case left {
    [] -> #(model, [])
    [one, ..rest] -> {
      let is_later = one.due > env.moment.now || { is_blocked && one.is_behind }
      case one.stage, is_later {
        Done, _ -> send_due(model, env, rest, is_blocked)
        // Those behind it would take its number.
        _, True if one.place == None -> #(model, [])
        stage, True ->
          send_due(model, env, rest, is_blocked || stage == Waiting)
        // No outcome came in time.
        Sent, False ->
          send_due(pending.again(model, env, one, 0, False), env, rest, True)
        Waiting, False -> {
          use sent <- then(send(model, env, one))
          case sent.opened {
            Some(_) -> send_due(sent, env, rest, is_blocked)
            None -> #(sent, [])
          }
        }
      }
    }
  }
}

fn send(model: Model, env: Env, one: Pending) -> Step {
  case one.place {
    Some(place) -> copy(model, env, one, place)
    None ->
      case number(model, env, one) {
        Ok(place) ->
          publish(
            Model(
              ..model,
              last_request: place.request,
              next_number: place.client_seq + 1,
            ),
            env,
            one,
            place,
          )
        Error(reason) -> drop(model, one, reason)
      }
  }
}

/// Another copy, unless the broker is now one that takes less: then its number is missing for ever.
fn copy(model: Model, env: Env, one: Pending, place: Place) -> Step {
  let most = option.map(model.link, fn(link) { link.max_payload })
  case string.byte_size(place.body) <= option.unwrap(most, 0) {
    True -> publish(model, env, one, place)
    False -> then(drop(model, one, TooLarge), renew(_, env))
  }
}

/// The session does not take it after all (HYB-017).
fn drop(model: Model, one: Pending, reason: Reason) -> Step {
  #(pending.without(model, one.action.action_id), [
    Failed(Dropped(one.action.action_id, reason)),
  ])
}

/// The next number for an action, or why it takes none.
fn number(model: Model, env: Env, one: Pending) -> Result(Place, Reason) {
  let body =
    action.encode_action(
      one.action,
      user_id: model.config.user_id,
      session_id: option.unwrap(model.session_id, ""),
      client_seq: model.next_number,
      timestamp: one.at,
    )
  case outbox.is_listed(model, one.action), outbox.fits(model, body) {
    False, _ -> Error(UnknownType)
    True, False -> Error(TooLarge)
    True, True ->
      Ok(Place(model.next_number, body, model.last_request + 1, env.moment))
  }
}

fn publish(model: Model, env: Env, one: Pending, place: Place) -> Step {
  let sent =
    Pending(
      ..one,
      place: Some(place),
      stage: Sent,
      due: env.moment.now + model.config.timers.outcome_ms,
      is_behind: False,
      was_sent: True,
    )
  #(pending.put(model, sent), [
    PublishToNats(
      request.actions_subject(model.config.user_id),
      place.body,
      place.request,
    ),
  ])
}

/// Set the timer for what is due next. What is due and not sent waits for another one.
fn arm(model: Model, env: Env) -> Step {
  let alarm = case is_open(model) {
    True -> next_due(model.pending, env.moment.now)
    False -> None
  }
  case alarm == model.alarm, alarm {
    True, _ -> #(model, [])
    False, None -> #(Model(..model, alarm:), [CancelTimer(OutcomeTimer)])
    False, Some(due) -> #(Model(..model, alarm:), [
      SetTimer(OutcomeTimer, int.max(0, due - env.moment.now)),
    ])
  }
}

fn next_due(pending: List(Pending), now: Int) -> Option(Int) {
  use earliest, one <- list.fold(pending, None)
  case one.stage != Done && one.due > now, earliest {
    False, _ -> earliest
    True, Some(due) -> Some(int.min(due, one.due))
    True, None -> Some(one.due)
  }
}
