//// What keeps a session alive, and what ends it.

import gleam/int
import gleam/json
import gleam/list
import gleam/option.{None, Some}
import omni/client/answer.{type Answer, Pong, Refused}
import omni/client/answering.{ping_timer}
import omni/client/message
import omni/client/model.{
  type Env, type Model, type Step, Arriving, Asking, CancelTimer, Closed, Due,
  Idle, Link, Model, Ping, PingTimer, Resume, SetTimer, ToldTimer, WorkTimer,
  is_ahead, is_closed, then,
}
import omni/client/pending
import omni/client/recovery.{close, fail, is_lost, recover, renew}
import omni/client/request
import omni/client/stream
import omni/position.{type Position}

const most_pings = 32

/// There is a connection, and the session's subscription is in force on it (CLI-016).
pub fn connected(model: Model, env: Env, max_payload: Int) -> Step {
  let linked = Model(..model, link: Some(Link(max_payload, False)), failures: 0)
  case linked.work, linked.session_id, linked.opened {
    Closed(_), _, _ -> #(linked, [])
    _, None, _ -> renew(linked, env)
    _, Some(_), None -> recover(linked, env, Resume, 0, False)
    _, Some(_), Some(opened) -> {
      use linked <- then(#(linked, [ping_timer(opened)]))
      recover(linked, env, Resume, 0, False)
    }
  }
}

/// The connection is lost: what was asked is given up, and what was held is asked for again.
pub fn disconnected(model: Model) -> Step {
  let lost = pending.interrupt(model)
  let lost = Model(..lost, link: None, held: [], told: None, pings: [])
  let work = case model.work {
    Closed(code) -> Closed(code)
    _ -> Due(Resume, False)
  }
  #(Model(..lost, work:), [
    CancelTimer(WorkTimer),
    CancelTimer(PingTimer),
    CancelTimer(ToldTimer),
  ])
}

/// A sign of life, which asks for the head (CLI-036).
pub fn ping(model: Model, env: Env) -> Step {
  case model.opened, model.link, is_closed(model) {
    Some(opened), Some(_), False -> {
      let now = env.moment.now
      let until = now + model.config.timers.answer_ms
      use asked <- then(request.send(
        model,
        env,
        "session.ping",
        json.object([]),
      ))
      let waiting =
        list.filter(asked.pings, fn(one) { one.until > now })
        |> list.take(most_pings - 1)
      let ping = Ping(asked.last_request, until, env.moment)
      #(Model(..asked, pings: [ping, ..waiting]), [ping_timer(opened)])
    }
    _, _, _ -> #(model, [])
  }
}

/// The answer to a ping: the head, or that the session is over (CLI-019).
pub fn ping_answered(
  model: Model,
  env: Env,
  ping: model.Ping,
  answer: Answer,
) -> Step {
  let pinged =
    Model(
      ..model,
      pings: list.filter(model.pings, fn(one) { one.request != ping.request }),
    )
  case answer {
    Pong(head) -> {
      let alive = pending.note(pending.lived(pinged, ping.since), head)
      heard(alive, env, head, False)
    }
    Refused(refusal) ->
      case is_lost(refusal) {
        True -> renew(pinged, env)
        False -> #(pinged, [])
      }
    _ -> #(pinged, [])
  }
}

/// A head was told, in the order of the stream or not (CLI-013). One that is not in its order may overtake the stream.
pub fn heard(
  model: Model,
  env: Env,
  head: Position,
  is_in_order: Bool,
) -> Step {
  case model.position, is_ahead(model, head), is_in_order {
    None, _, _ | _, False, _ -> #(model, [])
    Some(_), True, True -> {
      let told = Some(stream.further(model.told, head, True))
      let model = Model(..model, told:)
      case model.work {
        Idle -> recover(model, env, Resume, 0, True)
        Arriving(..) -> fail(model, env, Resume, 0, True)
        _ -> #(model, [])
      }
    }
    Some(_), True, False -> {
      let told = Some(stream.further(model.told, head, False))
      case model.told, model.opened {
        None, Some(opened) -> #(Model(..model, told:), [
          SetTimer(ToldTimer, opened.heartbeat_ms),
        ])
        _, _ -> #(Model(..model, told:), [])
      }
    }
  }
}

/// A head that was told has had a heartbeat's time to come.
pub fn told_elapsed(model: Model, env: Env) -> Step {
  case model.told, model.work {
    Some(told), Idle ->
      case is_ahead(model, told.head) {
        True -> recover(model, env, Resume, 0, True)
        False -> #(Model(..model, told: None), [])
      }
    _, _ -> #(model, [])
  }
}

/// A heartbeat tells the head in the order of the stream; what was told before has not come by then.
pub fn beaten(model: Model, env: Env, head: Position) -> Step {
  case model.work {
    Asking(..) -> #(model, [])
    _ -> {
      use next <- then(heard(model, env, head, True))
      told_elapsed(next, env)
    }
  }
}

/// The server ends the session, or is about to stop. It is heeded at once, whatever is awaited (CLI-017, CLI-018).
pub fn closing(
  model: Model,
  env: Env,
  code: Int,
  reconnect: Bool,
  after_ms: Int,
) -> Step {
  case is_closed(model), reconnect {
    True, _ -> #(model, [])
    False, False -> close(model, Some(code))
    False, True -> {
      let not_before = int.max(model.not_before, env.moment.now + after_ms)
      // What was asked before is given up: its answer would be of before the stop.
      let link =
        option.map(model.link, fn(link) { Link(..link, is_answered: False) })
      let model = pending.interrupt(Model(..model, not_before:, link:))
      recover(model, env, Resume, 0, False)
    }
  }
}

/// The user leaves (CLI-031).
pub fn leave(model: Model, env: Env) -> Step {
  case is_closed(model), model.link, model.last_request > 0 {
    True, _, _ -> #(model, [])
    False, Some(_), True -> {
      use said <- then(request.send(
        model,
        env,
        "session.close",
        json.object([]),
      ))
      close(said, None)
    }
    False, _, _ -> close(model, None)
  }
}

/// The last part of a subject of the session, none for any other subject.
pub fn leaf(model: Model, subject: String) -> String {
  case model.session_id {
    None -> ""
    Some(session_id) -> {
      let find = fn(leaf) {
        request.subject(model.config.user_id, session_id, leaf) == subject
      }
      case find("state"), find("events"), find("control") {
        True, _, _ -> "state"
        _, True, _ -> "events"
        _, _, True -> "control"
        _, _, _ -> ""
      }
    }
  }
}

/// What a message of the subscription is, if it is one of the session.
pub fn read(
  model: Model,
  subject: String,
  payload: BitArray,
) -> option.Option(message.Message) {
  case leaf(model, subject) {
    "" -> None
    leaf -> message.read(model.own(model), leaf, payload)
  }
}
