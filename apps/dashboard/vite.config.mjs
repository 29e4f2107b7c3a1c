import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Where `npm run up` and the API's own default listen. */
const API = process.env['SIGNPOST_API'] ?? 'http://127.0.0.1:3000';
const COMPRESSED_BYTES_MIN = 1_024;

/** Writes a .br and a .gz beside every text file of some size: the API sends them as they are. */
function precompress() {
  return {
    name: 'signpost:precompress',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/^assets\/.*\.(js|css|svg)$/.test(fileName)) continue;
        const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (bytes.length < COMPRESSED_BYTES_MIN) continue;
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(bytes, { params }) });
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(bytes, { level: 9 }) });
      }
    },
  };
}

export default defineConfig({
  root: HERE,
  plugins: [precompress()],
  build: {
    outDir: join(HERE, '../../dist/apps/dashboard'),
    emptyOutDir: true,
    // Tells which files the first page loads; a test holds them to a budget.
    manifest: true,
    // What is inlined as data: would need an exception in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    target: 'es2022',
    // Packages mark what React may not render on a server, which nothing here does.
    rolldownOptions: { checks: { moduleLevelDirective: false, pluginTimings: false } },
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: Object.fromEntries(['/api', '/openapi.json', '/docs'].map((path) => [path, API])) },
});
