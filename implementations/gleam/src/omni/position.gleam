//// Places in the stream of a session.

import gleam/dynamic/decode.{type Decoder}
import gleam/int
import gleam/json.{type Json}
import gleam/order.{type Order, Gt}

/// A place, and how many actions of the session count there.
pub type Position {
  Position(epoch: Int, seq: Int, last_action_seq: Int)
}

/// The largest integer that a body has (ENV-004).
pub const most = 9_007_199_254_740_991

/// Positions compare by epoch first, then by seq.
pub fn compare(left: Position, right: Position) -> Order {
  order.break_tie(
    int.compare(left.epoch, right.epoch),
    int.compare(left.seq, right.seq),
  )
}

/// Whether the first is beyond the second.
pub fn is_beyond(left: Position, right: Position) -> Bool {
  compare(left, right) == Gt
}

/// An integer of 0 or more.
pub fn count_decoder() -> Decoder(Int) {
  use count <- decode.then(decode.int)
  case count >= 0 && count <= most {
    True -> decode.success(count)
    False -> decode.failure(0, "Count")
  }
}

/// An integer of 1 or more.
pub fn positive_decoder() -> Decoder(Int) {
  use count <- decode.then(count_decoder())
  case count {
    0 -> decode.failure(1, "Positive")
    _ -> decode.success(count)
  }
}

/// The members of a position, wherever they stand.
pub fn decoder() -> Decoder(Position) {
  use epoch <- decode.field("epoch", positive_decoder())
  use seq <- decode.field("seq", count_decoder())
  use last_action_seq <- decode.field("last_action_seq", count_decoder())
  decode.success(Position(epoch:, seq:, last_action_seq:))
}

/// The position as bodies write it.
pub fn to_json(position: Position) -> Json {
  json.object([
    #("epoch", json.int(position.epoch)),
    #("seq", json.int(position.seq)),
    #("last_action_seq", json.int(position.last_action_seq)),
  ])
}
