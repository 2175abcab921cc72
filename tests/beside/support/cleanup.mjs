// What was begun last ends first; the runner's own hooks go the other way.

const stacks = new WeakMap();

/** Does this after the test, before what was handed in earlier. */
export function later(t, action) {
  if (!stacks.has(t)) {
    const stack = [];
    stacks.set(t, stack);
    t.after(async () => {
      while (stack.length > 0) await stack.pop()();
    });
  }
  stacks.get(t).push(action);
}
