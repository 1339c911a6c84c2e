/** What a pane holds beside its session: what its user writes, and what it was told. */

import type { Action, Failed, PendingAction, Phase, Reason, Slices } from "../src/index.js";

/** One of the users of the demo, as the command hands it to the page. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly token: string;
}

/** What the session shows, and the moment at which that is looked at. */
export interface Shown {
  readonly me: Person;
  readonly phase: Phase;
  /** With which code the session was closed for good. */
  readonly closedBy: number | null;
  /** What the server says. */
  readonly slices: Slices;
  /** The same with what is pending on top. */
  readonly view: Slices;
  readonly pending: readonly PendingAction[];
  /** In ms, of a clock that only goes forward. */
  readonly now: number;
}

/** The article that its user edits; `revision` is the one that it began with, null for whatever is there. */
export interface Form {
  readonly article_id: string;
  readonly revision: number | null;
  readonly title: string;
  readonly content: string;
  /** What the fields began with. */
  readonly was: { readonly title: string; readonly content: string };
}

/** Something that was not done, and why. */
export interface Notice {
  readonly number: number;
  readonly text: string;
}

export interface Ui {
  readonly isCut: boolean;
  /** The title of an article that is to be. */
  readonly title: string;
  readonly form: Form | null;
  readonly message: string;
  /** The own message that is corrected. */
  readonly correction: { readonly message_id: string; readonly text: string } | null;
  /** When the others were last told that the user types, null where they were not. */
  readonly typing: number | null;
  readonly notices: readonly Notice[];
  readonly last_notice: number;
}

export const EMPTY: Ui = {
  isCut: false,
  title: "",
  form: null,
  message: "",
  correction: null,
  typing: null,
  notices: [],
  last_notice: 0,
};

export type Msg =
  | { readonly is: "line" | "again" }
  | { readonly is: "dismissed"; readonly number: number }
  | { readonly is: "refused"; readonly action: Action; readonly reason: Reason }
  | { readonly is: "failed"; readonly action: Action; readonly failed: Failed }
  /** Of articles. */
  | { readonly is: "titled"; readonly text: string }
  | { readonly is: "created" | "opened" | "saved" | "left" }
  | { readonly is: "selected"; readonly article_id: string | null }
  | { readonly is: "wrote"; readonly what: "title" | "content"; readonly text: string }
  | { readonly is: "published" | "deleted"; readonly article_id: string }
  /** Of the chat. */
  | { readonly is: "typed"; readonly text: string }
  | { readonly is: "sent" | "corrected" | "kept" }
  | { readonly is: "corrects"; readonly message_id: string; readonly text: string }
  | { readonly is: "correction"; readonly text: string }
  | { readonly is: "taken_back"; readonly message_id: string };

/** What is to be done beside: actions for the session, the line, a new session. */
export type Deed =
  | { readonly do: "act"; readonly action: Action }
  | { readonly do: "line"; readonly isCut: boolean }
  | { readonly do: "again" };

export type Step = readonly [Ui, readonly Deed[]];
