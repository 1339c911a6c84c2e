import assert from "node:assert/strict";
import { test } from "node:test";
import { type Deed, EMPTY, type Msg, type Shown, type Ui } from "../demo/model.js";
import { found, type Node, textOf } from "../demo/node.js";
import { update } from "../demo/update.js";
import { pane } from "../demo/view/pane.js";
import { listed } from "../demo/view/parts.js";
import { carried, ofFailure, shortened } from "../demo/words.js";
import type { Article, ChatMessage, PendingAction } from "../src/index.js";

const ME = { id: "ann", name: "Ann", about: "Author", token: "t" };
const ARTICLE: Article = {
  id: "a-1",
  slug: "first-light",
  revision: 3,
  author_id: "ann",
  author: "Ann",
  title: "First light",
  subtitle: "",
  leading: "",
  content: "It was dark.",
  tags: [],
  published_at: null,
  struct_version: 1,
};
const MESSAGE: ChatMessage = { id: "m-1", user_id: "ann", content: "hello", sent_at: 0, edited_at: null };

interface Told {
  readonly articles?: readonly Article[];
  readonly current?: Article | null;
  readonly editors?: readonly string[];
  readonly messages?: readonly ChatMessage[];
  readonly typing?: readonly string[];
  readonly pending?: readonly PendingAction[];
  readonly phase?: Shown["phase"];
  readonly closedBy?: number | null;
  readonly now?: number;
}

/** A session that shows this, in the view and in the slices alike. */
function shown(told: Told = {}): Shown {
  const { articles = [], current = null, messages = [], editors = [], typing = [] } = told;
  const slices: Shown["slices"] = {
    articles: {
      type: "articles",
      articles,
      current_article: current,
      revisions: [],
      editors: editors.map((user_id) => ({ article_id: "a-1", user_id, since: 0 })),
    },
    chat: {
      type: "chat",
      messages,
      participants: [
        { id: "ann", username: "Ann" },
        { id: "bob", username: "Bob" },
      ],
      typing_indicators: typing,
    },
  };
  const { phase = "live", closedBy = null, pending = [], now = 0 } = told;
  return { me: ME, phase, closedBy, slices, view: slices, pending, now };
}

function page(told: Told, ui: Partial<Ui> = {}): Node {
  const children = pane({ ...EMPTY, ...ui }, shown(told));
  return { tag: "section", key: null, attributes: {}, on: {}, children };
}

function ofClass(node: Node, name: string): Node[] {
  return found(node, ({ attributes }) =>
    String(attributes.class ?? "")
      .split(" ")
      .includes(name),
  );
}

function texts(nodes: readonly Node[]): string[] {
  return nodes.map(textOf);
}

/** What a pane does for messages, one after the other, and what it holds in the end. */
function after(told: Told, msgs: readonly Msg[], ui: Partial<Ui> = {}): { ui: Ui; deeds: Deed[] } {
  let [held, deeds]: [Ui, Deed[]] = [{ ...EMPTY, ...ui }, []];
  for (const msg of msgs) {
    const [next, more] = update(held, msg, shown(told));
    held = next;
    deeds = [...deeds, ...more];
  }
  return { ui: held, deeds };
}

function types(deeds: readonly Deed[]): string[] {
  return deeds.map((deed) => (deed.do === "act" ? deed.action.type : deed.do));
}

function pending(action_id: string, type: string, data: PendingAction["data"]): PendingAction {
  return { action_id, type, data, client_seq: null };
}

test("an entry that is not with the server yet is marked, and nothing can be done with it", () => {
  const create = pending("x1", "article.create", { title: "New" });
  const view = page({ articles: [{ ...ARTICLE, id: "local:x1", title: "New" }], pending: [create] });
  const [entry] = ofClass(view, "entry");
  assert.match(textOf(entry ?? ""), /New .* waiting draft/);
  assert.equal(
    found(view, ({ tag, attributes }) => tag === "button" && attributes.class === "pick")[0]?.attributes
      .disabled,
    true,
  );
});

test("an entry that a pending action names is marked, and the oldest message stands first", () => {
  const edit = pending("x1", "chat.edit", { message_id: "m-1", content: "hello!" });
  const older = { ...MESSAGE, id: "m-0", content: "well" };
  const messages = ofClass(page({ messages: [MESSAGE, older], pending: [edit] }), "message");
  assert.deepEqual(texts(messages.flatMap((one) => ofClass(one, "said"))), ["well", "hello"]);
  assert.deepEqual(
    messages.map((one) => ofClass(one, "waiting").length),
    [0, 1],
  );
});

