// The one shape of a refusal (RFC 9457); it needs neither the page nor a window.
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title = "",
    readonly detail = "",
    readonly count = 0, // to which a person may agree
  ) {
    super(title || code);
  }
}

export async function refusal(response: Response): Promise<Problem> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) return new Problem(response.status, "unreadable");
  const body = (await response.json()) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === "string" ? (body[name] as string) : "");
  return new Problem(response.status, text("code") || "unknown", text("title"), text("detail"), typeof body.count === "number" ? body.count : 0);
}
