// Kadanoff's operator on an exactly enumerated lattice: what its strength p changes, and what it cannot change.
import { figure, latest, make, readouts, sayAtRest, slider, tier, Values } from "./common.js";
import { signed, T_C } from "./numbers.js";
import { Plot } from "./plot.js";
import { startWorker } from "./worker.js";

// Runs in the worker: 65536 states once per coupling, then every strength.
function enumerator({ kernels, allocate, bytesUsed }) {
  const [weights, energies, odds, out] = [625, 16, 5, 7].map((size) => allocate(Float64Array, size));
  let known;
  const at = (p) => {
    kernels.kadanoff_renormalized(out.at, energies.at, odds.at, weights.at, p);
    return [...out.data];
  };
  return {
    scan({ coupling, strength }) {
      if (coupling !== known) {
        kernels.kadanoff_weights(weights.at, coupling);
        known = coupling;
      }
      const strengths = Array.from({ length: 61 }, (_, k) => k / 20);
      return { strengths, rows: strengths.map(at), here: at(strength), bytes: bytesUsed() };
    },
  };
}

const CRITICAL = 1 / T_C;

export default figure(({ model, root, fail, wasm }) => {
  const values = new Values(model, { strength: 1, coupling: 0.44 });
  const now = values.now;
  const worker = startWorker(enumerator, wasm);
  const couplings = new Plot({
    x: [0, 3],
    y: [-0.2, 0.6],
    xLabel: "strength p",
    yLabel: "coupling",
    height: 250,
    label: "Couplings of the block spins against the strength p: nearest neighbours, diagonal, four spins",
  });
  const errors = new Plot({
    x: [0, 3],
    y: [-0.01, 0.1],
    xLabel: "strength p",
    yLabel: "nats",
    height: 250,
    label:
      "Errors against the strength p: the exact free-energy error, and the divergence and free-energy error of a " +
      "nearest-neighbour truncation",
  });
  const readout = [0, 1, 2].map(() => make("span"));
  const said = make("p", { class: "mlrg-hidden", role: "status" });

  root.append(
    make(
      "div",
      { class: "mlrg-row" },
      make(
        "div",
        {},
        couplings.el,
        make(
          "p",
          { class: "mlrg-note" },
          "Couplings per bond. Solid: nearest neighbours. Blue: diagonal. Dashed: four spins.",
        ),
      ),
      make(
        "div",
        {},
        errors.el,
        make(
          "p",
          { class: "mlrg-note" },
          "Solid, at zero: free-energy error of the exact map. Blue: divergence after keeping only nearest " +
            "neighbours. Dashed: its free-energy error.",
        ),
      ),
    ),
    readouts(
      [readout[0], "bond −0.0000, diagonal −0.0000, four spins −0.0000"],
      [readout[1], "ln Z′ − ln Z = 0 at every p; truncated −0.0000, KL 0.00000"],
      [readout[2], "information kept: 0.000 of 0.000 nats"],
    ),
    make(
      "div",
      { class: "mlrg-controls" },
      slider(values, "strength", { label: "Strength p", min: 0, max: 3, step: 0.01, format: (p) => p.toFixed(2) }),
      slider(values, "coupling", {
        label: "Coupling K",
        min: 0.1,
        max: 0.8,
        step: 0.01,
        format: (K) => K.toFixed(2),
        marks: [["Kc", CRITICAL, "Set the critical coupling, 0.4407"]],
      }),
    ),
    tier(
      "Computed in your browser: all 65536 states of a 4 × 4 torus, gathered into four block spins by a numba " +
        "kernel compiled to WebAssembly.",
    ),
    said,
  );

  const update = latest(async () => {
    const asked = { coupling: now.coupling, strength: now.strength };
    show(asked, await worker.call("scan", asked));
  }, fail);

  function show({ coupling, strength }, { strengths, rows, here, bytes }) {
    const column = (k) => rows.map((row) => row[k]);
    couplings.y = [Math.min(-0.05, ...column(2)) * 1.1, Math.max(0.1, ...column(0), ...column(1)) * 1.1];
    errors.y = [Math.min(-0.02, ...column(4)) * 1.1, Math.max(0.02, ...column(5), ...column(4)) * 1.1];
    ["line", "line2", "line3"].forEach((kind, k) => {
      couplings.line(kind, strengths, column(k), kind);
      errors.line(kind, strengths, column([3, 5, 4][k]), kind);
    });
    couplings.horizontal("zero", 0);
    couplings.points("here", [0, 1, 2].map((k) => [strength, here[k]]));
    errors.points("here", [3, 5, 4].map((k) => [strength, here[k]]));
    for (const plot of [couplings, errors]) {
      plot.vertical("now", strength, "now");
      plot.redraw();
    }
    const [bond, diagonal, four] = here.slice(0, 3).map((x) => signed(x, 4));
    const exact = Math.abs(here[3]) < 5e-13 ? "0 at every p" : signed(here[3], 6);
    readout[0].textContent = `bond ${bond}, diagonal ${diagonal}, four spins ${four}`;
    readout[1].textContent = `ln Z′ − ln Z = ${exact}; truncated ${signed(here[4], 4)}, KL ${signed(here[5], 5)}`;
    readout[2].textContent = `information kept: ${here[6].toFixed(3)} of ${(4 * Math.LN2).toFixed(3)} nats`;
    sayAtRest(said, readout);
    Object.assign(root.dataset, {
      state: "ready",
      strength,
      coupling,
      bond: here[0],
      diagonal: here[1],
      four: here[2],
      error: here[3],
      truncated: here[4],
      kl: here[5],
      information: here[6],
      bytes,
    });
  }
  for (const name of ["strength", "coupling"]) values.on(name, update);
  update();

  return () => {
    worker.stop();
    values.stop();
    couplings.stop();
    errors.stop();
    clearTimeout(said.timer);
  };
});
