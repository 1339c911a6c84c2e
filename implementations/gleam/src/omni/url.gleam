//// The kind `url`: its slice, and what events do to it.

import gleam/dynamic/decode.{type Decoder}
import gleam/int
import gleam/json.{type Json}
import gleam/order.{type Order}
import omni/entries.{type Limits}
import omni/member

/// The slice of this kind: the short urls that the user made, the newest first.
pub type UrlState {
  UrlState(urls: List(ShortUrl))
}

/// A short url.
pub type ShortUrl {
  ShortUrl(
    id: String,
    short_code: String,
    target_url: String,
    created_by: String,
    created_at: Int,
    updated_at: Int,
    access_count: Int,
    is_active: Bool,
  )
}

/// What an event of this kind tells.
pub type UrlEvent {
  UrlChanged(url: ShortUrl)
  UrlDeleted(url_id: String)
}

/// The slice before its first state (CLI-022).
pub const empty = UrlState([])

/// The slice after an event (CLI-025).
pub fn reduce(slice: UrlState, event: UrlEvent, limits: Limits) -> UrlState {
  case event {
    UrlChanged(url) ->
      UrlState(entries.upsert(
        slice.urls,
        url,
        fn(other) { other.id == url.id },
        by_creation,
        entries.limit(limits, "urls"),
      ))
    UrlDeleted(id) ->
      UrlState(entries.remove(slice.urls, fn(one) { one.id == id }))
  }
}

fn by_creation(left: ShortUrl, right: ShortUrl) -> Order {
  order.break_tie(
    int.compare(right.created_at, left.created_at),
    entries.compare(left.id, right.id),
  )
}

/// The `data` of a state of this kind.
pub fn decoder() -> Decoder(UrlState) {
  use urls <- decode.field("urls", decode.list(url_decoder()))
  decode.success(UrlState(urls))
}

/// The `data` of an event; an error where its type is not known.
pub fn event_decoder(type_: String) -> Result(Decoder(UrlEvent), Nil) {
  case type_ {
    "url.created" | "url.updated" ->
      Ok(member.of("url", url_decoder(), UrlChanged))
    "url.deleted" -> Ok(member.of("url_id", decode.string, UrlDeleted))
    _ -> Error(Nil)
  }
}

fn url_decoder() -> Decoder(ShortUrl) {
  use id <- decode.field("id", decode.string)
  use short_code <- decode.field("short_code", decode.string)
  use target_url <- decode.field("target_url", decode.string)
  use created_by <- decode.field("created_by", decode.string)
  use created_at <- decode.field("created_at", decode.int)
  use updated_at <- decode.field("updated_at", decode.int)
  use access_count <- decode.field("access_count", decode.int)
  use is_active <- decode.field("is_active", decode.bool)
  decode.success(ShortUrl(
    id:,
    short_code:,
    target_url:,
    created_by:,
    created_at:,
    updated_at:,
    access_count:,
    is_active:,
  ))
}

/// The slice as a state writes it.
pub fn to_json(slice: UrlState) -> Json {
  json.object([
    #("type", json.string("url")),
    #("urls", json.array(slice.urls, url_to_json)),
  ])
}

fn url_to_json(url: ShortUrl) -> Json {
  json.object([
    #("id", json.string(url.id)),
    #("short_code", json.string(url.short_code)),
    #("target_url", json.string(url.target_url)),
    #("created_by", json.string(url.created_by)),
    #("created_at", json.int(url.created_at)),
    #("updated_at", json.int(url.updated_at)),
    #("access_count", json.int(url.access_count)),
    #("is_active", json.bool(url.is_active)),
  ])
}
