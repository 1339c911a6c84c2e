/** What the protocol speaks of, as it stands on the wire. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export const KINDS = ["articles", "chat", "url", "user"] as const;
export type Kind = (typeof KINDS)[number];
export type Feature = "events" | "digests";

/** A place in the stream of a session. */
export interface Place {
  readonly epoch: number;
  readonly seq: number;
}

/** A place, and the actions that count there. */
export interface Position extends Place {
  readonly last_action_seq: number;
}

export interface Article {
  readonly id: string;
  readonly slug: string;
  readonly revision: number;
  readonly author_id: string;
  readonly author: string;
  readonly title: string;
  readonly subtitle: string;
  readonly leading: string;
  readonly content: string | null;
  readonly tags: readonly string[];
  readonly published_at: number | null;
  readonly struct_version: number;
}

export interface Revision {
  readonly article_id: string;
  readonly revision: number;
  readonly author_id: string;
  readonly title: string;
  readonly timestamp: number;
}

export interface Editor {
  readonly article_id: string;
  readonly user_id: string;
  readonly since: number;
}

export interface ChatMessage {
  readonly id: string;
  readonly user_id: string;
  readonly content: string;
  readonly sent_at: number;
  readonly edited_at: number | null;
}

export interface Participant {
  readonly id: string;
  readonly username: string;
}

export interface ShortUrl {
  readonly id: string;
  readonly short_code: string;
  readonly target_url: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly access_count: number;
  readonly is_active: boolean;
}

export interface User {
  readonly id: string;
  readonly username: string;
  readonly email?: string;
}

export interface SessionInfo {
  readonly session_id: string;
  readonly opened_at: number;
  readonly kinds: readonly string[];
}

export interface ArticlesSlice {
  readonly type: "articles";
  readonly articles: readonly Article[];
  readonly current_article: Article | null;
  readonly revisions: readonly Revision[];
  readonly editors: readonly Editor[];
}

export interface ChatSlice {
  readonly type: "chat";
  readonly messages: readonly ChatMessage[];
  readonly participants: readonly Participant[];
  readonly typing_indicators: readonly string[];
}

export interface UrlSlice {
  readonly type: "url";
  readonly urls: readonly ShortUrl[];
}

export interface UserSlice {
  readonly type: "user";
  readonly user: User | null;
  readonly permissions: readonly string[];
  readonly sessions: readonly SessionInfo[];
}

export type Slice = ArticlesSlice | ChatSlice | UrlSlice | UserSlice;

/** By kind what a session shows; members that the protocol does not name stay in it, a digest counts them. */
export type Slices = { readonly [K in Kind]?: Extract<Slice, { type: K }> };

/** The limits that a client goes by; absent for none. */
export interface Limits {
  readonly action?: number;
  readonly articles?: number;
  readonly revisions?: number;
  readonly editors?: number;
  readonly chat_messages?: number;
  readonly participants?: number;
  readonly urls?: number;
  /** How long a user may be without a live session before the outcomes of its actions are forgotten. */
  readonly outcomes_ms?: number;
}

/** Why a request or an action was refused. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms: number;
  /** The next number of the session, where a number before was missing. */
  readonly expected: number | null;
}

/** What the user wants done. */
export interface Action {
  readonly type: string;
  readonly data: JsonObject;
  readonly expect?: { readonly revision: number };
}
