// The page: looks at the server once a second, and at once when something happens, and shows what it says.

import {ask, begin as beginActions} from '/actions.js';
import {begin as beginCharts, draw as drawCharts} from '/charts.js';
import {begin as beginMap, draw as drawMap} from '/map.js';
import {enter, forget, get, knowsToken, listen} from '/server.js';
import {breakable, byId, bytes, count, duration, make, micros, rate, say, time} from '/text.js';

const LOOK = 1000, LOOK_CHARTS = 5000, LOOK_QUIET_MAP = 4000, EVENTS_SHOWN = 200;

const HEALTH = {
  starting: 'Starting', ready: 'Healthy', degraded: 'Degraded', unready: 'Not all is served', stopping: 'Stopping', dead: 'Dead',
};
const STATE = {
  IN_SYNC: {words: 'In sync', tone: 'good', mark: '✓'},
  SYNCING: {words: 'Syncing', tone: 'busy', mark: '⟳'},
  SET_ASIDE: {words: 'Set aside', tone: 'warn', mark: '!'},
  FAILED: {words: 'Failed', tone: 'bad', mark: '×'},
  REFUSED: {words: 'Refused', tone: 'bad', mark: '×'},
  MISSING: {words: 'Missing', tone: 'bad', mark: '?'},
};
const WORK = {RUNNING: {words: 'Running', tone: 'busy', mark: '⟳'}, DONE: {words: 'Done', tone: 'good', mark: '✓'},
  FAILED: {words: 'Failed', tone: 'bad', mark: '×'}, STOPPED: {words: 'Stopped', tone: 'warn', mark: '■'}};
const SIGN = {INFO: 'i', WARNING: '!', ERROR: '×'};

let status;
let lastEvent = '';
let lastSeen = 0;
let events = [];
let mapDrawn = 0;
let chartsDrawn = 0;
let looking;

const badge = ({words, tone, mark}) => make('span', {class: 'badge', 'data-tone': tone, 'data-mark': mark}, words);

function live(yes, why) {
  document.body.classList.toggle('lost', !yes);
  byId('link').dataset.state = yes ? 'live' : 'lost';
  say(byId('link'), yes ? 'Live' : 'Reconnecting');
  if (yes) {
    lastSeen = Date.now();
    return;
  }
  if (why?.status === 503) {
    byId('health').dataset.state = 'starting';
    say(byId('health-word'), 'The server is starting');
    say(byId('health-why'), 'It opens the legs; that can take a while if its last run did not end in good order.');
    return;
  }
  byId('health').dataset.state = 'dead';
  say(byId('health-word'), 'The server does not answer');
  const since = status && lastSeen ? ` It was last seen at ${time(lastSeen)}; what is below is from then.` : '';
  say(byId('health-why'), `This page goes on trying.${since}`);
  byId('health-reasons').replaceChildren();
  byId('works').replaceChildren();
  byId('all').hidden = false;
}

function showHealth() {
  const {health, legs} = status;
  byId('health').dataset.state = health.status;
  say(byId('health-word'), HEALTH[health.status] ?? health.status);
  const whole = legs.filter(leg => leg.state === 'IN_SYNC').length;
  say(byId('health-why'), whole === legs.length
    ? `${['The only leg is', 'Both legs are'][legs.length - 1] ?? `All ${legs.length} legs are`} in sync. Nothing is to be done.`
    : `${whole} of ${count(legs.length, 'leg')} ${whole === 1 ? 'has' : 'have'} everything. ${status.writable ? 'Clients go on without noticing.' : 'Writes are refused.'}`);
  const reasons = health.reasons.map(reason => reason[0].toUpperCase() + reason.slice(1));
  if (byId('health-reasons').textContent !== reasons.join('')) {
    byId('health-reasons').replaceChildren(...reasons.map(reason => make('li', {}, reason)));
  }
  document.title = `${HEALTH[health.status] ?? health.status} – ${name()}`;
}

const name = () => (status.server.name ? `Mirror ${status.server.name}` : `Mirror ${status.id.slice(0, 8)}`);

function showFacts() {
  const facts = [
    ['Size', bytes(status.bytes)],
    ['Clients read', rate(status.io.readBytesPerSecond)],
    ['Clients write', rate(status.io.writeBytesPerSecond)],
  ];
  const list = byId('facts');
  if (list.children.length === 0) {
    list.append(...facts.map(([term]) => make('div', {}, make('dt', {}, term), make('dd'))));
  }
  facts.forEach(([, value], i) => say(list.children[i].lastChild, value));
}

