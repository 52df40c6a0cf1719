// What can be done, each behind a question that names what will happen.

import {post, Refused} from '/server.js';
import {byId, bytes, count, make, rate, say, size} from '/text.js';

const leg = it => `leg ${it.index} (${it.name})`;
const others = (status, it) => status.legs.filter(one => one.index !== it.index && one.state === 'IN_SYNC');

function copies(status, it) {
  const left = others(status, it).length;
  return left === 0
    ? 'No other leg has everything, so the server will refuse it.'
    : `${count(left, 'leg')} with everything ${left === 1 ? 'stays' : 'stay'}${left === 1 ? ': there is no second copy until another leg is added' : ''}.`;
}

// Of two legs there is no majority, so somebody has to say which one counts.
function repairs(status) {
  const whole = status.legs.filter(one => one.state === 'IN_SYNC');
  return [
    ['', 'only tell it'],
    ...(whole.length > 2 ? [['majority', 'repair: what most legs have counts']] : []),
    ...whole.map(one => [String(one.index), `repair: what leg ${one.index} has counts (${one.name})`]),
  ];
}

const device = {id: 'device', label: 'Path or NBD URI of the new leg', placeholder: '/dev/disk/by-id/…', required: true};
const force = {id: 'force', tick: 'Overwrite it even if something is on it'};

export const ACTIONS = {
  replace: (status, it) => ({
    title: `Replace ${leg(it)}?`,
    what: [
      'The device below joins as a new leg, and what is on it is overwritten.',
      `${bytes(status.bytes)} are copied to it, while clients go on.`,
      `Then ${leg(it)} is taken out for good, and forgets this mirror.`,
    ],
    fields: [device, force],
    yes: `Replace leg ${it.index}`,
    danger: true,
    path: `/v1/legs/${it.index}/replace`,
    done: `Leg ${it.index} is being replaced.`,
  }),
  remove: (status, it) => ({
    title: `Remove ${leg(it)}?`,
    what: [
      `${leg(it)[0].toUpperCase()}${leg(it).slice(1)} is taken out for good, and forgets this mirror. What it holds stays, but gets no writes any more.`,
      copies(status, it),
    ],
    yes: `Remove leg ${it.index}`,
    danger: true,
    path: `/v1/legs/${it.index}/remove`,
    done: `Leg ${it.index} is being removed.`,
  }),
  split: (status, it) => ({
    title: `Split off ${leg(it)}?`,
    what: [
      'It becomes an image of its own, as the mirror is at one moment between writes: for a backup, or a test.',
      copies(status, it),
      'Added again later, it gets everything anew.',
    ],
    yes: `Split off leg ${it.index}`,
    danger: true,
    path: `/v1/legs/${it.index}/split`,
    done: `Leg ${it.index} is being split off.`,
  }),
  add: status => ({
    title: 'Add a leg?',
    what: [
      'The device below joins this mirror, and what is on it is overwritten; a leg that was here before gets only what it missed.',
      `Up to ${bytes(status.bytes)} are copied to it, while clients go on. A file that is not there is made.`,
    ],
    fields: [device, force],
    yes: 'Add leg',
    path: '/v1/legs',
    done: 'The leg is being added.',
  }),
  scrub: status => ({
    title: 'Scrub this mirror?',
    what: [
      `${bytes(status.bytes)} are read from each of ${count(status.legs.filter(one => one.state === 'IN_SYNC').length, 'leg')} and compared; clients go first.`,
      'Only comparing writes nothing. Repairing overwrites, where legs differ, what does not count.',
    ],
    fields: [{id: 'mode', label: 'Where legs differ', options: repairs(status)}],
    yes: 'Scrub',
    path: '/v1/scrub',
    done: 'The scrub has begun.',
  }),
  stop: () => ({
    title: 'Stop the scrub?',
    what: ['What it has compared so far is told; another one begins anew.'],
    yes: 'Stop scrub',
    path: '/v1/scrub/stop',
    whole: true,
    done: 'The scrub ends.',
  }),
  resync: status => ({
    title: 'Resync now?',
    what: ['Legs that are out are tried at once instead of later, and get what they lack.',
      `${count(status.staleChunks, 'chunk')} of ${bytes(status.chunkSectors * 512)} ${status.staleChunks === 1 ? 'is' : 'are'} to be copied, as far as is known.`],
    yes: 'Resync',
    path: '/v1/resync',
    done: 'Legs that are out are tried.',
  }),
  pause: status => (status.server.paused ? {
    title: 'Resume resync and scrub?',
    what: ['They go on where they were held.'],
    yes: 'Resume',
    path: '/v1/resume',
    whole: true,
    done: 'Resync and scrub go on.',
  } : {
    title: 'Pause resync and scrub?',
    what: ['They are held before their next piece until somebody resumes them; also those that begin later.',
      'Clients go on. Legs that lack something go on lacking it.'],
    yes: 'Pause',
    path: '/v1/pause',
    whole: true,
    done: 'Resync and scrub are held.',
  }),
  limit: status => ({
    title: 'Limit resync and scrub?',
    what: [`Now: ${status.server.bytesPerSecond ? rate(status.server.bytesPerSecond) : 'no limit'}. It holds until the server ends.`,
      'A limit leaves more to clients, and it takes longer until all legs are equal.'],
    fields: [{id: 'rate', label: 'At most, a second (empty: no limit)', placeholder: '50M'}],
    yes: 'Set limit',
    path: '/v1/limit',
    whole: true,
    done: 'The limit is set.',
  }),
};

