//// The whole client of a session, without a connection, a clock or chance: what a message makes of it, and what is to
//// be done because of it. The shell `omni/nats` does that; tests need none.

import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/result
import omni/action
import omni/client/answer
import omni/client/answering
import omni/client/life
import omni/client/message.{Closing, Concluded, Heartbeat, InStream}
import omni/client/model.{
  type Env, type Model, type Pending, type SessionMsg, type Step, type Timer,
  Answered, Arriving, Asking, Closed, Connected, Disconnected, Elapsed, Idle,
  Leave, Model, NatsMessage, Open, OutcomeTimer, PingTimer, ToldTimer,
  UserAction, WorkTimer, then,
}
import omni/client/outbox
import omni/client/pending
import omni/client/recovery
import omni/client/sending
import omni/client/stream

/// Take a message: the model after it, and what is to be done.
pub fn update(model: Model, env: Env, msg: SessionMsg) -> Step {
  use taken <- then(take(model, env, msg))
  sending.tend(taken, env)
}

fn take(model: Model, env: Env, msg: SessionMsg) -> Step {
  case msg {
    Connected(max_payload) -> life.connected(model, env, max_payload)
    Disconnected -> life.disconnected(model)
    NatsMessage(subject, payload) -> received(model, env, subject, payload)
    Answered(request, payload) -> answered(model, env, request, payload)
    Elapsed(timer) -> elapsed(model, env, timer)
    UserAction(action) -> outbox.dispatch(model, env, action)
    Leave -> life.leave(model, env)
  }
}

/// A message of the subscription. What is not of the session, or says nothing, is dropped.
fn received(
  model: Model,
  env: Env,
  subject: String,
  payload: BitArray,
) -> Step {
  case model.is_closed(model), life.read(model, subject, payload) {
    True, _ | _, None -> #(model, [])
    False, Some(InStream(placed)) -> stream.place(model, env, placed)
    False, Some(Heartbeat(head)) ->
      life.beaten(pending.note(model, head), env, head)
    False, Some(Closing(code, reconnect, after_ms)) ->
      life.closing(model, env, code, reconnect, after_ms)
    False, Some(Concluded(outcome)) -> conclude(model, env, outcome)
  }
}

/// An outcome tells a head as well, and its effect may be under way: it is waited for until the next heartbeat.
fn conclude(model: Model, env: Env, outcome: message.Outcome) -> Step {
  let alive = case pending.find(model, outcome.action_id) {
    Ok(model.Pending(place: Some(place), ..)) ->
      pending.lived(model, place.since)
    _ -> model
  }
  let noted = pending.note(alive, outcome.position)
  use concluded <- then(outbox.concluded(noted, env, outcome))
  case concluded.work {
    Asking(..) -> #(concluded, [])
    _ -> life.heard(concluded, env, outcome.position, False)
  }
}

/// An answer on an inbox: to what makes the session whole, to an action, or to a ping. One that was given up changes
/// nothing (CLI-026).
fn answered(
  model: Model,
  env: Env,
  request: Int,
  payload: Option(BitArray),
) -> Step {
  let answer =
    option.to_result(payload, Nil)
    |> result.try(answer.read(model.own(model), _))
  case model.work {
    Asking(ask, asked, _) if asked == request ->
      case answer {
        Ok(answer) -> answering.answered(model, env, answer)
        Error(Nil) -> recovery.fail(model, env, ask, 0, False)
      }
    _ -> other_answered(model, env, request, payload, answer)
  }
}

fn other_answered(
  model: Model,
  env: Env,
  request: Int,
  payload: Option(BitArray),
  answer: Result(answer.Answer, Nil),
) -> Step {
  case find_copy(model, request), answer, payload {
    Ok(one), Error(Nil), None -> outbox.unheard(model, env, one)
    // What cannot be read is no answer: the outcome may still come.
    Ok(_), Error(Nil), Some(_) -> #(model, [])
    Ok(_), Ok(answer.Outcome(outcome)), _ -> conclude(model, env, outcome)
    Ok(one), Ok(answer), _ -> outbox.replied(model, env, one, answer)
    Error(Nil), Ok(answer), _ -> pinged(model, env, request, answer)
    Error(Nil), Error(Nil), _ -> #(model, [])
  }
}

fn find_copy(model: Model, request: Int) -> Result(Pending, Nil) {
  use one <- list.find(model.pending)
  case one.place {
    Some(place) -> place.request == request
    None -> False
  }
}

fn pinged(model: Model, env: Env, request: Int, answer: answer.Answer) -> Step {
  let found =
    list.find(model.pings, fn(ping) {
      ping.request == request && ping.until > env.moment.now
    })
  case found {
    Ok(ping) -> life.ping_answered(model, env, ping, answer)
    Error(Nil) -> #(model, [])
  }
}

fn elapsed(model: Model, env: Env, timer: Timer) -> Step {
  case timer {
    WorkTimer -> recovery.elapsed(model, env)
    PingTimer -> life.ping(model, env)
    ToldTimer -> life.told_elapsed(model, env)
    OutcomeTimer -> #(Model(..model, alarm: None), [])
  }
}

/// Where a session stands, for its user.
pub type Phase {
  Opening
  Live
  Recovering
  Offline
  Ended
}

/// Where the session stands.
pub fn phase(model: Model) -> Phase {
  case model.work, model.link, model.opened {
    Closed(_), _, _ -> Ended
    _, None, _ -> Offline
    _, _, None | Arriving(Open, _), _, _ -> Opening
    Idle, _, _ -> Live
    _, _, _ -> Recovering
  }
}

/// The actions that are not known to be done, in the order of dispatch.
pub fn pending_actions(model: Model) -> List(action.UserAction) {
  list.map(model.pending, fn(one) { one.action })
}