function showWork(id, title, work) {
  let row = byId(`work-${id}`);
  if (!work) {
    row?.remove();
    return;
  }
  if (!row) {
    const bar = make('progress', {id: `bar-${id}`, max: 1});
    row = make('div', {id: `work-${id}`, class: 'work'}, make('label', {for: bar.id}, title, make('span')), bar);
    byId('works').append(row);
  }
  const bar = row.querySelector('progress');
  bar.value = work.chunksTotal === 0 ? 0 : work.chunksDone / work.chunksTotal;
  const left = work.remainingMillis === undefined ? '' : `, ${duration(work.remainingMillis)} left`;
  say(row.querySelector('span'), `${Math.floor(bar.value * 100)} %, ${work.paused ? 'paused' : `${rate(work.bytesPerSecond)}${left}`}`);
}

function errors(leg) {
  const words = {reads: ['read'], writes: ['write'], flushes: ['flush', 'flushes'], syncs: ['copy', 'copies'],
    metadata: ['metadata', 'metadata'], slow: ['slow', 'slow'], healed: ['healed', 'healed']};
  const some = Object.entries(words).filter(([key]) => leg.errors[key] > 0);
  const total = some.filter(([key]) => key !== 'healed').reduce((sum, [key]) => sum + leg.errors[key], 0);
  return {total, detail: some.map(([key, words]) => count(leg.errors[key], ...words)).join(', ')};
}

function legRow(leg) {
  const cell = (key, label) => make('td', {class: 'num', 'data-label': label, 'data-cell': key}, make('span'), make('small'));
  const row = make('tr', {'data-leg': leg.index},
    make('td', {class: 'device'}), make('td', {class: 'state'}),
    cell('lacks', 'Lacks'), cell('reads', 'Reads'), cell('writes', 'Writes'), cell('errors', 'Errors'),
    make('td', {class: 'do'}, make('div', {class: 'buttons', role: 'group', 'aria-label': `What can be done with leg ${leg.index}`},
      ...['replace', 'remove', 'split'].map(what => make('button', {type: 'button', 'data-do': what, 'aria-label':
        `${what[0].toUpperCase()}${what.slice(1)} leg ${leg.index}…`}, `${what[0].toUpperCase()}${what.slice(1)}…`)))));
  row.addEventListener('click', event => {
    const what = event.target.dataset?.do;
    const now = status.legs.find(one => one.index === leg.index);
    if (what && now) {
      ask(what, status, now);
    }
  });
  return row;
}

function showLegs() {
  const body = byId('legs');
  const wanted = status.legs.map(leg => String(leg.index));
  [...body.children].filter(row => !wanted.includes(row.dataset.leg)).forEach(row => row.remove());
  status.legs.forEach((leg, i) => {
    let row = body.querySelector(`[data-leg="${leg.index}"]`);
    if (!row) {
      row = legRow(leg);
      body.insertBefore(row, body.children[i] ?? null);
    }
    showLeg(row, leg);
  });
}

function showLeg(row, leg) {
  const device = row.querySelector('.device');
  if (device.dataset.name !== leg.name) {
    device.dataset.name = leg.name;
    device.replaceChildren(make('b', {}, String(leg.index)), ...breakable(leg.name), ...(leg.writeMostly ? [make('small', {}, 'write-mostly')] : []));
  }
  const state = row.querySelector('.state');
  if (state.dataset.state !== leg.state) {
    state.dataset.state = leg.state;
    state.replaceChildren(badge(STATE[leg.state] ?? {words: leg.state, tone: 'warn', mark: '?'}));
  }
  const set = (key, text, small, hot) => {
    const cell = row.querySelector(`[data-cell=${key}]`);
    say(cell.firstChild, text);
    cell.firstChild.className = hot ? 'hot' : '';
    say(cell.lastChild, small);
  };
  const {total, detail} = errors(leg);
  set('lacks', leg.staleChunks === 0 ? 'nothing' : bytes(Math.min(status.bytes, leg.staleChunks * status.chunkSectors * 512)),
    leg.staleChunks === 0 ? '' : count(leg.staleChunks, 'chunk'));
  set('reads', rate(leg.io.readBytesPerSecond), leg.io.readMicros ? micros(leg.io.readMicros) : '–');
  set('writes', rate(leg.io.writeBytesPerSecond), leg.io.writeMicros ? micros(leg.io.writeMicros) : '–');
  set('errors', total.toLocaleString('en'), detail, total > 0);
  row.querySelector('[data-do=split]').disabled = leg.state !== 'IN_SYNC' || status.legs.length === 1;
  row.querySelector('[data-do=remove]').disabled = status.legs.length === 1;
}

