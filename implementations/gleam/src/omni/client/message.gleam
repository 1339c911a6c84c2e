//// What comes on the subjects of a session, from bytes to what it says.

import gleam/dynamic.{type Dynamic}
import gleam/dynamic/decode.{type Decoder}
import gleam/json
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/result
import gleam/string
import omni/event.{type Event}
import omni/position.{type Position, Position}
import omni/text
import omni/types.{type StateData}

/// Whose messages are taken.
pub type Own {
  Own(user_id: String, session_id: String)
}

/// What a state or event does. What is to be skipped is an `UnknownState` or `UnknownEvent`.
pub type Content {
  State(StateData)
  /// With the id of the action that made the change, whichever session sent that.
  Change(event: Event, action_id: Option(String))
  /// It cannot be decoded, or lacks what its type has (CLI-012).
  Unusable
}

/// A state or event at its place in the stream.
pub type Placed {
  Placed(position: Position, is_state: Bool, content: Content)
}

/// Why something was refused, whatever its code (CLI-020).
pub type Refusal {
  Refusal(
    code: Int,
    message: String,
    retryable: Bool,
    retry_after_ms: Int,
    /// The number that is missing before that of the action, with `4091`.
    expected: Option(Int),
  )
}

/// What became of an action: an ack, with the id of what it created, or a nack.
pub type Outcome {
  Outcome(
    action_id: String,
    refusal: Option(Refusal),
    result: Option(String),
    position: Position,
  )
}

/// A message of the subscription.
pub type Message {
  InStream(Placed)
  Heartbeat(Position)
  Closing(code: Int, reconnect: Bool, after_ms: Int)
  Concluded(Outcome)
}

/// The members of a body that are looked at first. Ids are empty where a body has none, or null.
pub type Body {
  Body(
    v: String,
    type_: String,
    user_id: String,
    session_id: String,
    data: Dynamic,
    whole: Dynamic,
  )
}

/// The body of a message; an error for what is no JSON object, or has no type (CLI-029).
pub fn parse(payload: BitArray) -> Result(Body, Nil) {
  use text <- result.try(text.from_utf8(payload))
  json.parse(text, decode.dynamic)
  |> result.replace_error(Nil)
  |> result.try(body_of)
}

/// The body in a value that was decoded already, such as a message of a replay.
pub fn body_of(value: Dynamic) -> Result(Body, Nil) {
  decode.run(value, body_decoder()) |> result.replace_error(Nil)
}

fn body_decoder() -> Decoder(Body) {
  use whole <- decode.then(decode.dynamic)
  use type_ <- decode.field("type", decode.string)
  use v <- decode.optional_field("v", "", text_decoder())
  use user_id <- decode.optional_field("user_id", "", text_decoder())
  use session_id <- decode.optional_field("session_id", "", text_decoder())
  use data <- decode.optional_field("data", dynamic.nil(), decode.dynamic)
  decode.success(Body(v:, type_:, user_id:, session_id:, data:, whole:))
}

/// A text, or an empty one for anything else.
fn text_decoder() -> Decoder(String) {
  decode.one_of(decode.string, [decode.success("")])
}

/// Whether a body is of the MAJOR that is spoken here, and of any MINOR (CLI-035).
pub fn is_spoken(body: Body) -> Bool {
  case body.v {
    "1.0" -> True
    "1.0" <> _ | "1." -> False
    "1." <> minor -> list.all(string.to_graphemes(minor), is_digit)
    _ -> False
  }
}

fn is_digit(character: String) -> Bool {
  string.contains("0123456789", character)
}

/// Whether a body names the session (CLI-011).
pub fn is_own(own: Own, body: Body) -> Bool {
  body.user_id == own.user_id && body.session_id == own.session_id
}

/// What a message on a subject of the session says: the last part of the subject tells what may come there. None for
/// what is dropped.
pub fn read(own: Own, leaf: String, payload: BitArray) -> Option(Message) {
  let body = parse(payload)
  case leaf, body {
    "control", Ok(body) ->
      case is_own(own, body) && is_spoken(body) {
        True -> read_push(body)
        False -> None
      }
    "state", Ok(body) | "events", Ok(body) ->
      case read_placed(own, body) {
        Some(placed) if placed.is_state == { leaf == "state" } ->
          Some(InStream(placed))
        _ -> None
      }
    _, _ -> None
  }
}

