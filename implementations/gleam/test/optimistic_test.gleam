//// The view: pending actions on top of slices.

import gleam/dict
import gleam/list
import gleam/option.{None, Some}
import omni/action
import omni/chat.{ChatMessage, ChatState}
import omni/optimistic.{Folding}
import omni/types.{type Slices, Slices, no_slices}
import omni/user.{User, UserState}
import omni/value

fn message(id: String, content: String) -> chat.ChatMessage {
  ChatMessage(id:, user_id: "ann", content:, sent_at: 1, edited_at: None)
}

fn contents(slices: Slices) -> List(String) {
  let assert Some(chat) = slices.chat
  list.map(chat.messages, fn(one) { one.content })
}

fn view(slices: Slices, actions: List(action.UserAction)) -> Slices {
  let folding = Folding("ann", dict.from_list([#("chat_messages", 3)]))
  use slices, one <- list.fold(actions, slices)
  optimistic.fold(slices, one, 1, folding)
}

pub fn new_messages_stand_in_front_and_the_list_is_cut_test() {
  let held =
    Slices(
      ..no_slices,
      chat: Some(
        ChatState([message("m-2", "two"), message("m-1", "one")], [], []),
      ),
    )
  let shown =
    view(held, [action.chat_send("x1", "A"), action.chat_send("x2", "B")])
  assert contents(shown) == ["B", "A", "two"]
  let assert Some(ChatState(messages: [newest, ..], ..)) = shown.chat
  assert newest.id == "local:x2"
}

pub fn an_edit_behind_a_delete_does_nothing_test() {
  let held =
    Slices(..no_slices, chat: Some(ChatState([message("m-1", "one")], [], [])))
  let id = #("message_id", value.String("m-1"))
  let edit =
    action.new("x1", "chat.edit", [id, #("content", value.String("new"))])
  let delete = action.new("x2", "chat.delete", [id])
  assert contents(view(held, [edit])) == ["new"]
  assert contents(view(held, [edit, delete, edit])) == []
}

pub fn a_kind_that_is_not_open_shows_nothing_test() {
  assert view(no_slices, [action.chat_send("x1", "A")]) == no_slices
}

pub fn only_members_that_are_named_are_taken_test() {
  let user = User("ann", "Ann", None)
  let held = Slices(..no_slices, user: Some(UserState(Some(user), [], [])))
  let changes =
    value.Object([
      #("username", value.String("Anna")),
      #("password", value.String("x")),
    ])
  let update = action.new("x1", "user.update", [#("changes", changes)])
  assert view(held, [update]).user
    == Some(UserState(Some(User("ann", "Anna", None)), [], []))
}
