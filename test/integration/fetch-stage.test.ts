import { once } from "node:events";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { BlobError } from "../../src/blobs/blob-store.ts";
import { memoryBlobs, picture, startFetching, startHost } from "../fetching.ts";

const within = { timeout: 10_000 };

test("an image is stored as it came, typed by its bytes and not by its header", async () => {
  await using host = await startHost((_, response) =>
    response.setHeader("content-type", "application/octet-stream").end(picture(300_000)),
  );
  const blobs = memoryBlobs();
  const outcome = await startFetching({ blobs }).one(`${host.url}/a.png?x=1`);
  expect(outcome).toMatchObject({ kind: "done", value: { image: { bytes: 300_000, type: "image/jpeg" } } });
  const ref = outcome.kind === "done" ? outcome.value.image.blob : "";
  expect(Buffer.compare(blobs.bytesOf(ref) ?? Buffer.of(), picture(300_000))).toBe(0);
});

test("images that follow each other in the same memory do not mix", async () => {
  await using host = await startHost(({ url = "" }, response) => {
    const [bytes = 0, fill = 0] = url.slice(1).split("-").map(Number);
    response.end(picture(bytes, fill));
  });
  const blobs = memoryBlobs();
  const fetching = startFetching({ blobs, perHostConcurrency: 2 });
  const wanted = Array.from({ length: 30 }, (_, index) => [60_000 + ((index * 17) % 30) * 10_000, index] as const);
  const outcomes = await Promise.all(fetching.begin(wanted.map((image) => `${host.url}/${image.join("-")}`)));
  outcomes.forEach((outcome, index) => {
    const ref = outcome.kind === "done" ? outcome.value.image.blob : "";
    const stored = Buffer.from(blobs.bytesOf(ref) ?? []);
    expect(stored.equals(picture(...(wanted[index] ?? [])))).toBe(true);
  });
});

test("an image without a length is stored too", async () => {
  await using host = await startHost((_, response) => {
    response.write(picture(100_000));
    response.end(Buffer.alloc(50_000));
  });
  expect(await startFetching().one(host.url)).toMatchObject({ value: { image: { bytes: 150_000 } } });
});

test.each([
  [404, "reject", "not-found"],
  [410, "reject", "not-found"],
  [401, "reject", "forbidden"],
  [403, "reject", "forbidden"],
  [418, "reject", "bad-response"],
  [500, "retry", "host-error"],
  [503, "retry", "host-error"],
  [429, "retry", "rate-limited"],
])("a host's answer %i means %s: %s", async (status, kind, reason) => {
  await using host = await startHost((_, response) => response.writeHead(status, { "retry-after": "2" }).end("no"));
  const outcome = await startFetching().one(host.url);
  expect(outcome).toMatchObject({ kind, reason, ...(kind === "retry" && { afterMs: 2_000 }) });
});

test("what is no image is refused", async () => {
  const bodies: Record<string, [Record<string, string>, string | Buffer]> = {
    "/page": [{ "content-type": "text/html" }, picture()],
    "/text": [{ "content-type": "image/jpeg" }, "this is no picture, whatever its header says"],
    "/short": [{}, "no"],
  };
  await using host = await startHost(({ url = "" }, response) => {
    const [headers, body] = bodies[url] ?? [{}, ""];
    response.writeHead(200, headers).end(body);
  });
  for (const path of Object.keys(bodies))
    expect(await startFetching().one(host.url + path)).toMatchObject({ kind: "reject", reason: "wrong-type" });
  expect(await startFetching().one(`${host.url}/empty`)).toMatchObject({ kind: "reject", reason: "image-empty" });
});

test("redirects are followed as often as allowed", async () => {
  await using host = await startHost(({ url = "" }, response) => {
    const left = Number(url.slice(1));
    if (left > 0) response.writeHead(302, { location: String(left - 1) }).end();
    else response.end(picture());
  });
  const fetching = startFetching({ maxRedirects: 3 });
  expect(await fetching.one(`${host.url}/3`)).toMatchObject({ kind: "done" });
  expect(await fetching.one(`${host.url}/4`)).toMatchObject({ kind: "reject", reason: "too-many-redirects" });
});

test.each([
  ["http://127.0.0.1:1/", "address-refused"],
  ["http://localhost:1/", "address-refused"],
  ["http://2130706433/", "address-refused"],
  ["http://[::ffff:127.0.0.1]/", "address-refused"],
  ["http://169.254.169.254/latest/meta-data/", "address-refused"],
  ["http://metadata.google.internal/computeMetadata/v1/", "address-refused"],
  ["file:///etc/passwd", "unsupported-scheme"],
  ["gs://bucket/object", "unsupported-scheme"],
  ["http://user:secret@127.0.0.1:2/", "invalid-capture"],
  ["http://[", "bad-response"],
])("a redirect by way of an allowed host to %s is refused", async (location, reason) => {
  await using host = await startHost(({ url }, response) =>
    response.writeHead(307, { location: url === "/twice" ? "/once" : location }).end(),
  );
  const fetching = startFetching({ allow: [`127.0.0.1:${host.port}`] });
  expect(await fetching.one(`${host.url}/twice`)).toMatchObject({ kind: "reject", reason });
});

