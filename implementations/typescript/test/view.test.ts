import assert from "node:assert/strict";
import { test } from "node:test";
import type { Article, ChatMessage, Json, JsonObject, Kind, ShortUrl, Slices } from "../src/core/index.js";
import { slicesOf, viewOf } from "../src/core/index.js";
import { place, type Sent, World } from "./world.js";

const OWN = "Zoë.x";
const TYPES = [
  ...["session.noop", "article.create", "article.update", "article.delete", "article.publish"],
  ...["article.edit_start", "article.edit_end", "article.select", "chat.send", "chat.edit", "chat.delete"],
  ...["chat.typing", "url.create", "url.update", "url.delete", "user.update"],
];

function article(id: string, changes: Partial<Article> = {}): Article {
  const texts = { slug: id, author: "Bob", title: `Title ${id}`, subtitle: "", leading: "" };
  return {
    ...{ id, revision: 3, author_id: "bob", ...texts, content: null, tags: [], published_at: 5 },
    ...{ struct_version: 1, ...changes },
  };
}

function message(id: string, content: string, user_id = "bob"): ChatMessage {
  return { id, user_id, content, sent_at: 1, edited_at: null };
}

function url(id: string, short_code: string): ShortUrl {
  const times = { created_at: 4, updated_at: 4 };
  return {
    id,
    short_code,
    target_url: "https://a",
    created_by: OWN,
    ...times,
    access_count: 7,
    is_active: true,
  };
}

const REVISION = { article_id: "a-1", revision: 3, author_id: "bob", title: "Title a-1", timestamp: 1 };
const ARTICLES = {
  type: "articles",
  articles: [article("a-1"), article("a-2")],
  current_article: article("a-1", { content: "Text" }),
  revisions: [REVISION],
  editors: [{ article_id: "a-1", user_id: "bob", since: 1 }],
} as const;
const CHAT = {
  type: "chat",
  messages: [message("m-3", "3"), message("m-2", "2"), message("m-1", "1", OWN)],
  participants: [{ id: OWN, username: "Zoë" }],
  typing_indicators: [],
} as const;
const URLS = { type: "url", urls: [url("l-1", "one")] } as const;
const USER = {
  type: "user",
  user: { id: OWN, username: "Zoë" },
  permissions: [],
  sessions: [],
} as const;

/** A user before the slices of a session, at seq 1 and so on. */
class Desk extends World {
  constructor(slices: Slices, limits: JsonObject = {}) {
    super({ kinds: Object.keys(slices) as Kind[] });
    this.connect();
    this.open(slices, limits);
  }

  open(slices: Slices, limits: JsonObject = {}): void {
    const opened = this.opened({ actions: TYPES, limits: { action: 8_192, ...limits } });
    this.answer(this.last("session.open"), "session.opened", opened);
    for (const slice of Object.values(slices)) this.state_(slice);
  }

  /** The state of a kind as the next message of the stream. */
  state_(slice: object, last_action_seq = 0): void {
    const stream = { epoch: 1, seq: (this.seq ?? 0) + 1, last_action_seq, reason: "open" };
    this.push("state", this.body("session.state", slice as JsonObject, stream));
  }

  /** An event as the next message of the stream, of an own action or of somebody else. */
  event_(type: string, data: object, by: Sent | null = null, last_action_seq = 0): void {
    const cause = by === null ? null : pick(by.body, ["action_id", "client_seq", "session_id"]);
    const stream = { epoch: 1, seq: (this.seq ?? 0) + 1, last_action_seq, event_id: "e", actor: null, cause };
    this.push("events", this.body(type, data as JsonObject, stream));
  }

  /** Do something, and what was sent of it. */
  act(type: string, data: JsonObject, expect?: { revision: number }): Sent {
    const id = this.dispatch(expect === undefined ? { type, data } : { type, data, expect });
    const sent = this.sent.find(({ body }) => body.action_id === id);
    assert.ok(sent !== undefined, id);
    return sent;
  }

  get view(): Required<Slices> {
    return viewOf(this.model) as Required<Slices>;
  }

  get titles(): string[] {
    return this.view.articles.articles.map(({ title }) => title);
  }

  /** Contents as the list has them: newest first. */
  get contents(): string[] {
    return this.view.chat.messages.map(({ content }) => content);
  }
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] as Json]));
}

