// What the service says of the map: where it may be wrong, and which meters are held back.
import type { Words } from "../api/shapes";

export interface Placed { id: string; type: string; name: string; at: [number, number] | null }
export interface Doubt {
  conduit: { id: string; type: string }; node: Placed; now: Placed; other: Placed;
  alike: string[]; moved: number; chance: number; share: number; evidence: Words; // [m³/d], [%], [%]
}
export interface Held extends Placed { code: string; facts: Record<string, string | number> }
export interface Topology { doubts: Doubt[]; backwater: Held[]; not_asked: Record<string, number> | null; too_little: boolean; diagnosed: boolean; simulated: boolean }
