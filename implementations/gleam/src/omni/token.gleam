//// Ids as tokens of subjects (SUBJ-002).

import gleam/bit_array
import gleam/int
import gleam/string
import omni/text

/// The token of an id: letters, digits, `_` and `-` as they are, every other byte of its UTF-8 form as `=` and two hex
/// digits. Bodies have ids raw.
pub fn encode(id: String) -> String {
  encode_bytes(bit_array.from_string(id), "")
}

fn encode_bytes(bytes: BitArray, token: String) -> String {
  case bytes {
    <<byte, rest:bytes>> -> encode_bytes(rest, token <> encode_byte(byte))
    _ -> token
  }
}

fn encode_byte(byte: Int) -> String {
  case is_plain(byte), bit_array.to_string(<<byte>>) {
    True, Ok(character) -> character
    _, _ ->
      "=" <> string.lowercase(string.pad_start(int.to_base16(byte), 2, "0"))
  }
}

fn is_plain(byte: Int) -> Bool {
  { byte >= 0x30 && byte <= 0x39 }
  || { byte >= 0x41 && byte <= 0x5A }
  || { byte >= 0x61 && byte <= 0x7A }
  || byte == 0x5F
  || byte == 0x2D
}

/// The id that a token names; an error for one that `encode` does not write.
pub fn decode(token: String) -> Result(String, Nil) {
  case decode_bytes(bit_array.from_string(token), <<>>) {
    Ok(<<>>) -> Error(Nil)
    Ok(bytes) -> text.from_utf8(bytes)
    Error(Nil) -> Error(Nil)
  }
}

fn decode_bytes(token: BitArray, id: BitArray) -> Result(BitArray, Nil) {
  case token {
    <<>> -> Ok(id)
    <<0x3D, high, low, rest:bytes>> ->
      case hex(high), hex(low) {
        Ok(high), Ok(low) ->
          case is_plain(high * 16 + low) {
            True -> Error(Nil)
            False -> decode_bytes(rest, <<id:bits, { high * 16 + low }>>)
          }
        _, _ -> Error(Nil)
      }
    <<byte, rest:bytes>> ->
      case is_plain(byte) {
        True -> decode_bytes(rest, <<id:bits, byte>>)
        False -> Error(Nil)
      }
    _ -> Error(Nil)
  }
}

fn hex(digit: Int) -> Result(Int, Nil) {
  case digit {
    _ if digit >= 0x30 && digit <= 0x39 -> Ok(digit - 0x30)
    _ if digit >= 0x61 && digit <= 0x66 -> Ok(digit - 0x57)
    _ -> Error(Nil)
  }
}
