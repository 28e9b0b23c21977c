// What the service tells of money: in yuan and metres.
import { fine } from "../numbers/figures";

export interface File { name: string; address: string }
interface Struck { void: string; void_why: string; void_by: string }
export interface Fund extends Struck { id: string; source: string; name: string; year: number; last: number; district: string; amount: number; promised: number; paid: number; left: number; document: string; date: string; uses: string[]; note: string; files: File[]; filed: string; filed_by: string }
export interface ContractRow { id: string; number: string; project: string; project_name: string; lot: string; lot_name: string; district: string; contractor: string; purpose: string; signed: string; begins: string; ends: string; price: number; now: number; accepted_m: number; whole_m: number; share: number; basis: "prices" | "length"; value: number; limit: number; paid: number; room: number; over: number; advance_agreed: number; advance_open: number; drawn: number; retention_due: boolean; planned: number; schedule_index: number | null; money_index: number | null; funded: number; settled: string }
export interface Variation extends Struck { id: string; contract: string; number: string; kind: string; amount: number; share: number; date: string; reason: string; document: string; by: string; needs_approval: boolean; state: string; decided: string; decided_by: string; decided_body: string; decided_document: string; files: File[] }
export interface Payment extends Struck { id: string; contract: string; number: string; project: string; contractor: string; fund: string; fund_name: string; source: string; year: number; kind: string; amount: number; date: string; pipes: string[]; document: string; note: string; files: File[]; filed: string; filed_by: string }
export interface Curves { days: string[]; planned: number[]; contracted: (number | null)[]; accepted: (number | null)[]; paid: (number | null)[]; expected: (number | null)[] }
export interface Warning { code: string; weight: "grave" | "doubt"; kind: string; id: string; says: string }
export interface BudgetRow { year: number; source: string; district: string; funds: number; promised: number; paid: number; left: number }
export interface YearRow { year: string; programme: number; funds: number; contracted: number; paid: number }
export interface DistrictRow { district: string; funds: number; now: number; value: number; paid: number; accepted_m: number; whole_m: number }
export interface RefusedRow { id: string; table: string; file: string; row: number; cells: Record<string, string>; says: string }
export interface OpenLot { project: string; project_name: string; lot: string; lot_name: string; contractor: string; methods: string[]; district: string; contracted: boolean }
export interface Totals { funds: number; drawn: number; left: number; contracted: number; signed: number; planned: number; value: number; paid: number; payable: number; over: number; accepted_m: number; whole_m: number; schedule_index: number | null; money_index: number | null }
export interface Money { day: string; simulated: boolean; whole: boolean; may: { city: boolean; districts: string[]; decide: boolean }; sources: string[]; purposes: string[]; totals: Totals; curves: Curves; budget: BudgetRow[]; years: YearRow[]; districts: DistrictRow[]; funds: Fund[]; contracts: ContractRow[]; variations: Variation[]; payments: Payment[]; counts: { funds: number; contracts: number; payments: number }; warnings: Warning[]; refused: RefusedRow[]; methods: Record<string, { zh: string; en: string }>; lots: OpenLot[] }
export interface ContractPipe { pipe: string; length: number; method: string; diameter: number | null; accepted: boolean; since: string; paid: string[] }
export interface Contract extends ContractRow { day: string; advance: number; recovered: number; progress: number; retention: number; defect_days: number; prices: { method: string; price: number; above: number; up_to: number | null }[]; funding: { fund: string; amount: number }[]; files: File[]; note: string; pipes: ContractPipe[]; variations: Variation[]; payments: Payment[]; curves: Curves; warnings: Warning[]; filed: string; filed_by: string; may: boolean; account: string }
export interface Statistic { method: string; size?: string; contractor?: string; count: number; metres: number; median: number; quarter: number; three_quarters: number; least: number; most: number; low: number | null; high: number | null; years: [number, number]; contracts: string[] }
export interface Proposal { method: string; factor: number; low: number; high: number; count: number; contracts: string[]; years: [number, number]; deflated_to: number; was: [number, number, number]; now: [number, number, number]; differs: boolean }
export interface Costs { by_method: Statistic[]; by_size: Statistic[]; by_contractor: Statistic[]; left_out: { contract: string; number: string; why: string }[]; deflated_to: number; fewest: number; proposals: Proposal[]; decisions: { method: string; verdict: string; factor: number; date: string; by: string; reason: string; count: number }[]; methods: Record<string, { zh: string; en: string }>; edition: string; may: boolean }
export interface Rule { name: string; value: number; unit: string; low: number; high: number; zh: string; en: string; source: string; status: string; given: number | null }
export interface Rules { rows: Rule[]; history: { rule: string; value: number | null; reason: string; by: string; at: string }[]; may: boolean }

/** Yuan as officials write them: 万元 with two digits. */
export const wan = (yuan: number | null | undefined): string => fine(yuan === null || yuan === undefined ? null : yuan / 1e4, 2);
export const TONES = { planned: "--unknown", contracted: "--total", accepted: "--reached", paid: "--accent", expected: "--reached" } as const;
export const CURVES = ["planned", "contracted", "accepted", "paid", "expected"] as const;
export const SOURCE_TONES: Record<string, string> = { special_fund: "--storm", sewage_charge: "--supply", bond: "--combined", subsidy: "--grade-3", other: "--other" };
