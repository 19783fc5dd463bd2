"""A finger on the screen of a phone: swipes, and what the browser makes of them."""

PHONE = {"width": 390, "height": 844}
# Frames, not seconds: what a loaded machine does late, it does in later frames.
FRAMES = """(n) => new Promise((done) => {
  const look = () => (n-- > 0 ? requestAnimationFrame(look) : done());
  look(); })"""
STILL = """() => new Promise((done) => {
  let [last, frames] = [scrollY, 0];
  const look = () => { frames = scrollY === last ? frames + 1 : 0; last = scrollY;
    if (frames > 10) done(); else requestAnimationFrame(look); };
  look(); })"""
# The browser makes a scroll or a click of what fingers do when it comes to it: wait for that, not for the clock.
MEET = """(names) => { window.met = null;
  window.meeting?.abort();
  window.meeting = new AbortController();
  const see = (event) => { if (event.isTrusted) window.met ??= event.type; }; // not what plotly makes of it
  for (const name of names) addEventListener(name, see, { capture: true, signal: window.meeting.signal }); }"""
MET = "() => window.met"


def swipe(page, x, y, distance=200, steps=8, sideways=0):
    """Move one finger up the screen, or to the right, and lift it."""
    session = page.context.new_cdp_session(page)
    for k in range(steps + 1):
        point = {"x": x + sideways * k / steps, "y": y - distance * k / steps}
        kind = "touchMove" if k else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def scrolls(page, x, y):
    """Swipe up; tell whether the browser took the finger from the figure and has moved the page, when it is still."""
    before = page.evaluate("scrollY")
    page.evaluate(MEET, ["pointercancel", "pointerup"])
    swipe(page, x, y)
    taken = page.wait_for_function(MET).json_value() == "pointercancel"
    if taken:
        page.wait_for_function("before => scrollY > before + 100", arg=before)
    page.evaluate(STILL)
    return taken


def middle(page, element, y=0.5):
    """Bring an element to the middle of the screen; return a point of it."""
    element.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + y * box["height"]
