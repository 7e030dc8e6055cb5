import { expect, test } from "vitest";
import type { Offer } from "../api/createDataset";
import { PutRefused, send, type Progress, type Put } from "./send";

const FILE = new Blob(["aaaabbbbcc"]);
const part = (number: number, size_bytes: number, at = "old") => ({ number, size_bytes, url: `${at}/${number}` });
const offer = (...parts: ReturnType<typeof part>[]): Offer => ({ parts, part_size_bytes: 4, expires_in_seconds: 3600 });
const pause = () => Promise.resolve();

async function sent(given: { offer: Offer; fail?: (url: string, tried: number) => number | null; renew?: () => Promise<Offer> }) {
  const seen: [string, string][] = [];
  const progress: Progress[] = [];
  const put: Put = async (url, body) => {
    const status = given.fail?.(url, seen.filter(([one]) => one === url).length) ?? null;
    seen.push([url, await textOf(body)]);
    if (status !== null) throw new PutRefused(status);
  };
  const renew = given.renew ?? (() => Promise.resolve(given.offer));
  const result = await send({ file: FILE, offer: given.offer, put, renew, onProgress: (one) => progress.push(one), signal: new AbortController().signal, pause }).catch((error: unknown) => error);
  return { seen, progress, result };
}

test("a file goes up part by part, each with its own bytes", async () => {
  const { seen } = await sent({ offer: offer(part(1, 4), part(2, 4), part(3, 2)) });
  expect(seen).toEqual([["old/1", "aaaa"], ["old/2", "bbbb"], ["old/3", "cc"]]);
});

test("what has arrived is not sent again, and counts as sent", async () => {
  const { seen, progress } = await sent({ offer: offer(part(3, 2)) });
  expect(seen).toEqual([["old/3", "cc"]]);
  expect(progress.at(-1)).toEqual({ sent: 10, part: 3, parts: 3 });
});

test("a part whose connection broke is tried three times", async () => {
  const { seen, result } = await sent({ offer: offer(part(1, 4)), fail: (_, tried) => (tried < 2 ? 0 : null) });
  expect(seen).toHaveLength(3);
  expect(result).toBeUndefined();
});

test("after three tries it stops, and says why", async () => {
  const { seen, result } = await sent({ offer: offer(part(1, 4), part(2, 4)), fail: () => 0 });
  expect(seen).toHaveLength(3);
  expect(result).toBeInstanceOf(PutRefused);
});

test("an expired address is renewed silently", async () => {
  const { seen, result } = await sent({
    offer: offer(part(1, 4)),
    fail: (url) => (url.startsWith("old") ? 403 : null),
    renew: () => Promise.resolve(offer(part(1, 4, "new"))),
  });
  expect(seen.map(([url]) => url)).toEqual(["old/1", "new/1"]);
  expect(result).toBeUndefined();
});

test("a small file goes up in one piece with the headers that were signed", async () => {
  const seen: unknown[] = [];
  const put: Put = (url, body, headers) => {
    seen.push([url, body.size, headers]);
    return Promise.resolve();
  };
  const whole: Offer = { url: "whole", headers: { "x-amz-checksum-sha256": "abc" }, expires_in_seconds: 3600 };
  await send({ file: FILE, offer: whole, put, renew: () => Promise.resolve(whole), onProgress: () => undefined, signal: new AbortController().signal });
  expect(seen).toEqual([["whole", 10, { "x-amz-checksum-sha256": "abc" }]]);
});

function textOf(blob: Blob): Promise<string> {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.readAsText(blob);
  });
}
