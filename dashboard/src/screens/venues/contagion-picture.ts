import type { Contagion, ContagionEntry } from "../../api/schema.ts";

/** Size of the picture, in units of its own. */
export const PICTURE = { width: 400, height: 280 } as const;
const RADIUS = 92;
const NODE = 7;
const LABEL = 18;
/** How far the middle of an arrow lies beside the straight line, as a share of its length: both directions are seen. */
const BEND = 0.16;
const [THINNEST, WIDEST] = [1.5, 9];

export interface PictureNode {
  readonly exchange: string;
  readonly throttled: boolean;
  readonly x: number;
  readonly y: number;
  readonly labelX: number;
  readonly labelY: number;
  readonly anchor: "start" | "middle" | "end";
}

export interface PictureArrow {
  readonly key: string;
  /** The line of an SVG path. */
  readonly line: string;
  /** The points of an SVG polygon. */
  readonly head: string;
  readonly width: number;
  /** Whether more goes this way than back. */
  readonly isClear: boolean;
}

/** The compared venues on a circle, and an arrow for each entry between two of them that beats its nulls. */
export function contagionPicture({ venues, entries }: Contagion): {
  readonly nodes: readonly PictureNode[];
  readonly arrows: readonly PictureArrow[];
} {
  const compared = venues.filter(({ left_out: left }) => left === null);
  const nodes = compared.map(({ exchange, throttled }, index): PictureNode => {
    const angle = (2 * Math.PI * index) / compared.length - Math.PI / 2;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const at = (radius: number) => ({ x: PICTURE.width / 2 + radius * cos, y: PICTURE.height / 2 + radius * sin });
    const label = at(RADIUS + LABEL);
    const anchor = Math.abs(cos) < 0.3 ? "middle" : cos > 0 ? "start" : "end";
    return { exchange, throttled, ...at(RADIUS), labelX: label.x, labelY: label.y, anchor };
  });
  const places = new Map(nodes.map((node) => [node.exchange, node]));
  const arrows = entries.flatMap((entry): readonly PictureArrow[] => {
    const [from, to] = [places.get(entry.from_exchange), places.get(entry.to_exchange)];
    return from === undefined || to === undefined || from === to || entry.ratio === null ? [] : [arrowOf(entry, from, to)];
  });
  return { nodes, arrows };
}

function arrowOf(
  { share_of_events: share, outweighs_reverse: outweighs }: ContagionEntry,
  from: PictureNode,
  to: PictureNode,
): PictureArrow {
  const width = THINNEST + (WIDEST - THINNEST) * Math.sqrt(Math.min(1, share ?? 0));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const middle = { x: (from.x + to.x) / 2 - BEND * dy, y: (from.y + to.y) / 2 + BEND * dx };
  const start = towards(from, middle, NODE + 3);
  const tip = towards(to, middle, NODE + 3);
  const headLength = 6 + width;
  const neck = towards(to, middle, NODE + 3 + headLength);
  const [ux, uy] = [(tip.x - neck.x) / headLength, (tip.y - neck.y) / headLength];
  const half = 3 + width * 0.7;
  const side = (sign: number) => `${one(neck.x - sign * half * uy)},${one(neck.y + sign * half * ux)}`;
  return {
    key: `${from.exchange} ${to.exchange}`,
    line: `M${one(start.x)} ${one(start.y)}Q${one(middle.x)} ${one(middle.y)} ${one(neck.x)} ${one(neck.y)}`,
    head: `${one(tip.x)},${one(tip.y)} ${side(1)} ${side(-1)}`,
    width: length === 0 ? 0 : width,
    isClear: outweighs === true,
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + (distance * (to.x - from.x)) / length, y: from.y + (distance * (to.y - from.y)) / length };
}

function one(value: number): string {
  return value.toFixed(1);
}
