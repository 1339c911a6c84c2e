import { compareText } from "../json.js";
import type { Limits, ShortUrl, UrlSlice } from "../types.js";
import { by, type Order, upsert } from "./lists.js";

export const EMPTY: UrlSlice = { type: "url", urls: [] };

export interface UrlEvents {
  "url.created": { readonly url: ShortUrl };
  "url.updated": { readonly url: ShortUrl };
  "url.deleted": { readonly url_id: string };
}

const newestFirst: Order<ShortUrl> = by(
  (left, right) => right.created_at - left.created_at,
  (left, right) => compareText(left.id, right.id),
);

function put(slice: UrlSlice, { url }: { url: ShortUrl }, limits: Limits): UrlSlice {
  return { ...slice, urls: upsert(slice.urls, url, (one) => one.id === url.id, newestFirst, limits.urls) };
}

export const REDUCERS: {
  readonly [T in keyof UrlEvents]: (slice: UrlSlice, data: UrlEvents[T], limits: Limits) => UrlSlice;
} = {
  "url.created": put,
  "url.updated": put,
  "url.deleted": (slice, data) => ({ ...slice, urls: slice.urls.filter((one) => one.id !== data.url_id) }),
};
