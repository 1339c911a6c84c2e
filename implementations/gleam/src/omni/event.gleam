//// What the subject `.events` carries: one change.

import gleam/dynamic/decode.{type Decoder}
import gleam/json
import gleam/option.{type Option, None, Some}
import omni/articles.{type ArticlesEvent}
import omni/chat.{type ChatEvent}
import omni/entries.{type Limits}
import omni/kind
import omni/types.{type Slices, Slices}
import omni/url.{type UrlEvent}
import omni/user.{type UserEvent}

/// A change of one slice. A type that is not known here is a value as well: it is skipped, and its place counts
/// (CLI-010).
pub type Event {
  ArticlesEvent(ArticlesEvent)
  ChatEvent(ChatEvent)
  UrlEvent(UrlEvent)
  UserEvent(UserEvent)
  UnknownEvent(type_: String)
}

/// The `data` of an event of a type.
pub fn decoder(type_: String) -> Decoder(Event) {
  let known = case kind.of_type(type_) {
    Ok(kind.Articles) -> of(articles.event_decoder(type_), ArticlesEvent)
    Ok(kind.Chat) -> of(chat.event_decoder(type_), ChatEvent)
    Ok(kind.Url) -> of(url.event_decoder(type_), UrlEvent)
    Ok(kind.User) -> of(user.event_decoder(type_), UserEvent)
    Error(Nil) -> None
  }
  option.unwrap(known, decode.success(UnknownEvent(type_)))
}

fn of(
  found: Result(Decoder(a), Nil),
  event: fn(a) -> Event,
) -> Option(Decoder(Event)) {
  case found {
    Ok(decoder) -> Some(decode.map(decoder, event))
    Error(Nil) -> None
  }
}

/// The body of an event, from its text.
pub fn decode_event(payload: String) -> Result(Event, json.DecodeError) {
  json.parse(payload, {
    use type_ <- decode.field("type", decode.string)
    use event <- decode.field("data", decoder(type_))
    decode.success(event)
  })
}

/// The slices after an event: no slice changes but that of its kind, and that only where it is open (CLI-025).
pub fn apply_event(slices: Slices, event: Event, limits: Limits) -> Slices {
  case event {
    ArticlesEvent(event) ->
      Slices(
        ..slices,
        articles: option.map(slices.articles, articles.reduce(_, event, limits)),
      )
    ChatEvent(event) ->
      Slices(
        ..slices,
        chat: option.map(slices.chat, chat.reduce(_, event, limits)),
      )
    UrlEvent(event) ->
      Slices(
        ..slices,
        url: option.map(slices.url, url.reduce(_, event, limits)),
      )
    UserEvent(event) ->
      Slices(..slices, user: option.map(slices.user, user.reduce(_, event)))
    UnknownEvent(_) -> slices
  }
}