test("what waits is listed in the order of dispatch, with its type", () => {
  const waiting = [
    pending("x1", "chat.send", { content: "one" }),
    { ...pending("x2", "article.publish", { article_id: "a-1" }), client_seq: 7 },
  ];
  const [queue] = ofClass(page({ pending: waiting }), "queue");
  assert.equal(
    textOf(queue ?? ""),
    "2 waiting chat.send one not sent article.publish Publish the article sent as 7",
  );
  assert.match(textOf(ofClass(page({}), "queue")[0] ?? ""), /^Nothing waits/);
});

test("an article that is being opened is no article that waits", () => {
  const select = pending("x1", "article.select", { article_id: "a-1" });
  const [entry] = ofClass(page({ articles: [ARTICLE], pending: [select] }), "entry");
  assert.deepEqual(texts(ofClass(entry ?? page({}), "waiting")), ["opening"]);
});

test("others who edit or type are named, and oneself is not", () => {
  const view = page({ articles: [ARTICLE], current: ARTICLE, editors: ["ann", "bob"], typing: ["bob"] });
  assert.deepEqual(texts(ofClass(view, "editing")), ["Bob editing"]);
  assert.deepEqual(texts(ofClass(view, "hint")), ["Bob is editing this."]);
  assert.deepEqual(texts(ofClass(view, "typing")), ["Bob is typing…"]);
});

test("nobody types for a client that is away", () => {
  assert.deepEqual(texts(ofClass(page({ typing: ["bob"], phase: "offline" }), "typing")), [""]);
});

test("only the own messages can be corrected", () => {
  const view = page({ messages: [MESSAGE, { ...MESSAGE, id: "m-2", user_id: "bob" }] });
  const buttons = found(view, ({ attributes }) => String(attributes["aria-label"]).startsWith("Correct"));
  assert.equal(buttons.length, 1);
});

test("a text of a user is a text, whatever stands in it", () => {
  const content = "<img src=x onerror=alert(1)>";
  const view = page({ messages: [{ ...MESSAGE, content }] });
  assert.deepEqual(ofClass(view, "said")[0]?.children, [content]);
});

test("a closed session says by what, and can be followed by another one", () => {
  const [ended] = ofClass(page({ phase: "closed", closedBy: 4011 }), "ended");
  assert.equal(textOf(ended ?? ""), "The session was closed (4011). Open another one");
  assert.deepEqual(after({}, [{ is: "again" }]).deeds, [{ do: "again" }]);
});

test("before the session is open nobody says that there is nothing", () => {
  assert.deepEqual(texts(ofClass(page({ phase: "opening" }), "empty")), ["Not known yet.", "Not known yet."]);
});

test("an article is saved as of the revision that its user began with", () => {
  const told = { articles: [ARTICLE], current: ARTICLE };
  const { ui, deeds } = after(told, [
    { is: "opened" },
    { is: "wrote", what: "content", text: "It was light." },
    { is: "saved" },
  ]);
  assert.equal(ui.form, null);
  assert.deepEqual(types(deeds), ["article.edit_start", "article.update", "article.edit_end"]);
  assert.deepEqual(deeds[1], {
    do: "act",
    action: {
      type: "article.update",
      data: { article_id: "a-1", changes: { title: "First light", content: "It was light." } },
      expect: { revision: 3 },
    },
  });
});

test("a text that was refused is given back, and saved as of what is there then", () => {
  const changes = { title: "First light", content: "Mine." };
  const action = { type: "article.update", data: { article_id: "a-1", changes }, expect: { revision: 3 } };
  const failed = { action_id: "x1", code: 4090, message: "The article has changed." };
  const told = { articles: [{ ...ARTICLE, revision: 4 }] };
  const { ui, deeds } = after(told, [{ is: "failed", action, failed }, { is: "saved" }]);
  assert.equal(
    ui.notices[0]?.text,
    "Save the article: refused. The article has changed. (4090) Your text is kept.",
  );
  assert.deepEqual(deeds[0]?.do === "act" && deeds[0].action.expect, { revision: 4 });
});

test("what its user has begun meanwhile stays", () => {
  const action = { type: "chat.send", data: { content: "old" } };
  const reason = "full";
  assert.equal(after({}, [{ is: "refused", action, reason }], { message: "new" }).ui.message, "new");
  assert.equal(after({}, [{ is: "refused", action, reason }]).ui.message, "old");
});

