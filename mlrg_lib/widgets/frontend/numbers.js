// Numbers as they are written, and where the marks of an axis stand. Nothing here knows of a page.
export const T_C = 2 / Math.log(1 + Math.SQRT2); // of the square lattice

export const signed = (x, digits) => x.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

// "0.9113(2)": a value with its one-digit error.
export function withError(value, error) {
  if (!(error > 0) || !Number.isFinite(error)) return value.toFixed(4);
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(error))));
  const last = Math.round(error * 10 ** digits);
  return last === 10 ? withError(value, error * 1.06) : `${value.toFixed(digits)}(${last})`.replace("-", "−");
}

// Round marks of an axis, about so many, and how they are written.
export function ticks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return [found, (v) => signed(v, digits)];
}

// The same on a logarithmic axis, whose range may run backwards: positions are decadic logarithms.
export function decades(start, end, multiples) {
  const [low, high] = [Math.min(start, end), Math.max(start, end)], found = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const m of multiples) found.push(power + Math.log10(m));
  }
  return [found.filter((v) => v >= low && v <= high), (v) => String(Number((10 ** v).toPrecision(1)))];
}

// Ranges that contain those wanted, over pictures so many pixels wide, and have the same unit in both directions.
export function equalUnits(wanted, spans) {
  const unit = Math.min(...wanted.map(([low, high], k) => spans[k] / (high - low)));
  return wanted.map(([low, high], k) => [-1, 1].map((sign) => (low + high) / 2 + (sign * spans[k]) / unit / 2));
}
