//// What a client sends about its session.

import gleam/json.{type Json}
import gleam/list
import gleam/option.{None, Some}
import omni/client/model.{
  type Ask, type Env, type Model, type Step, Model, Open, PublishToNats, Resume,
  Sync,
}
import omni/kind
import omni/token

/// The subject of a session with a last part: `state`, `events`, `control`, or `*` for all of them.
pub fn subject(user_id: String, session_id: String, leaf: String) -> String {
  "session."
  <> token.encode(user_id)
  <> "."
  <> token.encode(session_id)
  <> "."
  <> leaf
}

/// The subject of the user's actions.
pub fn actions_subject(user_id: String) -> String {
  "user.actions." <> token.encode(user_id)
}

/// Publish a request; its number is that of the model's last request then.
pub fn send(model: Model, env: Env, type_: String, data: Json) -> Step {
  let request = model.last_request + 1
  let session_id = option.unwrap(model.session_id, "")
  let body =
    json.object([
      #("v", json.string("1.0")),
      #("type", json.string(type_)),
      #("user_id", json.string(model.config.user_id)),
      #("session_id", json.string(session_id)),
      #("timestamp", json.int(env.moment.at)),
      #("data", data),
    ])
  #(Model(..model, last_request: request), [
    PublishToNats(
      subject(model.config.user_id, session_id, "control"),
      json.to_string(body),
      request,
    ),
  ])
}

/// Publish what makes the session whole.
pub fn ask(model: Model, env: Env, ask: Ask) -> Step {
  case ask {
    Open -> send(model, env, "session.open", open(model))
    Resume -> send(model, env, "session.resume", resume(model))
    Sync -> send(model, env, "session.sync", json.object([]))
  }
}

fn open(model: Model) -> Json {
  let config = model.config
  let auth = case config.token {
    Some(token) ->
      json.object([
        #("scheme", json.string("bearer")),
        #("token", json.string(token)),
      ])
    None -> json.null()
  }
  json.object([
    #("protocol", json.array(["1.0"], json.string)),
    #("kinds", json.array(list.map(config.kinds, kind.to_string), json.string)),
    #("features", json.array(config.features, json.string)),
    #("auth", auth),
    #(
      "client",
      json.object([
        #("name", json.string(config.client_name)),
        #("version", json.string(config.client_version)),
      ]),
    ),
  ])
}

fn resume(model: Model) -> Json {
  let #(epoch, seq) = case model.position {
    Some(position) -> #(position.epoch, position.seq)
    None -> #(1, 0)
  }
  json.object([#("epoch", json.int(epoch)), #("seq", json.int(seq))])
}