test("an edit that may not be begun ends, as long as nothing is written", () => {
  const action = { type: "article.edit_start", data: { article_id: "a-1" } };
  const failed = { action_id: "x1", code: 4030, message: "No." };
  const told = { articles: [ARTICLE], current: ARTICLE };
  const refused: Msg = { is: "failed", action, failed };
  assert.equal(after(told, [{ is: "opened" }, refused]).ui.form, null);
  const written: Msg = { is: "wrote", what: "content", text: "Mine." };
  assert.equal(after(told, [{ is: "opened" }, written, refused]).ui.form?.content, "Mine.");
});

test("another article is not opened over a text that is not saved", () => {
  const told = { articles: [ARTICLE], current: ARTICLE };
  const other: Msg = { is: "selected", article_id: "a-2" };
  const kept = after(told, [{ is: "opened" }, { is: "wrote", what: "title", text: "Mine" }, other]);
  assert.equal(kept.ui.form?.title, "Mine");
  assert.deepEqual(types(kept.deeds), ["article.edit_start"]);
  const left = after(told, [{ is: "opened" }, other]);
  assert.deepEqual(types(left.deeds), ["article.edit_start", "article.edit_end", "article.select"]);
});

test("who writes is told what has become of the article", () => {
  const form = { article_id: "a-1", revision: 3, title: "", content: "", was: { title: "", content: "" } };
  const now = page({ articles: [{ ...ARTICLE, revision: 4 }] }, { form });
  assert.match(texts(ofClass(now, "hint"))[0] ?? "", /^Revision 4 has come; you began with 3\./);
  assert.match(texts(ofClass(page({}, { form }), "hint"))[0] ?? "", /not there any more/);
});

test("typing is told again after two seconds, and its end at once", () => {
  const say = (text: string): Msg => ({ is: "typed", text });
  assert.deepEqual(types(after({ now: 10 }, [say("a"), say("ab")]).deeds), ["chat.typing"]);
  const later = after({ now: 2_500 }, [say("ab")], { typing: 10, message: "a" });
  assert.deepEqual(types(later.deeds), ["chat.typing"]);
  const cleared = after({ now: 20 }, [say("")], { typing: 10, message: "a" });
  assert.deepEqual(cleared.deeds, [{ do: "act", action: { type: "chat.typing", data: { active: false } } }]);
  assert.deepEqual(after({ phase: "offline" }, [say("a")]).deeds, []);
});

test("what is sent is sent before its typing ends, and nothing empty is", () => {
  const sent = after({}, [{ is: "sent" }], { message: " hello ", typing: 1 });
  assert.deepEqual(types(sent.deeds), ["chat.send", "chat.typing"]);
  assert.deepEqual([sent.ui.message, sent.ui.typing], ["", null]);
  assert.deepEqual(after({}, [{ is: "sent" }], { message: "  " }).deeds, []);
  assert.deepEqual(types(after({ phase: "offline" }, [{ is: "sent" }], { message: "a", typing: 1 }).deeds), [
    "chat.send",
  ]);
});

test("a message is corrected, or left as it is", () => {
  const corrects: Msg = { is: "corrects", message_id: "m-1", text: "hello" };
  const done = after({}, [corrects, { is: "correction", text: "hello!" }, { is: "corrected" }]);
  assert.deepEqual(types(done.deeds), ["chat.edit"]);
  assert.equal(done.ui.correction, null);
  assert.deepEqual(after({}, [corrects, { is: "kept" }]).ui.correction, null);
});

test("the line is cut and joined by one button", () => {
  const { deeds } = after({}, [{ is: "line" }, { is: "line" }]);
  assert.deepEqual(deeds, [
    { do: "line", isCut: true },
    { do: "line", isCut: false },
  ]);
});

test("three notices are kept, the newest first, and each can be dismissed", () => {
  const refused: Msg = { is: "refused", action: { type: "session.noop", data: {} }, reason: "busy" };
  const { ui } = after({}, [refused, refused, refused, refused]);
  assert.deepEqual(
    ui.notices.map(({ number }) => number),
    [4, 3, 2],
  );
  assert.equal(after({}, [{ is: "dismissed", number: 3 }], ui).ui.notices.length, 2);
});

test("words are for people, whatever they are about", () => {
  assert.equal(listed(["Ann", "Bob", "Cleo"]), "Ann, Bob and Cleo");
  assert.equal(shortened("🜁".repeat(60)), `${"🜁".repeat(47)}…`);
  assert.equal(carried({ type: "article.update", data: { article_id: "a", changes: { title: "T" } } }), "T");
  const given_up = { action_id: "x", reason: "given_up" } as const;
  assert.match(
    ofFailure({ type: "chat.delete", data: {} }, given_up),
    /^Take the message back: refused. nobody/,
  );
});
