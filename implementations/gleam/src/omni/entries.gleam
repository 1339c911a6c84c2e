//// Lists of entries in their order: what the reducers of all kinds do with them.

import gleam/bit_array
import gleam/dict.{type Dict}
import gleam/list
import gleam/option.{type Option, None, Some}
import gleam/order.{type Order, Lt}

/// What lists are cut to, by the names of `opened.limits`. A name that is not there cuts nothing.
pub type Limits =
  Dict(String, Int)

/// Order of two texts by code point (STATE-010). `string.compare` does not do: on JavaScript it compares UTF-16 units.
/// UTF-8 bytes compare as code points do.
pub fn compare(left: String, right: String) -> Order {
  bit_array.compare(bit_array.from_string(left), bit_array.from_string(right))
}

/// The entry at its sorted place, instead of the one that is the same by its key; the list is then cut to its limit.
pub fn upsert(
  entries: List(a),
  entry: a,
  is_same: fn(a) -> Bool,
  compare: fn(a, a) -> Order,
  limit: Option(Int),
) -> List(a) {
  let others = remove(entries, is_same)
  let #(before, after) =
    list.split_while(others, fn(other) { compare(entry, other) != Lt })
  cut(list.append(before, [entry, ..after]), limit)
}

/// The list without the entries that are meant.
pub fn remove(entries: List(a), is_meant: fn(a) -> Bool) -> List(a) {
  list.filter(entries, fn(entry) { !is_meant(entry) })
}

/// The list with the entries that are meant changed where they stand.
pub fn change(
  entries: List(a),
  is_meant: fn(a) -> Bool,
  with: fn(a) -> a,
) -> List(a) {
  list.map(entries, fn(entry) {
    case is_meant(entry) {
      True -> with(entry)
      False -> entry
    }
  })
}

/// The list cut at its end.
pub fn cut(entries: List(a), limit: Option(Int)) -> List(a) {
  case limit {
    Some(most) -> list.take(entries, most)
    None -> entries
  }
}

/// The limit of a name.
pub fn limit(limits: Limits, name: String) -> Option(Int) {
  option.from_result(dict.get(limits, name))
}

/// No limits: nothing is cut.
pub fn no_limits() -> Limits {
  dict.new()
}
