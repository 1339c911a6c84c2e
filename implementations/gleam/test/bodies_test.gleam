//// Every body of the shared vectors, as it comes on the wire.

import files
import gleam/dynamic/decode.{type Decoder}
import gleam/json
import gleam/list
import gleam/option.{None, Some}
import gleam/string
import omni/client/answer
import omni/client/message.{Change, InStream, Own, Placed, State, Unusable}
import omni/event
import omni/types
import omni/value.{type Value}

type Vector {
  Vector(name: String, body: Value)
}

fn decoder() -> Decoder(List(Vector)) {
  decode.list({
    use name <- decode.field("name", decode.string)
    use body <- decode.field("body", value.decoder())
    decode.success(Vector(name:, body:))
  })
}

fn bytes(vector: Vector) -> BitArray {
  let text = json.to_string(value.to_json(vector.body))
  <<text:utf8>>
}

fn own(vector: Vector) -> message.Own {
  let text = fn(name) {
    case value.get_string(vector.body, name) {
      Ok(text) -> text
      Error(Nil) -> ""
    }
  }
  Own(text("user_id"), text("session_id"))
}

fn each(folder: String, try: fn(String, Vector) -> Nil) -> Nil {
  use #(path, vectors) <- list.each(files.vectors(folder, decoder()))
  list.each(vectors, try(path, _))
}

pub fn every_state_is_read_test() {
  use path, vector <- each("valid/state")
  let place = path <> " " <> vector.name
  let assert Some(InStream(Placed(content: State(data), ..))) =
    message.read(own(vector), "state", bytes(vector))
  case data {
    types.UnknownState(kind) -> {
      assert #(place, kind) == #(place, "") || string.contains(path, "unknown")
    }
    _ -> Nil
  }
}

pub fn every_event_is_read_test() {
  use path, vector <- each("valid/event")
  let place = path <> " " <> vector.name
  let assert Some(InStream(Placed(content:, ..))) =
    message.read(own(vector), "events", bytes(vector))
  case content {
    Change(event.UnknownEvent(_), _) -> {
      assert string.contains(path, "unknown") as place
    }
    Change(_, _) -> Nil
    _ -> panic as place
  }
}

pub fn every_answer_and_push_is_read_test() {
  use path, vector <- each("valid/control")
  let type_ = value.get_string(vector.body, "type")
  let is_answer =
    list.contains(
      [
        Ok("session.opened"),
        Ok("session.syncing"),
        Ok("session.resumed"),
        Ok("session.pong"),
        Ok("action.ack"),
        Ok("action.nack"),
        Ok("error"),
      ],
      type_,
    )
  let is_push =
    list.contains(
      [
        Ok("session.heartbeat"),
        Ok("session.closing"),
        Ok("action.ack"),
        Ok("action.nack"),
      ],
      type_,
    )
  let place = path <> " " <> vector.name
  case is_answer {
    True -> {
      let assert Ok(_) = answer.read(own(vector), bytes(vector)) as place
      Nil
    }
    False -> Nil
  }
  case is_push {
    True -> {
      assert message.read(own(vector), "control", bytes(vector)) != None
        as place
    }
    False -> Nil
  }
}

pub fn no_body_that_is_wrong_ends_the_client_test() {
  use folder <- list.each(["state", "event", "control", "error"])
  use _, vector <- each("invalid/" <> folder)
  use leaf <- list.each(["state", "events", "control"])
  let _ = message.read(own(vector), leaf, bytes(vector))
  let _ = answer.read(own(vector), bytes(vector))
  Nil
}

pub fn what_lacks_what_its_type_has_cannot_be_used_test() {
  let body =
    "{\"v\": \"1.0\", \"type\": \"chat.message_deleted\", \"user_id\": \"ann\", \"session_id\": \"s\", \"epoch\": 1,"
    <> " \"seq\": 2, \"last_action_seq\": 0, \"data\": {}}"
  let assert Some(InStream(Placed(content: Unusable, ..))) =
    message.read(Own("ann", "s"), "events", <<body:utf8>>)
}
