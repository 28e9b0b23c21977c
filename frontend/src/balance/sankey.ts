// Where the bands of a Sankey lie: columns from left to right, heights in proportion to the flow.
import type { Span } from "./shapes";

export interface Node { id: string; column: number; name: string; span: Span; kind: string; link?: string }
export interface Link { from: string; to: string; value: number; span: Span; kind: string }
export interface PlacedNode extends Node { x: number; y: number; height: number; value: number }
export interface PlacedLink extends Link { path: string; width: number; title: string }

export interface Drawn { nodes: PlacedNode[]; links: PlacedLink[]; scale: number }
const GAP = 12;
export const BAR = 12;

/** Lay out nodes and links in a box. A node is as tall as the larger of what comes in and what goes out. */
export function sankey(nodes: Node[], links: Link[], box: { width: number; height: number; left: number; right: number }): Drawn {
  const sum = (id: string, side: "from" | "to"): number => links.filter((link) => link[side] === id).reduce((all, link) => all + link.value, 0);
  const valued = nodes.map((node) => ({ ...node, value: Math.max(sum(node.id, "from"), sum(node.id, "to")) })).filter((node) => node.value > 0);
  const columns = [...new Set(valued.map((node) => node.column))].sort((a, b) => a - b);
  const tallest = Math.max(...columns.map((column) => valued.filter((node) => node.column === column).reduce((all, node) => all + node.value, 0)), Number.EPSILON);
  const most = Math.max(...columns.map((column) => valued.filter((node) => node.column === column).length), 1);
  const scale = Math.max(box.height / 2, box.height - GAP * (most - 1)) / tallest;
  const step = columns.length > 1 ? (box.width - box.left - box.right - BAR) / (columns.length - 1) : 0;
  const placed = new Map<string, PlacedNode>();
  for (const [index, column] of columns.entries()) {
    let y = 0;
    for (const node of valued.filter((one) => one.column === column)) {
      const height = Math.max(1, node.value * scale);
      placed.set(node.id, { ...node, x: box.left + index * step, y, height });
      y += height + GAP;
    }
  }
  const out = new Map<string, number>();
  const into = new Map<string, number>();
  const drawn = links.flatMap((link): PlacedLink[] => {
    const from = placed.get(link.from);
    const to = placed.get(link.to);
    if (!from || !to || link.value <= 0) return [];
    const width = link.value * scale;
    const start = from.y + (out.get(from.id) ?? 0) + width / 2;
    const end = to.y + (into.get(to.id) ?? 0) + width / 2;
    out.set(from.id, (out.get(from.id) ?? 0) + width);
    into.set(to.id, (into.get(to.id) ?? 0) + width);
    const [x1, x2] = [from.x + BAR, to.x];
    const middle = (x1 + x2) / 2;
    return [{ ...link, width, title: `${from.name} → ${to.name}`, path: `M${x1},${start.toFixed(1)} C${middle},${start.toFixed(1)} ${middle},${end.toFixed(1)} ${x2},${end.toFixed(1)}` }];
  });
  return { nodes: [...placed.values()], links: drawn, scale };
}
