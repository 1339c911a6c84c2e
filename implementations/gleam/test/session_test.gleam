//// A session from its first moment, by messages alone: how to test an app on the core.

import gleam/json.{type Json}
import gleam/list
import gleam/option.{None, Some}
import gleam/string
import omni/action
import omni/client/model.{
  type Effect, type Model, type SessionMsg, Answered, Config, Connected, Env,
  Moment, NatsMessage, Optimistic, PublishToNats, SubscribeToNats, Took,
  UserAction,
}
import omni/hybrid
import omni/kind
import omni/session.{Live, Opening}

fn new() -> Model {
  model.start(Config(
    user_id: "a.b",
    token: None,
    kinds: [kind.Chat],
    features: ["events"],
    mode: Optimistic,
    timers: model.timers,
    client_name: "test",
    client_version: "",
  ))
}

fn take(model: Model, msg: SessionMsg) -> #(Model, List(Effect)) {
  session.update(model, Env(Moment(1000, 1000), 0.5, "s-1"), msg)
}

fn body(type_: String, data: Json, place: List(#(String, Json))) -> BitArray {
  let text =
    json.to_string(
      json.object([
        #("v", json.string("1.0")),
        #("type", json.string(type_)),
        #("user_id", json.string("a.b")),
        #("session_id", json.string("s-1")),
        #("timestamp", json.int(1)),
        #("data", data),
        ..place
      ]),
    )
  <<text:utf8>>
}

fn place(seq: Int) -> List(#(String, Json)) {
  [
    #("epoch", json.int(1)),
    #("seq", json.int(seq)),
    #("last_action_seq", json.int(0)),
  ]
}

fn opened() -> BitArray {
  let data =
    json.object([
      #("position", json.object(place(0))),
      #("kinds", json.array(["chat"], json.string)),
      #("actions", json.array(["chat.send"], json.string)),
      #(
        "timers",
        json.object([
          #("heartbeat_ms", json.int(1000)),
          #("resume_window_ms", json.int(5000)),
        ]),
      ),
    ])
  body("session.opened", data, [])
}

fn state() -> BitArray {
  let data =
    json.object([
      #("type", json.string("chat")),
      #("messages", json.preprocessed_array([])),
      #("participants", json.preprocessed_array([])),
      #("typing_indicators", json.preprocessed_array([])),
    ])
  body("session.state", data, place(1))
}

fn published(effects: List(Effect)) -> List(#(String, String)) {
  list.filter_map(effects, fn(effect) {
    case effect {
      PublishToNats(subject, body, _) -> Ok(#(subject, body))
      _ -> Error(Nil)
    }
  })
}

fn live() -> Model {
  let #(model, _) = take(new(), Connected(1_048_576))
  let #(model, _) = take(model, Answered(1, Some(opened())))
  assert session.phase(model) == Opening
  let #(model, _) = take(model, NatsMessage("session.a=2eb.s-1.state", state()))
  assert session.phase(model) == Live
  model
}

pub fn it_subscribes_before_it_opens_test() {
  let #(_, effects) = take(new(), Connected(1_048_576))
  let heard =
    list.filter_map(effects, fn(effect) {
      case effect {
        SubscribeToNats(subject) -> Ok(subject)
        PublishToNats(subject, ..) -> Ok(subject)
        _ -> Error(Nil)
      }
    })
  assert heard == ["session.a=2eb.s-1.*", "session.a=2eb.s-1.control"]
}

pub fn an_action_is_seen_at_once_and_sent_under_a_number_test() {
  let #(model, effects) =
    take(live(), UserAction(action.chat_send("x1", "hello")))
  assert list.contains(effects, Took("x1"))
  let assert [#("user.actions.a=2eb", body)] = published(effects)
  assert string.contains(body, "\"client_seq\":1")
  assert string.contains(body, "\"user_id\":\"a.b\"")
  let assert Some(server) = hybrid.server_state(model)
  let assert Some(chat) = server.view.chat
  assert list.map(chat.messages, fn(one) { one.content }) == ["hello"]
  let assert Some(chat) = server.slices.chat
  assert chat.messages == []
}

pub fn what_is_dispatched_offline_waits_test() {
  let #(model, effects) =
    take(new(), UserAction(action.chat_send("x1", "hello")))
  assert effects == [Took("x1")]
  let #(model, effects) = take(model, Connected(1_048_576))
  assert list.length(published(effects)) == 1
  let #(_, effects) = take(model, Answered(1, Some(opened())))
  let assert [#("user.actions.a=2eb", _)] = published(effects)
}

pub fn messages_of_other_sessions_are_dropped_test() {
  let model = live()
  let #(after, effects) =
    take(model, NatsMessage("session.ann.s-1.state", state()))
  assert #(after, effects) == #(model, [])
}
