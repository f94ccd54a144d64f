/**
 * Circles of a directed graph, one for each group of nodes that reach each other (Tarjan's strongly connected
 * components): a shortest way round, starting at the smallest name.
 */
export function findCircles(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  return components(graph)
    .map((group) => shortestCircle(graph, group))
    .filter((circle) => circle !== undefined)
    .toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
}

function components(graph: ReadonlyMap<string, Iterable<string>>): Set<string>[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: Set<string>[] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(node) === order.get(node)) found.push(new Set(open.splice(open.indexOf(node))));
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

function shortestCircle(graph: ReadonlyMap<string, Iterable<string>>, group: ReadonlySet<string>): string[] | undefined {
  const start = [...group].toSorted()[0] ?? '';
  const from = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return wayBack(from, start, node);
      if (!group.has(next) || from.has(next)) continue;
      from.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

function wayBack(from: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [start];
  for (let node = end; node !== start; node = from.get(node) ?? start) way.unshift(node);
  way.unshift(start);
  return way;
}