function local({ body }: Sent): string {
  return `local:${body.action_id}`;
}

const articles = (limits = {}) => new Desk({ articles: ARTICLES }, limits);
const chat = (limits = {}) => new Desk({ chat: CHAT }, limits);

test("create; an update of its local id is refused, and what is there stays in front", () => {
  const desk = articles();
  const x1 = desk.act("article.create", {
    title: "Mine",
    tags: ["b", "a"],
    content: "Text",
    author_id: "eve",
  });
  const data = { article_id: local(x1), changes: { title: "Other" } };
  assert.equal(desk.dispatch({ type: "article.update", data }), "local_id");
  for (const type of ["article.delete", "article.select", "article.publish", "article.edit_start"]) {
    assert.equal(desk.dispatch({ type, data: { article_id: local(x1) } }), "local_id");
  }
  assert.equal(desk.said("article.update").length, 0);
  assert.deepEqual(desk.view.articles.articles[0], {
    ...{ id: local(x1), slug: "", revision: 0, author_id: OWN, author: "", title: "Mine", subtitle: "" },
    ...{ leading: "", content: null, tags: ["b", "a"], published_at: null, struct_version: 0 },
  });
  assert.deepEqual(desk.view.articles.articles.slice(1), ARTICLES.articles);
  const other = { article_id: "local:other", changes: {} };
  assert.equal(desk.act("article.update", other).body.client_seq, 2, "nobody here has made that one");
});

test("local ids stay local when their create is done or refused, in all kinds", () => {
  const desk = new Desk({ articles: ARTICLES, chat: CHAT, url: URLS });
  const send = desk.act("chat.send", { content: "x" });
  const create = desk.act("url.create", { target_url: "https://b" });
  desk.nack(send, 4220);
  desk.ack(create, 3, 2);
  assert.deepEqual(desk.pending, []);
  assert.equal(desk.dispatch({ type: "chat.delete", data: { message_id: local(send) } }), "local_id");
  assert.equal(desk.dispatch({ type: "url.delete", data: { url_id: local(create) } }), "local_id");
  const quoted = desk.act("chat.send", { content: local(send), message_id: local(send) });
  assert.equal(quoted.body.client_seq, 3, "what is no target names nothing");
});

test("create; acked with its effect under way; then the event that counts it, in one step", () => {
  const desk = articles();
  const x1 = desk.act("article.create", { title: "Mine" });
  desk.ack(x1, 2, 1, { result: { article_id: "a-3" } });
  assert.deepEqual(desk.titles, ["Mine", "Title a-1", "Title a-2"]);
  assert.equal(desk.view.articles.articles[0]?.id, local(x1));
  desk.answer(desk.last("session.resume"), "session.resumed", {
    ...{ mode: "replay", position: place(2, 1, 1) },
    messages: [
      desk.body(
        "article.created",
        { article: article("a-3", { title: "Mine" }) as unknown as Json },
        { epoch: 1, seq: 2, last_action_seq: 1, event_id: "e", actor: OWN, cause: null },
      ),
    ],
  });
  assert.deepEqual(desk.titles, ["Title a-1", "Title a-2", "Mine"]);
  assert.equal(desk.view.articles, desk.model.slices.articles);
});

test("an event that does not count its create: the real one alone, and it is pending all the same", () => {
  const desk = chat();
  const x1 = desk.act("chat.send", { content: "x" });
  desk.event_("chat.message_added", { message: message("m-4", "x", OWN) }, x1);
  assert.deepEqual(desk.contents, ["x", "3", "2", "1"]);
  assert.deepEqual(desk.pending, [1]);
  desk.state_({ ...CHAT, messages: [message("m-4", "x", OWN)] }, 1);
  assert.deepEqual(desk.pending, []);
  assert.deepEqual(desk.contents, ["x"]);
});

test("delete what is current; the nack brings all back", () => {
  const desk = articles();
  const x1 = desk.act("article.delete", { article_id: "a-1" });
  const { articles: list, current_article, revisions, editors } = desk.view.articles;
  assert.deepEqual([list.map(({ id }) => id), current_article, revisions, editors], [["a-2"], null, [], []]);
  desk.nack(x1, 4030);
  assert.deepEqual(desk.view.articles, ARTICLES);
});

