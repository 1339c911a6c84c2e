//// Opening and recovering: what is asked, when, and what comes of a failure.

import gleam/int
import gleam/list
import gleam/option.{None, Some}
import omni/client/message.{type Refusal}
import omni/client/model.{
  type Ask, type Env, type Model, type Step, Arriving, Asking, CancelTimer,
  Closed, Due, Idle, Model, Open, PingTimer, Pure, Resume, SetTimer,
  SubscribeToNats, Sync, ToldTimer, WorkTimer, backoff, then,
}
import omni/client/pending
import omni/client/request
import omni/position.{type Position}

/// Ask now, or as soon as it may be. A session that is not open yet is opened.
pub fn recover(
  model: Model,
  env: Env,
  ask: Ask,
  wait_ms: Int,
  is_gap: Bool,
) -> Step {
  let ask = case model.opened {
    None -> Open
    Some(_) -> ask
  }
  let due = Model(..model, work: Due(ask, is_gap))
  let ms = int.max(wait_ms, model.not_before - env.moment.now)
  case model.link {
    None -> #(due, [CancelTimer(WorkTimer)])
    Some(_) if ms > 0 -> #(due, [SetTimer(WorkTimer, ms)])
    Some(_) -> send(due, env, ask)
  }
}

fn send(model: Model, env: Env, ask: Ask) -> Step {
  use asked <- then(request.ask(model, env, ask))
  let work = Asking(ask, asked.last_request, env.moment)
  #(Model(..asked, work:), [SetTimer(WorkTimer, model.config.timers.answer_ms)])
}

/// It came to nothing: wait, and ask again (CLI-027).
pub fn fail(
  model: Model,
  env: Env,
  ask: Ask,
  retry_after_ms: Int,
  is_gap: Bool,
) -> Step {
  let failures = model.failures + 1
  let not_before = int.max(model.not_before, env.moment.now + retry_after_ms)
  let wait_ms = backoff(model.config, failures, env)
  recover(Model(..model, failures:, not_before:), env, ask, wait_ms, is_gap)
}

/// The time for an answer, for what it promised, or of a wait is over.
pub fn elapsed(model: Model, env: Env) -> Step {
  case model.work {
    Asking(ask, ..) -> fail(model, env, ask, 0, False)
    Arriving(..) -> fail(model, env, Resume, 0, False)
    Due(ask, is_gap) -> recover(model, env, ask, 0, is_gap)
    Idle | Closed(_) -> #(model, [])
  }
}

/// An answer promised messages up to a place.
pub fn arriving(model: Model, ask: Ask, goal: Position) -> Step {
  #(Model(..model, work: Arriving(ask, goal)), [
    SetTimer(WorkTimer, model.config.timers.answer_ms),
  ])
}

/// Whether a refusal says that the session is there no more (CLI-019).
pub fn is_lost(refusal: Refusal) -> Bool {
  list.contains([4041, 4101], refusal.code)
}

/// A request that makes the session whole was refused.
pub fn refused(model: Model, env: Env, ask: Ask, refusal: Refusal) -> Step {
  let failed = Model(..model, failures: model.failures + 1)
  case refusal.retryable, is_lost(refusal), ask {
    True, _, _ -> fail(model, env, ask, refusal.retry_after_ms, False)
    False, True, Open -> renew(failed, env)
    False, True, _ -> renew(model, env)
    False, False, Open -> close(model, Some(refusal.code))
    False, False, Resume -> fail(model, env, Sync, 0, False)
    False, False, Sync -> renew(failed, env)
  }
}

/// Go on in a session with a new id, at once or after a wait where that came to nothing before. What is pending comes
/// along.
pub fn renew(model: Model, env: Env) -> Step {
  let fresh =
    Model(
      ..model,
      session_id: Some(env.id),
      opened: None,
      position: None,
      held: [],
      told: None,
      pings: [],
      next_number: 1,
    )
  let begun = #(fresh, [
    CancelTimer(PingTimer),
    CancelTimer(ToldTimer),
    SubscribeToNats(request.subject(model.config.user_id, env.id, "*")),
  ])
  use left <- then(then(begun, pending.carry))
  let wait_ms = case model.failures {
    0 -> 0
    failures -> backoff(model.config, failures, env)
  }
  recover(left, env, Open, wait_ms, False)
}

/// Send nothing more: for a code, or because the user left. What is pending stays so, since nobody tells any more what
/// became of it; without pending actions the one under way is given up.
pub fn close(model: Model, code: option.Option(Int)) -> Step {
  let closed =
    Model(..model, work: Closed(code), held: [], told: None, pings: [])
  let is_pure = model.config.mode == Pure
  use left <- then(pending.give_up(closed, fn(_) { is_pure }))
  #(left, [
    CancelTimer(WorkTimer),
    CancelTimer(PingTimer),
    CancelTimer(ToldTimer),
  ])
}
