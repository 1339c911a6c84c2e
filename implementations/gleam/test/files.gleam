//// The vectors that all implementations share.

import gleam/dynamic/decode.{type Decoder}
import gleam/json
import gleam/list

/// Every file below a folder of `schemas/vectors`, decoded, with its path there.
pub fn vectors(folder: String, decoder: Decoder(a)) -> List(#(String, a)) {
  use path <- list.map(files(folder))
  #(path, vector(path, decoder))
}

/// One file of `schemas/vectors`, decoded.
pub fn vector(path: String, decoder: Decoder(a)) -> a {
  let assert Ok(value) = json.parse(read(path), decoder)
  value
}

@external(javascript, "./files_ffi.mjs", "files")
fn files(folder: String) -> List(String)

@external(javascript, "./files_ffi.mjs", "read")
fn read(path: String) -> String