test("delete, then update: the second does nothing, until the first is refused", () => {
  const desk = articles();
  const x1 = desk.act("article.delete", { article_id: "a-1" });
  desk.act("article.update", { article_id: "a-1", changes: { title: "B" } });
  assert.deepEqual(desk.titles, ["Title a-2"]);
  assert.equal(desk.view.articles.current_article, null);
  desk.nack(x1, 4030);
  assert.deepEqual(desk.titles, ["B", "Title a-2"]);
});

test("two updates; each nack takes out its own", () => {
  const desk = articles();
  const x1 = desk.act("article.update", { article_id: "a-1", changes: { title: "A", leading: "L" } });
  const x2 = desk.act("article.update", { article_id: "a-1", changes: { title: "B" } });
  assert.equal(desk.titles[0], "B");
  assert.equal(desk.view.articles.articles[0]?.leading, "L");
  desk.nack(x1, 4220);
  assert.equal(desk.titles[0], "B");
  assert.equal(desk.view.articles.articles[0]?.leading, "");
  desk.nack(x2, 4220);
  assert.deepEqual(desk.view.articles, ARTICLES);
});

test("an update that expects a revision stands over a newer one, until it is refused", () => {
  const desk = articles();
  const x1 = desk.act("article.update", { article_id: "a-1", changes: { title: "A" } }, { revision: 3 });
  desk.event_("article.updated", { article: article("a-1", { title: "Z", revision: 4, content: "New" }) });
  const [first] = desk.view.articles.articles;
  assert.deepEqual([first?.title, first?.revision], ["A", 4]);
  const current = desk.view.articles.current_article;
  assert.deepEqual([current?.title, current?.revision, current?.content], ["A", 4, "New"]);
  desk.nack(x1, 4090);
  assert.equal(desk.titles[0], "Z");
  assert.deepEqual(
    desk.failed.map((one) => "code" in one && one.code),
    [4090],
  );
});

test("offline: two sends, and a message of another user by the resume", () => {
  const desk = chat();
  desk.post({ is: "disconnected" });
  desk.dispatch({ type: "chat.send", data: { content: "A" } });
  desk.dispatch({ type: "chat.send", data: { content: "B" } });
  assert.deepEqual(desk.contents, ["B", "A", "3", "2", "1"]);
  desk.connect();
  desk.resumed(
    "replay",
    place(2),
    desk.body(
      "chat.message_added",
      { message: message("m-4", "C") as unknown as Json },
      { epoch: 1, seq: 2, last_action_seq: 0, event_id: "e", actor: "bob", cause: null },
    ),
  );
  assert.deepEqual(desk.contents, ["B", "A", "C", "3", "2", "1"]);
  const [first] = desk.said("chat.send");
  assert.ok(first !== undefined);
  desk.event_("chat.message_added", { message: message("m-5", "A", OWN) }, first, 1);
  assert.deepEqual(desk.contents, ["B", "A", "C", "3", "2", "1"]);
  assert.deepEqual(desk.pending, [2]);
});

test("online: the server's order wins", () => {
  const desk = new Desk({ chat: { ...CHAT, messages: [] } });
  const x1 = desk.act("chat.send", { content: "A" });
  desk.act("chat.send", { content: "B" });
  assert.deepEqual(desk.contents, ["B", "A"]);
  desk.event_("chat.message_added", { message: message("m-4", "A", OWN) }, x1, 1);
  assert.deepEqual(desk.contents, ["B", "A"]);
  desk.event_("chat.message_added", { message: message("m-5", "C") }, null, 1);
  assert.deepEqual(desk.contents, ["B", "C", "A"]);
});

test("a list is cut to its limit, and gets back what was cut", () => {
  const desk = chat({ chat_messages: 3 });
  const x1 = desk.act("chat.send", { content: "x1" });
  assert.deepEqual(desk.contents, ["x1", "3", "2"]);
  desk.nack(x1, 4220);
  assert.deepEqual(desk.contents, ["3", "2", "1"]);
  const drafts = articles({ articles: 2 });
  drafts.act("article.create", { title: "T" });
  assert.deepEqual(drafts.titles, ["T", "Title a-1"]);
  const short = new Desk({ url: URLS }, { urls: 1 });
  short.act("url.create", { target_url: "https://b" });
  assert.equal(short.view.url.urls.length, 1);
});

