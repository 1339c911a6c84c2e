//// Ids in subjects, the order of texts, JSON that is hard to read, and what is no action.

import files
import gleam/dynamic/decode
import gleam/list
import gleam/option.{None, Some}
import gleam/order
import gleam/string
import omni/action
import omni/client/message
import omni/entries
import omni/event
import omni/token
import omni/types
import omni/value

pub fn every_id_has_its_token_test() {
  let pairs =
    files.vector(
      "tokens.json",
      decode.at(
        ["pairs"],
        decode.list({
          use id <- decode.field("id", decode.string)
          use token <- decode.field("token", decode.string)
          decode.success(#(id, token))
        }),
      ),
    )
  use #(id, token) <- list.each(pairs)
  assert token.encode(id) == token
  assert token.decode(token) == Ok(id)
}

pub fn no_other_token_is_read_test() {
  let refused =
    files.vector(
      "tokens.json",
      decode.at(["refused"], decode.list(refused_decoder())),
    )
  use token <- list.each(refused)
  assert #(token, token.decode(token)) == #(token, Error(Nil))
}

fn refused_decoder() -> decode.Decoder(String) {
  decode.one_of(decode.string, [
    decode.field("token", decode.string, decode.success),
  ])
}

pub fn texts_are_in_the_order_of_code_points_test() {
  // The second has the lower UTF-16 unit first, and the higher code point.
  assert entries.compare("\u{FF5E}", "\u{1F600}") == order.Lt
  assert entries.compare("B", "a") == order.Lt
  assert entries.compare("ab", "a") == order.Gt
  assert entries.compare("a", "a") == order.Eq
}

pub fn what_is_not_known_is_a_value_test() {
  let payload =
    "{\"user_id\": \"ann\", \"session_id\": \"s\", \"timestamp\": 1, \"data\": {\"type\": \"acme\"}}"
  let assert Ok(state) = types.decode_state(payload)
  assert state.data == types.UnknownState("acme")
  let payload = "{\"type\": \"article.shone\", \"data\": {}}"
  assert event.decode_event(payload) == Ok(event.UnknownEvent("article.shone"))
}

pub fn bytes_that_are_no_body_are_dropped_test() {
  let own = message.Own("ann", "s")
  let payloads = [
    <<>>,
    <<0xFF, 0xFE>>,
    <<"[]":utf8>>,
    <<"{":utf8>>,
    <<"null":utf8>>,
    <<"{\"type\": 1}":utf8>>,
    <<{ string.repeat("[", 100_000) }:utf8>>,
  ]
  use payload <- list.each(payloads)
  use leaf <- list.each(["state", "events", "control"])
  assert message.read(own, leaf, payload) == None
}

pub fn versions_are_told_by_their_major_test() {
  let body = fn(v) {
    let text = "{\"type\": \"x\", \"v\": \"" <> v <> "\"}"
    let assert Ok(body) = message.parse(<<text:utf8>>)
    message.is_spoken(body)
  }
  assert list.all(["1.0", "1.7", "1.12"], body)
  assert !list.any(["2.0", "1", "1.", "1.07", "1.x", "01.0", ""], body)
}

pub fn an_action_is_judged_by_its_schema_test() {
  let is_valid = fn(type_, data) {
    action.is_valid(action.new("a", type_, data))
  }
  assert is_valid("chat.send", [#("content", value.String(""))])
  assert !is_valid("chat.send", [])
  assert !is_valid("chat.send", [#("content", value.Null)])
  assert is_valid("article.select", [#("article_id", value.Null)])
  assert !is_valid("article.delete", [#("article_id", value.Null)])
  assert is_valid("acme.shine", [#("any", value.Array([]))])
  assert !is_valid("shine", [])
  assert is_valid("user.update", [#("changes", value.Object([]))])
  assert !is_valid("user.update", [
    #("changes", value.Object([#("username", value.Int(1))])),
  ])
  assert action.is_valid(action.chat_send("a", "\u{FEFF}hello"))
  assert !action.is_valid(action.chat_send("", "hello"))
  assert !action.is_valid(action.chat_send(string.repeat("a", 129), "hello"))
  let none = action.article_select("a", Some("a-1"))
  assert !action.is_valid(action.expecting(none, 0))
}
