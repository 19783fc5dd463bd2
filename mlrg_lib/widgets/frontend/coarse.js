// Block spins and pixels of the live lattice. Runs in the worker, sent there as text: it closes over nothing.

export function coarseGraining({ kernels, allocate }, whole) {
  const WIDEST = 512; // pixels of the picture of a lattice; a larger lattice is shown in shades
  const L = whole.side, shrunk = () => [1, 2, 3, 4, 5].map((k) => allocate(Int8Array, (L >> k) ** 2));
  const levels = shrunk(), blocks = shrunk(), odds = allocate(Float64Array, 5);
  const pixels = allocate(Int32Array, Math.min(L, WIDEST) ** 2), colours = allocate(Int32Array, 17);

  const bytes = (values) => (values === whole ? whole.bytes() : values).at;

  // Sums of the 2 x 2 blocks of a lattice, or of such sums.
  function sumBlocks(from, side) {
    const to = blocks[Math.log2(L / side)];
    if (from === whole) whole.sumBlocks(to);
    else kernels.block_sums(to.at, from.at, side);
    return to;
  }

  return {
    // The lattice after `level` block-spin steps with b = 2, and its side.
    coarsen(level, rule, strength) {
      let [last, side] = [whole, L];
      for (const next of levels.slice(0, level)) {
        const half = side >> 1, { at } = next, state = whole.state.at;
        if (rule === "decimation") kernels.block_decimate(at, bytes(last), side);
        else if (rule === "majority") kernels.block_majority(at, sumBlocks(last, side).at, half, state);
        else kernels.block_kadanoff(at, odds.at, sumBlocks(last, side).at, half, strength, state);
        [last, side] = [next, half];
      }
      return { values: last, side };
    },

    // Pixels for a canvas: the two colours, or shades between them where several spins share a pixel.
    paint(values, side, up, down) {
      let b = 1, width = side;
      for (; width > WIDEST; width >>= 1, b *= 2) values = sumBlocks(values, width);
      for (let k = 0; k <= b * b; k++) {
        const [red, green, blue] = [0, 1, 2].map((c) => Math.round(down[c] + ((up[c] - down[c]) * k) / (b * b)));
        colours.data[k] = (255 << 24) | (blue << 16) | (green << 8) | red;
      }
      kernels.ising_paint(pixels.at, bytes(values), width * width, b, colours.at);
      return new Uint8ClampedArray(pixels.data.buffer, pixels.at, 4 * width * width).slice();
    },
  };
}