test("two creates of one code are both there, until one is refused", () => {
  const desk = new Desk({ url: URLS });
  const x1 = desk.act("url.create", { target_url: "https://b", short_code: "go" });
  const x2 = desk.act("url.create", { target_url: "https://c", short_code: "go" });
  const at = x1.body.timestamp as number;
  const entry = {
    short_code: "go",
    created_by: OWN,
    created_at: at,
    updated_at: at,
    access_count: 0,
    is_active: true,
  };
  const [first, second] = [
    { ...entry, id: local(x2), target_url: "https://c" },
    { ...entry, id: local(x1), target_url: "https://b" },
  ];
  assert.deepEqual(desk.view.url.urls, [first, second, ...URLS.urls]);
  desk.nack(x2, 4220);
  assert.deepEqual(desk.view.url.urls, [second, ...URLS.urls]);
});

test("carried into a new session, a create stays where it was, whatever the clocks say", () => {
  const desk = new Desk({ url: URLS });
  const x1 = desk.act("url.create", { target_url: "https://b" });
  desk.refuse(x1, 4041, false);
  assert.equal(desk.view.url.urls[0]?.id, local(x1));
  desk.open({ url: { ...URLS, urls: [{ ...url("l-1", "one"), created_at: Number.MAX_SAFE_INTEGER }] } });
  assert.deepEqual(
    desk.view.url.urls.map(({ id }) => id),
    [local(x1), "l-1"],
  );
  assert.equal(desk.view.url.urls[0]?.short_code, "");
});

test("a selection of another article shows when the server has made it", () => {
  const desk = articles();
  const x1 = desk.act("article.select", { article_id: "a-2" });
  desk.act("article.update", { article_id: "a-2", changes: { content: "Mine" } });
  assert.deepEqual(desk.view.articles.current_article, ARTICLES.current_article);
  assert.equal(desk.view.articles.articles[1]?.content, null);
  desk.event_("article.selected", { article: article("a-2", { content: "Old" }), revisions: [] }, x1, 1);
  assert.equal(desk.view.articles.current_article?.id, "a-2");
  assert.equal(desk.view.articles.current_article?.content, "Mine");
});

test("a selection of null shows at once, and one of what was there does not", () => {
  const desk = articles();
  desk.act("article.select", { article_id: null });
  assert.deepEqual([desk.view.articles.current_article, desk.view.articles.revisions], [null, []]);
  desk.act("article.update", { article_id: "a-1", changes: { title: "B", content: "C" } });
  assert.equal(desk.view.articles.current_article, null);
  assert.equal(desk.titles[0], "B");
  const again = desk.act("article.select", { article_id: "a-1" });
  const current = () => desk.view.articles.current_article?.id;
  assert.equal(current(), undefined);
  desk.event_(
    "article.selected",
    { article: article("a-1", { content: "C" }), revisions: [REVISION] },
    again,
    3,
  );
  assert.equal(current(), "a-1");
});

test("an edit of a message that another session deletes does nothing, and is told", () => {
  const desk = chat();
  const x1 = desk.act("chat.edit", { message_id: "m-1", content: "new" });
  assert.deepEqual(desk.view.chat.messages.at(-1), { ...message("m-1", "new", OWN) });
  desk.event_("chat.message_deleted", { message_id: "m-1" });
  assert.deepEqual(desk.contents, ["3", "2"]);
  desk.nack(x1, 4040);
  assert.deepEqual(
    desk.failed.map((one) => "code" in one && one.code),
    [4040],
  );
});

test("edit, delete, edit: it is gone", () => {
  const desk = chat();
  desk.act("chat.edit", { message_id: "m-1", content: "x1" });
  desk.act("chat.delete", { message_id: "m-1" });
  desk.act("chat.edit", { message_id: "m-1", content: "x3" });
  assert.deepEqual(desk.contents, ["3", "2"]);
});

