import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** Write into the worker what the page is made of, so that each build is a version with its own shelf. */
function shelf(): Plugin {
  return {
    name: "wenqu-shelf",
    enforce: "post",
    async generateBundle(_, bundle) {
      const worker = bundle["worker.js"];
      if (worker?.type !== "chunk") throw new Error("the worker is missing");
      const files = ["icon.svg", "manifest.webmanifest", ...Object.keys(bundle).filter((name) => name !== "worker.js")].sort();
      const page = bundle["index.html"]; // all other names say their content
      const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode([worker.code, ...files, page?.type === "asset" ? page.source : ""].join("\n")));
      const version = [...new Uint8Array(sum.slice(0, 6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const written: Record<string, string> = { __VERSION__: version, __FILES__: JSON.stringify(files) };
      for (const [hole, text] of Object.entries(written)) worker.code = worker.code.replace(new RegExp(`(["'\`])${hole}\\1`, "g"), () => JSON.stringify(text));
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
      input: { page: "index.html", worker: "worker/worker.ts" },
      output: {
        // The worker's name stays: the browser looks there for the next version. Its place is its reach.
        entryFileNames: (chunk) => (chunk.name === "worker" ? "worker.js" : "assets/[name]-[hash].js"),
        // Not every file server knows .mjs as a script; every one knows .js.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".mjs")) ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
});
