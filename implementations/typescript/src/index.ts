/** Sessions of Omnisession over NATS. */

export { connectionOptions } from "./connection.js";
export type {
  Action,
  Article,
  ArticlesSlice,
  ChatMessage,
  ChatSlice,
  Editor,
  Failed,
  Feature,
  Kind,
  Mode,
  Participant,
  PendingAction,
  Phase,
  Position,
  Reason,
  Renewed,
  Revision,
  SessionInfo,
  ShortUrl,
  Slices,
  Timers,
  UrlSlice,
  User,
  UserSlice,
} from "./core/index.js";
export { type Dispatched, Session, type SessionOptions } from "./session.js";
