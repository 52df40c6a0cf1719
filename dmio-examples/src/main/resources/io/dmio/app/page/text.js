// Numbers and times for people, and elements from data: text is always set as text, so nothing in it is ever markup.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytes(count) {
  let unit = 0;
  while (count >= 1024 && unit < UNITS.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${UNITS[unit]}`;
}

export function rate(bytesPerSecond) {
  return `${bytes(bytesPerSecond)}/s`;
}

export function micros(count) {
  if (count < 1000) {
    return `${count} µs`;
  }
  return count < 1_000_000 ? `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} ms` : `${(count / 1e6).toFixed(1)} s`;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

export function duration(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** The time of day, in 24 hours wherever it is read, as in the log. */
export function time(at) {
  return new Date(at).toLocaleTimeString('sv');
}

/** Bytes of what people write: 50M, 1.5 GiB; NaN if it is no size. */
export function size(text) {
  const parts = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)(?:i?B)?(?:\/s)?\s*$/i.exec(text);
  return parts ? Math.round(Number(parts[1]) * 1024 ** ' KMGT'.indexOf(parts[2].toUpperCase() || ' ')) : NaN;
}

/** An element with attributes and children. */
export function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.filter(child => child !== undefined));
  return element;
}

/** Sets a text only if it is another, so that screen readers do not say the same again. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A path, to be broken behind its slashes where it is too long. */
export function breakable(path) {
  return path.split(/(?<=\/)/).flatMap((part, i) => (i === 0 ? [part] : [make('wbr'), part]));
}

export const byId = id => document.getElementById(id);
