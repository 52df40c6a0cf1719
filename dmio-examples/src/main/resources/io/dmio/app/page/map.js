// The chunks as a picture: a cell for each, or for several where there are too many, and then each state has its share of the cell.

import {byId, bytes, count, make, say} from '/text.js';

const HEIGHT_MAX = 216;
const CELL_MIN = 5;
const CELL_MAX = 34;
const RUNS_TOLD = 60;
const DIRTY = 1, COPIED = 2, MISMATCH = 4, LEGS = 16;

// The worst first: a chunk that is in several states is drawn, and counted, as the first of them.
const STATES = [
  {name: 'mismatch', words: 'differ between legs', is: state => state & MISMATCH},
  {name: 'copied', words: 'being copied', is: state => state & COPIED},
  {name: 'lacking', words: 'lacked by a leg', is: state => state >= 2 ** LEGS},
  {name: 'dirty', words: 'written lately', is: state => state & DIRTY},
  {name: 'clean', words: 'equal on all legs', is: () => true},
];

const kind = state => STATES.findIndex(one => one.is(state));
const legs = state => [...Array(16).keys()].filter(leg => Math.floor(state / 2 ** (LEGS + leg)) % 2);

let shown;
let layout;
let at = 0; // the square that the keys have come to

export function draw(map) {
  shown = map;
  const cells = [];
  const totals = STATES.map(() => 0);
  for (let i = 0; i < map.runs.length; i += 2) {
    const state = map.runs[i + 1];
    totals[kind(state)] += map.runs[i];
    for (let n = map.runs[i]; n > 0; n--) {
      cells.push(state);
    }
  }
  paint(cells);
  tell(map, totals);
}

function paint(cells) {
  const canvas = byId('map');
  const width = canvas.clientWidth;
  if (width === 0) {
    return;
  }
  const places = side => Math.floor(width / side) * Math.floor(HEIGHT_MAX / side);
  let side = CELL_MAX;
  while (side > CELL_MIN && places(side) < cells.length) {
    side--;
  }
  const columns = Math.floor(width / side);
  const each = Math.ceil(cells.length / places(side));
  const used = Math.ceil(cells.length / each);
  layout = {side, columns, each, places: used, cells, gap: side >= 12 ? 3 : 1};
  const scale = window.devicePixelRatio || 1;
  const height = Math.ceil(used / columns) * side;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colours = STATES.map(state => style.getPropertyValue(`--map-${state.name}`));
  const {gap} = layout;
  for (let place = 0; place < used; place++) {
    const shares = STATES.map(() => 0);
    const end = Math.min(cells.length, (place + 1) * each);
    for (let i = place * each; i < end; i++) {
      shares[kind(cells[i])]++;
    }
    const x = place % columns * side;
    let y = Math.floor(place / columns) * side;
    let left = side - gap;
    const most = end - place * each;
    shares.forEach((share, state) => {
      if (share > 0 && left > 0) {
        const wanted = Math.max(2, Math.round((side - gap) * share / most)); // also one of hundreds is to be seen
        const part = state === STATES.length - 1 ? left : Math.min(left, wanted);
        pen.fillStyle = colours[state];
        pen.fillRect(x, y, side - gap, part);
        y += part;
        left -= part;
      }
    });
    if (left > 0 && y > Math.floor(place / columns) * side) {
      pen.fillRect(x, y, side - gap, left); // what rounding left
    }
  }
  at = Math.min(at, used - 1);
  if (document.activeElement === canvas) {
    mark(pen, style.getPropertyValue('--focus'));
  }
  tellSquare();
}

function mark(pen, colour) {
  const {side, columns, gap} = layout;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.strokeRect(at % columns * side + 1, Math.floor(at / columns) * side + 1, side - gap - 2, side - gap - 2);
}

// The picture is a row of squares to a screen reader, of which one is told at a time.
function tellSquare() {
  const canvas = byId('map');
  canvas.setAttribute('aria-valuemax', Math.max(0, layout.places - 1));
  canvas.setAttribute('aria-valuenow', Math.max(0, at));
  canvas.setAttribute('aria-valuetext', layout.places > 0 ? wordsAt(at) : 'No chunk');
  if (document.activeElement === canvas) {
    say(byId('map-here'), layout.places > 0 ? wordsAt(at) : '');
  }
}

