import { compareText } from "../json.js";
import type { ChatMessage, ChatSlice, Limits, Participant } from "../types.js";
import { upsert } from "./lists.js";

export const EMPTY: ChatSlice = { type: "chat", messages: [], participants: [], typing_indicators: [] };

export interface ChatEvents {
  "chat.message_added": { readonly message: ChatMessage };
  "chat.message_edited": { readonly message: ChatMessage };
  "chat.message_deleted": { readonly message_id: string };
  "chat.participant_joined": { readonly user: Participant };
  "chat.participant_left": { readonly user_id: string };
  "chat.typing_changed": { readonly user_id: string; readonly active: boolean };
}

function edited(slice: ChatSlice, { message }: { message: ChatMessage }): ChatSlice {
  return { ...slice, messages: slice.messages.map((one) => (one.id === message.id ? message : one)) };
}

/** A message that is there already is replaced where it stands; a new one stands in front. */
function added(slice: ChatSlice, data: { message: ChatMessage }, limits: Limits): ChatSlice {
  if (slice.messages.some((one) => one.id === data.message.id)) return edited(slice, data);
  return { ...slice, messages: [data.message, ...slice.messages].slice(0, limits.chat_messages) };
}

function joined(slice: ChatSlice, { user }: { user: Participant }, limits: Limits): ChatSlice {
  const same = (one: Participant) => one.id === user.id;
  const byId = (left: Participant, right: Participant) => compareText(left.id, right.id);
  return { ...slice, participants: upsert(slice.participants, user, same, byId, limits.participants) };
}

function typing(slice: ChatSlice, data: ChatEvents["chat.typing_changed"]): ChatSlice {
  const others = slice.typing_indicators.filter((one) => one !== data.user_id);
  const all = data.active ? [...others, data.user_id].sort(compareText) : others;
  return { ...slice, typing_indicators: all };
}

export const REDUCERS: {
  readonly [T in keyof ChatEvents]: (slice: ChatSlice, data: ChatEvents[T], limits: Limits) => ChatSlice;
} = {
  "chat.message_added": added,
  "chat.message_edited": edited,
  "chat.message_deleted": (slice, data) => ({
    ...slice,
    messages: slice.messages.filter((one) => one.id !== data.message_id),
  }),
  "chat.participant_joined": joined,
  "chat.participant_left": (slice, data) => ({
    ...slice,
    participants: slice.participants.filter((one) => one.id !== data.user_id),
  }),
  "chat.typing_changed": typing,
};
