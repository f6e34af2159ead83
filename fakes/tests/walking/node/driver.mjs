// Clerk's official Node client, driven by lines of JSON: one request a line, one answer a line.
// What it says to the server is told with every answer, so that it can be judged.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const overheard = [];
const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const response = await fetch(request);
  overheard.push({
    method: request.method,
    url: request.url,
    version: request.headers.get("clerk-api-version"),
    status: response.status,
    content_type: response.headers.get("content-type"),
    body: await response.clone().text(),
  });
  return response;
};

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const backend = await import(pathToFileURL(require.resolve("@clerk/backend")));

function methods(api) {
  const names = new Set();
  for (let it = api; it && it !== Object.prototype; it = Object.getPrototypeOf(it)) {
    for (const name of Object.getOwnPropertyNames(it)) {
      if (typeof api[name] === "function") names.add(name);
    }
  }
  for (const name of ["constructor", "request", "requireId"]) names.delete(name);
  return [...names];
}

function isApi(value) {
  return value !== null && typeof value === "object" && methods(value).length > 0;
}

const jobs = {
  methods({ options }) {
    const client = backend.createClerkClient(options);
    const apis = Object.keys(client).filter((key) => key !== "telemetry" && isApi(client[key]));
    return apis.flatMap((key) => methods(client[key]).map((name) => `${key}.${name}`));
  },
  async call({ options, method, args }) {
    const [api, name] = method.split(".");
    const client = backend.createClerkClient(options);
    const given = args.map((arg) => (arg && arg.$file ? withFile(arg) : arg));
    return client[api][name](...given);
  },
  async verifyToken({ token, options }) {
    return backend.verifyToken(token, options);
  },
  async authenticateRequest({ options, url, headers, how }) {
    const client = backend.createClerkClient(options);
    const state = await client.authenticateRequest(new Request(url, { headers }), how);
    const { status, reason, isAuthenticated, tokenType } = state;
    const auth = state.toAuth();
    return { status, reason, isAuthenticated, tokenType, auth, userId: auth?.userId ?? null };
  },
};

function withFile({ $file, ...rest }) {
  const bytes = Buffer.from($file.base64, "base64");
  return { ...rest, file: new File([bytes], $file.name, { type: $file.type }) };
}

function refusal(error) {
  const { status, errors, reason, message } = error;
  return { status, reason, message, codes: (errors ?? []).map(({ code }) => code) };
}

for await (const line of createInterface({ input: process.stdin })) {
  overheard.length = 0;
  const { job, ...rest } = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await jobs[job](rest)) ?? null };
  } catch (error) {
    answer = { error: refusal(error) };
  }
  process.stdout.write(`${JSON.stringify({ ...answer, overheard })}\n`);
}
