// The server, as it is asked: HTTP with the token that the link brought. Nothing is ever sent elsewhere.

const KEY = 'dmio-token';
const SILENCE_MAX = 25_000; // a comment comes every 10 seconds

let token = sessionStorage.getItem(KEY) ?? '';

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Takes the token out of a link, or text that is one; whether there was any. */
export function enter(text) {
  const given = /[#&]?token=([\w-]+)/.exec(text)?.[1] ?? (/^[\w-]{16,}$/.test(text.trim()) ? text.trim() : '');
  if (given) {
    token = given;
    sessionStorage.setItem(KEY, token);
  }
  return given !== '';
}

export function forget() {
  token = '';
  sessionStorage.removeItem(KEY);
}

export function knowsToken() {
  return token !== '';
}

async function ask(path, how = {}) {
  const answer = await fetch(path, {
    ...how,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    headers: {...how.headers, Authorization: `Bearer ${token}`},
  });
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, told.error ?? `${answer.status} ${answer.statusText}`);
  }
  return answer;
}

/** One object. */
export async function get(path) {
  return (await ask(path, {signal: AbortSignal.timeout(10_000)})).json();
}

/** Starts something; fails with the server's words if it is refused. */
export async function post(path, body = {}) {
  const answer = await ask(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify(body),
  });
  const lines = (await answer.text()).trim().split('\n').map(line => JSON.parse(line));
  const last = lines.at(-1);
  if (last.error) {
    throw new Refused(answer.status, last.error);
  }
  return last;
}

/**
 * Hears of events, from those after one on, as EventSource would, which cannot send a token.
 * Ends with an error when the server has gone, or says nothing any more.
 */
export async function listen(after, opened, told) {
  const over = new AbortController();
  let quiet = setTimeout(() => over.abort(), SILENCE_MAX);
  try {
    const headers = {Accept: 'text/event-stream', ...(after ? {'Last-Event-ID': after} : {})};
    const answer = await ask('/v1/events', {headers, signal: over.signal});
    opened();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let begun = '';
    for (;;) {
      const {value, done} = await reader.read();
      if (done) {
        throw new Error('the server has ended');
      }
      clearTimeout(quiet);
      quiet = setTimeout(() => over.abort(), SILENCE_MAX);
      const blocks = (begun + value).split('\n\n');
      begun = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').filter(line => line.startsWith('data:')).map(line => line.slice(5)).join('\n');
        if (data) {
          told(JSON.parse(data));
        }
      }
    }
  } finally {
    clearTimeout(quiet);
    over.abort();
  }
}
