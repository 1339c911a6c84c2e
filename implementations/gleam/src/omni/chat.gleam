//// The kind `chat`: its slice, and what events do to it.

import gleam/dynamic/decode.{type Decoder}
import gleam/json.{type Json}
import gleam/list
import gleam/option.{type Option}
import omni/entries.{type Limits}
import omni/member
import omni/user.{type User}

/// The slice of this kind. Messages stand newest first; typing indicators are user ids.
pub type ChatState {
  ChatState(
    messages: List(ChatMessage),
    participants: List(User),
    typing_indicators: List(String),
  )
}

/// A message of the room.
pub type ChatMessage {
  ChatMessage(
    id: String,
    user_id: String,
    content: String,
    sent_at: Int,
    edited_at: Option(Int),
  )
}

/// What an event of this kind tells.
pub type ChatEvent {
  MessageAdded(message: ChatMessage)
  MessageEdited(message: ChatMessage)
  MessageDeleted(message_id: String)
  ParticipantJoined(user: User)
  ParticipantLeft(user_id: String)
  TypingChanged(user_id: String, active: Bool)
}

/// The slice before its first state (CLI-022).
pub const empty = ChatState([], [], [])

/// The slice after an event (CLI-025).
pub fn reduce(slice: ChatState, event: ChatEvent, limits: Limits) -> ChatState {
  case event {
    MessageAdded(message) ->
      ChatState(..slice, messages: add(slice.messages, message, limits))
    MessageEdited(message) ->
      ChatState(..slice, messages: replace(slice.messages, message))
    MessageDeleted(id) ->
      ChatState(
        ..slice,
        messages: entries.remove(slice.messages, fn(one) { one.id == id }),
      )
    ParticipantJoined(user) ->
      ChatState(
        ..slice,
        participants: entries.upsert(
          slice.participants,
          user,
          fn(other) { other.id == user.id },
          fn(left, right) { entries.compare(left.id, right.id) },
          entries.limit(limits, "participants"),
        ),
      )
    ParticipantLeft(id) ->
      ChatState(
        ..slice,
        participants: entries.remove(slice.participants, fn(one) {
          one.id == id
        }),
      )
    TypingChanged(user_id, active) ->
      ChatState(
        ..slice,
        typing_indicators: type_(slice.typing_indicators, user_id, active),
      )
  }
}

/// A message that is there already stays where it stands; a new one comes in front.
fn add(
  messages: List(ChatMessage),
  message: ChatMessage,
  limits: Limits,
) -> List(ChatMessage) {
  case list.any(messages, fn(one) { one.id == message.id }) {
    True -> replace(messages, message)
    False ->
      entries.cut([message, ..messages], entries.limit(limits, "chat_messages"))
  }
}

fn replace(
  messages: List(ChatMessage),
  message: ChatMessage,
) -> List(ChatMessage) {
  entries.change(messages, fn(one) { one.id == message.id }, fn(_) { message })
}

fn type_(users: List(String), user_id: String, active: Bool) -> List(String) {
  let is_it = fn(other) { other == user_id }
  case active {
    True -> entries.upsert(users, user_id, is_it, entries.compare, option.None)
    False -> entries.remove(users, is_it)
  }
}

/// The `data` of a state of this kind.
pub fn decoder() -> Decoder(ChatState) {
  use messages <- decode.field("messages", decode.list(message_decoder()))
  use participants <- decode.field(
    "participants",
    decode.list(user.user_decoder()),
  )
  use typing_indicators <- decode.field(
    "typing_indicators",
    decode.list(decode.string),
  )
  decode.success(ChatState(messages:, participants:, typing_indicators:))
}

/// The `data` of an event; an error where its type is not known.
pub fn event_decoder(type_: String) -> Result(Decoder(ChatEvent), Nil) {
  case type_ {
    "chat.message_added" -> Ok(of_message(MessageAdded))
    "chat.message_edited" -> Ok(of_message(MessageEdited))
    "chat.message_deleted" ->
      Ok(member.of("message_id", decode.string, MessageDeleted))
    "chat.participant_joined" ->
      Ok(member.of("user", user.user_decoder(), ParticipantJoined))
    "chat.participant_left" ->
      Ok(member.of("user_id", decode.string, ParticipantLeft))
    "chat.typing_changed" -> Ok(typing_decoder())
    _ -> Error(Nil)
  }
}

fn of_message(event: fn(ChatMessage) -> ChatEvent) -> Decoder(ChatEvent) {
  member.of("message", message_decoder(), event)
}

fn typing_decoder() -> Decoder(ChatEvent) {
  use user_id <- decode.field("user_id", decode.string)
  use active <- decode.field("active", decode.bool)
  decode.success(TypingChanged(user_id:, active:))
}

fn message_decoder() -> Decoder(ChatMessage) {
  use id <- decode.field("id", decode.string)
  use user_id <- decode.field("user_id", decode.string)
  use content <- decode.field("content", decode.string)
  use sent_at <- decode.field("sent_at", decode.int)
  use edited_at <- decode.field("edited_at", decode.optional(decode.int))
  decode.success(ChatMessage(id:, user_id:, content:, sent_at:, edited_at:))
}

/// The slice as a state writes it.
pub fn to_json(slice: ChatState) -> Json {
  json.object([
    #("type", json.string("chat")),
    #("messages", json.array(slice.messages, message_to_json)),
    #("participants", json.array(slice.participants, user.user_to_json)),
    #("typing_indicators", json.array(slice.typing_indicators, json.string)),
  ])
}

fn message_to_json(message: ChatMessage) -> Json {
  json.object([
    #("id", json.string(message.id)),
    #("user_id", json.string(message.user_id)),
    #("content", json.string(message.content)),
    #("sent_at", json.int(message.sent_at)),
    #("edited_at", json.nullable(message.edited_at, json.int)),
  ])
}
