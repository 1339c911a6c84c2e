import { compareText } from "../json.js";
import type { Limits, SessionInfo, User, UserSlice } from "../types.js";
import { by, type Order, upsert } from "./lists.js";

export const EMPTY: UserSlice = { type: "user", user: null, permissions: [], sessions: [] };

export interface UserEvents {
  "user.updated": { readonly user: User };
  "user.permissions_changed": { readonly permissions: readonly string[] };
  "user.session_opened": { readonly session: SessionInfo };
  "user.session_closed": { readonly session_id: string };
}

const byOpening: Order<SessionInfo> = by(
  (left, right) => left.opened_at - right.opened_at,
  (left, right) => compareText(left.session_id, right.session_id),
);

export const REDUCERS: {
  readonly [T in keyof UserEvents]: (slice: UserSlice, data: UserEvents[T], limits: Limits) => UserSlice;
} = {
  "user.updated": (slice, { user }) => ({ ...slice, user }),
  "user.permissions_changed": (slice, { permissions }) => ({ ...slice, permissions }),
  "user.session_opened": (slice, { session }) => ({
    ...slice,
    sessions: upsert(slice.sessions, session, (one) => one.session_id === session.session_id, byOpening),
  }),
  "user.session_closed": (slice, data) => ({
    ...slice,
    sessions: slice.sessions.filter((one) => one.session_id !== data.session_id),
  }),
};
