// Throughput and latency of the last quarter of an hour: a line for each leg, and a dotted one for what clients have.

import {byId, make, micros, rate, say, svg} from '/text.js';

const HEIGHT = 150, LEFT = 62, RIGHT = 6, TOP = 10, BOTTOM = 22;

const CHARTS = [
  {title: 'Read throughput', key: 'readBytesPerSecond', words: rate, base: 1024, least: 2 ** 20},
  {title: 'Write throughput', key: 'writeBytesPerSecond', words: rate, base: 1024, least: 2 ** 20},
  {title: 'Read latency', key: 'readMicros', words: micros, base: 1000, least: 1000, gaps: true},
  {title: 'Write latency', key: 'writeMicros', words: micros, base: 1000, least: 1000, gaps: true},
];

let history;
let pointed = -1;

const look = leg => `series s${leg % 8}${leg >= 8 ? ' d1' : ''}`;

function series() {
  return [
    ...history.legs.map(leg => ({name: `Leg ${leg.index}`, look: look(leg.index), values: leg})),
    {name: 'Clients', look: 'series s-clients', values: history.clients},
  ];
}

export function draw(told) {
  history = told;
  const all = series();
  byId('charts-legend').replaceChildren(...all.map(one => make(
    'li', {}, line(one.look), one.name)));
  CHARTS.forEach((chart, i) => redraw(chart, byId('charts').children[i], all));
}

function line(classes) {
  return svg('svg', {width: 24, height: 8, 'aria-hidden': 'true'}, svg('path', {class: classes, d: 'M1 4H23'}));
}

function redraw(chart, figure, all) {
  const top = ceiling(Math.max(chart.least, ...all.flatMap(one => one.values[chart.key])), chart.base);
  const drawing = figure.querySelector('svg');
  const width = drawing.clientWidth || 560;
  drawing.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  const x = step => LEFT + (width - LEFT - RIGHT) * step / (history.stepsMax - 1);
  const y = value => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  drawing.replaceChildren(
    ...[0, .5, 1].flatMap(share => [
      svg('line', {class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(share * top), y2: y(share * top)}),
      svg('text', {x: LEFT - 7, y: y(share * top) + 4, 'text-anchor': 'end'}, share === 0 ? '0' : chart.words(share * top)),
    ]),
    ...[[0, '−15 min', 'start'], [1 / 3, '−10', 'middle'], [2 / 3, '−5', 'middle'], [1, 'now', 'end']].map(([share, text, anchor]) =>
      svg('text', {x: LEFT + (width - LEFT - RIGHT) * share, y: HEIGHT - 5, 'text-anchor': anchor}, text)),
    ...all.map(one => svg('path', {class: one.look, d: path(one.values[chart.key], x, y, chart.gaps)})),
    ...(pointed >= 0 ? [svg('line', {class: 'cross', x1: x(pointed), x2: x(pointed), y1: TOP, y2: HEIGHT - BOTTOM})] : []));
  const at = values => (pointed < 0 ? values.at(-1) : values[pointed - history.stepsMax + values.length]) ?? 0;
  const value = number => (chart.gaps && number === 0 ? '–' : chart.words(number));
  const words = all.map(one => `${one.name.replace('Leg ', '')}: ${value(at(one.values[chart.key]))}`.replaceAll(' ', '\u00a0')); // broken between them only
  say(figure.querySelector('figcaption span'), all.length > 5 ? `highest ${chart.words(Math.max(...all.flatMap(one => one.values[chart.key]), 0))}`
    : words.join(' · '));
  const told = all.map(one => {
    const values = one.values[chart.key];
    return `${one.name} ${value(values.at(-1) ?? 0)}, highest ${chart.words(Math.max(0, ...values))}`;
  });
  drawing.setAttribute('aria-label', `${chart.title} of the last 15 minutes: ${told.join('; ')}`);
}

// Where there was no operation there is no latency: the line has a gap, and a value alone is a dot.
function path(values, x, y, gaps) {
  const first = history.stepsMax - values.length;
  let drawn = '';
  let pen = false;
  values.forEach((value, i) => {
    const down = !(gaps && value === 0);
    if (down) {
      drawn += `${pen ? 'L' : 'M'}${x(first + i).toFixed(1)} ${y(value).toFixed(1)}${pen ? '' : 'h.1'}`;
    }
    pen = down;
  });
  return drawn;
}

function ceiling(highest, base) {
  let unit = 1;
  while (highest >= unit * base) {
    unit *= base;
  }
  const nice = [1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400, 600, 800, 1000, 1024];
  return (nice.find(one => one * unit >= highest) ?? base) * unit;
}

function point(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
  pointed = share < 0 || share > 1 ? -1 : Math.round(share * (history.stepsMax - 1));
  draw(history);
}

export function begin() {
  byId('charts').replaceChildren(...CHARTS.map(chart => {
    const drawing = svg('svg', {role: 'img', 'aria-label': chart.title});
    drawing.addEventListener('pointermove', event => history && point(event));
    drawing.addEventListener('pointerleave', () => {
      pointed = -1;
      history && draw(history);
    });
    new ResizeObserver(() => history && draw(history)).observe(drawing);
    return make('figure', {class: 'chart'}, make('figcaption', {}, chart.title, make('span')), drawing);
  }));
}
