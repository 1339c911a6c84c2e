//// Texts as bytes.

import gleam/bit_array

/// The text of UTF-8 bytes; an error for what is none. `bit_array.to_string` does not do: on JavaScript it drops a byte
/// order mark at the beginning, which is a character as any other here.
pub fn from_utf8(bytes: BitArray) -> Result(String, Nil) {
  case bit_array.to_string(<<"-":utf8, bytes:bits>>) {
    Ok("-" <> text) -> Ok(text)
    _ -> Error(Nil)
  }
}

/// Whether a text can be written as UTF-8: half of a surrogate pair, which JSON has an escape for, cannot (ENV-001).
pub fn is_writable(text: String) -> Bool {
  from_utf8(bit_array.from_string(text)) == Ok(text)
}