function showControls() {
  const {server, scrub} = status;
  byId('scrub').disabled = Boolean(scrub);
  byId('stop').disabled = !scrub;
  byId('resync').disabled = status.inSync;
  say(byId('pause'), server.paused ? 'Resume…' : 'Pause…');
  const last = status.lastScrub;
  const found = last && `The last scrub ${last.complete ? 'compared everything' : 'was stopped'}: ${last.sectorsDifferent === 0
    ? 'no differences' : `${bytes(last.sectorsDifferent * 512)} differed, ${bytes(last.sectorsRepaired * 512)} repaired`}${last.sectorsUnread
    ? `, ${bytes(last.sectorsUnread * 512)} not on all legs` : ''}.`;
  say(byId('work-how'), `Resync and scrub ${server.paused ? 'are paused' : 'run when there is something to do'}, ${server.bytesPerSecond
    ? `at most ${rate(server.bytesPerSecond)}` : 'without a limit'}. ${found ?? ''}`);
  const asked = server.works.slice(-6).reverse().map(work => make('li', {}, badge(WORK[work.state]),
    make('span', {}, work.what), make('time', {class: 'muted', datetime: work.since}, time(work.since)),
    work.error && make('p', {class: 'wrong'}, work.error)));
  const list = byId('asked');
  const fresh = asked.length ? asked : [make('li', {class: 'none'}, 'Nothing since the server started.')];
  const text = nodes => nodes.map(node => node.textContent).join('\n');
  if (text([...list.children]) !== text(fresh)) {
    list.replaceChildren(...fresh);
  }
}

function show(told) {
  status = told;
  byId('all').hidden = false;
  say(byId('title'), name());
  say(byId('subtitle'), `${status.server.uri} · up ${duration(Date.now() - new Date(status.server.started))}`);
  showHealth();
  showFacts();
  showWork('resync', 'Resync', status.resync);
  showWork('scrub', 'Scrub', status.scrub);
  showLegs();
  showControls();
}

function showEvent(event) {
  lastEvent = event.id;
  events.push(event);
  events = events.slice(-EVENTS_SHOWN);
  const list = byId('events');
  const at = new Date(event.at);
  const day = at.toDateString() === new Date().toDateString() ? '' : `${at.toLocaleDateString('sv')} `;
  list.prepend(make('li', {'data-severity': event.severity, 'data-kind': event.kind},
    make('span', {class: 'sign', 'aria-label': event.severity.toLowerCase(), role: 'img'}, SIGN[event.severity]),
    make('span', {class: 'text'}, event.message),
    make('time', {datetime: event.at}, day + time(at)),
    event.remedy && make('span', {class: 'remedy'}, event.remedy)));
  while (list.children.length > EVENTS_SHOWN) {
    list.lastChild.remove();
  }
}

function locked(wrong) {
  forget();
  byId('all').hidden = true;
  byId('entry').hidden = false;
  byId('link').dataset.state = 'lost';
  say(byId('link'), 'No token');
  say(byId('entry-wrong'), wrong);
  byId('entry-token').focus();
}

/** Looks once; at most one look at a time. */
function look() {
  looking ??= (async () => {
    try {
      show(await get('/v1/status'));
      live(true);
      const now = Date.now();
      const busy = status.resync || status.scrub || status.dirtyChunks || status.staleChunks;
      if (busy || now - mapDrawn > LOOK_QUIET_MAP) {
        mapDrawn = now;
        drawMap(await get('/v1/chunks'));
      }
      if (now - chartsDrawn > LOOK_CHARTS) {
        chartsDrawn = now;
        drawCharts(await get('/v1/history'));
      }
    } catch (failed) {
      if (failed.status === 401) {
        locked('That is not the token of this server.');
      } else {
        live(false, failed);
      }
    } finally {
      looking = undefined;
    }
  })();
  return looking;
}

const pause = millis => new Promise(done => setTimeout(done, millis));

async function hear() {
  while (knowsToken()) {
    try {
      await listen(lastEvent, look, event => {
        showEvent(event);
        look();
      });
    } catch (gone) {
      await pause(LOOK);
    }
  }
}

async function watch() {
  while (knowsToken()) {
    await Promise.all([look(), pause(document.hidden ? 5 * LOOK : LOOK)]);
  }
}

function start() {
  byId('entry').hidden = true;
  hear();
  watch();
}

function begin() {
  beginMap();
  beginCharts();
  beginActions(look);
  for (const what of ['add', 'scrub', 'stop', 'resync', 'pause', 'limit']) {
    byId(what).addEventListener('click', () => status && ask(what, status));
  }
  byId('entry-form').addEventListener('submit', event => {
    event.preventDefault();
    if (enter(byId('entry-token').value)) {
      byId('entry-token').value = '';
      start();
    } else {
      say(byId('entry-wrong'), 'That is neither a link with a token, nor a token.');
    }
  });
  document.addEventListener('visibilitychange', () => knowsToken() && look());
  if (enter(location.hash)) {
    history.replaceState(null, '', '/'); // so that it is not seen, and not kept with the address
  }
  if (knowsToken()) {
    start();
  } else {
    locked('');
  }
}

begin();
