// The controls of the Ising figure: all in sight, or two of them with the others behind a word.
import { choice, folded, make, slider } from "./common.js";
import { T_C } from "./numbers.js";

const RULES = [["majority", "Majority rule"], ["decimation", "Decimation"], ["kadanoff", "Kadanoff, strength p"]];
const ALGORITHMS = [
  ["metropolis", "Metropolis"],
  ["heat_bath", "Heat bath"],
  ["wolff", "Wolff clusters"],
  ["swendsen_wang", "Swendsen–Wang"],
];
const SIZES = [64, 128, 256, 512, 1024, 2048].map((L) => [L, `${L} × ${L}`]);
export const SPEEDS = [1, 2, 5, 10, 25, 100, Infinity];

// A temperature of the slider, the nearest to one that was pointed at.
export const within = (T, [low, high]) => Math.round(100 * Math.min(high, Math.max(low, T))) / 100;

export function isingControls(values, range, few, buttons, note) {
  const temperature = slider(values, "temperature", {
    label: "Temperature",
    min: range[0],
    max: range[1],
    step: 0.01,
    format: (T) => T.toFixed(2),
    marks: [["Tc", T_C, "Set the critical temperature, 2.269"]],
  });
  const level = slider(values, "level", {
    label: "Coarse-grain",
    min: 0,
    max: 5,
    step: 1,
    format: (n) => (n ? `${n} × (b = 2)` : "not yet"),
  });
  const strength = slider(values, "strength", {
    label: "Strength p",
    min: 0,
    max: 3,
    step: 0.05,
    format: (p) => p.toFixed(2),
  });
  const others = [
    choice(values, "rule", { label: "Block rule", options: RULES }),
    strength,
    choice(values, "algorithm", { label: "Algorithm", options: ALGORITHMS }),
    choice(values, "size", { label: "Lattice", options: SIZES }),
    slider(values, "speed", {
      label: "Speed",
      min: 0,
      max: SPEEDS.length - 1,
      step: 1,
      format: (k) => (SPEEDS[k] === Infinity ? "full speed" : `${SPEEDS[k]} sweeps/frame`),
    }),
  ];
  const group = (...parts) => make("div", { class: "mlrg-controls" }, ...parts);
  const row = (...parts) => make("div", { class: "mlrg-buttons" }, ...parts);
  const [run, ...rest] = buttons;
  const controls = few
    ? [group(temperature, level), row(run), folded("More controls", group(...others), row(...rest), note)]
    : [group(temperature, level, ...others), row(...buttons), note];
  return { controls, strength };
}

// Words of the page that move the figure: <button data-move="temperature=2.6 level=3">. Returns what ends that.
export function words(values) {
  const all = document.querySelectorAll("button[data-move]");
  const move = ({ currentTarget }) => {
    for (const part of currentTarget.dataset.move.split(" ")) {
      const [name, value] = part.split("=");
      values.set(name, Number(value));
    }
  };
  for (const word of all) word.addEventListener("click", move);
  return () => all.forEach((word) => word.removeEventListener("click", move));
}
