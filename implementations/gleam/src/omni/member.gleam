//// Decoders of objects with one member that counts.

import gleam/dynamic/decode.{type Decoder}

/// What a value makes of the member of that name.
pub fn of(
  name: String,
  decoder: Decoder(a),
  to value: fn(a) -> b,
) -> Decoder(b) {
  decode.field(name, decode.map(decoder, value), decode.success)
}