let asked;
let after = () => {};

function field({id, label, tick, placeholder, required, options}) {
  if (options) {
    const select = make('select', {id: `ask-${id}`, name: id}, ...options.map(([value, words]) => make('option', {value}, words)));
    return make('div', {class: 'field'}, make('label', {for: select.id}, label), select);
  }
  const input = make('input', {id: `ask-${id}`, name: id, type: tick ? 'checkbox' : 'text', placeholder, required, autocomplete: 'off', spellcheck: 'false'});
  return tick
    ? make('div', {class: 'field tick'}, input, make('label', {for: input.id}, tick))
    : make('div', {class: 'field'}, make('label', {for: input.id}, label), input);
}

/** Asks, and does it if the answer is yes. */
export function ask(name, status, it) {
  asked = ACTIONS[name](status, it);
  say(byId('ask-title'), asked.title);
  say(byId('ask-wrong'), '');
  byId('ask-what').replaceChildren(...asked.what.map(line => make('li', {}, line)));
  byId('ask-fields').replaceChildren(...(asked.fields ?? []).map(field));
  const yes = byId('ask-yes');
  say(yes, asked.yes);
  yes.className = asked.danger ? 'danger' : 'primary';
  yes.disabled = false;
  byId('ask').showModal();
  (byId('ask-fields').querySelector('input[type=text], select') ?? byId('ask-no')).focus();
}

function body() {
  const all = asked.whole ? {} : {detach: true};
  for (const input of byId('ask-fields').querySelectorAll('input, select')) {
    if (input.name === 'mode') {
      all.repair = input.value !== '';
      if (/[0-9]/.test(input.value)) {
        all.from = Number(input.value);
      }
    } else if (input.type === 'checkbox') {
      if (input.checked) {
        all[input.name] = true;
      }
    } else if (input.name === 'rate') {
      if (input.value.trim()) {
        all.bytesPerSecond = size(input.value);
        if (!(all.bytesPerSecond >= 1)) {
          throw new Error(`'${input.value}' is no size; write 50M, or 1G`);
        }
      }
    } else {
      all[input.name] = input.value.trim();
    }
  }
  return all;
}

async function answered(event) {
  event.preventDefault();
  byId('ask-yes').disabled = true;
  try {
    await post(asked.path, body());
    byId('ask').close();
    toast(asked.done, 'good');
  } catch (wrong) {
    say(byId('ask-wrong'), wrong instanceof Refused || !(wrong instanceof TypeError) ? wrong.message : 'The server does not answer.');
  } finally {
    byId('ask-yes').disabled = false;
    after();
  }
}

let hiding;

export function toast(text, tone = 'bad') {
  const place = byId('toast');
  place.dataset.tone = tone;
  say(place, text);
  clearTimeout(hiding);
  hiding = setTimeout(() => say(place, ''), 6000);
}

export function begin(then) {
  after = then;
  byId('ask-form').addEventListener('submit', answered);
  byId('ask-no').addEventListener('click', () => byId('ask').close());
}