/// A state or event at its place; none where it is not of this session, or has no place.
pub fn read_placed(own: Own, body: Body) -> Option(Placed) {
  let place = decode.run(body.whole, place_decoder())
  case is_own(own, body), place {
    True, Ok(#(epoch, seq, last_action_seq)) -> {
      let counted = option.unwrap(last_action_seq, 0)
      let is_whole = is_spoken(body) && last_action_seq != None
      Some(
        Placed(
          position: Position(epoch, seq, counted),
          is_state: body.type_ == "session.state",
          content: case is_whole {
            True -> read_content(body)
            False -> Unusable
          },
        ),
      )
    }
    _, _ -> None
  }
}

fn place_decoder() -> Decoder(#(Int, Int, Option(Int))) {
  use epoch <- decode.field("epoch", position.positive_decoder())
  use seq <- decode.field("seq", position.positive_decoder())
  use last_action_seq <- decode.optional_field(
    "last_action_seq",
    None,
    decode.one_of(decode.map(position.count_decoder(), Some), [
      decode.success(None),
    ]),
  )
  decode.success(#(epoch, seq, last_action_seq))
}

fn read_content(body: Body) -> Content {
  case body.type_ {
    "session.state" ->
      decode.run(body.data, types.data_decoder())
      |> result.map(State)
      |> result.unwrap(Unusable)
    type_ ->
      decode.run(body.data, object_of(event.decoder(type_)))
      |> result.map(Change(_, cause_of(body)))
      |> result.unwrap(Unusable)
  }
}

/// A decoder of an unknown type looks at nothing, but `data` is an object all the same.
fn object_of(decoder: Decoder(a)) -> Decoder(a) {
  use _ <- decode.then(decode.dict(decode.string, decode.dynamic))
  decoder
}

fn cause_of(body: Body) -> Option(String) {
  decode.run(body.whole, decode.at(["cause", "action_id"], decode.string))
  |> option.from_result
}

fn read_push(body: Body) -> Option(Message) {
  let message = case body.type_ {
    "session.heartbeat" ->
      decode.run(body.data, position_decoder()) |> result.map(Heartbeat)
    "session.closing" -> decode.run(body.data, closing_decoder())
    _ -> read_outcome(body) |> result.map(Concluded)
  }
  option.from_result(message)
}

/// The member `position` of the data of answers and pushes.
pub fn position_decoder() -> Decoder(Position) {
  decode.field("position", position.decoder(), decode.success)
}

fn closing_decoder() -> Decoder(Message) {
  use reconnect <- decode.field("reconnect", decode.bool)
  use code <- decode.optional_field("code", 0, count_or(0))
  use after_ms <- decode.optional_field("after_ms", 0, count_or(0))
  decode.success(Closing(code:, reconnect:, after_ms:))
}

/// A count, or what stands for it where there is none.
pub fn count_or(otherwise: Int) -> Decoder(Int) {
  decode.one_of(position.count_decoder(), [decode.success(otherwise)])
}

/// The outcome of an action, on `.control` or on the reply subject of a copy.
pub fn read_outcome(body: Body) -> Result(Outcome, List(decode.DecodeError)) {
  case body.type_ {
    "action.ack" -> decode.run(body.data, outcome_decoder(decode.success(None)))
    "action.nack" -> {
      let refusal =
        decode.field("error", refusal_decoder(), fn(refusal) {
          decode.success(Some(refusal))
        })
      decode.run(body.data, outcome_decoder(refusal))
    }
    _ -> Error([])
  }
}

fn outcome_decoder(refusal: Decoder(Option(Refusal))) -> Decoder(Outcome) {
  use refusal <- decode.then(refusal)
  use action_id <- decode.field("action_id", decode.string)
  use position <- decode.then(position_decoder())
  use result <- decode.optional_field("result", None, result_decoder())
  decode.success(Outcome(action_id:, refusal:, result:, position:))
}

fn result_decoder() -> Decoder(Option(String)) {
  let id = fn(name) { decode.field(name, decode.string, decode.success) }
  decode.one_of(decode.map(id("article_id"), Some), [
    decode.map(id("message_id"), Some),
    decode.map(id("url_id"), Some),
    decode.success(None),
  ])
}

/// An error object.
pub fn refusal_decoder() -> Decoder(Refusal) {
  use code <- decode.field("code", decode.int)
  use retryable <- decode.field("retryable", decode.bool)
  use message <- decode.optional_field("message", "", text_decoder())
  use retry_after_ms <- decode.optional_field("retry_after_ms", 0, count_or(0))
  use expected <- decode.optional_field("details", None, expected_decoder())
  decode.success(Refusal(
    code:,
    message:,
    retryable:,
    retry_after_ms:,
    expected:,
  ))
}

fn expected_decoder() -> Decoder(Option(Int)) {
  decode.one_of(
    decode.field("expected", position.count_decoder(), fn(expected) {
      decode.success(Some(expected))
    }),
    [decode.success(None)],
  )
}