test("a URI with a password, or that is none, is no valid capture", async () => {
  for (const uri of ["http://user:secret@example.com/a.jpg", "http://[/a.jpg", "gs://bucket"])
    expect(await startFetching().one(uri)).toMatchObject({ kind: "reject", reason: "invalid-capture" });
  expect(await startFetching().one("ftp://host/a.jpg")).toMatchObject({ reason: "unsupported-scheme" });
});

test("a name that changes its address after the check is refused at its next connection", async () => {
  await using host = await startHost((_, response) => response.setHeader("connection", "close").end(picture()));
  const answers = ["127.0.0.2", "127.0.0.1"];
  const resolve = vi.fn(async () => [{ address: answers.shift() ?? "127.0.0.1", family: 4 }]);
  const fetching = startFetching({ allow: ["127.0.0.2"], resolve });
  const uri = `http://rebinding.test:${host.port}/`;
  expect(await fetching.one(uri)).toMatchObject({ kind: "done" });
  expect(await fetching.one(uri)).toMatchObject({ kind: "reject", reason: "address-refused" });
  expect([resolve.mock.calls.length, host.connections]).toEqual([2, 1]);
});

test("of a name's addresses only the permitted ones are connected to", async () => {
  const reached: (string | undefined)[] = [];
  await using host = await startHost(({ socket }, response) => {
    reached.push(socket.localAddress);
    response.end(picture());
  });
  const resolve = async () => ["127.0.0.1", "127.0.0.3", "10.0.0.1"].map((address) => ({ address, family: 4 }));
  const fetching = startFetching({ allow: ["127.0.0.3"], resolve });
  expect(await fetching.one(`http://several.test:${host.port}/`)).toMatchObject({ kind: "done" });
  expect(reached).toEqual(["127.0.0.3"]);
});

test("a host that does not exist or does not listen is tried again", async () => {
  const resolve = async () => Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }));
  expect(await startFetching({ resolve }).one("http://gone.test/")).toMatchObject({
    kind: "retry",
    reason: "host-unreachable",
  });
  const host = await startHost(() => undefined);
  await host[Symbol.asyncDispose]();
  expect(await startFetching().one(host.url)).toMatchObject({ kind: "retry", reason: "host-unreachable" });
});

test("a download that takes too long, before or amid its body, is tried again", async () => {
  await using host = await startHost(({ url }, response) => {
    if (url === "/body") response.writeHead(200, { "content-length": 5000 }).write(picture());
    if (url === "/drip") setInterval(() => response.write(picture(20)), 10);
  });
  const fetching = startFetching({ timeoutMs: 150 });
  for (const path of ["/headers", "/body", "/drip"])
    expect(await fetching.one(host.url + path)).toMatchObject({ kind: "retry", reason: "host-timeout" });
});

test("the time limit holds for all redirects together", async () => {
  await using host = await startHost((_, response) => {
    setTimeout(() => response.writeHead(302, { location: "/" }).end(), 60);
  });
  const fetching = startFetching({ timeoutMs: 150, maxRedirects: 1000 });
  expect(await fetching.one(host.url)).toMatchObject({ kind: "retry", reason: "host-timeout" });
});

test("an endless body is left when it exceeds the limit", async () => {
  await using host = await startHost((_, response) => {
    const more = () => {
      while (response.write(picture(50_000)));
    };
    response.on("drain", more);
    more();
  });
  const outcome = await startFetching({ maxBytes: 200_000 }).one(host.url);
  expect(outcome).toMatchObject({ kind: "reject", reason: "image-too-large" });
});

test("a length beyond the limit is refused before the body", async () => {
  await using host = await startHost((_, response) =>
    response.writeHead(200, { "content-length": 200_001 }).flushHeaders(),
  );
  const outcome = await startFetching({ maxBytes: 200_000 }).one(host.url);
  expect(outcome).toMatchObject({ kind: "reject", reason: "image-too-large" });
});

test("an image of exactly the limit is taken", async () => {
  await using host = await startHost((_, response) => response.end(picture(200_000)));
  expect(await startFetching({ maxBytes: 200_000 }).one(host.url)).toMatchObject({ kind: "done" });
});

test("a body that ends before its length, or is reset, is tried again", async () => {
  await using host = await startHost(({ url, socket }, response) => {
    response.writeHead(200, { "content-length": 5000 }).write(picture(), () => {
      if (url === "/reset") socket.resetAndDestroy();
      else socket.end();
    });
  });
  for (const path of ["/short", "/reset"])
    expect(await startFetching().one(host.url + path)).toMatchObject({ kind: "retry", reason: "host-unreachable" });
});