function tell(map, totals) {
  const unit = map.chunksPerCell;
  const number = total => (unit === 1 ? total : total * unit);
  say(byId('map-scale'), `${count(map.chunks, 'chunk')} of ${bytes(map.chunkBytes)}`
    + (layout?.each > 1 || unit > 1 ? `, ${(layout?.each ?? 1) * unit} in a square` : ''));
  const words = STATES.map((state, i) => ({state, total: Math.min(map.chunks, number(totals[i]))})).reverse();
  byId('map-legend').replaceChildren(...words.map(({state, total}) => make(
    'li', total === 0 ? {class: 'none'} : {},
    make('span', {class: 'swatch', 'data-state': state.name, 'aria-hidden': 'true'}),
    `${total.toLocaleString('en')} ${state.words}`)));
  const summary = words.filter(one => one.total > 0).map(one => `${one.total.toLocaleString('en')} ${one.state.words}`);
  byId('map').setAttribute('aria-label', `Map of ${count(map.chunks, 'chunk')}: ${summary.join(', ')}`);
  if (byId('map-text').closest('details').open) {
    list(map);
  }
}

function list(map) {
  const lines = [];
  let at = 0;
  for (let i = 0; i < map.runs.length && lines.length < RUNS_TOLD; i += 2) {
    const from = at * map.chunksPerCell;
    at += map.runs[i];
    lines.push(make('li', {}, words(from, Math.min(map.chunks, at * map.chunksPerCell) - 1, map.runs[i + 1])));
  }
  if (map.runs.length / 2 > lines.length) {
    lines.push(make('li', {class: 'muted'}, `… and ${count(map.runs.length / 2 - lines.length, 'run')} more`));
  }
  byId('map-text').replaceChildren(...lines);
}

function words(first, last, state) {
  const which = first === last ? `Chunk ${first}` : `Chunks ${first}–${last}`;
  const what = STATES.slice(0, -1).filter(one => one.is(state)).map(one => one.name === 'lacking'
    ? `lacked by leg ${legs(state).join(' and ')}` : one.words);
  return `${which} (from ${bytes(first * shown.chunkBytes)}): ${what.join(', ') || STATES.at(-1).words}`;
}

function hover(event) {
  if (!layout) {
    return;
  }
  const box = byId('map').getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / layout.side);
  const place = Math.floor((event.clientY - box.top) / layout.side) * layout.columns + column;
  if (column >= layout.columns || place >= layout.places) {
    say(byId('map-here'), '');
    return;
  }
  say(byId('map-here'), wordsAt(place));
}

function stateAt(place) {
  const end = Math.min(layout.cells.length, (place + 1) * layout.each);
  let state = 0;
  for (let i = place * layout.each; i < end; i++) {
    state += layout.cells[i] - and(state, layout.cells[i]);
  }
  return state;
}

function wordsAt(place) {
  const unit = shown.chunksPerCell;
  const end = Math.min(layout.cells.length, (place + 1) * layout.each);
  return words(place * layout.each * unit, Math.min(shown.chunks, end * unit) - 1, stateAt(place));
}

function nextOther(step) {
  let place = at;
  while (place + step >= 0 && place + step < layout.places && stateAt(place) === stateAt(at)) {
    place += step;
  }
  return place;
}

const KEYS = {
  ArrowLeft: () => at - 1,
  ArrowRight: () => at + 1,
  ArrowUp: () => at - layout.columns,
  ArrowDown: () => at + layout.columns,
  Home: () => 0,
  End: () => layout.places - 1,
  PageUp: () => nextOther(-1),
  PageDown: () => nextOther(1),
};

function go(event) {
  const key = KEYS[event.key];
  if (!key || !layout || event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  event.preventDefault(); // the page stays where it is
  const place = key();
  if (place >= 0 && place < layout.places) {
    at = place;
    paint(layout.cells);
  }
}

// Of numbers of 32 bits without a sign, as JavaScript's own & has one.
const and = (one, other) => (one & other) >>> 0;

export function begin() {
  byId('map').addEventListener('pointermove', hover);
  byId('map').addEventListener('pointerleave', () => say(byId('map-here'), ''));
  byId('map').addEventListener('keydown', go);
  for (const change of ['focus', 'blur']) {
    byId('map').addEventListener(change, () => {
      say(byId('map-here'), '');
      if (layout) {
        paint(layout.cells);
      }
    });
  }
  byId('map-text').closest('details').addEventListener('toggle', () => shown && list(shown));
  const again = () => shown && draw(shown);
  new ResizeObserver(again).observe(byId('map').parentElement);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
}
