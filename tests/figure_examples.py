"""A call of each function that draws, for the fuzzer: figures have no examples of their own, the chapters show them."""

START = """
alt, x, y = "What it shows.", "x", "y"
one, two, three = np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.7, 0.9]), np.array([0.1, 0.1, 0.2])
rng = np.random.default_rng(0)
"""
EXAMPLES = {
    "blocks": """
sizes({"a": (one, two, three), "b": (one, one, three)}, alt=alt, x=x, y=y, levels={"a": 0.4}, curves={"b": (one, two)},
      law=(one, one, "a law"))
ratios({"a": (["p", "q", "r"], one, three)}, alt=alt, x=x)
""",
    "discussion": """
spectra({"a": [4.0, 2.0, 1e-3], "b": [1.0, 0.1]}, alt=alt)
walker(one, two, [3.0, 1.0], alt=alt)
curves({"a": (one, two), "b": (one, two, three)}, alt=alt, x=x, y=y, range_x=(0.0, 5.0), range_y=(0.0, 1.0))
""",
    "flows": """
flow_lines([0, 1, 2], {"left": {"a": (one, three)}, "right": {"a": (two, three)}}, reference=2.3, alt=alt)
end_points({"a": (one, two, three)}, reference=2.3, diagonal=True, x=x, alt=alt)
two_thermometers(one, {"a": (two, three)}, alt=alt)
information_curves(one, {"a": two}, x=x, y=y, alt=alt, mark=(2.0, "here"))
""",
    "ising": """
configurations(rng.choice([-1, 1], size=(2, 4, 4)), ["a", "b"], alt=alt)
curves({"a": (one, two)}, {"b": (one, two, three)}, alt=alt, x=x, y=y, at=(2.0, "here"))
correlations(one, two, three, two, alt=alt, title="T")
series({"a": one, "b": two}, alt=alt, x=x, y=y)
z_histogram({"a": one, "b": two}, alt=alt, title="T")
""",
    "learning": """
architecture([64, 16, 4], alt=alt)
growth({"a": (one, three)}, [1.0, 4.0, 16.0], alt=alt, y=y, law=(two, "a law"))
rows({"a": rng.normal(size=(16, 4))}, count=3, alt=alt)
territories(rng.normal(size=(16, 4)), alt=alt)
""",
    "machines": """
mosaic(np.ones((3, 2, 2)), columns=2)
receptive_fields(rng.normal(size=(16, 4)), side=4, count=3, columns=2, alt=alt)
training({"a": [1.0, 2.0, 3.0]}, alt=alt, y=y, bound=(3.5, "the bound"))
side_by_side({"a": np.ones((3, 4, 4)), "b": np.ones((3, 4, 4))}, alt=alt)
""",
    "momentum_shell": """
flow_picture([(one, two), (two, one)], (one, one), {"P": (0.1, 0.2)}, alt=alt)
shell_ratios({"a": [{"u": 0.1, "ratio": 9.0, "error": 0.1, "integral": 9.1}]}, alt=alt)
exponent_orders([1, 2, 3], one, {"a": ([1, 2, 3], two, three)}, 0.63, alt=alt, y=y)
exponents_against_dimension(one, {"a": (two, three), "b": (one, None)}, {"c": [(3.0, 0.6)]}, alt=alt, y=y)
""",
    "monte_carlo": """
exponent_levels({"a": (one, three, two, three)}, exact=(1.0, 1.875), ranges=((0.0, 3.0), (0.0, 3.0)), alt=alt)
coupling_levels({"a": (one, three)}, ["K", "L", "M"], alt=alt)
windows({"a": np.eye(2), "b": np.ones((2, 2))}, alt=alt)
""",
    "pca": """
cloud(rng.normal(size=(20, 2)), [2.0, 1.0], np.eye(2), alt=alt)
spectrum_histogram([1.0, 2.0, 0.5], one, two, alt=alt, n_bins=5)
spectra({"a": [3.0, 2.0, 1.0]}, alt=alt, slopes={"s": (1.0, 3.0, -1.0)})
coupling_flows({"a": (one, two)}, {"a": (one, two, three)}, alt=alt, fixed_points={"F": 0.5}, range_y=(0.0, 1.0))
images([np.eye(4), np.ones((4, 4))], ["a", "b"], alt=alt)
from mlrg_lib.rg import pca as modes
flow = modes.mode_flow(rng.normal(size=(200, 8)), fractions=(1.0, 0.5), n_blocks=4)
estimate = modes.estimate.CouplingEstimate(two, np.array([8, 4, 2]), one, three, two, two, one, three, two, two)
couplings({"a": estimate}, alt=alt, lines={"here": 0.5}, range_y=(0.0, 5.0))
moment_flow({"a": flow}, {"null": flow}, alt=alt, quartiles=True, range_y=(0.0, 5.0))
""",
    "variational": """
trace_criteria(one, [0.2, 0.3, 0.5], log_mean=1.0, mean_log=0.9,
               scan={"parameter": one, "free_energy_error": two, "divergence": three}, at=2.0, alt=alt)
mapping_panels([0.1, 0.2, 0.3], [0.1, 0.2, 0.5], [0.1, 0.2, 0.7], [0.2, 0.2, 0.6], limits=(-3.0, 0.0), alt=alt)
sets(["A", "B", "C"], [("one", (True, False, True), "detail")], everything="All", alt=alt)
""",
    "theme": """
figure(alt=alt, title="T", x=x, y=y)
error_bars(one, two, three, name="a")
line(one, two, name="a")
reference(figure(alt=alt), x=1.0, text="here")
image_axes(figure(alt=alt), "2")
checked(lambda *, alt: figure(alt=alt))
""",
}
FURTHER = {f"mlrg_lib.figures.{name}": START + text for name, text in EXAMPLES.items()}
