//// JSON of any form: the data of actions, of which only some members are known here.

import gleam/dict
import gleam/dynamic/decode.{type Decoder}
import gleam/json.{type Json}
import gleam/list
import gleam/option.{None, Some}
import omni/text

/// A JSON value. Members of an object have no order that means anything.
pub type Value {
  Null
  Bool(Bool)
  Int(Int)
  Float(Float)
  String(String)
  Array(List(Value))
  Object(List(#(String, Value)))
}

/// Any JSON value, whole.
pub fn decoder() -> Decoder(Value) {
  use <- decode.recursive
  decode.one_of(null_decoder(), [
    decode.map(decode.bool, Bool),
    decode.map(decode.int, Int),
    decode.map(decode.float, Float),
    decode.map(decode.string, String),
    decode.map(decode.list(decoder()), Array),
    decode.map(decode.dict(decode.string, decoder()), fn(members) {
      Object(dict.to_list(members))
    }),
  ])
}

fn null_decoder() -> Decoder(Value) {
  use there <- decode.then(decode.optional(decode.dynamic))
  case there {
    None -> decode.success(Null)
    Some(_) -> decode.failure(Null, "Null")
  }
}

/// The value as it is written on the wire.
pub fn to_json(value: Value) -> Json {
  case value {
    Null -> json.null()
    Bool(it) -> json.bool(it)
    Int(it) -> json.int(it)
    Float(it) -> json.float(it)
    String(it) -> json.string(it)
    Array(items) -> json.array(items, to_json)
    Object(members) ->
      json.object(
        list.map(members, fn(member) { #(member.0, to_json(member.1)) }),
      )
  }
}

/// A member of an object; an error where there is none, or no object.
pub fn get(value: Value, name: String) -> Result(Value, Nil) {
  case value {
    Object(members) -> list.key_find(members, name)
    _ -> Error(Nil)
  }
}

/// A member that is a text.
pub fn get_string(value: Value, name: String) -> Result(String, Nil) {
  case get(value, name) {
    Ok(String(text)) -> Ok(text)
    _ -> Error(Nil)
  }
}

/// Whether all texts in it can be written as UTF-8: half of a surrogate pair, which JSON has an escape for, cannot
/// (ENV-001).
pub fn is_writable(value: Value) -> Bool {
  case value {
    Null | Bool(_) | Int(_) | Float(_) -> True
    String(it) -> text.is_writable(it)
    Array(items) -> list.all(items, is_writable)
    Object(members) ->
      list.all(members, fn(member) {
        text.is_writable(member.0) && is_writable(member.1)
      })
  }
}
