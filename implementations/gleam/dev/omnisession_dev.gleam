//// A chat of one message: `gleam dev`, with a server of sessions at nats://127.0.0.1:4222.

import gleam/io
import gleam/list
import gleam/option.{None, Some}
import omni/action
import omni/client/model.{type Failure, type Model, Config, Optimistic}
import omni/hybrid
import omni/kind
import omni/nats
import omni/nats/node

pub fn main() -> Nil {
  let config =
    Config(
      user_id: "ann",
      token: None,
      kinds: [kind.Chat],
      features: ["events"],
      mode: Optimistic,
      timers: model.timers,
      client_name: "example",
      client_version: "0.1.0",
    )
  let hooks = nats.Hooks(on_change: show, on_failed: fail)
  let client =
    nats.start(node.tcp(), "nats://127.0.0.1:4222", 2000, config, hooks)
  use taken <- nats.dispatch(client, action.chat_send(nats.new_id(), "hello"))
  case taken {
    Ok(_) -> Nil
    Error(_) -> io.println("It was not taken.")
  }
}

fn show(model: Model) -> Nil {
  case hybrid.view(model).chat {
    Some(chat) ->
      list.each(list.take(chat.messages, 1), fn(newest) {
        io.println(newest.user_id <> ": " <> newest.content)
      })
    None -> Nil
  }
}

fn fail(_failure: Failure) -> Nil {
  io.println("What was taken has failed.")
}