test("of a body longer than its length the rest is left", async () => {
  const body = picture(5000).toString("latin1");
  await using host = await startRawHost(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${body}`);
  expect(await startFetching().one(host.url)).toMatchObject({ kind: "done", value: { image: { bytes: 1000 } } });
});

test("a host that does not speak HTTP is tried again", async () => {
  await using host = await startRawHost("220 mail.test ESMTP\r\n");
  expect(await startFetching().one(host.url)).toMatchObject({ kind: "retry", reason: "host-error" });
});

test("a compressed body is not unpacked", async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const asked: unknown[] = [];
  await using host = await startHost(({ headers }, response) => {
    asked.push(headers["accept-encoding"]);
    response.writeHead(200, { "content-encoding": "gzip", "content-type": "image/jpeg" }).end(bomb);
  });
  expect(await startFetching().one(host.url)).toMatchObject({ kind: "reject", reason: "wrong-type" });
  expect(asked).toEqual(["identity"]);
});

test("an endless error page does not hold up its capture", async () => {
  await using host = await startHost((_, response) => void response.writeHead(404).write("never ends"));
  expect(await startFetching().one(host.url)).toMatchObject({ kind: "reject", reason: "not-found" });
});

test("connections are used again, and are no more than downloads from their host at a time", async () => {
  await using host = await startHost((_, response) => response.end(picture(100_000)));
  const fetching = startFetching({ perHostConcurrency: 3 });
  const outcomes = await Promise.all(fetching.begin(Array.from({ length: 40 }, (_, index) => `${host.url}/${index}`)));
  expect(outcomes.every(({ kind }) => kind === "done")).toBe(true);
  expect(host.connections).toBeLessThanOrEqual(3);
});

test("many large images get through, a few at a time", async () => {
  await using host = await startHost((_, response) => response.end(picture(3_000_000)));
  const fetching = startFetching({ maxBytes: 5_000_000, perHostConcurrency: 16 });
  const outcomes = await Promise.all(fetching.begin(Array.from({ length: 24 }, () => host.url)));
  expect(outcomes.every(({ kind }) => kind === "done")).toBe(true);
});

test("a host that hangs does not starve another, though it has more captures than the process has room", async () => {
  await using slow = await startHost(() => undefined);
  await using fast = await startHost((_, response) => response.end(picture()));
  const fetching = startFetching({ concurrency: 4, perHostConcurrency: 2 });
  const stop = new AbortController();
  const hanging = fetching.begin(Array(20).fill(slow.url), stop.signal);
  await vi.waitFor(() => expect(slow.connections).toBe(2), within);
  const outcomes = await Promise.all(fetching.begin(Array(10).fill(fast.url)));
  expect(outcomes.every(({ kind }) => kind === "done")).toBe(true);
  stop.abort();
  await Promise.all(hanging);
  expect(slow.connections).toBe(2);
});

test("limits can be raised while downloads wait", async () => {
  await using host = await startHost(() => undefined);
  const fetching = startFetching({ concurrency: 1, perHostConcurrency: 1 });
  const stop = new AbortController();
  const first = fetching.begin(Array(6).fill(host.url), stop.signal);
  await vi.waitFor(() => expect(host.connections).toBe(1), within);
  Object.assign(fetching.limits, { concurrency: 5, perHostConcurrency: 4 });
  const second = fetching.begin([host.url], stop.signal);
  await vi.waitFor(() => expect(host.connections).toBe(4), within);
  stop.abort();
  await Promise.all([...first, ...second]);
});

test("a worker that lets go costs no capture an attempt, whether it was downloaded or waited", async () => {
  await using host = await startHost((_, response) => void response.write(picture()));
  const stop = new AbortController();
  const outcomes = startFetching({ perHostConcurrency: 1 }).begin([host.url, host.url], stop.signal);
  await vi.waitFor(() => expect(host.connections).toBe(1), within);
  stop.abort();
  for (const outcome of await Promise.all(outcomes))
    expect(outcome).toMatchObject({ kind: "retry", reason: "worker-stopping", free: true });
});

test("a capture that waits for its host until past its deadline is expired", async () => {
  await using host = await startHost(() => undefined);
  const fetching = startFetching({ perHostConcurrency: 1, timeoutMs: 200 });
  const outcomes = await Promise.all(
    fetching.begin([host.url, host.url], new AbortController().signal, Date.now() + 100),
  );
  expect(outcomes).toMatchObject([
    { kind: "retry", reason: "host-timeout" },
    { kind: "reject", verdict: "expired", reason: "deadline-exceeded" },
  ]);
});

test("a blob store that is down costs no capture an attempt", async () => {
  await using host = await startHost((_, response) => response.end(picture()));
  const blobs = { ...memoryBlobs(), put: () => Promise.reject(new BlobError("unavailable", "the disk is full")) };
  expect(await startFetching({ blobs }).one(host.url)).toEqual({
    kind: "retry",
    reason: "blob-store-unavailable",
    detail: "the disk is full",
    free: true,
  });
});

/** A TCP server that answers whatever it is sent with these bytes (latin1). */
async function startRawHost(answer: string) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(answer, "latin1"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no TCP port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