test("of changes only the known members are taken, and participants stay", () => {
  const desk = new Desk({ chat: CHAT, user: USER, url: URLS, articles: ARTICLES });
  desk.act("user.update", { changes: { username: "Z", password: "secret", id: "eve" } });
  assert.deepEqual(desk.view.user.user, { id: OWN, username: "Z" });
  assert.equal(desk.view.chat, desk.model.slices.chat);
  desk.act("user.update", { changes: { email: "z@example.org" } });
  assert.deepEqual(desk.view.user.user, { id: OWN, username: "Z", email: "z@example.org" });
  desk.act("url.update", { url_id: "l-1", changes: { is_active: false, access_count: 0, id: "x" } });
  assert.deepEqual(desk.view.url.urls, [{ ...url("l-1", "one"), is_active: false }]);
  desk.act("article.update", { article_id: "a-2", changes: { revision: 9, author: "Eve", slug: "s" } });
  assert.deepEqual(desk.view.articles.articles[1], article("a-2", { slug: "s" }));
  const nobody = new Desk({ user: { ...USER, user: null } });
  nobody.act("user.update", { changes: { username: "Z" } });
  assert.equal(nobody.view.user.user, null);
});

test("an event of another session's action with the same number takes nothing of the own one", () => {
  const desk = chat();
  const x1 = desk.act("chat.send", { content: "own" });
  const other = { ...x1, body: { ...x1.body, action_id: "other", session_id: "s-other" } };
  desk.event_("chat.message_added", { message: message("m-4", "theirs", OWN) }, other);
  assert.deepEqual(desk.contents, ["own", "theirs", "3", "2", "1"]);
  assert.deepEqual(desk.pending, [1]);
});

test("what a list has lost by cutting is changed where it is current alone", () => {
  const desk = new Desk({ articles: { ...ARTICLES, articles: [article("a-2")] } });
  desk.act("article.update", { article_id: "a-1", changes: { title: "B", content: "C" } });
  assert.deepEqual(desk.titles, ["Title a-2"]);
  const current = desk.view.articles.current_article;
  assert.deepEqual([current?.title, current?.content], ["B", "C"]);
});

test("before the session is open there is the local entry, and nothing is cut", () => {
  const world = new World({ kinds: ["articles"] });
  const create = world.dispatch({ type: "article.create", data: { title: "T" } });
  world.dispatch({ type: "article.update", data: { article_id: "a-1", changes: { title: "U" } } });
  const view = () => (viewOf(world.model).articles?.articles ?? []).map(({ id }) => id);
  assert.deepEqual(view(), [`local:${create}`]);
  assert.deepEqual(slicesOf(["articles"], {}), world.model.slices);
  for (let n = 0; n < 25; n += 1) world.dispatch({ type: "article.create", data: { title: `${n}` } });
  assert.equal(view().length, 26);
});

test("a create whose effect is in the new session's first state: both, and from its result on the real one", () => {
  const desk = chat();
  const x1 = desk.act("chat.send", { content: "x" });
  desk.refuse(x1, 4041, false);
  desk.open({ chat: { ...CHAT, messages: [message("m-4", "x", OWN)] } });
  assert.deepEqual(desk.contents, ["x", "x"]);
  const copy = desk.last("chat.send");
  assert.equal(copy.body.action_id, x1.body.action_id);
  desk.ack(copy, 9, 1, { status: "duplicate", result: { message_id: "m-4" } });
  assert.deepEqual(desk.contents, ["x"]);
  assert.deepEqual(desk.pending, [1], "its position is not reached");
});

test("an update of nothing makes no difference, and is pending all the same", () => {
  const desk = articles();
  desk.act("article.update", { article_id: "a-1", changes: {} });
  assert.deepEqual(desk.view.articles, ARTICLES);
  assert.deepEqual(desk.pending, [1]);
});

test("what has no rule, no kind or no target does nothing", () => {
  const desk = new Desk({ articles: ARTICLES });
  for (const type of ["article.publish", "article.edit_start", "article.edit_end"]) {
    desk.act(type, { article_id: "a-1" });
  }
  desk.act("session.noop", {});
  desk.act("chat.send", { content: "not open" });
  desk.act("article.delete", { article_id: "a-9" });
  assert.deepEqual(desk.view, { articles: ARTICLES });
});

test("without the mode there is no view of its own, and no id is local", () => {
  for (const mode of ["pure", "hybrid"] as const) {
    const world = new World({ mode });
    world.live();
    const id = world.dispatch({ type: "chat.send", data: { content: "x" } });
    assert.equal(viewOf(world.model), world.model.slices, id);
    assert.deepEqual(world.model.locals, [], id);
  }
});
