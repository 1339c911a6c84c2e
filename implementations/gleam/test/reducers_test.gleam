//// Every vector of reducers, by the messages that a session receives.

import files
import gleam/dict
import gleam/dynamic/decode.{type Decoder}
import gleam/json
import gleam/list
import gleam/option.{Some}
import omni/client/message
import omni/client/model.{type Model, Config, Hybrid, Model}
import omni/client/stream
import omni/entries.{type Limits}
import omni/kind.{type Kind}
import omni/position.{Position}
import omni/types.{type StateData}
import omni/value.{type Value}

type Step {
  Step(shows: String, type_: String, data: Value, slice: StateData)
}

type Vector {
  Vector(limits: Limits, slice: StateData, steps: List(Step))
}

fn vector_decoder() -> Decoder(Vector) {
  use limits <- decode.optional_field(
    "limits",
    dict.new(),
    decode.dict(decode.string, decode.int),
  )
  use slice <- decode.field("slice", types.data_decoder())
  use steps <- decode.field("steps", decode.list(step_decoder()))
  decode.success(Vector(limits:, slice:, steps:))
}

fn step_decoder() -> Decoder(Step) {
  use shows <- decode.field("shows", decode.string)
  use type_ <- decode.field("type", decode.string)
  use data <- decode.field("data", value.decoder())
  use slice <- decode.field("slice", types.data_decoder())
  decode.success(Step(shows:, type_:, data:, slice:))
}

fn holding(vector: Vector) -> Model {
  let model =
    model.start(Config(
      user_id: "ann",
      token: option.None,
      kinds: [kind_of(vector.slice)],
      features: ["events"],
      mode: Hybrid,
      timers: model.timers,
      client_name: "",
      client_version: "",
    ))
  Model(
    ..model,
    session_id: Some("s"),
    position: Some(Position(1, 0, 0)),
    limits: vector.limits,
    slices: types.put(model.slices, vector.slice),
  )
}

/// The body as it comes on the wire.
fn body(step: Step, seq: Int) -> BitArray {
  json.object([
    #("v", json.string("1.0")),
    #("type", json.string(step.type_)),
    #("user_id", json.string("ann")),
    #("session_id", json.string("s")),
    #("timestamp", json.int(1)),
    #("epoch", json.int(1)),
    #("seq", json.int(seq)),
    #("last_action_seq", json.int(0)),
    #("data", value.to_json(step.data)),
  ])
  |> json.to_string
  |> to_bytes
}

fn to_bytes(text: String) -> BitArray {
  <<text:utf8>>
}

fn take(model: Model, step: Step) -> Model {
  let leaf = case step.type_ {
    "session.state" -> "state"
    _ -> "events"
  }
  let assert Some(message.InStream(placed)) =
    message.read(model.own(model), leaf, body(step, 1))
  let assert Ok(after) = stream.apply(model, placed)
  after
}

fn kind_of(data: StateData) -> Kind {
  let assert Ok(kind) = case data {
    types.ArticlesState(_) -> Ok(kind.Articles)
    types.ChatState(_) -> Ok(kind.Chat)
    types.UrlState(_) -> Ok(kind.Url)
    types.UserState(_) -> Ok(kind.User)
    types.UnknownState(_) -> Error(Nil)
  }
  kind
}

pub fn every_step_leads_to_its_slice_test() {
  let found = files.vectors("reducers", vector_decoder())
  assert list.length(found) > 20
  use #(path, vector) <- list.each(found)
  use model, step <- list.fold(vector.steps, holding(vector))
  let after = take(model, step)
  let expected = types.put(model.slices, step.slice)
  assert expected != types.no_slices
  assert #(path, step.shows, after.slices) == #(path, step.shows, expected)
  // The same event once more changes nothing.
  assert take(after, step).slices == after.slices
  after
}
