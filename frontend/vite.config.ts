import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build, defineConfig, type Plugin } from "vite";

/** The worker is one plain script: it shares no file with the page, so that every browser can run it. */
async function worker(): Promise<string> {
  const output = { format: "iife" as const, entryFileNames: "worker.js" };
  const made = await build({ configFile: false, logLevel: "warn", publicDir: false, build: { write: false, target: "es2022", rolldownOptions: { input: "worker/worker.ts", output } } });
  const [first] = Array.isArray(made) ? made : [made];
  if (!first || !("output" in first)) throw new Error("the worker is missing");
  return first.output[0].code;
}

/** Write into the worker what the page is made of, so that each build is a version with its own shelf. */
function shelf(): Plugin {
  return {
    name: "wenqu-shelf",
    enforce: "post",
    async generateBundle(_, bundle) {
      let source = await worker();
      const files = ["icon.svg", "manifest.webmanifest", ...Object.keys(bundle)].sort();
      const page = bundle["index.html"]; // all other names say their content
      const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode([source, ...files, page?.type === "asset" ? page.source : ""].join("\n")));
      const version = [...new Uint8Array(sum.slice(0, 6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const written: Record<string, string> = { __VERSION__: version, __FILES__: JSON.stringify(files) };
      for (const [hole, text] of Object.entries(written)) source = source.replace(new RegExp(`(["'\`])${hole}\\1`, "g"), () => JSON.stringify(text));
      this.emitFile({ type: "asset", fileName: "worker.js", source }); // the name stays: the browser looks there for the next version; its place is its reach
    },
  };
}

// The service serves the built files at its root; `npm run dev` asks a running service for the data.
export default defineConfig({
  base: "./",
  plugins: [svelte(), shelf()],
  build: {
    outDir: "../wenqu/page",
    emptyOutDir: true,
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200, // the map library is one megabyte by itself
    rolldownOptions: {
      input: { page: "index.html" },
      output: {
        // Not every file server knows .mjs as a script; every one knows .js.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".mjs")) ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
});
