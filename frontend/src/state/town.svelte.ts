// The city on the page: its names, its asset types and words, its districts.
import { under } from "../api/client";
import type { AssetType, City, Schema, Summary } from "../api/shapes";
import { Answer } from "./answer.svelte";
import { key } from "./key.svelte";
import { place } from "./place.svelte";
import { texts, word } from "./texts.svelte";

class Town {
  cities!: Answer<City[]>;
  schema!: Answer<Schema>;
  summary!: Answer<Summary>;
  private lately!: Answer<Summary>; // looking back: names of what a past day did not know yet

  /** Ask for what every screen needs; call once, while the shell starts. */
  open(): void {
    this.cities = new Answer<City[]>(() => (texts.ready ? "cities" : null));
    this.schema = new Answer<Schema>(() => (texts.ready ? "schema" : null));
    this.summary = new Answer<Summary>(() => (this.city ? under(this.city.code, "summary", { as_of: place.now.date }) : null));
    this.lately = new Answer<Summary>(() => (this.city && place.now.date ? under(this.city.code, "summary") : null));
  }

  get city(): City | undefined {
    return this.cities.value?.find((city) => city.code === place.now.city);
  }

  /** The code of a city that the address names and that is not here, or not for this reader; "" when it is. */
  get strange(): string {
    return this.cities.value && place.now.city && !this.city ? place.now.city : "";
  }

  /** The day it is at the service: what is filed gets its date there, whatever clock and zone the reader has. */
  get today(): string {
    return (this.city ?? this.cities.value?.[0])?.today ?? new Date().toLocaleDateString("sv");
  }

  get districts(): { id: string; name: string }[] {
    return this.summary.value?.districts ?? [];
  }

  /** Where there is no pipe yet: the "city", the reader's "part" of it, the "district" looked at, or "past"; else "". */
  get bare(): "" | "city" | "part" | "district" | "past" {
    const there = this.summary.value;
    if (!this.city || !there) return "";
    const none = !["conduit", "channel", "manhole"].some((type) => there.counts[type]);
    if (none && place.now.date) return "past";
    if (none) return key.me?.cities[this.city.code]?.partial ? "part" : "city";
    return place.now.district && there.bare.includes(place.now.district) ? "district" : "";
  }

  type(name: string): AssetType | undefined {
    return this.schema.value?.types.find((type) => type.name === name);
  }

  typeName(name: string): string {
    return word(this.type(name)?.label, name);
  }

  /** A code's word, such as the material's. */
  code(list: string, code: string): string {
    return word(this.schema.value?.codes[list]?.[code], code);
  }

  districtName(id: string | null | undefined): string {
    const named = (some: { id: string; name: string }[] | undefined) => some?.find((district) => district.id === id)?.name;
    return named(this.districts) || named(this.lately.value?.districts) || id || "–";
  }
}

export const town = new Town();
