import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The service serves the built files at its root; `npm run dev` asks a running service for the data.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: {
    outDir: "../wenqu/page",
    emptyOutDir: true,
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200, // the map library is one megabyte by itself
    rolldownOptions: {
      output: {
        // Not every file server knows .mjs as a script; every one knows .js.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".mjs")) ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
});
